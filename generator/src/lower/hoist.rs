//! Owns references to what has no name under `components`: it gets one there, so that the later stages know named things alone.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::STAGE;
use crate::diagnostics::{Diagnostics, Pointer};

/// Gives every referenced place outside `components` a name there and redirects the references to it: under `components.schemas`, or under the section
/// that belongs to the place where the reference stands. Reports references that lead nowhere or out of the document.
pub(super) fn hoist(diagnostics: &mut Diagnostics, root: &mut Value) {
    let mut references = IndexMap::new();
    collect(root, &Pointer::root(), Under::Keywords, &mut references);
    let mut renamed: BTreeMap<(String, &'static str), String> = BTreeMap::new();
    let mut taken: BTreeSet<(&'static str, String)> = BTreeSet::new();
    for section in SECTIONS {
        let names = root.pointer(&format!("/components/{section}")).and_then(Value::as_object);
        taken.extend(names.iter().flat_map(|names| names.keys()).map(|name| (*section, name.clone())));
    }
    for (reference, places) in &references {
        let from = &places[0];
        let elsewhere = match places.len() {
            1 => String::new(),
            more => format!(", here and in {} more place{}", more - 1, if more == 2 { "" } else { "s" }),
        };
        let Some(path) = reference.strip_prefix('#') else {
            diagnostics
                .error(STAGE, from, format!("`$ref: {reference}` leads out of the document{elsewhere}"))
                .expected("a reference that starts with `#/`")
                .hint("bundle the document into one file first");
            continue;
        };
        let path = percent_decoded(path);
        if root.pointer(&path).is_none() || path.is_empty() {
            let near = nearest_place(root, &path);
            let diagnostic = diagnostics.error(STAGE, from, format!("`$ref: {reference}` leads nowhere{elsewhere}"));
            diagnostic.expected("a place that exists in this document");
            if let Some(near) = near {
                diagnostic.hint(format!("did you mean `#{near}`?"));
            }
            continue;
        }
        if is_component(&path) {
            continue;
        }
        let sections: BTreeSet<&'static str> = places.iter().filter_map(section_of).collect();
        for section in sections {
            let name = free_name(&path, section, &mut taken);
            renamed.insert((reference.clone(), section), name);
        }
    }
    if renamed.is_empty() {
        return;
    }
    let copies: Vec<(&'static str, String, Value)> = renamed
        .iter()
        .filter_map(|((reference, section), name)| Some((*section, name.clone(), root.pointer(&percent_decoded(&reference[1..]))?.clone())))
        .collect();
    let Value::Object(object) = root else { return };
    let components = object.entry("components").or_insert_with(|| json!({}));
    let Value::Object(components) = components else { return };
    for (section, name, copy) in copies {
        let named = components.entry(section).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(named) = named {
            named.insert(name, copy);
        }
    }
    redirect(root, &Pointer::root(), Under::Keywords, &renamed);
}

const SECTIONS: &[&str] = &["schemas", "parameters", "requestBodies", "responses", "headers"];

/// The section of `components` for what a reference at `from` leads to; `None` where it is not the business of this file.
fn section_of(from: &Pointer) -> Option<&'static str> {
    let segments: Vec<String> = from.segments().collect();
    let outer = segments.len().checked_sub(2).map_or("", |i| segments[i].as_str());
    let last = segments.last().map_or("", String::as_str);
    if is_path_item(&segments) {
        return None;
    }
    let inside_schema = segments.iter().any(|s| matches!(s.as_str(), "schema" | "schemas"));
    Some(match (outer, last) {
        _ if inside_schema => "schemas",
        ("parameters", _) => "parameters",
        ("responses", _) => "responses",
        ("headers", _) => "headers",
        ("examples" | "links" | "callbacks", _) => return None,
        (_, "requestBody") | ("requestBodies", _) => "requestBodies",
        _ => "schemas",
    })
}

fn is_path_item(segments: &[String]) -> bool {
    match segments {
        [section, _] => section == "paths" || section == "webhooks",
        [.., section, _] => section == "pathItems",
        _ => false,
    }
}

/// How many references may stand behind one another before the chain counts as a circle.
const MAX_HOPS: usize = 16;

/// Puts path items in the place of the references to them, which the later stages do not follow. Runs after dangling references have been reported.
pub(super) fn path_items(diagnostics: &mut Diagnostics, root: &mut Value) {
    for section in ["paths", "webhooks"] {
        let Some(items) = root.get(section).and_then(Value::as_object) else { continue };
        let references: Vec<String> =
            items.iter().filter(|(_, item)| item.get("$ref").is_some_and(Value::is_string)).map(|(k, _)| k.clone()).collect();
        for name in references {
            let mut item = root[section][&name].clone();
            let mut hops = 0;
            while let Some(Value::String(reference)) = item.get("$ref").cloned() {
                let target = reference.strip_prefix('#').and_then(|path| root.pointer(&percent_decoded(path))).and_then(Value::as_object);
                let (Some(target), Value::Object(own)) = (target, &mut item) else { break };
                own.shift_remove("$ref");
                for (key, value) in target {
                    own.entry(key.clone()).or_insert_with(|| value.clone());
                }
                hops += 1;
                if hops > MAX_HOPS {
                    let at = Pointer::root().child(section).child(&name);
                    diagnostics.error(STAGE, &at, "the references lead in a circle").expected("a chain that ends in a path item");
                    own.shift_remove("$ref");
                }
            }
            root[section][&name] = item;
        }
    }
}

/// The last segment of the path as a name, with its owner's before it where it is taken.
fn free_name(path: &str, section: &'static str, taken: &mut BTreeSet<(&'static str, String)>) -> String {
    let words: Vec<String> =
        path.split('/').filter(|s| !s.is_empty() && !s.starts_with('$')).map(|s| s.replace("~1", "/").replace("~0", "~")).collect();
    let stem = words.last().cloned().unwrap_or_else(|| "Schema".to_owned());
    if taken.insert((section, stem.clone())) {
        return stem;
    }
    let owned = words[words.len().saturating_sub(2)..].join("_");
    let mut name = owned;
    let mut counter = 2;
    while !taken.insert((section, name.clone())) {
        name = format!("{stem}_{counter}");
        counter += 1;
    }
    name
}

/// Whether the path is `/components/<section>/<name>`.
fn is_component(path: &str) -> bool {
    path.strip_prefix("/components/").is_some_and(|rest| rest.split('/').count() == 2)
}

/// A fragment is percent-encoded before it is a JSON pointer (RFC 6901, 6).
pub(crate) fn percent_decoded(path: &str) -> String {
    let hex = |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16));
    let bytes = path.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], hex(bytes.get(at + 1)), hex(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| path.to_owned())
}

