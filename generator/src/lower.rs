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
mod schema;

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
}

fn is_status(key: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let range = key.len() == 3 && key.is_char_boundary(1) && digits(&key[..1]) && key[1..].eq_ignore_ascii_case("xx");
    key == "default" || key.starts_with("x-") || range || (key.len() == 3 && digits(key) && !key.starts_with('0'))
}
