//! A type that is known by its schema only, as the cases name them: a value that the schema does not describe is refused while it is read, as by any type.

use std::cell::RefCell;

use openai::OutputFormat;
use serde_json::{Map, Value};

use crate::driver::Failure;

thread_local! {
    /// What values are read by. Helpers that block read them on the thread that blocks.
    static SCHEMA: RefCell<Value> = const { RefCell::new(Value::Null) };
}

/// A value of the type at hand: members that it does not name are left out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Typed(pub(crate) Value);

impl<'de> serde::Deserialize<'de> for Typed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        SCHEMA.with_borrow(|schema| read(value, schema, schema)).map(Self).map_err(serde::de::Error::custom)
    }
}

/// The format that an argument describes as `{"$type": …, "json_schema": …}`, whose values are read from now on.
pub(crate) fn format(argument: &Value) -> Result<Option<OutputFormat<Typed>>, Failure> {
    let Some(name) = argument.get("$type").and_then(Value::as_str) else { return Ok(None) };
    let schema = argument["json_schema"].clone();
    SCHEMA.set(schema.clone());
    Ok(Some(OutputFormat::from_schema(name, schema)?))
}

fn read(value: Value, schema: &Value, root: &Value) -> Result<Value, String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let named = root.pointer(reference.trim_start_matches('#')).ok_or_else(|| format!("{reference} names nothing"))?;
        return read(value, named, root);
    }
    if let Some(all) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
        let fitting = all.iter().find_map(|schema| read(value.clone(), schema, root).ok());
        return fitting.ok_or_else(|| format!("{value} fits nothing"));
    }
    let is_listed = |all: &Value| all.as_array().is_none_or(|all| all.contains(&value));
    let is_const = schema.get("const").is_none_or(|constant| *constant == value);
    if !is_listed(&schema["enum"]) || !is_const || !is_of(&value, schema["type"].as_str()) {
        return Err(format!("{value} is not what {schema} says"));
    }
    match value {
        Value::Object(members) if schema["properties"].is_object() => object(members, schema, root),
        Value::Array(items) if schema["items"].is_object() => items.into_iter().map(|item| read(item, &schema["items"], root)).collect(),
        other => Ok(other),
    }
}

fn object(mut members: Map<String, Value>, schema: &Value, root: &Value) -> Result<Value, String> {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut read_members = Map::new();
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        match (members.shift_remove(name), schema.get("default")) {
            (Some(member), _) => _ = read_members.insert(name.clone(), read(member, schema, root)?),
            (None, Some(default)) => _ = read_members.insert(name.clone(), default.clone()),
            (None, None) if required.iter().any(|required| required == name) => return Err(format!("`{name}` is missing")),
            (None, None) => {}
        }
    }
    Ok(Value::Object(read_members))
}

fn is_of(value: &Value, kind: Option<&str>) -> bool {
    match kind {
        None => true,
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("array") => value.is_array(),
        Some(_) => value.is_object(),
    }
}
