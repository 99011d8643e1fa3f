//! The one JSON writer: appends compact JSON text. Owns escaping and the formatting of numbers; must not know object types.

use super::error::EncodeError;
use super::path::locate;
use super::scan;
use crate::Upload;

/// The numbers below 100, two digits each.
const PAIRS: &str = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
                     5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";

/// What a value encodes to.
#[derive(Clone, Debug, Default)]
pub struct Encoded {
    /// Compact JSON.
    pub json: String,
    /// The uploads in it, by the offset of the `null` that stands for each.
    pub uploads: Vec<(usize, Upload)>,
}

/// Compact JSON text under construction, to which every type encodes itself.
#[derive(Debug, Default)]
pub struct Writer {
    pub(super) out: String,
    uploads: Vec<(usize, Upload)>,
    /// The first number that JSON does not have, and where it was to be.
    not_finite: Option<(usize, f64)>,
}

impl Writer {
    /// An empty text, with room for a short one.
    pub fn new() -> Self {
        Self { out: String::with_capacity(512), ..Self::default() }
    }

    /// The finished text.
    ///
    /// # Errors
    /// When a number was not finite; the error names its path.
    pub fn finish(self) -> Result<Encoded, EncodeError> {
        match self.not_finite {
            None => Ok(Encoded { json: self.out, uploads: self.uploads }),
            Some((offset, value)) => Err(EncodeError { path: locate(&self.out, &[offset]).remove(0), value }),
        }
    }

    /// The finished text, in which a number that is not finite is null.
    pub(crate) fn into_text(self) -> String {
        self.out
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.out.push_str("null");
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) {
        self.out.push_str(if value { "true" } else { "false" });
    }

    /// Writes an integer.
    pub fn i64(&mut self, value: i64) {
        match value {
            0..=999 => self.small(value as usize),
            _ => self.out.push_str(itoa::Buffer::new().format(value)),
        }
    }

    /// Writes an integer.
    pub fn u64(&mut self, value: u64) {
        match value {
            0..=999 => self.small(value as usize),
            _ => self.out.push_str(itoa::Buffer::new().format(value)),
        }
    }

    /// Writes an integer below 1000: a text of known length is appended faster than one of any length.
    #[inline]
    fn small(&mut self, value: usize) {
        let digit = |value: usize| char::from(b'0' + value as u8);
        let pair = |value: usize| &PAIRS[2 * value..2 * value + 2];
        match value {
            0..=9 => self.out.push(digit(value)),
            10..=99 => self.out.push_str(pair(value)),
            _ => {
                self.out.push(digit(value / 100));
                self.out.push_str(pair(value % 100));
            }
        }
    }

    /// Writes the shortest text that reads back as the same float, with a fraction or exponent: `1.0`. A number that is not finite
    /// is an error, kept until [`Writer::finish`].
    pub fn f64(&mut self, value: f64) {
        if value.is_finite() {
            self.out.push_str(zmij::Buffer::new().format_finite(value));
        } else {
            self.not_finite.get_or_insert((self.out.len(), value));
            self.null();
        }
    }

    /// Writes a string. Only what JSON demands is escaped.
    pub fn string(&mut self, text: &str) {
        self.out.reserve(text.len() + 2);
        self.out.push('"');
        let mut rest = text;
        while let Some(index) = scan::special(rest.as_bytes()) {
            self.out.push_str(&rest[..index]);
            self.escape(rest.as_bytes()[index]);
            rest = &rest[index + 1..];
        }
        self.out.push_str(rest);
        self.out.push('"');
    }

    #[cold]
    fn escape(&mut self, byte: u8) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0C => "\\f",
            _ => {
                let digit = |nibble: u8| char::from(HEX[usize::from(nibble & 15)]);
                self.out.extend(['\\', 'u', '0', '0', digit(byte >> 4), digit(byte)]);
                return;
            }
        };
        self.out.push_str(short);
    }

    /// Writes text that is known to be compact JSON.
    pub(crate) fn raw(&mut self, json: &str) {
        self.out.push_str(json);
    }

    /// Writes `null` and records that an upload stands there.
    pub fn upload(&mut self, upload: &Upload) {
        self.uploads.push((self.out.len(), upload.clone()));
        self.null();
    }

    /// How much was written.
    #[cfg(feature = "serde")]
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// Takes back text that holds neither uploads nor numbers.
    #[cfg(feature = "serde")]
    pub(crate) fn truncate(&mut self, len: usize) {
        self.out.truncate(len);
    }

    /// Writes a list of any encodable values.
    pub fn list<'v, T: super::Encode + 'v>(&mut self, values: impl IntoIterator<Item = &'v T>) {
        self.out.push('[');
        let start = self.out.len();
        for value in values {
            if self.out.len() > start {
                self.out.push(',');
            }
            value.encode(self);
        }
        self.out.push(']');
    }

    /// Writes an object of any encodable values.
    pub(crate) fn map<'v, T: super::Encode + 'v>(&mut self, members: impl IntoIterator<Item = (&'v str, &'v T)>) {
        let start = self.out.len();
        self.out.push('{');
        for (name, value) in members {
            self.key(start, name);
            value.encode(self);
        }
        self.out.push('}');
    }

    /// Writes a key of an object whose text starts at `start` (its brace).
    pub(crate) fn key(&mut self, start: usize, name: &str) {
        if self.out.len() > start + 1 {
            self.out.push(',');
        }
        self.string(name);
        self.out.push(':');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_as_json_demands_and_no_more() {
        for (text, expect) in [
            ("", r#""""#),
            ("plain, äöü € 𝄞 / \u{7f}", "\"plain, äöü € 𝄞 / \u{7f}\""),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\u{8}\u{c}\n\r\t\0\u{1f}", r#""\b\f\n\r\t\u0000\u001f""#),
            ("0123456789abcdef\n0123456789abcdef0123456789abcde\"", r#""0123456789abcdef\n0123456789abcdef0123456789abcde\"""#),
        ] {
            let mut w = Writer::new();
            w.string(text);
            assert_eq!(w.into_text(), expect);
        }
    }

    #[test]
    fn integers_are_written_in_full() {
        for value in (-1001..=1001).chain([i64::MIN, i64::MAX]) {
            let mut w = Writer::new();
            w.list(&[value, value]);
            assert_eq!(w.into_text(), format!("[{value},{value}]"));
        }
        for value in (0..=1001).chain([u64::MAX]) {
            let mut w = Writer::new();
            w.u64(value);
            assert_eq!(w.into_text(), value.to_string());
        }
    }

    #[test]
    fn floats_are_short_and_stay_floats() {
        for (value, expect) in [(1.0, "1.0"), (0.1, "0.1"), (-0.0, "-0.0"), (1e300, "1e+300"), (5e-324, "5e-324"), (1e21, "1e+21")] {
            let mut w = Writer::new();
            w.f64(value);
            assert_eq!(w.into_text(), expect);
        }
    }

    #[test]
    fn a_number_that_is_not_finite_is_an_error_that_names_its_path() {
        let mut w = Writer::new();
        w.raw(r#"{"a":1,"b":"#);
        w.list(&[1.0, f64::NAN, f64::INFINITY]);
        let error = w.finish().unwrap_err();
        assert_eq!((error.path(), error.found().as_str()), ("$.b[1]", "NaN"));
    }
}
