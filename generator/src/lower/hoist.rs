//! Owns references to schemas that have no name under `components`: what they point to gets one, so that the later stages know named schemas alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::STAGE;
use crate::diagnostics::{Diagnostics, Pointer};

/// Gives every referenced place outside `components` a name under `components.schemas` and redirects the references to it.
/// Reports references that lead nowhere or out of the document.
pub(super) fn hoist(diagnostics: &mut Diagnostics, root: &mut Value) {
    let mut references = BTreeMap::new();
    collect(root, &Pointer::root(), &mut references);
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    let mut taken: BTreeSet<String> =
        root.pointer("/components/schemas").and_then(Value::as_object).map(|s| s.keys().cloned().collect()).unwrap_or_default();
    for (reference, from) in &references {
        let Some(path) = reference.strip_prefix('#') else {
            diagnostics
                .error(STAGE, from, format!("`$ref: {reference}` leads out of the document"))
                .expected("a reference that starts with `#/`")
                .hint("bundle the document into one file first");
            continue;
        };
        let path = percent_decoded(path);
        if root.pointer(&path).is_none() || path.is_empty() {
            let near = nearest(root, &path);
            let diagnostic = diagnostics.error(STAGE, from, format!("`$ref: {reference}` leads nowhere"));
            diagnostic.expected("a place that exists in this document");
            if let Some(near) = near {
                diagnostic.hint(format!("did you mean `#{near}`?"));
            }
            continue;
        }
        if is_component(&path) {
            continue;
        }
        let stem: String = path.rsplit('/').next().unwrap_or("Schema").to_owned();
        let mut name = stem.clone();
        if taken.contains(&name) {
            let owner = path.split('/').filter(|s| !s.is_empty() && !s.starts_with('$')).collect::<Vec<_>>();
            name = owner[owner.len().saturating_sub(2)..].join("_");
        }
        let mut counter = 2;
        while !taken.insert(name.clone()) {
            name = format!("{stem}_{counter}");
            counter += 1;
        }
        renamed.insert(reference.clone(), name);
    }
    if renamed.is_empty() {
        return;
    }
    let copies: Vec<(String, Value)> = renamed
        .iter()
        .filter_map(|(reference, name)| Some((name.clone(), root.pointer(&percent_decoded(&reference[1..]))?.clone())))
        .collect();
    let Value::Object(object) = root else { return };
    let components = object.entry("components").or_insert_with(|| json!({}));
    let Value::Object(components) = components else { return };
    let schemas = components.entry("schemas").or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(schemas) = schemas {
        schemas.extend(copies);
    }
    redirect(root, &renamed);
}

/// Whether the path is `/components/<section>/<name>`.
fn is_component(path: &str) -> bool {
    path.strip_prefix("/components/").is_some_and(|rest| rest.split('/').count() == 2)
}

fn percent_decoded(path: &str) -> String {
    path.replace("%7B", "{").replace("%7D", "}").replace("%20", " ").replace("%25", "%")
}

fn collect(value: &Value, pointer: &Pointer, found: &mut BTreeMap<String, Pointer>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                found.entry(reference.clone()).or_insert_with(|| pointer.clone());
            }
            for (key, child) in object {
                // What stands under these is a value of the API, not a part of its description.
                if !matches!(key.as_str(), "example" | "examples" | "default" | "enum" | "const" | "x-oaiMeta") {
                    collect(child, &pointer.child(key), found);
                }
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                collect(child, &pointer.child(index), found);
            }
        }
        _ => {}
    }
}

fn redirect(value: &mut Value, renamed: &BTreeMap<String, String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("$ref")
                && let Some(name) = renamed.get(reference)
            {
                *reference = format!("#/components/schemas/{}", name.replace('~', "~0").replace('/', "~1"));
            }
            for (_, child) in object {
                redirect(child, renamed);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redirect(item, renamed)),
        _ => {}
    }
}

/// The sibling of the missing name that is spelt most like it.
fn nearest(root: &Value, path: &str) -> Option<String> {
    let (parent, name) = path.rsplit_once('/')?;
    let Value::Object(siblings) = root.pointer(parent)? else { return None };
    siblings
        .keys()
        .map(|key| (distance(&key.to_lowercase(), &name.to_lowercase()), key))
        .filter(|(d, _)| *d <= name.len() / 3 + 1)
        .min()
        .map(|(_, key)| format!("{parent}/{key}"))
}

/// Edit distance.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
