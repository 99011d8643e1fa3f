//! The corpus' notation for arguments that JSON has no form for. Knows no operation.

use serde_json::{Map, Value};

use super::Failure;

/// Arguments as the SDK takes them: what was left unset is absent, iterators are lists, dates are text. Files keep their form.
///
/// # Errors
/// When a number is not finite: the SDK refuses it before anything is sent, but JSON cannot even bring it that far. (The runtime's own tests
/// have the case in Rust.)
pub(super) fn arguments(args: &Value) -> Result<Value, Failure> {
    match args {
        Value::Object(members) => object(members),
        Value::Array(items) => items.iter().filter(|item| !is_unset(item)).map(arguments).collect(),
        plain => Ok(plain.clone()),
    }
}

fn object(members: &Map<String, Value>) -> Result<Value, Failure> {
    if let (Some((key, value)), 1) = (members.iter().next(), members.len()) {
        match key.as_str() {
            "$iterator" => return arguments(value),
            "$datetime" => return Ok(value.clone()),
            "$float" => return Err(Failure::argument(format!("expected a finite number, found {value}"))),
            "$bind_error" => return Err(Failure::argument(value.as_str().unwrap_or_default())),
            _ => {}
        }
    }
    let members = members.iter().filter(|(_, value)| !is_unset(value));
    members.map(|(name, value)| Ok((name.clone(), arguments(value)?))).collect()
}

fn is_unset(value: &Value) -> bool {
    value.get("$omit").is_some() || value.get("$not_given").is_some()
}
