//! [`Json`]: any JSON value, kept as its text. Owns that text; must not know why a value is kept raw.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::compare;
use super::error::DecodeError;
use super::pretty;
use super::reader::{Fault, Kind, Mode, Reader};
use super::value;
use super::writer::Writer;
use super::{Decode, Encode};

/// Any JSON value, kept as its text. Cheap to clone; null by default.
///
/// Two values are equal when they mean the same: neither the order of keys nor the spelling of numbers and strings counts.
#[derive(Clone, Default)]
pub struct Json(
    /// None for null, which then costs nothing; a text without line breaks otherwise.
    Option<Arc<str>>,
);

impl Json {
    /// The null value.
    pub fn null() -> Self {
        Self(None)
    }

    /// A value from its JSON text.
    ///
    /// # Errors
    /// When the text is not one JSON value.
    pub fn from_text(text: &str) -> Result<Self, DecodeError> {
        super::from_str(text)
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or("null")
    }

    /// Whether the value is null.
    pub fn is_null(&self) -> bool {
        self.0.is_none()
    }

    /// The JSON type.
    pub fn kind(&self) -> Kind {
        self.look(Reader::kind).unwrap_or(Kind::Null)
    }

    /// The value as a tree. What a tree cannot hold is replaced by the nearest it can: a lone surrogate by U+FFFD, a number beyond
    /// `f64` by the largest.
    pub fn to_value(&self) -> serde_json::Value {
        value::to_value(self.as_str())
    }

    /// The value as any type that deserializes.
    ///
    /// # Errors
    /// When the value does not fit that type.
    pub fn decode<T: serde_core::de::DeserializeOwned>(&self) -> Result<T, DecodeError> {
        serde_json::from_str(self.as_str()).map_err(|error| DecodeError::from_serde(self.as_str(), &error))
    }

    /// The string property of that name, if the value is an object that has one: `tag("type")`.
    pub fn tag(&self, name: &str) -> Option<Cow<'_, str>> {
        self.look(|reader| reader.tag(name)).flatten()
    }

    /// The text, if the value is a string.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        self.look(Reader::peek_text).flatten()
    }

    /// A value from text that is known to be JSON.
    pub(crate) fn from_span(text: &str) -> Self {
        // Within strings JSON has no raw line breaks, so that these are the space between tokens.
        let is_laid_out = text.bytes().any(|byte| matches!(byte, b'\n' | b'\r' | b'\t'));
        match text {
            "null" => Self::null(),
            _ if is_laid_out => Self(Some(compact(text).into())),
            _ => Self(Some(text.into())),
        }
    }

    fn look<'s, T>(&'s self, look: impl FnOnce(&mut Reader<'s>) -> Result<T, Fault>) -> Option<T> {
        look(&mut Reader::new(self.as_str(), Mode::Lenient)).ok()
    }
}

/// JSON text without the space between its tokens.
fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Every other piece between quotes that are not escaped is a string.
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        out.extend(rest[..start].split_ascii_whitespace());
        let string = &rest[start..];
        let end = pretty::string_len(string);
        out.push_str(&string[..end]);
        rest = &string[end..];
    }
    out.extend(rest.split_ascii_whitespace());
    out
}

impl Decode for Json {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.json()
    }
}

impl Encode for Json {
    fn encode(&self, w: &mut Writer) {
        w.raw(self.as_str());
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        compare::same(self.as_str(), other.as_str())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Json {
    type Err = DecodeError;

    fn from_str(text: &str) -> Result<Self, DecodeError> {
        Self::from_text(text)
    }
}

/// A value from anything that encodes. (A number that is not finite becomes null.)
fn encoded(value: &(impl Encode + ?Sized)) -> Json {
    let mut w = Writer::new();
    value.encode(&mut w);
    Json::from_span(&w.into_text())
}

impl From<serde_json::Value> for Json {
    fn from(value: serde_json::Value) -> Self {
        encoded(&value)
    }
}

impl From<&serde_json::Value> for Json {
    fn from(value: &serde_json::Value) -> Self {
        encoded(value)
    }
}

impl From<Json> for serde_json::Value {
    fn from(value: Json) -> Self {
        value.to_value()
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        encoded(text)
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        encoded(&text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        encoded(&value)
    }
}

/// A number that is not finite becomes null.
impl From<f64> for Json {
    fn from(value: f64) -> Self {
        encoded(&value)
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Json {
            fn from(value: $integer) -> Self {
                Self(Some(itoa::Buffer::new().format(value).into()))
            }
        }
    )*};
}

from_integers!(i8, i16, i32, i64, u8, u16, u32, u64, usize);

/// None becomes null.
impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Self::null, Into::into)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(values: Vec<T>) -> Self {
        let values: Vec<Self> = values.into_iter().map(Into::into).collect();
        encoded(&values)
    }
}

impl<T: Into<Json>, const N: usize> From<[T; N]> for Json {
    fn from(values: [T; N]) -> Self {
        Vec::from(values).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_without_line_breaks() {
        for (text, expect) in [
            (" 1.0 ", "1.0"),
            ("null", "null"),
            ("{\n  \"a b\" : \"c \\\" d\\n\" ,\t\"e\":[1, 2]\r\n}", r#"{"a b":"c \" d\n","e":[1,2]}"#),
            (r#"{"a": [1, 2]}"#, r#"{"a": [1, 2]}"#),
            (r#""\ud800""#, r#""\ud800""#),
            ("1e999", "1e999"),
        ] {
            assert_eq!(Json::from_text(text).unwrap().as_str(), expect);
        }
    }

    #[test]
    fn text_that_is_not_one_value_is_refused() {
        for text in ["", " ", "1 2", "{", "nul", "[1,]", "\"\u{1}\"", "{\"a\"}", "\"\\x\"", "NaN", "[1x]", "01", "'a'"] {
            assert!(Json::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_become_trees_without_failing() {
        for (text, expect) in [
            (r#"{"a":[1,-2.5,true,null,"x"]}"#, serde_json::json!({"a": [1, -2.5, true, null, "x"]})),
            (r#""\ud800x""#, serde_json::json!("\u{fffd}x")),
            (r#"{"\udc00":"\ud83d\ude00"}"#, serde_json::json!({"\u{fffd}": "😀"})),
            ("[1e999,-1e999]", serde_json::json!([f64::MAX, f64::MIN])),
            ("18446744073709551615", serde_json::json!(u64::MAX)),
        ] {
            assert_eq!(Json::from_text(text).unwrap().to_value(), expect, "{text}");
        }
    }

    #[test]
    fn the_tag_is_found_wherever_it_stands() {
        for (text, expect) in [
            (r#"{"type":"a"}"#, Some("a")),
            (r#"{ "x" : {"type":"no"}, "type" : "a\n" }"#, Some("a\n")),
            (r#"{"type":1}"#, None),
            (r#"["type"]"#, None),
            (r#"{"x":"\ud800","type":"a"}"#, Some("a")),
        ] {
            assert_eq!(Json::from_text(text).unwrap().tag("type").as_deref(), expect, "{text}");
        }
    }
}
