//! Schemas in, schemas out; schemas in, where and why they are refused.

use serde_json::{Value, json};

use super::{check, name, prepare, strict};

#[track_caller]
fn rewritten(schema: Value, expect: Value) {
    assert_eq!(strict(&schema).unwrap(), expect);
}

#[track_caller]
fn refused(schema: Value, place: &str, why: &str) {
    let error = prepare(schema).unwrap_err();
    assert!(error.is_argument() && error.message().contains(&format!("{place}: ")) && error.message().contains(why), "{error}");
}

#[test]
fn a_recursive_reference_with_keys_beside_it_is_followed_once() {
    rewritten(
        json!({"$ref": "#/$defs/N", "$defs": {"N": {"type": "object", "properties": {"next": {"$ref": "#/$defs/N", "description": "d"}}}}}),
        {
            let bare = json!({"type": "object", "properties": {"next": {"$ref": "#/$defs/N"}}, "additionalProperties": false, "required": ["next"]});
            let mut next = bare.clone();
            next["description"] = "d".into();
            let node = json!({"type": "object", "properties": {"next": next}, "additionalProperties": false, "required": ["next"]});
            let mut root = json!({"$defs": {"N": node}});
            // The root is replaced too, and its own reference is being followed there.
            root.as_object_mut().unwrap().extend(bare.as_object().unwrap().clone());
            root
        },
    );
}

#[test]
fn mutual_recursion_ends() {
    let described = |name: &str| json!({"$ref": format!("#/$defs/{name}"), "description": "d"});
    let object = |to: &str| json!({"type": "object", "properties": {"to": described(to), "back": described(to)}});
    let schema = json!({"$defs": {"A": object("B"), "B": object("A")}, "type": "object", "properties": {"a": described("A")}});
    prepare(schema).unwrap();
}

#[test]
fn what_grows_without_bounds_is_refused() {
    let mut definitions = serde_json::Map::new();
    for n in 0..30 {
        let next = json!({"$ref": format!("#/$defs/{}", n + 1), "description": "d"});
        definitions.insert(n.to_string(), json!({"type": "object", "properties": {"a": next, "b": next}}));
    }
    definitions.insert("30".to_owned(), json!({"type": "string"}));
    let error = strict(&json!({"$defs": definitions})).unwrap_err();
    assert!(error.message().contains("grows too large"), "{error}");

    let deep = (0..200).fold(json!({"type": "string"}), |inner, _| json!({"type": "array", "items": inner}));
    assert!(strict(&deep).unwrap_err().message().contains("nested too deeply"));
}

#[test]
fn references_are_json_pointers() {
    let definition = json!({"a/b": {"type": "object", "properties": {"x": {"type": "string"}}}});
    let found = strict(&json!({"$defs": definition, "properties": {"p": {"$ref": "#/$defs/a~1b", "description": "d"}}})).unwrap();
    assert_eq!(found["properties"]["p"]["required"], json!(["x"]));
    let found = strict(&json!({"type": "object", "properties": {"self": {"$ref": "#", "description": "d"}}})).unwrap();
    assert_eq!(found["properties"]["self"]["properties"]["self"], json!({"$ref": "#"}));
}

#[test]
fn what_the_api_would_refuse_is_found_before_it_is_sent() {
    let field = |schema: Value| json!({"type": "object", "properties": {"a b": {"type": "array", "items": schema}}});
    let place = r#"$.properties["a b"].items"#;
    refused(field(json!(true)), place, "must be an object");
    refused(field(json!({})), place, "any value at all");
    refused(field(json!({"type": "object", "additionalProperties": {"type": "string"}})), place, "maps are not possible");
    refused(field(json!({"type": "array", "prefixItems": [{"type": "string"}]})), place, "prefixItems");
    refused(field(json!({"type": "array"})), place, "items");
    refused(field(json!({"type": "array", "items": {"type": "string"}, "uniqueItems": true})), place, "uniqueItems");
    refused(field(json!({"$ref": "#/$defs/Nope"})), place, "#/$defs/Nope");
    refused(json!({"type": "array", "items": {"type": "string"}}), "$", "root must be an object");
    refused(json!({"oneOf": [{"type": "object"}]}), "$", "choice");
    let loose = json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false});
    assert!(check(&loose).unwrap_err().message().contains("`a` must be required"));
}

#[test]
fn what_has_no_effect_is_left_out() {
    let found = prepare(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "n": {"type": "integer", "format": "uint32", "minimum": 0, "default": 5},
            "at": {"type": "string", "format": "date-time"},
            "kind": {"oneOf": [{"const": "a", "description": "first"}, {"const": "b"}]},
            "default": {"type": ["string", "null"]},
        },
    }));
    assert_eq!(
        found.unwrap(),
        json!({
            "type": "object",
            "properties": {
                "n": {"type": "integer", "minimum": 0},
                "at": {"type": "string", "format": "date-time"},
                "kind": {"anyOf": [{"const": "a", "description": "first"}, {"const": "b"}]},
                "default": {"type": ["string", "null"]},
            },
            "additionalProperties": false,
            "required": ["n", "at", "kind", "default"],
        })
    );
}

#[test]
fn names_are_made_of_what_the_api_takes() {
    for (text, expect) in [
        ("CalendarEvent", "CalendarEvent"),
        ("Box[Inner]", "Box_Inner"),
        ("Page<a::B, C>", "Page_a_B_C"),
        ("x_", "x_"),
        ("✓", "output"),
        ("", "output"),
    ] {
        assert_eq!(name(text), expect);
    }
    assert_eq!(name(&"x".repeat(100)).len(), 64);
}
