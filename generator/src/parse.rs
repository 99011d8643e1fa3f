//! Owns the step from a lowered document to the `openapiv3` model: every part is parsed on its own so that a fault has a pointer, and what
//! the model would lose in silence is found by writing it out again and comparing.

use openapiv3::{Components, OpenAPI, PathItem, ReferenceOr, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::diagnostics::{Diagnostics, Failed, Pointer};
use crate::lower::{Lowered, kind_of};

const STAGE: &str = "parse";

/// The document in the 3.0 model.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// Everything but the webhooks.
    pub openapi: OpenAPI,
    /// The webhooks by name.
    pub webhooks: Vec<(String, PathItem)>,
}

/// Parses `lowered` and proves that nothing of it was lost.
pub fn parse(diagnostics: &mut Diagnostics, lowered: Lowered) -> Result<Parsed, Failed> {
    let Lowered { mut root, webhooks } = lowered;
    let pointer = Pointer::root();
    let take = |root: &mut Value, key: &str| match root.get_mut(key) {
        Some(Value::Object(object)) => std::mem::take(object),
        _ => Map::new(),
    };
    let paths = take(&mut root, "paths");
    let mut components = take(&mut root, "components");
    let schemas = match components.get_mut("schemas") {
        Some(Value::Object(schemas)) => std::mem::take(schemas),
        _ => Map::new(),
    };
    let mut openapi: Option<OpenAPI> = part(diagnostics, &pointer, &root);
    let mut parsed_components: Option<Components> = part(diagnostics, &pointer.child("components"), &Value::Object(components));
    let at = pointer.child("components").child("schemas");
    for (name, value) in schemas {
        let parsed: Option<ReferenceOr<Schema>> = schema(diagnostics, &at.child(&name), &value);
        if let (Some(parsed), Some(components)) = (parsed, parsed_components.as_mut()) {
            components.schemas.insert(name, parsed);
        }
    }
    for (path, value) in paths {
        if path.starts_with("x-") {
            continue;
        }
        let parsed = path_item(diagnostics, &pointer.child("paths").child(&path), &value);
        if let (Some(parsed), Some(openapi)) = (parsed, openapi.as_mut()) {
            openapi.paths.paths.insert(path, parsed);
        }
    }
    let mut hooks = Vec::new();
    for (name, value) in webhooks {
        let at = pointer.child("webhooks").child(&name);
        match path_item(diagnostics, &at, &value) {
            Some(ReferenceOr::Item(item)) => hooks.push((name, item)),
            Some(ReferenceOr::Reference { .. }) => {
                diagnostics.note(STAGE, &at, "a webhook is a reference to a path item").hint("write the path item in its place");
            }
            None => {}
        }
    }
    diagnostics.checkpoint()?;
    let (Some(mut openapi), Some(components)) = (openapi, parsed_components) else { return Err(Failed) };
    openapi.components = Some(components);
    Ok(Parsed { openapi, webhooks: hooks })
}

/// Parses one part, or reports why not.
fn part<T: DeserializeOwned + Serialize>(diagnostics: &mut Diagnostics, pointer: &Pointer, value: &Value) -> Option<T> {
    match serde_json::from_value::<T>(value.clone()) {
        Ok(parsed) => {
            prove(diagnostics, pointer, value, &parsed);
            Some(parsed)
        }
        Err(e) => {
            report(diagnostics, pointer, &e.to_string(), "what OpenAPI 3 defines for this place");
            None
        }
    }
}

/// The model's parser says in one text what it found and what it wanted; what it wants by the name of a Rust type is said in other words.
fn report(diagnostics: &mut Diagnostics, pointer: &Pointer, message: &str, expected: &str) {
    match message.split_once(", expected ") {
        Some((found, wanted)) if ["struct ", "enum ", "tuple "].iter().all(|own| !wanted.starts_with(own)) => {
            diagnostics.error(STAGE, pointer, found).expected(wanted)
        }
        Some((found, _)) => diagnostics.error(STAGE, pointer, found).expected(expected),
        None => diagnostics.error(STAGE, pointer, message).expected(expected),
    };
}

fn schema(diagnostics: &mut Diagnostics, pointer: &Pointer, value: &Value) -> Option<ReferenceOr<Schema>> {
    if let Ok(parsed) = serde_json::from_value::<ReferenceOr<Schema>>(value.clone()) {
        prove(diagnostics, pointer, value, &parsed);
        return Some(parsed);
    }
    let before = diagnostics.iter().count();
    for (at, child) in schema_children(pointer, value) {
        schema(diagnostics, &at, child);
    }
    if diagnostics.iter().count() == before {
        let message = match serde_json::from_value::<Schema>(value.clone()) {
            Err(e) => e.to_string(),
            Ok(_) => format!("{} that is neither a schema nor a reference", kind_of(value)),
        };
        report(diagnostics, pointer, &message, "a schema of OpenAPI 3");
    }
    None
}

