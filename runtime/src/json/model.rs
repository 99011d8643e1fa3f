//! [`JsonModel`]: how users turn values into JSON and back. Must not know how that is done.

use serde_json::Value;

use super::error::{DecodeError, EncodeError};
use super::pretty::pretty;
use super::raw::Json;
use super::reader::Mode;
use super::writer::Writer;
use super::{Decode, Encode, decode_text, value};

/// Turning a value into JSON and back. Every type of the API has it.
pub trait JsonModel: Encode + Decode {
    /// The value as compact JSON, with what was unknown or did not fit when it was decoded. A float that is not finite, which JSON
    /// does not have, becomes null; [`try_to_json`](JsonModel::try_to_json) and requests refuse it.
    fn to_json(&self) -> String {
        text(self)
    }

    /// The value as compact JSON.
    ///
    /// # Errors
    /// When a float is not finite; the error names its path.
    fn try_to_json(&self) -> Result<String, EncodeError> {
        let mut w = Writer::new();
        self.encode(&mut w);
        w.finish().map(|encoded| encoded.json)
    }

    /// The value as JSON on indented lines.
    fn to_json_pretty(&self) -> String {
        pretty(&text(self))
    }

    /// The value as a tree; see [`Json::to_value`].
    fn to_value(&self) -> Value {
        value::to_value(&text(self))
    }

    /// A value from JSON text, leniently: whatever does not fit is kept as it came.
    ///
    /// # Errors
    /// When the text is not JSON, or the type has no room for what it is.
    fn from_json(json: &str) -> Result<Self, DecodeError> {
        decode_text(json, Mode::Lenient)
    }

    /// A value from JSON text that follows the specification. Unknown fields are allowed, as the specification allows them.
    ///
    /// # Errors
    /// When the text is not JSON; and when it departs from the specification, with all departures.
    fn from_json_strict(json: &str) -> Result<Self, DecodeError> {
        decode_text(json, Mode::Strict)
    }

    /// A value from a tree, leniently.
    ///
    /// # Errors
    /// When the type has no room for what the tree is.
    fn from_value(value: impl Into<Json>) -> Result<Self, DecodeError> {
        Self::from_json(value.into().as_str())
    }
}

impl<T: Encode + Decode> JsonModel for T {}

fn text(value: &(impl Encode + ?Sized)) -> String {
    let mut w = Writer::new();
    value.encode(&mut w);
    w.into_text()
}
