//! Owns everything that OpenAPI 3.1 (JSON Schema 2020-12) says and the 3.0 model cannot hold: it is rewritten to what 3.0 can say, and what
//! cannot be rewritten is kept under an `x-oas31-` key. Nothing is dropped. Knows nothing of Rust and nothing of names.
//!
//! | from | to | kept |
//! |---|---|---|
//! | `{$ref, siblings…}` | `{allOf: [{$ref}], siblings…}` | `x-oas31-ref-siblings: true` |
//! | `anyOf`/`oneOf` with a null branch and one other | `{allOf: [X], nullable: true}` | `x-oas31-nullable-of` |
//! | `anyOf`/`oneOf` with a null branch and several others | the branch goes, `nullable: true` | |
//! | `type: [T, null]`, `type: [A, B]` | `T` nullable, `anyOf` of one schema a type | `x-oas31-type` |
//! | `type: "null"`, `enum: [null]` | nullable | `x-oas31-type` |
//! | `const: c` | `enum: [c]` | `x-oas31-const: true` |
//! | numeric `exclusiveMinimum` | `minimum` and a boolean | `x-oas31-exclusiveMinimum` |
//! | integer bounds outside `i64`, `default: null` | removed | `x-oas31-<key>` |
//! | boolean schema | `{}` or `{not: {}}` | `x-oas31-bool` |
//! | a keyword that 3.0 does not know | removed | `x-oas31-<key>` |
//! | `webhooks`, `jsonSchemaDialect`, `components.pathItems` | removed | `x-oas31-<key>` at the root, lowered inside |

use serde_json::{Map, Value, json};

use crate::diagnostics::{Diagnostics, Failed, Pointer};
use crate::load::Document;

mod hoist;

pub(crate) use hoist::{nearest, percent_decoded};

pub(crate) const STAGE: &str = "lower";

/// The prefix of everything this stage keeps beside the 3.0 model.
pub const KEPT: &str = "x-oas31-";

/// A document in OpenAPI 3.0 form.
#[derive(Clone, Debug)]
pub struct Lowered {
    /// The content.
    pub root: Value,
    /// The webhooks by name; each is a 3.0 path item.
    pub webhooks: Map<String, Value>,
}

/// Rewrites `document` to OpenAPI 3.0.
pub fn lower(diagnostics: &mut Diagnostics, document: &Document) -> Result<Lowered, Failed> {
    let pointer = Pointer::root();
    let mut root = document.root.clone();
    check_version(diagnostics, &root)?;
    hoist::hoist(diagnostics, &mut root);
    hoist::path_items(diagnostics, &mut root);
    let Value::Object(object) = &mut root else { return Err(Failed) };
    let mut pass = Pass { diagnostics };
    pass.root(object, &pointer);
    let webhooks = match object.remove("webhooks") {
        Some(Value::Object(webhooks)) => webhooks,
        _ => Map::new(),
    };
    for key in ["jsonSchemaDialect", "$self"] {
        keep(object, key);
    }
    if let Some(Value::Object(info)) = object.get_mut("info") {
        keep(info, "summary");
        if let Some(Value::Object(license)) = info.get_mut("license") {
            keep(license, "identifier");
        }
    }
    if let Some(Value::Object(components)) = object.get_mut("components") {
        keep(components, "pathItems");
    }
    object.insert("openapi".to_owned(), json!("3.0.3"));
    object.entry("paths").or_insert_with(|| json!({}));
    diagnostics.checkpoint()?;
    Ok(Lowered { root, webhooks })
}

