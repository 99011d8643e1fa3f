//! JSON that is not finished yet. Owns what is made of its last, incomplete part; must not know why it is incomplete.

use jiter::{JsonValue, PartialMode};
use serde_json::{Map, Number, Value};

/// What becomes of a string that is not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfinished {
    /// It is left out, together with its key: all that is there is final.
    Omit,
    /// As much of it as there is, to be shown while it grows.
    Keep,
}

/// What is known of a JSON text of which only the beginning is there: arrays and objects are closed where it ends. None when there
/// is nothing yet, or when it is not the beginning of JSON. What follows a value that is complete is passed over.
///
/// It reads the text from its start, every time: ask when there is something to show, not after each piece.
pub fn partial(text: &str, unfinished: Unfinished) -> Option<Value> {
    let mode = match unfinished {
        Unfinished::Omit => PartialMode::On,
        Unfinished::Keep => PartialMode::TrailingStrings,
    };
    if text.trim().is_empty() {
        return None;
    }
    JsonValue::parse_with_config(text.as_bytes(), false, mode).ok().map(|value| tree(&value))
}

/// Nesting is limited by the parser.
fn tree(value: &JsonValue<'_>) -> Value {
    match value {
        JsonValue::Null => Value::Null,
        JsonValue::Bool(value) => Value::Bool(*value),
        JsonValue::Int(value) => Value::from(*value),
        JsonValue::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        JsonValue::Str(text) => Value::from(text.as_ref()),
        JsonValue::Array(items) => items.iter().map(tree).collect(),
        JsonValue::Object(members) => {
            Value::Object(members.iter().map(|(key, value)| (key.clone().into_owned(), tree(value))).collect::<Map<_, _>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_there_is_read() {
        for (text, omit, keep) in [
            ("", None, None),
            (" \n", None, None),
            ("nope", None, None),
            ("{", Some(json!({})), Some(json!({}))),
            (r#"{"city":"Par"#, Some(json!({})), Some(json!({"city": "Par"}))),
            (r#"{"a":[1,2"#, Some(json!({"a": [1, 2]})), Some(json!({"a": [1, 2]}))),
            (r#"{"a":{"b":true},"c"#, Some(json!({"a": {"b": true}})), Some(json!({"a": {"b": true}}))),
            (r#"{"a":1.5}"#, Some(json!({"a": 1.5})), Some(json!({"a": 1.5}))),
        ] {
            assert_eq!(partial(text, Unfinished::Omit), omit, "{text}");
            assert_eq!(partial(text, Unfinished::Keep), keep, "{text}");
        }
    }
}
