//! The rewriting of a schema for strict mode (contract 5.1). Pure, and it ends: a reference is followed at most once on the way to
//! any node.

use serde_json::{Map, Value};

use super::path::Path;
use crate::error::{Error, Result};

/// Schemas nested deeper are refused. The API allows ten levels of objects, each of which is a few levels of JSON.
const MAX_DEPTH: usize = 128;

/// How many references are replaced by what they name, before a schema counts as one that grows without bounds.
const MAX_INLINED: usize = 10_000;

/// Rewrites a schema for strict mode: objects allow no other properties, all properties are required, `default: null` is dropped,
/// an `allOf` of one is merged, and a `$ref` with other keys beside it is replaced by what it names.
///
/// A field that may be absent becomes one that is always there; let its schema allow null.
///
/// # Errors
/// When a node is no object, or a reference names nothing; the message has its JSON path.
pub fn strict(schema: &Value) -> Result<Value> {
    let mut rewriter = Rewriter { root: schema, following: Vec::new(), inlined: 0 };
    rewriter.node(schema.clone(), Path::Root)
}

struct Rewriter<'a> {
    root: &'a Value,
    /// The references that led to the node at hand.
    following: Vec<String>,
    inlined: usize,
}

impl Rewriter<'_> {
    fn node(&mut self, schema: Value, at: Path<'_>) -> Result<Value> {
        let Value::Object(mut schema) = schema else {
            return Err(Error::argument(format!("{at}: a schema must be an object here, not {schema}")));
        };
        if at.depth() > MAX_DEPTH {
            return Err(Error::argument(format!("{at}: the schema is nested too deeply")));
        }
        for key in ["$defs", "definitions"] {
            self.each_member(&mut schema, key, at)?;
        }
        if schema.get("type").is_some_and(|kind| kind == "object") && !schema.contains_key("additionalProperties") {
            schema.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
        if let Some(Value::Object(properties)) = schema.get("properties") {
            let names = properties.keys().map(|name| Value::from(name.as_str())).collect();
            schema.insert("required".to_owned(), names);
            self.each_member(&mut schema, "properties", at)?;
        }
        if let Some(items @ Value::Object(_)) = schema.get_mut("items") {
            *items = self.node(items.take(), at.key("items"))?;
        }
        self.each_element(&mut schema, "anyOf", at)?;
        self.all_of(&mut schema, at)?;
        if schema.get("default").is_some_and(Value::is_null) {
            schema.shift_remove("default");
        }
        self.reference(schema, at)
    }

    fn each_member(&mut self, schema: &mut Map<String, Value>, key: &str, at: Path<'_>) -> Result<()> {
        if let Some(Value::Object(members)) = schema.get_mut(key) {
            for (name, member) in members {
                *member = self.node(member.take(), at.key(key).key(name))?;
            }
        }
        Ok(())
    }

    fn each_element(&mut self, schema: &mut Map<String, Value>, key: &str, at: Path<'_>) -> Result<()> {
        if let Some(Value::Array(elements)) = schema.get_mut(key) {
            for (index, element) in elements.iter_mut().enumerate() {
                *element = self.node(element.take(), at.key(key).index(index))?;
            }
        }
        Ok(())
    }

    /// An `allOf` of one is that one, whose keys win over those beside it.
    fn all_of(&mut self, schema: &mut Map<String, Value>, at: Path<'_>) -> Result<()> {
        self.each_element(schema, "allOf", at)?;
        let is_one = schema.get("allOf").and_then(Value::as_array).is_some_and(|all| all.len() == 1);
        if is_one
            && let Some(Value::Array(all)) = schema.shift_remove("allOf")
            && let Some(Value::Object(one)) = all.into_iter().next()
        {
            schema.extend(one);
        }
        Ok(())
    }

    /// A reference that stands alone stays; one with keys beside it is replaced by what it names, over which those keys win.
    fn reference(&mut self, mut schema: Map<String, Value>, at: Path<'_>) -> Result<Value> {
        if schema.len() < 2 || !schema.contains_key("$ref") {
            return Ok(Value::Object(schema));
        }
        let Some(Value::String(reference)) = schema.shift_remove("$ref") else {
            return Err(Error::argument(format!("{at}: a $ref must be a string")));
        };
        if self.following.contains(&reference) {
            // It names something that it is part of. Without the keys beside it, it can stay as it is.
            return Ok(Value::Object(Map::from_iter([("$ref".to_owned(), Value::String(reference))])));
        }
        self.inlined += 1;
        if self.inlined > MAX_INLINED {
            return Err(Error::argument(format!("{at}: the schema grows too large when its references are followed")));
        }
        let mut merged = match resolve(self.root, &reference) {
            Some(Value::Object(named)) => named.clone(),
            Some(_) => return Err(Error::argument(format!("{at}: {reference} names something that is no object"))),
            None => return Err(Error::argument(format!("{at}: {reference} names nothing in this schema"))),
        };
        // The definitions stay where they are, should the root be what is named.
        if self.is_root(&reference) {
            merged.shift_remove("$defs");
            merged.shift_remove("definitions");
        }
        merged.extend(schema);
        self.following.push(reference);
        let rewritten = self.node(Value::Object(merged), at);
        self.following.pop();
        rewritten
    }

    fn is_root(&self, reference: &str) -> bool {
        matches!(reference, "#" | "#/")
    }
}

/// What a reference within a schema names.
pub(super) fn resolve<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    match reference.strip_prefix('#')? {
        "/" => Some(root),
        pointer => root.pointer(pointer),
    }
}
