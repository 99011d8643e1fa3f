//! The one JSON reader: a cursor over text that was checked to be UTF-8, driven by `jiter`. Owns position, depth and going back;
//! knows nothing of object types, unions or where a value that did not fit is kept.

use jiter::{Jiter, NumberInt, Peek};

use super::error::DecodeError;
use super::notes::{Expected, Notes};
use super::number;
use super::raw::Json;

/// The deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 128;

/// Why a value could not be read. What was expected and what was found is kept by the [`Reader`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text is JSON so far, but the value at the cursor is not what the type holds. The reader can go back and keep it raw.
    Mismatch,
    /// The text is not JSON, or is nested too deeply. Nothing more can be read.
    Syntax,
}

/// The JSON type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number without fraction and exponent.
    Integer,
    /// Any other number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// Whether departures from the specification are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Lenient,
    Strict,
}

/// Where a value starts and how deep it lies, to come back to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    at: usize,
    depth: usize,
}

/// A cursor over JSON text, from which every type decodes itself.
///
/// It stands before a value; reading a value moves it behind the value.
#[derive(Debug)]
pub struct Reader<'j> {
    pub(super) jiter: Jiter<'j>,
    pub(super) notes: Notes<'j>,
    /// Where in the text the bytes begin that `jiter` was given.
    pub(super) base: usize,
    depth: usize,
}

impl<'j> Reader<'j> {
    pub(crate) fn new(text: &'j str, mode: Mode) -> Self {
        Self {
            jiter: Jiter::new(text.as_bytes()),
            notes: Notes::new(text, mode),
            base: 0,
            depth: 0,
        }
    }

    /// Decodes the value at the cursor.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] when the value is not of that type.
    #[inline]
    pub fn decode<T: super::Decode>(&mut self) -> Result<T, Fault> {
        T::decode(self)
    }

