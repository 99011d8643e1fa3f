//! What strict mode does not know but a schema can do without. Owns that list; everything else is for `check` to report.

use serde_json::{Map, Value};

/// The formats of strings that strict mode knows.
pub(super) const FORMATS: &[&str] = &["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];

/// Keywords that only say something about the schema, or that a required property has no use for.
const IDLE: &[&str] = &["$schema", "$id", "$comment", "default", "discriminator", "examples", "deprecated", "readOnly", "writeOnly"];

/// The schema without what has no effect on what a model puts out in strict mode, and with alternatives as `anyOf`.
pub(crate) fn acceptable(schema: Value) -> Value {
    match schema {
        Value::Object(schema) => Value::Object(object(schema)),
        other => other,
    }
}

fn object(schema: Map<String, Value>) -> Map<String, Value> {
    let mut kept = Map::with_capacity(schema.len());
    for (key, value) in schema {
        match (key.as_str(), value) {
            (idle, _) if IDLE.contains(&idle) => {}
            ("format", Value::String(format)) if !FORMATS.contains(&format.as_str()) => {}
            // A value that fits one alternative fits any of them; that it fits one only is the caller's doing.
            ("oneOf", Value::Array(all)) => {
                kept.insert("anyOf".to_owned(), each(all));
            }
            ("anyOf" | "allOf" | "prefixItems", Value::Array(all)) => {
                kept.insert(key, each(all));
            }
            ("properties" | "$defs" | "definitions" | "patternProperties", Value::Object(members)) => {
                let members = members.into_iter().map(|(name, member)| (name, acceptable(member)));
                kept.insert(key, Value::Object(members.collect()));
            }
            ("items" | "additionalProperties" | "not", value) => {
                kept.insert(key, acceptable(value));
            }
            (_, value) => {
                kept.insert(key, value);
            }
        }
    }
    kept
}

fn each(schemas: Vec<Value>) -> Value {
    schemas.into_iter().map(acceptable).collect()
}
