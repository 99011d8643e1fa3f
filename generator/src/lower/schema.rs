//! Owns the keywords of one schema: each that 3.0 says in another way is rewritten, each that it cannot say is kept.

use serde_json::{Map, Value, json};

use super::{KEPT, Pass, STAGE, keep, kind_of};
use crate::diagnostics::Pointer;

/// The keywords of a schema that the 3.0 model holds.
const KNOWN: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "example",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
];

const TYPES: &[&str] = &["string", "integer", "number", "boolean", "array", "object"];

impl Pass<'_> {
    pub(super) fn schema(&mut self, schema: &mut Value, pointer: &Pointer) {
        match schema {
            Value::Bool(true) => {
                *schema = json!({ "x-oas31-bool": true });
                return;
            }
            Value::Bool(false) => {
                *schema = json!({ "not": {}, "x-oas31-bool": false });
                return;
            }
            Value::Object(_) => {}
            other => {
                self.diagnostics.error(STAGE, pointer, format!("a schema is {}", kind_of(other))).expected("an object or a boolean");
                return;
            }
        }
        let Value::Object(object) = schema else { return };
        self.check_shape(object, pointer);
        reference_siblings(object);
        null_branches(object);
        self.types(object, pointer);
        constants(object);
        bounds(object);
        for key in ["default", "example"] {
            if object.get(key).is_some_and(Value::is_null) {
                keep(object, key);
            }
        }
        if object.get("required").is_some_and(|v| !v.is_array()) {
            keep(object, "required");
        }
        if object.get("items").is_some_and(Value::is_array) {
            keep(object, "items");
            object.insert("items".to_owned(), json!({}));
        }
        let unknown: Vec<String> = object.keys().filter(|k| !KNOWN.contains(&k.as_str()) && !k.starts_with("x-")).cloned().collect();
        for key in unknown {
            keep(object, &key);
        }
        self.children(object, pointer);
    }

    /// Faults that the model's own parser would report without a place, or swallow.
    fn check_shape(&mut self, object: &mut Map<String, Value>, pointer: &Pointer) {
        for key in ["allOf", "anyOf", "oneOf"] {
            match object.get(key) {
                Some(Value::Array(branches)) if branches.is_empty() => {
                    self.diagnostics
                        .error(STAGE, &pointer.child(key), format!("`{key}` is empty"))
                        .expected("at least one schema")
                        .hint("remove the keyword, or list the schemas");
                }
                Some(Value::Array(_)) | None => {}
                Some(other) => {
                    self.diagnostics
                        .error(STAGE, &pointer.child(key), format!("`{key}` is {}", kind_of(other)))
                        .expected("a list of schemas");
                }
            }
        }
        if let Some(other) = object.get("properties").filter(|v| !v.is_object()) {
            self.diagnostics
                .error(STAGE, &pointer.child("properties"), format!("`properties` is {}", kind_of(other)))
                .expected("an object of schemas");
        }
        if let Some(other) = object.get("enum").filter(|v| !v.is_array()) {
            self.diagnostics.error(STAGE, &pointer.child("enum"), format!("`enum` is {}", kind_of(other))).expected("a list of values");
        }
        if let Some(other) = object.get("required").filter(|v| !v.is_array()) {
            self.diagnostics
                .warning(STAGE, &pointer.child("required"), format!("`required` is {} and is ignored", kind_of(other)))
                .expected("a list of property names")
                .hint("list the property in the `required` of the object that has it");
        }
        if let Some(other) = object.get("discriminator").filter(|v| !v.get("propertyName").is_some_and(Value::is_string)) {
            let found = if other.is_object() {
                "`discriminator` has no text `propertyName`".to_owned()
            } else {
                format!("`discriminator` is {}", kind_of(other))
            };
            self.diagnostics.error(STAGE, &pointer.child("discriminator"), found).expected("an object such as `{propertyName: type}`");
        }
        if let Some(other) = object.get("$ref").filter(|v| !v.is_string()) {
            self.diagnostics
                .error(STAGE, &pointer.child("$ref"), format!("`$ref` is {}", kind_of(other)))
                .expected("a text such as `#/components/schemas/Pet`")
                .hint("a property that is called `$ref` cannot be told from a reference");
        }
    }

    fn types(&mut self, object: &mut Map<String, Value>, pointer: &Pointer) {
        let Some(kind) = object.get("type").cloned() else { return };
        let names: Vec<String> = match &kind {
            Value::String(name) => vec![name.clone()],
            Value::Array(names) => names.iter().map(|n| n.as_str().map_or_else(|| n.to_string(), str::to_owned)).collect(),
            other => vec![other.to_string()],
        };
        for name in names.iter().filter(|n| *n != "null" && !TYPES.contains(&n.as_str())) {
            self.diagnostics
                .error(STAGE, &pointer.child("type"), format!("type `{name}`"))
                .expected("string, integer, number, boolean, array, object or null")
                .hint(type_hint(name));
        }
        let others: Vec<&String> = names.iter().filter(|n| *n != "null").collect();
        if names.len() == 1 && others.len() == 1 {
            return;
        }
        object.shift_remove("type");
        object.insert(format!("{KEPT}type"), kind.clone());
        if others.len() < names.len() {
            object.insert("nullable".to_owned(), json!(true));
        }
        match others.as_slice() {
            [] => {}
            [one] => {
                object.insert("type".to_owned(), json!(one));
            }
            several => {
                let branches: Vec<Value> = several
                    .iter()
                    .map(|name| match name.as_str() {
                        "array" => match object.shift_remove("items") {
                            Some(items) => json!({ "type": "array", "items": items }),
                            None => json!({ "type": "array" }),
                        },
                        name => json!({ "type": name }),
                    })
                    .collect();
                object.insert("anyOf".to_owned(), Value::Array(branches));
            }
        }
    }

    fn children(&mut self, object: &mut Map<String, Value>, pointer: &Pointer) {
        if let Some(Value::Object(properties)) = object.get_mut("properties") {
            let pointer = pointer.child("properties");
            for (name, schema) in properties {
                self.schema(schema, &pointer.child(name));
            }
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            if let Some(Value::Array(branches)) = object.get_mut(key) {
                let pointer = pointer.child(key);
                for (index, schema) in branches.iter_mut().enumerate() {
                    self.schema(schema, &pointer.child(index));
                }
            }
        }
        for key in ["items", "not", "additionalProperties"] {
            match object.get_mut(key) {
                Some(Value::Bool(_)) if key == "additionalProperties" => {}
                Some(schema) => self.schema(schema, &pointer.child(key)),
                None => {}
            }
        }
    }
}

