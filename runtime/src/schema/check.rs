//! What the API refuses in strict mode, found before it is sent. Owns the documented rules; what is not documented passes.

use serde_json::{Map, Value};

use super::accept::FORMATS;
use super::path::Path;
use super::strict::resolve;
use crate::error::{Error, Result};

/// Keywords that strict mode does not take, with what to do about them.
const REFUSED: &[(&str, &str)] = &[
    ("oneOf", "use anyOf"),
    ("allOf", "write the properties of all into one object"),
    ("not", "leave it out"),
    ("if", "use anyOf"),
    ("then", "use anyOf"),
    ("else", "use anyOf"),
    ("dependentRequired", "all properties are required"),
    ("dependentSchemas", "use anyOf"),
    ("patternProperties", "use a list of keys with values"),
    ("propertyNames", "use a list of keys with values"),
    ("unevaluatedProperties", "leave it out"),
    ("minProperties", "leave it out"),
    ("maxProperties", "leave it out"),
    ("prefixItems", "use an object in place of a tuple"),
    ("unevaluatedItems", "leave it out"),
    ("contains", "leave it out"),
    ("minContains", "leave it out"),
    ("maxContains", "leave it out"),
    ("uniqueItems", "use a list in place of a set"),
];

/// Checks a schema against the documented rules of strict mode.
///
/// # Errors
/// With the first thing that the API would refuse, where it is (a JSON path), and what to do about it.
pub fn check(schema: &Value) -> Result<()> {
    if schema.get("anyOf").is_some() {
        return Err(refused(Path::Root, "the root must not be a choice: put it into a field of an object"));
    }
    if schema.get("$ref").is_none() && !is(schema, "object") {
        return Err(refused(Path::Root, "the root must be an object: put the value into a field of one"));
    }
    Checker { root: schema }.node(schema, Path::Root)
}

struct Checker<'a> {
    root: &'a Value,
}

impl Checker<'_> {
    fn node(&self, schema: &Value, at: Path<'_>) -> Result<()> {
        let Value::Object(schema) = schema else { return Err(refused(at, "a schema must be an object here")) };
        if let Some((keyword, instead)) = REFUSED.iter().find(|(keyword, _)| schema.contains_key(*keyword)) {
            return Err(refused(at, &format!("strict mode does not take `{keyword}`: {instead}")));
        }
        if let Some(Value::String(reference)) = schema.get("$ref")
            && resolve(self.root, reference).is_none()
        {
            return Err(refused(at, &format!("{reference} names nothing in this schema")));
        }
        let says_what = ["type", "$ref", "anyOf", "enum", "const"].iter().any(|key| schema.contains_key(*key));
        if !says_what {
            return Err(refused(at, "strict mode wants to know the type of everything: any value at all is not possible"));
        }
        object(schema, at)?;
        plain(schema, at)?;
        for key in ["$defs", "definitions", "properties"] {
            for (name, member) in schema.get(key).and_then(Value::as_object).into_iter().flatten() {
                self.node(member, at.key(key).key(name))?;
            }
        }
        for (index, element) in schema.get("anyOf").and_then(Value::as_array).into_iter().flatten().enumerate() {
            self.node(element, at.key("anyOf").index(index))?;
        }
        match schema.get("items") {
            Some(items) => self.node(items, at.key("items")),
            None => Ok(()),
        }
    }
}

fn object(schema: &Map<String, Value>, at: Path<'_>) -> Result<()> {
    let is_object = schema.get("type").is_some_and(|kind| names(kind, "object")) || schema.contains_key("properties");
    match schema.get("additionalProperties") {
        Some(Value::Bool(false)) => {}
        None if !is_object => {}
        _ => return Err(refused(at, "maps are not possible in strict mode: use a list of keys with values")),
    }
    let required: Vec<&str> = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    match properties.find(|(name, _)| !required.contains(&name.as_str())) {
        Some((name, _)) => Err(refused(at, &format!("`{name}` must be required; let it be null where it has no value"))),
        None => Ok(()),
    }
}

fn plain(schema: &Map<String, Value>, at: Path<'_>) -> Result<()> {
    if schema.get("type").is_some_and(|kind| names(kind, "array")) && !schema.contains_key("items") {
        return Err(refused(at, "strict mode wants to know what an array is made of: `items` is missing"));
    }
    match schema.get("format").and_then(Value::as_str) {
        Some(format) if !FORMATS.contains(&format) => Err(refused(at, &format!("strict mode does not know the format `{format}`"))),
        _ => Ok(()),
    }
}

fn is(schema: &Value, kind: &str) -> bool {
    schema.get("type").is_some_and(|given| given == kind)
}

/// Whether `type` is, or lists, this one.
fn names(given: &Value, kind: &str) -> bool {
    given == kind || given.as_array().is_some_and(|kinds| kinds.iter().any(|given| given == kind))
}

fn refused(at: Path<'_>, why: &str) -> Error {
    Error::argument(format!("the API would refuse this schema at {at}: {why}"))
}
