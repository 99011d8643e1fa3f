//! A typed value whose type is not named, and a type that is known by its name alone.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Answer;
use crate::call::Origin;
use crate::codec;
use crate::error::Result;
use crate::json::{
    Boxed, Decode, DecodeBoxed, DecodeError, Encode, EncodeError, Json, Mode, Writer, decode_boxed, decode_text_boxed, encode,
};
use crate::response::{FromResponse, Received, Text, whole_body};

/// A value of a type that the program does not name. It holds the typed value, and writes what that writes.
pub struct Dynamic(Boxed);

impl Dynamic {
    pub(super) fn new(value: impl Encode + Send + Sync + 'static) -> Self {
        Self(Box::new(value))
    }

    /// The value as compact JSON. A float that is not finite becomes null.
    pub fn to_json(&self) -> String {
        let mut w = Writer::new();
        self.0.encode(&mut w);
        w.into_text()
    }

    /// The value as compact JSON.
    ///
    /// # Errors
    /// When a float is not finite.
    pub fn try_to_json(&self) -> Result<String, EncodeError> {
        encode(&*self.0).map(|encoded| encoded.json)
    }

    /// The value as a tree; see [`Json::to_value`].
    pub fn to_value(&self) -> serde_json::Value {
        self.to_raw().to_value()
    }

    /// The value as JSON that is kept as text.
    pub fn to_raw(&self) -> Json {
        Json::from_span(&self.to_json())
    }
}

impl Encode for Dynamic {
    fn encode(&self, w: &mut Writer) {
        self.0.encode(w);
    }
}

/// Shows the JSON.
impl fmt::Debug for Dynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

#[cfg(feature = "serde")]
impl serde_core::Serialize for Dynamic {
    fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::json::serialize(&*self.0, serializer)
    }
}

impl FromResponse for Dynamic {
    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        match origin.draft.named.map(|named| named.answer) {
            Some(Answer::Nothing) => Ok(Self::new(())),
            Some(Answer::Text) => Text::from_response(response, origin).map(|text| Self::new(text.0)),
            Some(Answer::Binary) => Ok(Self::new(STANDARD.encode(response.bytes()))),
            Some(Answer::Json(decode)) => decoded(&response, origin, decode),
            None => decoded(&response, origin, decode_boxed::<Json>),
        }
    }
}

fn decoded(response: &Received, origin: &Origin, decode: DecodeBoxed) -> Result<Dynamic> {
    whole_body(response, origin, |body| codec::decode_boxed(body, origin.decoding(), decode)).map(Dynamic)
}

/// What every type of the API is. A table of types asks for all of it, so that it compiles only if each of them is.
pub trait ApiType: Decode + Encode + Clone + fmt::Debug + Default + PartialEq + Send + Sync + 'static {}

impl<T: Decode + Encode + Clone + fmt::Debug + Default + PartialEq + Send + Sync + 'static> ApiType for T {}

/// A type that is known by its name: JSON goes in, the typed value comes out and writes itself again.
#[derive(Clone, Copy)]
pub struct NamedType {
    name: &'static str,
    schema: Option<&'static str>,
    decode: DecodeBoxed,
}

impl NamedType {
    pub(super) const fn new(name: &'static str, decode: DecodeBoxed) -> Self {
        Self { name, schema: None, decode }
    }

    /// A type and its public name.
    pub const fn of<T: ApiType>(name: &'static str) -> Self {
        Self::new(name, decode_boxed::<T>)
    }

    /// Its name in the document.
    #[must_use]
    pub const fn called(mut self, schema: &'static str) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Its public name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name of its schema in the document, if that has one.
    pub fn schema(&self) -> Option<&'static str> {
        self.schema
    }

    /// A value from JSON, leniently: whatever does not fit is kept as it came.
    ///
    /// # Errors
    /// When the text is not JSON, or the type has no room for what it is.
    pub fn from_json(&self, json: &str) -> Result<Dynamic, DecodeError> {
        decode_text_boxed(json, Mode::Lenient, self.decode).map(Dynamic)
    }

    /// A value from JSON that follows the specification.
    ///
    /// # Errors
    /// When the text is not JSON; and when it departs from the specification, with all departures.
    pub fn from_json_strict(&self, json: &str) -> Result<Dynamic, DecodeError> {
        decode_text_boxed(json, Mode::Strict, self.decode).map(Dynamic)
    }

    /// A value from JSON that follows the specification and has no field that the specification does not name.
    ///
    /// # Errors
    /// Those of [`from_json_strict`](Self::from_json_strict), and one for each unknown field.
    pub fn from_json_exact(&self, json: &str) -> Result<Dynamic, DecodeError> {
        decode_text_boxed(json, Mode::Exact, self.decode).map(Dynamic)
    }
}

impl fmt::Debug for NamedType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedType").field("name", &self.name).field("schema", &self.schema).finish_non_exhaustive()
    }
}