fn schema_children<'v>(pointer: &Pointer, value: &'v Value) -> Vec<(Pointer, &'v Value)> {
    let mut children = Vec::new();
    for key in ["properties"] {
        if let Some(Value::Object(properties)) = value.get(key) {
            children.extend(properties.iter().map(|(name, child)| (pointer.child(key).child(name), child)));
        }
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        if let Some(Value::Array(branches)) = value.get(key) {
            children.extend(branches.iter().enumerate().map(|(i, child)| (pointer.child(key).child(i), child)));
        }
    }
    for key in ["items", "not", "additionalProperties"] {
        if let Some(child) = value.get(key).filter(|c| c.is_object()) {
            children.push((pointer.child(key), child));
        }
    }
    children
}

fn path_item(diagnostics: &mut Diagnostics, pointer: &Pointer, value: &Value) -> Option<ReferenceOr<PathItem>> {
    match serde_json::from_value::<ReferenceOr<PathItem>>(value.clone()) {
        Ok(parsed) => {
            prove(diagnostics, pointer, value, &parsed);
            return Some(parsed);
        }
        Err(e) if !value.is_object() => {
            report(diagnostics, pointer, &e.to_string(), "a path item: an object of operations");
            return None;
        }
        Err(_) => {}
    }
    let before = diagnostics.iter().count();
    for method in ["get", "put", "post", "delete", "options", "head", "patch", "trace"] {
        if let Some(operation) = value.get(method) {
            bisect_operation(diagnostics, &pointer.child(method), operation);
        }
    }
    if let Some(Value::Array(parameters)) = value.get("parameters") {
        for (index, parameter) in parameters.iter().enumerate() {
            let _: Option<ReferenceOr<openapiv3::Parameter>> = part(diagnostics, &pointer.child("parameters").child(index), parameter);
        }
    }
    if diagnostics.iter().count() == before
        && let Err(e) = serde_json::from_value::<PathItem>(value.clone())
    {
        report(diagnostics, pointer, &e.to_string(), "a path item of OpenAPI 3");
    }
    None
}

/// Finds the part of an operation that does not parse.
fn bisect_operation(diagnostics: &mut Diagnostics, pointer: &Pointer, value: &Value) {
    let Err(error) = serde_json::from_value::<openapiv3::Operation>(value.clone()) else { return };
    let before = diagnostics.iter().count();
    if let Some(Value::Array(parameters)) = value.get("parameters") {
        for (index, parameter) in parameters.iter().enumerate() {
            let at = pointer.child("parameters").child(index);
            let before = diagnostics.iter().count();
            if let Some(inner) = parameter.get("schema") {
                schema(diagnostics, &at.child("schema"), inner);
            }
            if diagnostics.iter().count() == before {
                let _: Option<ReferenceOr<openapiv3::Parameter>> = part(diagnostics, &at, parameter);
            }
        }
    }
    let mut media = |holder: &Value, at: &Pointer| {
        if let Some(Value::Object(content)) = holder.get("content") {
            for (kind, media) in content {
                if let Some(inner) = media.get("schema") {
                    schema(diagnostics, &at.child("content").child(kind).child("schema"), inner);
                }
            }
        }
    };
    if let Some(body) = value.get("requestBody") {
        media(body, &pointer.child("requestBody"));
    }
    if let Some(Value::Object(responses)) = value.get("responses") {
        for (status, response) in responses {
            media(response, &pointer.child("responses").child(status));
        }
    }
    if diagnostics.iter().count() == before {
        report(diagnostics, pointer, &error.to_string(), "an operation of OpenAPI 3");
    }
}

/// Writes the part out again and reports every key that did not survive.
fn prove<T: Serialize>(diagnostics: &mut Diagnostics, pointer: &Pointer, value: &Value, parsed: &T) {
    match serde_json::to_value(parsed) {
        Ok(again) => compare(diagnostics, pointer, value, &again),
        Err(e) => {
            diagnostics.error(STAGE, pointer, format!("the model cannot be written out again: {e}"));
        }
    }
}

fn compare(diagnostics: &mut Diagnostics, pointer: &Pointer, before: &Value, after: &Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                match after.get(key) {
                    Some(again) => compare(diagnostics, &pointer.child(key), value, again),
                    None if says_nothing(key, value) => {}
                    None => {
                        diagnostics
                            .warning(STAGE, pointer, format!("`{key}` stands where OpenAPI 3 has no such keyword and is ignored"))
                            .hint("check its spelling, or prefix it with `x-`");
                    }
                }
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (a, b)) in before.iter().zip(after).enumerate() {
                compare(diagnostics, &pointer.child(index), a, b);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        (a, b) if a == b => {}
        (a, _) => {
            diagnostics.warning(STAGE, pointer, format!("{} was read as something else", kind_of(a)));
        }
    }
}

/// Values that mean the same as their absence, and that the model therefore leaves out.
fn says_nothing(key: &str, value: &Value) -> bool {
    match value {
        Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Null => true,
        // A response has no place for these in 3.0, and nothing reads them.
        Value::String(_) => key == "summary" || key == "$ref",
        _ => key == "allowEmptyValue" || key == "allowReserved" || key == "explode",
    }
}
