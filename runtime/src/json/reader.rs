//! The one JSON reader: a cursor over text that was checked to be UTF-8. Owns position, depth and going back; knows nothing of
//! object types, unions or where a value that did not fit is kept.
//!
//! `jiter` reads floats and passes over whole values, and so judges what is JSON. Punctuation, strings and numbers of few digits
//! are read here: by way of jiter they took longer than serde's derived code (it checks UTF-8 again for each string).

use std::borrow::Cow;

use jiter::{Jiter, Peek};

use super::error::DecodeError;
use super::notes::{Expected, Notes};
use super::number;
use super::raw::Json;
use super::scan;

/// The deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 128;

/// The space that JSON allows between tokens.
const SPACE: [char; 4] = [' ', '\n', '\r', '\t'];

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
    /// Strict, and a field that the specification does not name is a departure too.
    #[cfg(feature = "dynamic")]
    Exact,
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
    pub(super) notes: Notes<'j>,
    pub(super) at: usize,
    depth: usize,
    /// Where escapes are undone, so that the string itself is allocated once.
    pub(super) scratch: String,
}

impl<'j> Reader<'j> {
    pub(crate) fn new(text: &'j str, mode: Mode) -> Self {
        Self { notes: Notes::new(text, mode), at: 0, depth: 0, scratch: String::new() }
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
        self.peek()?;
        if self.plain().is_some() {
            return Ok(());
        }
        match self.short_value() {
            Some(len) => self.at += len,
            None => _ = self.span()?,
        }
        Ok(())
    }