/// The type that is meant by a word of other languages.
fn type_hint(name: &str) -> &'static str {
    match name.to_lowercase().as_str() {
        "str" | "text" | "char" | "date" | "date-time" | "datetime" | "uuid" | "uri" | "password" | "byte" => {
            "type: string, with a `format` if need be"
        }
        "file" | "binary" => "type: string, format: binary",
        "int" | "int32" | "int64" | "long" => "type: integer, with a `format` if need be",
        "float" | "double" | "decimal" => "type: number, with a `format` if need be",
        "bool" => "type: boolean",
        "list" | "tuple" | "set" => "type: array",
        "dict" | "map" | "struct" => "type: object",
        "any" => "leave the keyword out: a schema without `type` takes anything",
        _ => "",
    }
}

/// `$ref` with siblings becomes an `allOf` of one, so that the siblings survive.
fn reference_siblings(object: &mut Map<String, Value>) {
    if object.len() < 2 {
        return;
    }
    let Some(reference) = object.get("$ref").filter(|r| r.is_string()).cloned() else { return };
    object.shift_remove("$ref");
    let reference = json!({ "$ref": reference });
    match object.get_mut("allOf") {
        Some(Value::Array(members)) => members.insert(0, reference),
        _ => {
            object.insert("allOf".to_owned(), json!([reference]));
        }
    }
    object.insert(format!("{KEPT}ref-siblings"), json!(true));
}

