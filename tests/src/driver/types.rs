//! `decode` and `encode`: a type by its name, or the type of an operation's result.

use openai::dynamic::{self, NamedType};
use serde_json::Value;

use super::{Answer, Failure, optional, text};

/// Decodes JSON text and shows what the value encodes to.
pub(super) fn decode(line: &Value) -> Result<Answer, Failure> {
    let named = named(line)?;
    let json = text(line, "json")?;
    let value = match line.get("strict").and_then(Value::as_bool) {
        Some(true) => named.from_json_strict(json)?,
        _ => named.from_json(json)?,
    };
    Ok([("value".to_owned(), value.to_value())].into_iter().collect())
}

/// Makes a value of JSON and shows the text that it encodes to.
pub(super) fn encode(line: &Value) -> Result<Answer, Failure> {
    let value = line.get("value").ok_or_else(|| Failure::driver("`value` is needed"))?;
    let value = named(line)?.from_json(&value.to_string())?;
    let json = value.try_to_json().map_err(|error| Failure::argument(error.to_string()))?;
    Ok([("json".to_owned(), json.into())].into_iter().collect())
}

fn named(line: &Value) -> Result<NamedType, Failure> {
    if let Some(call) = optional(line, "call").and_then(Value::as_str) {
        let operation = dynamic::operation(call).ok_or_else(|| Failure::driver(format!("unknown call: {call}")))?;
        return operation.result().ok_or_else(|| Failure::driver(format!("{call} returns no JSON")));
    }
    let name = text(line, "type")?;
    dynamic::type_named(name).copied().ok_or_else(|| Failure::driver(format!("unknown type: {name}")))
}
