//! The errors of the JSON layer. They own what was wrong, in words; the crate's opaque `Error` wraps them and adds the request.

use std::fmt;

/// Why JSON text could not be decoded: it is not JSON, no value of the type can hold it, or (strict mode) it departs from the
/// specification.
#[derive(Clone)]
pub struct DecodeError(Box<Wrong>);

#[derive(Clone)]
struct Wrong {
    is_syntax: bool,
    line: usize,
    column: usize,
    departures: Vec<Departure>,
    /// How many more there were.
    omitted: usize,
}

/// One place where a document is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure {
    pub(crate) path: String,
    pub(crate) expected: String,
    pub(crate) found: String,
    pub(crate) offset: usize,
}

impl Departure {
    pub(crate) const REQUIRED: &'static str = "a required field";
    #[cfg(feature = "dynamic")]
    pub(crate) const NO_FIELD: &'static str = "no field of that name";

    /// Whether a required field is missing.
    pub fn is_missing_field(&self) -> bool {
        self.expected == Self::REQUIRED
    }

    /// Whether there is a field that the specification does not name. Only [`dynamic`](crate::dynamic) looks for those.
    #[cfg(feature = "dynamic")]
    pub fn is_unknown_field(&self) -> bool {
        self.expected == Self::NO_FIELD
    }

    /// Where, as a JSON path: `$.choices[0].index`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What should have been there, in words: `an integer`.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What was there, in words and shortened: `string "0"`.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// Where the value (or the object that lacks a field) starts, in bytes from the beginning of the text.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.path, self.expected, self.found)
    }
}

impl DecodeError {
    /// `departures` is never empty.
    pub(crate) fn new(text: &str, departures: Vec<Departure>, omitted: usize) -> Self {
        let (line, column) = departures.first().map_or((1, 1), |first| position(text.as_bytes(), first.offset));
        Self(Box::new(Wrong { is_syntax: false, line, column, departures, omitted }))
    }

    pub(crate) fn new_syntax(text: &str, departure: Departure) -> Self {
        let mut error = Self::new(text, vec![departure], 0);
        error.0.is_syntax = true;
        error
    }

    /// Text that is not even UTF-8.
    pub(crate) fn not_utf8(bytes: &[u8]) -> Self {
        let offset = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        let (line, column) = position(bytes, offset);
        let departure =
            Departure { path: "$".to_owned(), expected: "valid JSON".to_owned(), found: "bytes that are not UTF-8".to_owned(), offset };
        Self(Box::new(Wrong { is_syntax: true, line, column, departures: vec![departure], omitted: 0 }))
    }

    /// JSON that a user's own type refused.
    pub(crate) fn from_serde(text: &str, error: &serde_json::Error) -> Self {
        let departure =
            Departure { path: "$".to_owned(), expected: "a value of the given type".to_owned(), found: error.to_string(), offset: 0 };
        Self::new(text, vec![departure], 0)
    }

    /// Whether the text is not JSON at all (or is nested too deeply), as opposed to JSON of another shape.
    pub fn is_syntax(&self) -> bool {
        self.0.is_syntax
    }

    /// Everything that was found wrong; one entry except in strict mode, never none, at most a thousand.
    pub fn departures(&self) -> &[Departure] {
        &self.0.departures
    }

    /// How many departures there were beyond those thousand.
    pub fn omitted(&self) -> usize {
        self.0.omitted
    }

    /// The JSON path of the first departure.
    pub fn path(&self) -> &str {
        self.first().map_or("$", Departure::path)
    }

    /// What was expected at the first departure.
    pub fn expected(&self) -> &str {
        self.first().map_or("", Departure::expected)
    }

    /// What was found at the first departure.
    pub fn found(&self) -> &str {
        self.first().map_or("", Departure::found)
    }

    /// The line of the first departure, from 1.
    pub fn line(&self) -> usize {
        self.0.line
    }

    /// The column of the first departure in bytes, from 1.
    pub fn column(&self) -> usize {
        self.0.column
    }

    /// The offset of the first departure in bytes.
    pub fn offset(&self) -> usize {
        self.first().map_or(0, Departure::offset)
    }

    fn first(&self) -> Option<&Departure> {
        self.0.departures.first()
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_syntax() {
            return write!(f, "invalid JSON at {}, line {} column {}: {}", self.path(), self.line(), self.column(), self.found());
        }
        if let [one] = self.departures() {
            return one.fmt(f);
        }
        write!(f, "{} departures from the specification", self.0.departures.len() + self.0.omitted)?;
        for (index, departure) in self.departures().iter().enumerate() {
            write!(f, "{}{departure}", if index == 0 { ": " } else { "; " })?;
        }
        if self.0.omitted > 0 {
            write!(f, "; and {} more", self.0.omitted)?;
        }
        Ok(())
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({self})")
    }
}

impl std::error::Error for DecodeError {}

/// Why a value cannot be written as JSON: it holds a number that JSON does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodeError {
    pub(crate) path: String,
    pub(crate) value: f64,
}

impl EncodeError {
    /// The JSON path of the value, such as `$.temperature`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What JSON can hold there.
    pub fn expected(&self) -> &str {
        "a finite number"
    }

    /// The value that was there: `NaN`, `inf` or `-inf`.
    pub fn found(&self) -> String {
        self.value.to_string()
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.path(), self.expected(), self.value)
    }
}

impl std::error::Error for EncodeError {}

/// Line and column of an offset, both from 1.
fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = &bytes[..offset.min(bytes.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    (1 + before.iter().filter(|byte| **byte == b'\n').count(), 1 + before.len() - line_start)
}