fn check_version(diagnostics: &mut Diagnostics, root: &Value) -> Result<(), Failed> {
    let pointer = Pointer::root();
    let Value::Object(object) = root else {
        diagnostics
            .error(STAGE, &pointer, format!("the document is {}", kind_of(root)))
            .expected("an object with `openapi`, `info` and `paths`");
        return Err(Failed);
    };
    if let Some(version) = object.get("swagger") {
        let version = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
        diagnostics
            .error(STAGE, &pointer.child("swagger"), format!("a Swagger {version} document"))
            .expected("an OpenAPI 3 document")
            .hint("convert it to OpenAPI 3 first");
        return Err(Failed);
    }
    match object.get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.0") || version.starts_with("3.1") => {}
        Some(version) => {
            diagnostics
                .error(STAGE, &pointer.child("openapi"), format!("version `{version}`"))
                .expected("3.0.x or 3.1.x")
                .hint("this generator reads OpenAPI 3.0 and 3.1");
            return Err(Failed);
        }
        None => {
            diagnostics
                .error(STAGE, &pointer, "there is no text `openapi`")
                .expected("`openapi: 3.0.x` or `openapi: 3.1.x`")
                .hint("write the version as text: openapi: \"3.1.0\"");
            return Err(Failed);
        }
    }
    if object.get("info").is_none_or(|info| !info.is_object()) {
        diagnostics.error(STAGE, &pointer, "there is no object `info`").expected("`info` with `title` and `version`");
    }
    for key in ["title", "version"] {
        if let Some(info) = object.get("info").and_then(Value::as_object)
            && !info.get(key).is_some_and(Value::is_string)
        {
            let found = info.get(key).map_or_else(|| format!("there is no `{key}`"), |v| format!("`{key}` is {}", kind_of(v)));
            let hint = if key == "version" { "write it as text: version: \"1.0\"" } else { "" };
            diagnostics.error(STAGE, &pointer.child("info"), found).expected(format!("a text `{key}`")).hint(hint);
        }
    }
    for key in ["paths", "components", "webhooks"] {
        if let Some(value) = object.get(key).filter(|v| !v.is_object()) {
            diagnostics.error(STAGE, &pointer.child(key), format!("`{key}` is {}", kind_of(value))).expected("an object");
        }
    }
    diagnostics.checkpoint()
}

/// What a JSON value is, for a person.
pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Moves a key to its `x-oas31-` form.
fn keep(object: &mut Map<String, Value>, key: &str) {
    if let Some(value) = object.shift_remove(key) {
        object.insert(format!("{KEPT}{key}"), value);
    }
}

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

struct Pass<'d> {
    diagnostics: &'d mut Diagnostics,
}

