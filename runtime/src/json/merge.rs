//! Merging deltas whose shape nobody has written down: fields of a stream that the types do not name (contract 5.6). Pure.

use serde_json::{Map, Value};

/// Takes a delta into what has been accumulated: texts are joined, numbers added, objects and lists merged member by member.
///
/// Elements of a list are told apart by their `index`, whatever the order they come in; those without one are appended. `index`,
/// `type` and values of another type than before replace what was there; null replaces nothing.
pub fn merge(accumulated: &mut Map<String, Value>, delta: Map<String, Value>) {
    for (key, new) in delta {
        match accumulated.get_mut(&key) {
            Some(old) if !old.is_null() && !matches!(key.as_str(), "index" | "type") => merge_value(old, new),
            Some(old) => {
                if !new.is_null() {
                    *old = new;
                }
            }
            None => _ = accumulated.insert(key, new),
        }
    }
}

fn merge_value(old: &mut Value, new: Value) {
    match (old, new) {
        (_, Value::Null) => {}
        (Value::String(old), Value::String(new)) => old.push_str(&new),
        (Value::Number(old), Value::Number(new)) => *old = sum(old, &new),
        (Value::Object(old), Value::Object(new)) => merge(old, new),
        (Value::Array(old), Value::Array(new)) => {
            for element in new {
                merge_element(old, element);
            }
        }
        (old, new) => *old = new,
    }
}

fn merge_element(list: &mut Vec<Value>, new: Value) {
    let Some(index) = index_of(&new) else {
        list.push(new);
        return;
    };
    if let Some(old) = list.iter_mut().find(|old| index_of(old) == Some(index)) {
        merge_value(old, new);
        return;
    }
    let at = list.iter().position(|old| index_of(old).is_some_and(|old| old > index)).unwrap_or(list.len());
    list.insert(at, new);
}

fn index_of(element: &Value) -> Option<i64> {
    element.get("index")?.as_i64()
}

fn sum(old: &serde_json::Number, new: &serde_json::Number) -> serde_json::Number {
    let whole = old.as_i64().zip(new.as_i64()).and_then(|(old, new)| old.checked_add(new)).map(Into::into);
    let real = || serde_json::Number::from_f64(old.as_f64()? + new.as_f64()?);
    whole.or_else(real).unwrap_or_else(|| new.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(deltas: &[Value], expect: Value) {
        let mut accumulated = Map::new();
        for delta in deltas {
            merge(&mut accumulated, delta.as_object().unwrap().clone());
        }
        assert_eq!(Value::Object(accumulated), expect);
    }

    #[test]
    fn deltas_are_merged_by_their_types() {
        check(&[json!({"a": "x"}), json!({"a": "y"}), json!({"a": null})], json!({"a": "xy"}));
        check(&[json!({"a": 1, "b": 0.5}), json!({"a": 2, "b": 1})], json!({"a": 3, "b": 1.5}));
        check(&[json!({"a": null}), json!({"a": "x"})], json!({"a": "x"}));
        check(&[json!({"a": true}), json!({"a": false})], json!({"a": false}));
        check(
            &[json!({"a": {"b": "x"}}), json!({"a": {"b": "y", "c": [1]}}), json!({"a": {"c": [2]}})],
            json!({"a": {"b": "xy", "c": [1, 2]}}),
        );
        check(&[json!({"type": "a", "index": 1}), json!({"type": "a", "index": 2})], json!({"type": "a", "index": 2}));
    }

    #[test]
    fn elements_are_told_apart_by_their_index() {
        let element = |index: i64, text: &str| json!({"list": [{"index": index, "text": text}]});
        check(
            &[element(2, "c"), element(0, "a"), element(1, "b"), element(0, "A"), element(2, "C")],
            json!({"list": [{"index": 0, "text": "aA"}, {"index": 1, "text": "b"}, {"index": 2, "text": "cC"}]}),
        );
        check(&[json!({"list": [{"url": "a"}]}), json!({"list": [{"url": "b"}]})], json!({"list": [{"url": "a"}, {"url": "b"}]}));
    }
}
