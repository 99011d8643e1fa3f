//! Owns reading a YAML or JSON document: text to value, digest, and the way back from a pointer to a line.
//! Does not know what OpenAPI is.

use std::fmt;
use std::path::Path;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

use crate::diagnostics::{Diagnostics, Failed, Pointer};

mod locate;

const STAGE: &str = "load";

/// The largest document that is read, in bytes: twenty times the largest known one.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The spelling of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2, of which only what JSON can say is accepted.
    Yaml,
    /// JSON.
    Json,
}

/// A document as it was read, before anything is known of its meaning.
#[derive(Clone, Debug)]
pub struct Document {
    /// The content; keys are in the order of the file.
    pub root: Value,
    /// Where it came from.
    pub source: Source,
}

/// The text behind a document.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's name, without its folder.
    pub name: String,
    /// The spelling.
    pub format: Format,
    /// SHA-256 of the bytes, in hexadecimal.
    pub digest: String,
    text: String,
}

impl Source {
    /// Line and column, counted from one, of what `pointer` points to, or of the nearest thing around it.
    pub fn locate(&self, pointer: &Pointer) -> Option<(usize, usize)> {
        let segments: Vec<String> = pointer.segments().collect();
        match self.format {
            Format::Yaml => locate::yaml(&self.text, &segments),
            Format::Json => locate::json(&self.text, &segments),
        }
    }
}

/// SHA-256 in hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Reads the file at `path`.
pub fn load(diagnostics: &mut Diagnostics, path: &Path) -> Result<Document, Failed> {
    let root = Pointer::root();
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    match std::fs::metadata(path) {
        Ok(m) if m.len() > MAX_BYTES => {
            diagnostics
                .error(STAGE, &root, format!("`{name}` has {} bytes", m.len()))
                .expected(format!("at most {MAX_BYTES} bytes"))
                .hint("split the document, or take out its examples");
            return Err(Failed);
        }
        Ok(m) if m.is_dir() => {
            diagnostics.error(STAGE, &root, format!("`{name}` is a folder")).expected("a YAML or JSON file");
            return Err(Failed);
        }
        _ => {}
    }
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) => {
            diagnostics
                .error(STAGE, &root, format!("`{}` cannot be read: {e}", path.display()))
                .expected("a readable YAML or JSON file")
                .hint("check the path given with --spec");
            return Err(Failed);
        }
    };
    parse(diagnostics, name, bytes)
}

/// Reads a document from its bytes; the name's extension or the first character tells the format.
pub fn parse(diagnostics: &mut Diagnostics, name: String, bytes: Vec<u8>) -> Result<Document, Failed> {
    let root = Pointer::root();
    let digest = digest(&bytes);
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            let valid = e.utf8_error().valid_up_to();
            let line = e.as_bytes()[..valid].iter().filter(|b| **b == b'\n').count() + 1;
            diagnostics
                .error(STAGE, &root, format!("byte {valid} is not UTF-8"))
                .expected("UTF-8 text")
                .hint("save the file as UTF-8")
                .at(line, 1);
            return Err(Failed);
        }
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    if text.trim().is_empty() {
        diagnostics.error(STAGE, &root, "the document is empty").expected("an OpenAPI 3 document");
        return Err(Failed);
    }
    let format = if name.ends_with(".json") || text.trim_start().starts_with('{') { Format::Json } else { Format::Yaml };
    let read = match format {
        Format::Json => serde_json::from_str::<Node>(&text).map_err(|e| {
            (without_place(&e.to_string()), Some((e.line(), e.column())).filter(|(line, _)| *line > 0))
        }),
        Format::Yaml => serde_yaml::from_str::<Node>(&text)
            .map_err(|e| (without_place(&e.to_string()), e.location().map(|l| (l.line(), l.column())))),
    };
    match read {
        Ok(Node(root)) => Ok(Document { root, source: Source { name, format, digest, text } }),
        Err((message, position)) => {
            let diagnostic = diagnostics.error(STAGE, &root, message);
            diagnostic.expected(match format {
                Format::Json => "well-formed JSON",
                Format::Yaml => "well-formed YAML that JSON can express too",
            });
            if diagnostic.found.contains("recursion limit") {
                diagnostic.hint("the document is nested deeper than 128 levels; give inner schemas names under components");
            }
            diagnostic.position = position;
            Err(Failed)
        }
    }
}

/// The parsers append the place to their messages; diagnostics carry it on their own.
fn without_place(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

/// A JSON value that refuses duplicate keys and takes integers of any size, which the generic values of the parsers do not.
struct Node(Value);

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor).map(Node)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can express")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(Value::from(v))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(Value::from(v))
    }

    fn visit_i128<E: de::Error>(self, v: i128) -> Result<Value, E> {
        self.visit_f64(v as f64)
    }

    fn visit_u128<E: de::Error>(self, v: u128) -> Result<Value, E> {
        self.visit_f64(v as f64)
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Value, E> {
        Number::from_f64(v).map(Value::Number).ok_or_else(|| E::custom(format!("{v} is not a JSON number")))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::String(v.to_owned()))
    }

    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(Value::String(v))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Node(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(Key(key)) = map.next_key()? {
            let Node(value) = map.next_value()?;
            if object.contains_key(&key) {
                return Err(de::Error::custom(format!("key `{key}` stands twice in one object")));
            }
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

/// A key: YAML lets status codes stand there as numbers.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(NodeVisitor)? {
            Value::String(text) => Ok(Self(text)),
            scalar @ (Value::Number(_) | Value::Bool(_)) => Ok(Self(scalar.to_string())),
            Value::Null => Ok(Self("null".to_owned())),
            _ => Err(de::Error::custom("a key is a list or an object")),
        }
    }
}