impl Pass<'_> {
    fn root(&mut self, object: &mut Map<String, Value>, pointer: &Pointer) {
        if let Some(Value::Object(components)) = object.get_mut("components") {
            let pointer = pointer.child("components");
            for (section, content) in components {
                let pointer = pointer.child(section);
                let Value::Object(content) = content else { continue };
                for (name, value) in content {
                    let pointer = pointer.child(name);
                    match section.as_str() {
                        "schemas" => self.schema(value, &pointer),
                        "parameters" | "headers" => self.parameter(value, &pointer),
                        "requestBodies" => self.body(value, &pointer),
                        "responses" => self.response(value, &pointer),
                        "pathItems" => self.path_item(value, &pointer),
                        "callbacks" => self.callback(value, &pointer),
                        _ => {}
                    }
                }
            }
        }
        for key in ["paths", "webhooks"] {
            if let Some(Value::Object(items)) = object.get_mut(key) {
                let pointer = pointer.child(key);
                for (name, item) in items {
                    self.path_item(item, &pointer.child(name));
                }
            }
        }
    }

    fn path_item(&mut self, item: &mut Value, pointer: &Pointer) {
        let Value::Object(item) = item else { return };
        self.parameters(item, pointer);
        for method in ["get", "put", "post", "delete", "options", "head", "patch", "trace"] {
            let Some(Value::Object(operation)) = item.get_mut(method) else { continue };
            let pointer = pointer.child(method);
            self.parameters(operation, &pointer);
            if let Some(body) = operation.get_mut("requestBody") {
                self.body(body, &pointer.child("requestBody"));
            }
            let responses = operation.entry("responses").or_insert_with(|| json!({}));
            if let Value::Object(responses) = responses {
                let pointer = pointer.child("responses");
                for (status, response) in responses {
                    if !is_status(status) {
                        self.diagnostics
                            .error(STAGE, &pointer.child(status), format!("a response of status `{status}`"))
                            .expected("three digits, a range such as `4XX`, or `default`");
                    }
                    self.response(response, &pointer.child(status));
                }
            }
            if let Some(Value::Object(callbacks)) = operation.get_mut("callbacks") {
                let pointer = pointer.child("callbacks");
                for (name, callback) in callbacks {
                    self.callback(callback, &pointer.child(name));
                }
            }
        }
    }

    fn callback(&mut self, callback: &mut Value, pointer: &Pointer) {
        let Value::Object(callback) = callback else { return };
        for (expression, item) in callback {
            self.path_item(item, &pointer.child(expression));
        }
    }

    fn parameters(&mut self, holder: &mut Map<String, Value>, pointer: &Pointer) {
        let Some(Value::Array(parameters)) = holder.get_mut("parameters") else { return };
        let pointer = pointer.child("parameters");
        for (index, parameter) in parameters.iter_mut().enumerate() {
            self.parameter(parameter, &pointer.child(index));
        }
    }

    fn parameter(&mut self, parameter: &mut Value, pointer: &Pointer) {
        let Value::Object(parameter) = parameter else { return };
        if parameter.contains_key("$ref") {
            self.reference_only(parameter);
            return;
        }
        if parameter.get("example").is_some_and(Value::is_null) {
            keep(parameter, "example");
        }
        let has_content = parameter.get("content").is_some_and(Value::is_object);
        match parameter.get_mut("schema") {
            Some(schema) => self.schema(schema, &pointer.child("schema")),
            None if !has_content => {
                let name = parameter.get("name").and_then(Value::as_str).map_or_else(String::new, |name| format!(" `{name}`"));
                self.diagnostics
                    .error(STAGE, pointer, format!("the parameter{name} has no schema"))
                    .expected("`schema`, or `content` with one media type")
                    .hint("schema: {type: string} takes any text");
            }
            None => {}
        }
        self.content(parameter, pointer);
    }

    fn body(&mut self, body: &mut Value, pointer: &Pointer) {
        let Value::Object(body) = body else { return };
        if body.contains_key("$ref") {
            self.reference_only(body);
            return;
        }
        body.entry("content").or_insert_with(|| json!({}));
        self.content(body, pointer);
    }

    fn response(&mut self, response: &mut Value, pointer: &Pointer) {
        let Value::Object(response) = response else { return };
        if response.contains_key("$ref") {
            self.reference_only(response);
            return;
        }
        response.entry("description").or_insert_with(|| json!(""));
        if let Some(Value::Object(headers)) = response.get_mut("headers") {
            let pointer = pointer.child("headers");
            for (name, header) in headers {
                self.parameter(header, &pointer.child(name));
            }
        }
        self.content(response, pointer);
    }

    /// A reference outside a schema may carry a summary and a description, which the model cannot hold and nothing reads.
    fn reference_only(&mut self, object: &mut Map<String, Value>) {
        let siblings: Vec<String> = object.keys().filter(|k| *k != "$ref" && !k.starts_with("x-")).cloned().collect();
        for key in siblings {
            object.shift_remove(&key);
        }
    }

    fn content(&mut self, holder: &mut Map<String, Value>, pointer: &Pointer) {
        let Some(Value::Object(content)) = holder.get_mut("content") else { return };
        let pointer = pointer.child("content");
        for (media, value) in content {
            let pointer = pointer.child(media);
            let Value::Object(value) = value else { continue };
            if value.get("example").is_some_and(Value::is_null) {
                keep(value, "example");
            }
            if let Some(schema) = value.get_mut("schema") {
                self.schema(schema, &pointer.child("schema"));
            }
        }
    }

    fn schema(&mut self, schema: &mut Value, pointer: &Pointer) {
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

fn is_status(key: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let range = key.len() == 3 && key.is_char_boundary(1) && digits(&key[..1]) && key[1..].eq_ignore_ascii_case("xx");
    key == "default" || key.starts_with("x-") || range || (key.len() == 3 && digits(key) && !key.starts_with('0'))
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