    /// Skips the value at the cursor.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn skip(&mut self) -> Result<(), Fault> {
        self.span().map(drop)
    }

    /// Takes the value at the cursor as it is.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn json(&mut self) -> Result<Json, Fault> {
        self.span().map(Json::from_span)
    }

    /// Takes the value at the cursor as it is because no variant of a union fits; strict mode notes that.
    ///
    /// # Errors
    /// When the text is not JSON.
    #[cold]
    pub fn unknown(&mut self) -> Result<Json, Fault> {
        self.peek()?;
        self.depart(Expected::Variant);
        self.json()
    }

    /// Reads a string.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] for another JSON type and for a string that is not Unicode text (a lone surrogate escape).
    pub fn string(&mut self) -> Result<String, Fault> {
        self.str().map(str::to_owned)
    }

    /// Skips the string at the cursor: the value of a variant without payload.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] for another JSON type.
    pub fn unit_variant(&mut self) -> Result<(), Fault> {
        self.str().map(drop)
    }

    /// Reads a string without copying it.
    pub(crate) fn str(&mut self) -> Result<&str, Fault> {
        if self.peek()? != Peek::String {
            return Err(self.mismatch("a string"));
        }
        let at = self.at();
        // The notes are a field of their own so that the error arm can write them while the text is still borrowed.
        self.jiter.known_str().map_err(|error| self.notes.not_unicode(at, self.base, &error))
    }

    pub(crate) fn bool(&mut self) -> Result<bool, Fault> {
        let peek = self.peek()?;
        match peek {
            Peek::True | Peek::False => {
                self.jiter.known_bool(peek).map_err(|error| self.notes.syntax(self.base, &error))
            }
            _ => Err(self.mismatch("a boolean")),
        }
    }

    pub(crate) fn null(&mut self) -> Result<(), Fault> {
        match self.peek()? {
            Peek::Null => self.jiter.known_null().map_err(|error| self.notes.syntax(self.base, &error)),
            _ => Err(self.mismatch("null")),
        }
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Fault> {
        let peek = self.peek_number("an integer")?;
        let mark = self.mark();
        if let Ok(NumberInt::Int(value)) = self.jiter.known_int(peek) {
            return Ok(value);
        }
        self.number(mark, "a 64-bit integer", number::to_i64)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Fault> {
        let peek = self.peek_number("an integer")?;
        let mark = self.mark();
        if let Ok(NumberInt::Int(value)) = self.jiter.known_int(peek)
            && let Ok(value) = u64::try_from(value)
        {
            return Ok(value);
        }
        self.number(mark, "an unsigned 64-bit integer", number::to_u64)
    }

    pub(crate) fn f64(&mut self) -> Result<f64, Fault> {
        let peek = self.peek_number("a number")?;
        let mark = self.mark();
        if let Ok(value) = self.jiter.known_float(peek)
            && number::is_plain(value)
        {
            return Ok(value);
        }
        self.number(mark, "a 64-bit floating point number", number::to_f64)
    }

    fn peek_number(&mut self, expected: &'static str) -> Result<Peek, Fault> {
        let peek = self.peek()?;
        if peek.is_num() { Ok(peek) } else { Err(self.mismatch(expected)) }
    }

    /// The slow way to read a number: by its text, where the fast way failed or may have rounded.
    #[cold]
    fn number<T>(&mut self, mark: Mark, expected: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, Fault> {
        self.back_to(mark);
        let text = self.span()?;
        parse(text).ok_or_else(|| self.mismatch_at(mark.at, expected))
    }

    /// The first byte of the value at the cursor, which moves past white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Result<Peek, Fault> {
        self.jiter.peek().map_err(|error| self.notes.syntax(self.base, &error))
    }

    /// The offset of the cursor in the text.
    #[inline]
    pub(crate) fn at(&self) -> usize {
        self.base + self.jiter.current_index()
    }

    /// Where the cursor is; call it only after [`Reader::peek`], so that it is where a value starts.
    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark { at: self.at(), depth: self.depth }
    }

    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.depth = mark.depth;
        if self.at() != mark.at {
            let tape = std::mem::replace(&mut self.jiter, Jiter::new(b"")).into_tape();
            self.jiter = Jiter::with_tape(&self.notes.text.as_bytes()[mark.at..], tape);
            self.base = mark.at;
        }
    }

    /// Goes back to a value that did not fit and takes it as it is.
    #[cold]
    pub(crate) fn reject(&mut self, mark: Mark) -> Result<Json, Fault> {
        self.back_to(mark);
        self.json()
    }

    /// Decodes a value that nothing else can hold raw: an element of a list or map, or the whole text.
    pub(crate) fn element<T: super::Decode>(&mut self) -> Result<T, Fault> {
        self.peek()?;
        let mark = self.mark();
        match T::decode(self) {
            Err(Fault::Mismatch) => {
                let raw = self.reject(mark)?;
                T::from_mismatch(raw).ok_or(Fault::Mismatch)
            }
            decoded => decoded,
        }
    }

    /// Steps into the array at the cursor, to its first element. False when it is empty, and then it is behind it.
    pub(crate) fn enter_array(&mut self) -> Result<bool, Fault> {
        if self.peek()? != Peek::Array {
            return Err(self.mismatch("an array"));
        }
        self.enter()?;
        let first = self.jiter.known_array();
        self.entered(first.map(|peek| peek.is_some()))
    }

    /// Steps to the next element, or out of the array.
    pub(crate) fn next_element(&mut self) -> Result<bool, Fault> {
        let next = self.jiter.array_step();
        self.entered(next.map(|peek| peek.is_some()))
    }

    fn entered(&mut self, more: jiter::JiterResult<bool>) -> Result<bool, Fault> {
        match more {
            Ok(true) => Ok(true),
            Ok(false) => {
                self.depth -= 1;
                Ok(false)
            }
            Err(error) => Err(self.notes.syntax(self.base, &error)),
        }
    }

    /// Steps into the object at the cursor, before its first key, and returns where it starts.
    pub(crate) fn enter_object(&mut self) -> Result<usize, Fault> {
        if self.peek()? != Peek::Object {
            return Err(self.mismatch("an object"));
        }
        self.enter()?;
        Ok(self.at())
    }

    /// Reads the next key of the object that starts at `start`, or steps out of it.
    #[inline]
    pub(crate) fn key(&mut self, start: usize) -> Result<Option<&str>, Fault> {
        let is_first = self.base + self.jiter.current_index() == start;
        let key = if is_first { self.jiter.known_object() } else { self.jiter.next_key() };
        let key = key.map_err(|error| self.notes.not_unicode(start, self.base, &error))?;
        if key.is_none() {
            self.depth -= 1;
        }
        Ok(key)
    }

    #[inline]
    fn enter(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(self.notes.too_deep(self.at())) } else { Ok(()) }
    }

    /// Skips the value at the cursor and returns its text.
    pub(crate) fn span(&mut self) -> Result<&'j str, Fault> {
        let peek = self.peek()?;
        let mark = self.mark();
        if let Err(error) = self.jiter.known_skip(peek) {
            // Valid JSON that jiter does not skip: lone surrogates, numbers of thousands of digits, depth (checked below).
            let end = self.notes.skip(mark.at).ok_or_else(|| self.notes.syntax(self.base, &error))?;
            self.back_to(Mark { at: end, ..mark });
        }
        let span = &self.notes.text[mark.at..self.at()];
        if exceeds_depth(span.as_bytes(), MAX_DEPTH - self.depth.min(MAX_DEPTH)) {
            return Err(self.notes.too_deep(mark.at));
        }
        Ok(span)
    }

    /// Notes what was expected of the value at the cursor.
    #[cold]
    pub(crate) fn mismatch(&mut self, expected: &'static str) -> Fault {
        self.depart(Expected::Type(expected));
        Fault::Mismatch
    }

    /// Notes what was expected of the value at an offset.
    #[cold]
    pub(crate) fn mismatch_at(&mut self, at: usize, expected: &'static str) -> Fault {
        self.notes.note(at, Expected::Type(expected));
        Fault::Mismatch
    }

    /// Notes a departure at the cursor.
    #[cold]
    pub(crate) fn depart(&mut self, expected: Expected) {
        self.notes.note(self.at(), expected);
    }

    /// Checks that nothing follows the value and turns the outcome into what callers get.
    pub(crate) fn finish<T>(mut self, decoded: Result<T, Fault>) -> Result<T, DecodeError> {
        let decoded = decoded.and_then(|value| match self.jiter.finish() {
            Ok(()) => Ok(value),
            Err(error) => Err(self.notes.syntax(self.base, &error)),
        });
        self.notes.conclude(decoded)
    }
}

/// Whether arrays and objects are nested more than `limit` deep in a JSON value.
fn exceeds_depth(value: &[u8], limit: usize) -> bool {
    // A value cannot be deeper than it has opening brackets, and counting those is much cheaper than following strings.
    let opening = |byte: &&u8| matches!(byte, b'[' | b'{');
    if value.len() <= limit || value.iter().filter(opening).count() <= limit {
        return false;
    }
    let mut depth = 0;
    let mut bytes = value.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth -= 1,
            b'"' => while let Some(byte) = bytes.next() {
                match byte {
                    b'"' => break,
                    b'\\' => _ = bytes.next(),
                    _ => {}
                }
            },
            _ => {}
        }
    }
    false
}