/// Takes null branches out of unions. Runs before the branches are lowered, because afterwards they could not be told from empty schemas.
fn null_branches(object: &mut Map<String, Value>) {
    for key in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = object.get_mut(key) else { continue };
        let before = branches.len();
        branches.retain(|b| !is_null_schema(b));
        if branches.len() == before {
            continue;
        }
        let left = branches.len();
        if left == 1 && !object.contains_key("allOf") {
            let only = object.shift_remove(key).unwrap_or_default();
            object.insert("allOf".to_owned(), only);
            object.insert(format!("{KEPT}nullable-of"), json!(key));
        } else if left == 0 {
            object.shift_remove(key);
        }
        object.insert("nullable".to_owned(), json!(true));
    }
}

fn is_null_schema(schema: &Value) -> bool {
    let Value::Object(schema) = schema else { return false };
    schema.get("type").is_some_and(|t| t == "null")
        || schema.get("const").is_some_and(Value::is_null)
        || schema.get("enum").is_some_and(|e| e == &json!([null]))
}

fn constants(object: &mut Map<String, Value>) {
    if let Some(constant) = object.shift_remove("const") {
        if constant.is_null() {
            object.insert("nullable".to_owned(), json!(true));
        } else {
            object.insert("enum".to_owned(), json!([constant]));
        }
        object.insert(format!("{KEPT}const"), json!(true));
    }
    let Some(Value::Array(values)) = object.get_mut("enum") else { return };
    let before = values.len();
    values.retain(|v| !v.is_null());
    let nullable = values.len() < before;
    let inferred = match values.first() {
        Some(Value::String(_)) if values.iter().all(Value::is_string) => Some("string"),
        Some(Value::Bool(_)) if values.iter().all(Value::is_boolean) => Some("boolean"),
        Some(Value::Number(_)) if values.iter().all(|v| v.is_i64() || v.is_u64()) => Some("integer"),
        Some(Value::Number(_)) if values.iter().all(Value::is_number) => Some("number"),
        _ => None,
    };
    if values.is_empty() {
        object.shift_remove("enum");
    }
    if nullable {
        object.insert("nullable".to_owned(), json!(true));
    }
    if let Some(inferred) = inferred.filter(|_| !object.contains_key("type")) {
        object.insert("type".to_owned(), json!(inferred));
    }
    // The model's typed kinds hold values of their own type alone.
    let fits = |v: &Value| match object.get("type").and_then(Value::as_str) {
        Some("string") => v.is_string(),
        Some("integer") => v.is_i64(),
        Some("number") => v.is_number(),
        Some("boolean") => v.is_boolean(),
        _ => true,
    };
    if object.get("enum").and_then(Value::as_array).is_some_and(|values| !values.iter().all(fits)) {
        keep(object, "enum");
    }
}

fn bounds(object: &mut Map<String, Value>) {
    for (exclusive, inclusive) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if object.get(exclusive).is_some_and(Value::is_number) {
            let bound = object.get(exclusive).cloned().unwrap_or_default();
            keep(object, exclusive);
            object.insert(inclusive.to_owned(), bound);
            object.insert(exclusive.to_owned(), json!(true));
        }
    }
    let integer = object.get("type").is_some_and(|t| t == "integer");
    for key in ["minimum", "maximum", "multipleOf"] {
        let fits = object.get(key).is_none_or(|v| if integer { v.is_i64() } else { v.is_number() });
        if !fits {
            keep(object, key);
        }
    }
    for key in ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"] {
        if object.get(key).is_some_and(|v| !v.is_u64()) {
            keep(object, key);
        }
    }
    for key in ["uniqueItems", "readOnly", "writeOnly", "deprecated", "nullable", "exclusiveMinimum", "exclusiveMaximum"] {
        if object.get(key).is_some_and(|v| !v.is_boolean()) {
            keep(object, key);
        }
    }
    for key in ["title", "description", "format", "pattern"] {
        if object.get(key).is_some_and(|v| !v.is_string()) {
            keep(object, key);
        }
    }
}
