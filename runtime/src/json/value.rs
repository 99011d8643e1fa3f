//! JSON text as a `serde_json::Value` and back. Owns what becomes of values that such a tree cannot hold.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

use super::number;
use super::reader::{Fault, Mode, Reader};
use super::writer::Writer;
use super::{Decode, Encode};

/// What to do with a number that a tree would have to round.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Refuse,
    Nearest,
}

/// The tree of JSON text, with what it cannot hold replaced by the nearest it can.
pub(crate) fn to_value(json: &str) -> Value {
    let json = replace_lone_surrogates(json);
    let tree = read(&mut Reader::new(&json, Mode::Lenient), Rounding::Nearest);
    debug_assert!(tree.is_ok(), "a Json value holds valid JSON");
    tree.unwrap_or_default()
}

/// The nearest that a tree can hold to a number.
pub(crate) fn nearest(text: &str) -> Number {
    let float = || {
        let value: f64 = text.parse().unwrap_or_default();
        Number::from_f64(value.clamp(f64::MIN, f64::MAX)).unwrap_or_else(|| 0.into())
    };
    exact(text).unwrap_or_else(float)
}

fn exact(text: &str) -> Option<Number> {
    if number::is_integer(text)
        && let Some(number) = number::to_i64(text).map(Number::from).or_else(|| number::to_u64(text).map(Number::from))
    {
        return Some(number);
    }
    number::to_f64(text).and_then(Number::from_f64)
}

/// JSON text in which escapes of surrogates that are not a pair are replaced by U+FFFD.
pub(crate) fn replace_lone_surrogates(json: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(index) = json[at..].find('\\') {
        let escape = at + index;
        at = match (surrogate(json, escape), surrogate(json, escape + 6)) {
            (None, _) => escape + 2,
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => escape + 12,
            (Some(_), _) => {
                out.push_str(&json[kept..escape]);
                out.push('\u{fffd}');
                kept = escape + 6;
                kept
            }
        };
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(&json[kept..]);
    Cow::Owned(out)
}

/// The surrogate that is escaped at an offset.
fn surrogate(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
    u16::from_str_radix(digits, 16).ok().filter(|unit| matches!(unit, 0xD800..=0xDFFF))
}

fn read(r: &mut Reader<'_>, rounding: Rounding) -> Result<Value, Fault> {
    match r.peek()? {
        b'n' => r.null().map(|()| Value::Null),
        b't' | b'f' => r.bool().map(Value::Bool),
        b'"' => r.string().map(Value::String),
        b'[' => {
            let mut values = Vec::new();
            let mut more = r.enter_array()?;
            while more {
                values.push(read(r, rounding)?);
                more = r.next_element()?;
            }
            Ok(Value::Array(values))
        }
        b'{' => {
            let mut members = Map::new();
            let start = r.enter_object()?;
            while let Some(key) = r.key(start)? {
                members.insert(key.into_owned(), read(r, rounding)?);
            }
            Ok(Value::Object(members))
        }
        _ => {
            let at = r.at();
            let text = r.span()?;
            match rounding {
                Rounding::Nearest => Ok(Value::Number(nearest(text))),
                Rounding::Refuse => exact(text).map(Value::Number).ok_or_else(|| r.mismatch_at(at, "a number that fits 64 bits")),
            }
        }
    }
}

impl Decode for Value {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        read(r, Rounding::Refuse)
    }
}

impl Encode for Value {
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::Null => w.null(),
            Self::Bool(value) => w.bool(*value),
            Self::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => w.i64(value),
                (None, Some(value)) => w.u64(value),
                // Also with serde_json's arbitrary precision, a number displays as its JSON text.
                (None, None) => w.raw(&number.to_string()),
            },
            Self::String(text) => w.string(text),
            Self::Array(values) => w.list(values),
            Self::Object(members) => w.map(members.iter().map(|(key, value)| (key.as_str(), value))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_surrogates_without_their_other_half_are_replaced() {
        for (json, expect) in [
            (r#""plain \n \\ud800""#, r#""plain \n \\ud800""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83d""#, "\"\u{fffd}\""),
            (r#""\ud83d\ud83d\ude00\ude00""#, "\"\u{fffd}\\ud83d\\ude00\u{fffd}\""),
            (r#""\uD83Dé""#, "\"\u{fffd}é\""),
        ] {
            assert_eq!(replace_lone_surrogates(json), expect, "{json}");
        }
    }
}