/// What the keys of an object are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Under {
    /// Keywords of OpenAPI or JSON Schema.
    Keywords,
    /// Names of the document's own choice.
    Names,
}

impl Under {
    /// What the keys are below `key`; `None` if a value of the API stands there, not a part of its description.
    fn below(self, key: &str) -> Option<Self> {
        if self == Self::Names {
            return Some(Self::Keywords);
        }
        match key {
            "example" | "examples" | "default" | "enum" | "const" => None,
            key if key.starts_with("x-") => None,
            "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions" | "schemas" | "responses" | "parameters"
            | "requestBodies" | "headers" | "callbacks" | "links" | "pathItems" | "content" | "paths" | "webhooks" | "encoding" => {
                Some(Self::Names)
            }
            _ => Some(Self::Keywords),
        }
    }
}

fn collect(value: &Value, pointer: &Pointer, under: Under, found: &mut IndexMap<String, Vec<Pointer>>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                found.entry(reference.clone()).or_default().push(pointer.clone());
            }
            for (key, child) in object {
                if let Some(below) = under.below(key) {
                    collect(child, &pointer.child(key), below, found);
                }
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                collect(child, &pointer.child(index), Under::Keywords, found);
            }
        }
        _ => {}
    }
}

fn redirect(value: &mut Value, pointer: &Pointer, under: Under, renamed: &BTreeMap<(String, &'static str), String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get_mut("$ref")
                && let Some(section) = section_of(pointer)
                && let Some(name) = renamed.get(&(reference.clone(), section))
            {
                *reference = format!("#/components/{section}/{}", name.replace('~', "~0").replace('/', "~1"));
            }
            for (key, child) in object {
                if let Some(below) = under.below(key) {
                    redirect(child, &pointer.child(key), below, renamed);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                redirect(item, &pointer.child(index), Under::Keywords, renamed);
            }
        }
        _ => {}
    }
}

/// The place beside the missing one that is spelt most like it.
fn nearest_place(root: &Value, path: &str) -> Option<String> {
    let (parent, name) = path.rsplit_once('/')?;
    let beside = |parent: &str| {
        let siblings = root.pointer(parent)?.as_object()?;
        nearest(name, siblings.keys().map(String::as_str)).map(|key| format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1")))
    };
    beside(parent).or_else(|| beside("/components/schemas"))
}

/// The name that is spelt most like one that is missing.
pub(crate) fn nearest<'n>(name: &str, there: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.to_lowercase();
    there
        .map(|other| (distance(&other.to_lowercase(), &name), other))
        .filter(|(distance, _)| *distance <= name.chars().count() / 3 + 1)
        .min()
        .map(|(_, other)| other)
}

/// Edit distance.
fn distance(a: &str, b: &str) -> usize {
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
