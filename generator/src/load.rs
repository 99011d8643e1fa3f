//! Owns reading a YAML or JSON document: text to value, digest, and the way back from a pointer to a line.
//! Does not know what OpenAPI is.

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Visitor};
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
///
/// # Errors
/// When it cannot be read, or is not one document that JSON can express.
pub fn load(diagnostics: &mut Diagnostics, path: &Path) -> Result<Document, Failed> {
    let root = Pointer::root();
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let too_large = |diagnostics: &mut Diagnostics, size: String| {
        diagnostics
            .error(STAGE, &root, format!("`{name}` has {size}"))
            .expected(format!("at most {MAX_BYTES} bytes"))
            .hint("split the document, or take out its examples");
    };
    match std::fs::metadata(path) {
        Ok(m) if m.len() > MAX_BYTES => {
            too_large(diagnostics, format!("{} bytes", m.len()));
            return Err(Failed);
        }
        Ok(m) if m.is_dir() => {
            diagnostics.error(STAGE, &root, format!("`{name}` is a folder")).expected("a YAML or JSON file");
            return Err(Failed);
        }
        _ => {}
    }
    let mut bytes = Vec::new();
    // What is not a plain file has no size of its own to go by.
    if let Err(e) = File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)) {
        diagnostics
            .error(STAGE, &root, format!("`{}` cannot be read: {e}", path.display()))
            .expected("a readable YAML or JSON file")
            .hint("check the path given with --spec");
        return Err(Failed);
    }
    if bytes.len() as u64 > MAX_BYTES {
        too_large(diagnostics, "no end".to_owned());
        return Err(Failed);
    }
    parse(diagnostics, name, bytes)
}

/// Reads a document from its bytes; the name's extension or the first character tells the format.
///
/// # Errors
/// When it is not one document that JSON can express.
pub fn parse(diagnostics: &mut Diagnostics, name: String, bytes: Vec<u8>) -> Result<Document, Failed> {
    let root = Pointer::root();
    let digest = digest(&bytes);
    let mut text = utf8(diagnostics, bytes)?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    let empty = |diagnostics: &mut Diagnostics| {
        diagnostics.error(STAGE, &root, "the document is empty").expected("an OpenAPI 3 document");
        Err(Failed)
    };
    if text.trim().is_empty() {
        return empty(diagnostics);
    }
    let called = |extensions: &[&str]| extensions.iter().any(|e| name.to_lowercase().ends_with(e));
    let formats: &[Format] = match text.trim_start().starts_with('{') {
        _ if called(&[".json"]) => &[Format::Json],
        // JSON is YAML too, but for tabs; it is read faster as what it is.
        true if called(&[".yaml", ".yml"]) => &[Format::Json, Format::Yaml],
        true => &[Format::Json],
        false => &[Format::Yaml],
    };
    let mut fault = None;
    for format in formats {
        let repeated = RefCell::new(Vec::new());
        match read(&text, *format, &repeated) {
            Ok(Value::Null) if *format == Format::Yaml => return empty(diagnostics),
            Ok(root) => {
                for pointer in repeated.into_inner() {
                    let key = pointer.segments().last().unwrap_or_default();
                    diagnostics
                        .error(STAGE, &pointer, format!("key `{key}` stands twice in one object"))
                        .expected("every key once")
                        .hint("remove one of the two, or lay their contents together");
                }
                let source = Source { name, format: *format, digest, text };
                diagnostics.locate(|pointer| source.locate(pointer));
                diagnostics.checkpoint()?;
                return Ok(Document { root, source });
            }
            Err(found) => fault = Some((*format, found)),
        }
    }
    if let Some((format, (message, position))) = fault {
        report(diagnostics, format, message, position);
    }
    Err(Failed)
}

/// A parser's message, and line and column.
type Fault = (String, Option<(usize, usize)>);

