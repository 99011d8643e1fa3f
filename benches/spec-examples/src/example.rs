//! One line of the file of examples.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

/// An example out of the document.
#[derive(Deserialize)]
pub struct Example {
    /// Where it stands: a pointer, or the operation as `POST /path x-oaiMeta/…`.
    pub source: String,
    /// The schema, or the operation's id with the status that is answered.
    pub name: String,
    pub kind: Kind,
    /// Whether a validator found that it follows the document's own schema; unknown for some.
    pub validates: Option<bool>,
    json: Box<RawValue>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Schema,
    Request,
    Response,
    Event,
}

impl Example {
    pub fn parse(line: &str) -> Result<Self> {
        serde_json::from_str(line).with_context(|| format!("{} …", line.chars().take(120).collect::<String>()))
    }

    pub fn json(&self) -> &str {
        self.json.get()
    }

    /// The verb and path of the operation that it belongs to; none for an example of a schema.
    pub fn operation(&self) -> Option<(&str, &str)> {
        let (verb, rest) = self.source.split_once(' ')?;
        let (path, _) = rest.split_once(' ')?;
        Some((verb, path))
    }

    /// Whether it is what a failed call is answered with.
    pub fn is_error(&self) -> bool {
        self.name.ends_with(" error")
    }
}
