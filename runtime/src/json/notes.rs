//! What the reader found wrong: departures in strict mode, the last mismatch, and why the text is not JSON. Kept as offsets while
//! decoding and turned into paths and sentences only when somebody gets to read them. Must not know how values are decoded.

use jiter::JiterError;
use serde_core::de::IgnoredAny;

use super::error::{DecodeError, Departure};
use super::path::{locate, shorten};
use super::reader::{Fault, MAX_DEPTH, Mode};

/// How many departures are kept; those beyond are counted. Hostile text can have one every other byte.
const MAX_NOTES: usize = 1000;

/// The longest piece of a value that a message shows.
const MAX_FOUND: usize = 40;

/// What should have been there.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    Type(&'static str),
    Constant(&'static str),
    ConstantJson(&'static str),
    OneOf(&'static [&'static str]),
    Variant,
    NotNull,
    /// The object has a field that its type does not name.
    #[cfg(feature = "dynamic")]
    NoField,
    /// The object at the offset lacks this field.
    Field(&'static str),
}

#[derive(Clone, Copy, Debug)]
struct Note {
    at: usize,
    expected: Expected,
}

#[derive(Debug)]
struct Failure {
    at: usize,
    reason: String,
}

#[derive(Debug)]
pub(crate) struct Notes<'j> {
    pub(crate) text: &'j str,
    mode: Mode,
    notes: Vec<Note>,
    omitted: usize,
    failure: Option<Box<Failure>>,
}

impl<'j> Notes<'j> {
    pub(crate) fn new(text: &'j str, mode: Mode) -> Self {
        Self { text, mode, notes: Vec::new(), omitted: 0, failure: None }
    }

    #[inline]
    pub(crate) fn is_strict(&self) -> bool {
        self.mode != Mode::Lenient
    }

    /// Whether fields that the specification does not name are departures.
    #[cfg(feature = "dynamic")]
    pub(crate) fn is_exact(&self) -> bool {
        self.mode == Mode::Exact
    }

    /// How much was noted so far, to come back to.
    pub(crate) fn checkpoint(&self) -> (usize, usize) {
        (self.notes.len(), self.omitted)
    }

    /// Forgets what was noted since.
    pub(crate) fn restore(&mut self, (kept, omitted): (usize, usize)) {
        self.notes.truncate(kept);
        self.omitted = omitted;
    }

    /// Notes what was expected at an offset. Lenient decoding keeps the last only: it matters if nothing could hold the value.
    #[cold]
    pub(crate) fn note(&mut self, at: usize, expected: Expected) {
        if !self.is_strict() {
            self.notes.clear();
        }
        if self.notes.len() < MAX_NOTES {
            self.notes.push(Note { at, expected });
        } else {
            self.omitted += 1;
        }
    }

    /// Keeps why jiter, which was given the text from `base` on, says that it is not JSON.
    #[cold]
    pub(crate) fn refuse(&mut self, base: usize, error: &JiterError) -> Fault {
        self.fail(base + error.index, error.error_type.to_string())
    }

    #[cold]
    pub(crate) fn too_deep(&mut self, at: usize) -> Fault {
        self.fail(at, format!("nesting deeper than {MAX_DEPTH} levels"))
    }

    /// The length of the value at an offset by the loose rules of `serde_json`, which looks neither into escapes nor at the size of
    /// numbers; none if it is not JSON. Follows brackets without recursion.
    #[cold]
    pub(crate) fn skip(&self, at: usize) -> Option<usize> {
        let mut values = serde_json::Deserializer::from_str(&self.text[at..]).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        Some(values.byte_offset())
    }

    /// Keeps why the text is not JSON.
    #[cold]
    pub(crate) fn fail(&mut self, at: usize, reason: String) -> Fault {
        self.failure.get_or_insert_with(|| Box::new(Failure { at, reason }));
        Fault::Syntax
    }

    /// Whether there is nothing to report of a text that was decoded.
    pub(crate) fn is_clean(&self) -> bool {
        self.notes.is_empty() || !self.is_strict()
    }

    /// What there is to report.
    #[cold]
    pub(crate) fn into_error(self) -> DecodeError {
        if let Some(failure) = self.failure {
            let path = locate(self.text, &[failure.at]).remove(0);
            let departure =
                Departure { path, expected: "valid JSON".to_owned(), found: failure.reason, offset: failure.at.min(self.text.len()) };
            return DecodeError::new_syntax(self.text, departure);
        }
        let offsets: Vec<usize> = self.notes.iter().map(|note| note.at).collect();
        let paths = locate(self.text, &offsets);
        let departures = self.notes.iter().zip(paths).map(|(note, path)| self.departure(*note, path)).collect();
        DecodeError::new(self.text, departures, self.omitted)
    }

    fn departure(&self, note: Note, path: String) -> Departure {
        let quoted = |value: &&str| format!("{value:?}");
        let (path, expected) = match note.expected {
            Expected::Type(name) => (path, name.to_owned()),
            Expected::Constant(value) => (path, quoted(&value)),
            Expected::ConstantJson(value) => (path, value.to_owned()),
            Expected::OneOf(values) => (path, format!("one of {}", values.iter().map(quoted).collect::<Vec<_>>().join(", "))),
            Expected::Variant => (path, "a value that fits a variant".to_owned()),
            Expected::NotNull => (path, "a value other than null".to_owned()),
            #[cfg(feature = "dynamic")]
            Expected::NoField => (path, Departure::NO_FIELD.to_owned()),
            Expected::Field(name) => {
                let path = format!("{path}.{name}");
                return Departure { path, expected: Departure::REQUIRED.to_owned(), found: "nothing".to_owned(), offset: note.at };
            }
        };
        Departure { path, expected, found: found(&self.text[note.at..]), offset: note.at }
    }
}

/// The value that a text begins with, in a few words.
fn found(rest: &str) -> String {
    let span = || {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        _ = values.next();
        shorten(&rest[..values.byte_offset()], MAX_FOUND)
    };
    match rest.as_bytes().first() {
        Some(b'n') => "null".to_owned(),
        Some(b't' | b'f') => format!("boolean {}", span()),
        Some(b'"') => format!("string {}", span()),
        Some(b'[') => "an array".to_owned(),
        Some(b'{') => "an object".to_owned(),
        _ => format!("number {}", span()),
    }
}