    /// The length of the value at the cursor, if it is empty, a literal or an integer of few digits.
    fn short_value(&self) -> Option<usize> {
        match self.bytes() {
            [b'[', b']', ..] | [b'{', b'}', ..] if self.depth < MAX_DEPTH => Some(2),
            [b'n', b'u', b'l', b'l', ..] | [b't', b'r', b'u', b'e', ..] => Some(4),
            [b'f', b'a', b'l', b's', b'e', ..] => Some(5),
            other => number::short_integer(other).map(|(_, len)| len),
        }
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

    /// The first byte of the value at the cursor, which moves past white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Result<u8, Fault> {
        match self.notes.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => Ok(*byte),
            _ => self.peek_past_space(),
        }
    }

    #[cold]
    fn peek_past_space(&mut self) -> Result<u8, Fault> {
        let rest = self.rest();
        let value = rest.trim_start_matches(SPACE);
        self.at += rest.len() - value.len();
        value.bytes().next().ok_or_else(|| self.syntax("end of input"))
    }

    /// The text from the cursor on.
    #[inline]
    pub(crate) fn rest(&self) -> &'j str {
        &self.notes.text[self.at..]
    }

    /// The same as bytes, which are sliced without looking for the boundaries of characters.
    #[inline]
    pub(super) fn bytes(&self) -> &'j [u8] {
        &self.notes.text.as_bytes()[self.at..]
    }

    /// The offset of the cursor in the text.
    #[inline]
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Where the cursor is; call it only after [`Reader::peek`], so that it is where a value starts.
    #[inline]
    pub(crate) fn mark(&self) -> Mark {
        Mark { at: self.at, depth: self.depth }
    }

    #[inline]
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.at = mark.at;
        self.depth = mark.depth;
    }

    /// Goes back to a value that did not fit and takes it as it is.
    #[cold]
    pub(crate) fn reject(&mut self, mark: Mark) -> Result<Json, Fault> {
        self.back_to(mark);
        self.json()
    }

    /// Decodes a value that nothing else can hold raw: an element of a list or map, or the whole text.
    #[inline]
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
        if self.peek()? != b'[' {
            return Err(self.mismatch("an array"));
        }
        self.enter()?;
        if self.peek()? == b']' {
            self.leave();
            return Ok(false);
        }
        Ok(true)
    }

    /// Steps to the next element, or out of the array.
    #[inline]
    pub(crate) fn next_element(&mut self) -> Result<bool, Fault> {
        match self.bytes() {
            [b',', next, ..] if *next > b' ' && *next != b']' => {
                self.at += 1;
                Ok(true)
            }
            [b']', ..] => {
                self.leave();
                Ok(false)
            }
            _ => self.next_element_or_end(),
        }
    }

    fn next_element_or_end(&mut self) -> Result<bool, Fault> {
        match self.peek()? {
            b',' => {
                self.at += 1;
                if self.peek()? == b']' { Err(self.syntax("a trailing comma")) } else { Ok(true) }
            }
            b']' => {
                self.leave();
                Ok(false)
            }
            _ => Err(self.syntax("neither `,` nor `]` after an element")),
        }
    }

    /// Steps into the object at the cursor and returns where it starts, which is what to ask for its members by.
    pub(crate) fn enter_object(&mut self) -> Result<usize, Fault> {
        if self.peek()? != b'{' {
            return Err(self.mismatch("an object"));
        }
        let start = self.at;
        self.enter()?;
        Ok(start)
    }

    /// Reads the key of the next member of the object that starts at `start`, or steps out of it.
    #[inline]
    pub(crate) fn key(&mut self, start: usize) -> Result<Option<Cow<'j, str>>, Fault> {
        if self.next_member(start)? { self.name().map(Some) } else { Ok(None) }
    }

    /// Steps to the key of the next member, or out of the object.
    #[inline]
    pub(crate) fn next_member(&mut self, start: usize) -> Result<bool, Fault> {
        let is_first = self.at == start + 1;
        match self.bytes() {
            [b',', b'"', ..] if !is_first => {
                self.at += 1;
                Ok(true)
            }
            [b'"', ..] if is_first => Ok(true),
            [b'}', ..] => {
                self.leave();
                Ok(false)
            }
            _ => self.next_member_or_end(start),
        }
    }

    fn next_member_or_end(&mut self, start: usize) -> Result<bool, Fault> {
        let is_first = self.at == start + 1;
        match self.peek()? {
            b'}' => {
                self.leave();
                return Ok(false);
            }
            b',' if !is_first => self.at += 1,
            _ if !is_first => return Err(self.syntax("neither `,` nor `}` after a member")),
            _ => {}
        }
        if self.peek()? == b'"' { Ok(true) } else { Err(self.syntax("no key where a member starts")) }
    }

    /// Passes the key at the cursor and its colon if it has that name and is written without escapes and space.
    #[inline]
    pub(crate) fn pass_name(&mut self, name: &str) -> bool {
        let rest = self.bytes();
        let end = name.len() + 1;
        let passes = rest.get(end..end + 2) == Some(b"\":") && scan::same(&rest[1..end], name.as_bytes());
        if passes {
            self.at += end + 2;
        }
        passes
    }

    /// Reads the key at the cursor and its colon.
    #[inline]
    pub(crate) fn name(&mut self) -> Result<Cow<'j, str>, Fault> {
        let at = self.at;
        if let Some(name) = self.plain()
            && self.bytes().first() == Some(&b':')
        {
            self.at += 1;
            return Ok(Cow::Borrowed(name));
        }
        self.at = at;
        self.odd_name()
    }

    /// A key with escapes, or space before its colon.
    fn odd_name(&mut self) -> Result<Cow<'j, str>, Fault> {
        let name = self.text()?;
        if self.peek()? != b':' {
            return Err(self.syntax("no `:` after a key"));
        }
        self.at += 1;
        Ok(name)
    }

    #[inline]
    fn enter(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        self.at += 1;
        if self.depth > MAX_DEPTH { Err(self.notes.too_deep(self.at - 1)) } else { Ok(()) }
    }

    #[inline]
    fn leave(&mut self) {
        self.depth -= 1;
        self.at += 1;
    }

    /// Skips the value at the cursor and returns its text.
    pub(crate) fn span(&mut self) -> Result<&'j str, Fault> {
        let first = Peek::new(self.peek()?);
        let rest = self.rest();
        let mut jiter = Jiter::new(rest.as_bytes());
        let len = match jiter.known_skip(first) {
            Ok(()) => jiter.current_index(),
            // Valid JSON that jiter does not skip: lone surrogates, numbers of thousands of digits, depth (checked below).
            Err(error) => self.notes.skip(self.at).ok_or_else(|| self.notes.refuse(self.at, &error))?,
        };
        let span = &rest[..len];
        if exceeds_depth(span.as_bytes(), MAX_DEPTH - self.depth.min(MAX_DEPTH)) {
            return Err(self.notes.too_deep(self.at));
        }
        self.at += len;
        Ok(span)
    }

    /// Keeps that the text is not JSON at the cursor.
    #[cold]
    fn syntax(&mut self, found: &str) -> Fault {
        self.notes.fail(self.at, found.to_owned())
    }

    /// Keeps that no value starts at the cursor.
    #[cold]
    pub(crate) fn no_value(&mut self) -> Fault {
        self.syntax("no value where one has to start")
    }

    /// Notes what was expected of the value at the cursor.
    #[cold]
    pub(crate) fn mismatch(&mut self, expected: &'static str) -> Fault {
        self.mismatch_at(self.at, expected)
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
        self.notes.note(self.at, expected);
    }

    /// Checks that nothing follows the value that was decoded, and turns the outcome into what callers get.
    #[inline]
    pub(crate) fn finish<T>(mut self, decoded: Result<T, Fault>) -> Result<T, DecodeError> {
        // The value is moved once at most: it may be large.
        match decoded {
            Ok(value) if self.is_at_end() && self.notes.is_clean() => Ok(value),
            _ => Err(self.notes.into_error()),
        }
    }

    fn is_at_end(&mut self) -> bool {
        self.at += self.rest().len() - self.rest().trim_start_matches(SPACE).len();
        let is_at_end = self.at == self.notes.text.len();
        if !is_at_end {
            self.syntax("more after the end of the value");
        }
        is_at_end
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
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => _ = bytes.next(),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    false
}