/// Reads the text; keys that stand twice in an object are put into `repeated`.
fn read(text: &str, format: Format, repeated: &RefCell<Vec<Pointer>>) -> Result<Value, Fault> {
    let node = Node { at: &Way::Root, repeated };
    match format {
        Format::Json => {
            let mut parser = serde_json::Deserializer::from_str(text);
            let value = node.deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
            value.map_err(|e| (without_place(&e.to_string()), Some((e.line(), e.column())).filter(|(line, _)| *line > 0)))
        }
        Format::Yaml => {
            let value = node.deserialize(serde_yaml::Deserializer::from_str(text));
            let mut value = value.map_err(|e| (without_place(&e.to_string()), e.location().map(|l| (l.line(), l.column()))))?;
            merge_keys(&mut value);
            Ok(value)
        }
    }
}

fn report(diagnostics: &mut Diagnostics, format: Format, message: String, position: Option<(usize, usize)>) {
    let hint = if message.contains("recursion limit") {
        "the document is nested deeper than 128 levels; give inner schemas names under components"
    } else if message.contains("repetition limit") {
        "its aliases (`*name`) unfold to too much; use references (`$ref`) in their place"
    } else if message.contains("more than one document") {
        "keep one of the documents that are separated by `---`"
    } else {
        ""
    };
    let diagnostic = diagnostics.error(STAGE, &Pointer::root(), message);
    diagnostic.expected(match format {
        Format::Json => "well-formed JSON",
        Format::Yaml => "well-formed YAML that JSON can express too",
    });
    diagnostic.hint(hint);
    diagnostic.position = position;
}

fn utf8(diagnostics: &mut Diagnostics, bytes: Vec<u8>) -> Result<String, Failed> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let valid = error.utf8_error().valid_up_to();
    let before = &error.as_bytes()[..valid];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let column = String::from_utf8_lossy(before).rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    diagnostics
        .error(STAGE, &Pointer::root(), format!("byte {valid} is not UTF-8"))
        .expected("UTF-8 text")
        .hint("save the file as UTF-8")
        .at(line, column);
    Err(Failed)
}

/// The parsers append the place to their messages; diagnostics carry it on their own.
fn without_place(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

/// YAML's merge key: `<<: *anchor` stands for the anchor's members that the object does not have itself.
fn merge_keys(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(merge_keys),
        Value::Object(object) => {
            object.values_mut().for_each(merge_keys);
            if !object.get("<<").is_some_and(|v| v.is_object() || v.is_array()) {
                return;
            }
            let merged = match object.shift_remove("<<") {
                Some(Value::Array(items)) => items,
                Some(one) => vec![one],
                None => Vec::new(),
            };
            for (key, member) in merged.into_iter().filter_map(|m| if let Value::Object(m) = m { Some(m) } else { None }).flatten() {
                object.entry(key).or_insert(member);
            }
        }
        _ => {}
    }
}

/// The way to a node, for when there is something to say about it.
enum Way<'p> {
    Root,
    Key(&'p Way<'p>, &'p str),
    Index(&'p Way<'p>, usize),
}

impl Way<'_> {
    fn pointer(&self) -> Pointer {
        match self {
            Self::Root => Pointer::root(),
            Self::Key(outer, key) => outer.pointer().child(key),
            Self::Index(outer, index) => outer.pointer().child(index),
        }
    }
}

/// Reads a JSON value: notes duplicate keys and takes integers of any size, which the generic values of the parsers do not.
#[derive(Clone, Copy)]
struct Node<'p> {
    at: &'p Way<'p>,
    repeated: &'p RefCell<Vec<Pointer>>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
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

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
        Err(de::Error::custom("a value has a tag (`!name`)"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Node { at: &Way::Index(self.at, items.len()), ..self })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(Key(key)) = map.next_key()? {
            let value = map.next_value_seed(Node { at: &Way::Key(self.at, &key), ..self })?;
            if object.contains_key(&key) {
                self.repeated.borrow_mut().push(self.at.pointer().child(&key));
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
        let repeated = RefCell::new(Vec::new());
        match (Node { at: &Way::Root, repeated: &repeated }).deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            scalar @ (Value::Number(_) | Value::Bool(_)) => Ok(Self(scalar.to_string())),
            Value::Null => Ok(Self("null".to_owned())),
            _ => Err(de::Error::custom("a key is a list or an object")),
        }
    }
}
