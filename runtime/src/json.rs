//! JSON: how every type of the API is read and written. Owns leniency (nothing is lost, nothing breaks), strictness and exactness;
//! must not know HTTP, requests or any emitted type.
//!
//! Types implement [`Decode`] and [`Encode`] over one concrete [`Reader`] and [`Writer`]; objects describe their fields as data
//! ([`Object`]), so that the loop over members, and everything that can go wrong in it, is code that exists once. That loop calls
//! the type through `dyn`: measured on 33 types against a loop for each type it decodes as fast (up to 6% faster, never more than
//! 2% slower) and saves 2.6 KB of machine code a type.
//!
//! Decoding and encoding back gives the same JSON, but for the order of keys, the spelling of numbers and strings, and space:
//! what a typed field cannot hold is kept in [`Extra`], [`Json`] or a map, and comes back unless the typed field was given a value.
//! Of a union's tag that is repeated within one object, the first chooses the variant (and the last is kept). Strict mode decodes
//! in the same way and notes each departure on the way; unknown fields are none.
//!
//! Hostile input costs time and memory in proportion to its length: nesting is limited to [`MAX_DEPTH`], nothing is decoded twice,
//! a value that does not fit is passed over once for each level that cannot keep it, and [`Reader::tag`] and its like pass over an
//! object at most once a level.
//!
//! ```
//! use openai_runtime::json::{JsonModel, Map};
//!
//! # fn main() -> Result<(), openai_runtime::json::DecodeError> {
//! let scores = Map::<f64>::from_json(r#"{"a": 1, "b": 0.5}"#)?;
//! assert_eq!(scores["a"], 1.0);
//! assert_eq!(scores.to_json(), r#"{"a":1.0,"b":0.5}"#);
//!
//! let error = Map::<f64>::from_json(r#"{"a": "high"}"#).unwrap_err();
//! assert_eq!(error.to_string(), r#"$.a: expected a number, found string "high""#);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "dynamic")]
mod boxed;
mod codec;
mod object;
mod string_enum;

mod ahead;
mod notes;
mod number;
mod path;
mod reader;
mod scalar;
mod scan;

mod extra;
mod object_writer;
mod writer;

mod compare;
mod floats;
mod map;
mod merge;
mod partial;
mod raw;
mod upload;
mod value;

#[cfg(feature = "serde")]
mod bridge;
mod error;
mod model;
mod pretty;

#[cfg(feature = "dynamic")]
pub(crate) use boxed::{Boxed, DecodeBoxed, decode_boxed, decode_text_boxed};
#[cfg(feature = "serde")]
pub use bridge::{deserialize, serialize};
pub use codec::{Decode, Encode};
pub use error::{DecodeError, Departure, EncodeError};
pub use extra::Extra;
pub use map::{IntoIter, Iter, Map};
pub use merge::merge;
pub use model::JsonModel;
pub use object::{Field, Object, object_from_mismatch, set_extra};
pub use object_writer::ObjectWriter;
pub use partial::{Unfinished, partial};
pub use raw::Json;
pub use reader::{Fault, Kind, MAX_DEPTH, Reader};
pub use string_enum::StringEnum;
pub use writer::{Encoded, Writer};

/// What the macros refer to.
#[cfg(feature = "serde")]
#[doc(hidden)]
pub mod __private {
    pub use serde_core::{Deserialize, Deserializer, Serialize, Serializer};
}

pub(crate) use reader::Mode;

/// Decodes JSON bytes leniently: whatever does not fit is kept as it came.
///
/// # Errors
/// When the bytes are not JSON in UTF-8, or the type has no room for what they are.
pub fn from_slice<T: Decode>(json: &[u8]) -> Result<T, DecodeError> {
    decode_text(utf8(json)?, Mode::Lenient)
}

/// Decodes JSON bytes and reports every departure from the specification.
///
/// # Errors
/// When the bytes are not JSON in UTF-8, and when there is any departure.
pub fn from_slice_strict<T: Decode>(json: &[u8]) -> Result<T, DecodeError> {
    decode_text(utf8(json)?, Mode::Strict)
}

/// Decodes JSON text leniently: whatever does not fit is kept as it came.
///
/// # Errors
/// When the text is not JSON, or the type has no room for what it is.
pub fn from_str<T: Decode>(json: &str) -> Result<T, DecodeError> {
    decode_text(json, Mode::Lenient)
}

/// Encodes a value, with the uploads in it on the side.
///
/// # Errors
/// When a number is not finite; the error names its path.
pub fn encode(value: &(impl Encode + ?Sized)) -> Result<Encoded, EncodeError> {
    let mut w = Writer::new();
    value.encode(&mut w);
    w.finish()
}

/// Reads one type's JSON as another's: an item that was received, as the item that can be sent. What the other type has no field for is kept.
pub fn recast<T: Decode + Default>(value: &dyn Encode) -> T {
    let mut w = Writer::new();
    value.encode(&mut w);
    let text = w.into_text();
    match from_str(&text) {
        Ok(value) => value,
        // Emitted objects and unions hold anything; this is for values that a user has nested deeper than is read.
        Err(_) => T::from_mismatch(Json::from_span(&text)).unwrap_or_default(),
    }
}

/// The string property of that name in a value's JSON; empty if there is none.
pub fn tag_of(value: &dyn Encode, name: &str) -> String {
    let mut w = Writer::new();
    value.encode(&mut w);
    Json::from_span(&w.into_text()).tag(name).unwrap_or_default().into_owned()
}

fn decode_text<T: Decode>(json: &str, mode: Mode) -> Result<T, DecodeError> {
    let mut reader = Reader::new(json, mode);
    let decoded = reader.element();
    reader.finish(decoded)
}

pub(crate) fn utf8(json: &[u8]) -> Result<&str, DecodeError> {
    let json = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
    simdutf8::basic::from_utf8(json).map_err(|_| DecodeError::not_utf8(json))
}
