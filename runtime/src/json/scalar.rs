//! Reading strings, numbers, booleans and null. Owns the fast ways; jiter and the text-based conversions of `number` are the
//! slow ones, which also say what is wrong.

use std::borrow::Cow;

use jiter::{Jiter, Peek};

use super::reader::{Fault, Reader};
use super::{number, scan};

impl<'j> Reader<'j> {
    /// Reads a string.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] for another JSON type and for a string that is not Unicode text (a lone surrogate escape).
    pub fn string(&mut self) -> Result<String, Fault> {
        self.peek()?;
        match self.plain() {
            Some(text) => Ok(text.to_owned()),
            None => self.escaped(),
        }
    }

    /// Skips the string at the cursor: the value of a variant without payload.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] for another JSON type.
    pub fn unit_variant(&mut self) -> Result<(), Fault> {
        self.text().map(drop)
    }

    /// Reads a string, borrowed from the document unless it has escapes.
    pub(crate) fn text(&mut self) -> Result<Cow<'j, str>, Fault> {
        self.peek()?;
        match self.plain() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.escaped().map(Cow::Owned),
        }
    }

    /// Reads a string that stands in the document as it is.
    #[inline]
    pub(super) fn plain(&mut self) -> Option<&'j str> {
        let inside = self.rest().strip_prefix('"')?;
        let len = scan::special(inside.as_bytes())?;
        if inside.as_bytes()[len] != b'"' {
            return None;
        }
        self.at += len + 2;
        Some(&inside[..len])
    }

    /// Reads a string with escapes, and tells what is wrong if there is no such string.
    fn escaped(&mut self) -> Result<String, Fault> {
        let Some(inside) = self.rest().strip_prefix('"') else {
            return Err(self.mismatch("a string"));
        };
        self.scratch.clear();
        match scan::unescape(inside, &mut self.scratch) {
            Some(len) => {
                self.at += len + 2;
                Ok(self.scratch.as_str().to_owned())
            }
            None => Err(self.not_a_string()),
        }
    }

    /// Judges a string that cannot be read: valid JSON that is not Unicode text is a mismatch.
    #[cold]
    fn not_a_string(&mut self) -> Fault {
        let at = self.at;
        match self.span() {
            Ok(_) => self.mismatch_at(at, "text without lone surrogates"),
            Err(fault) => fault,
        }
    }

    pub(crate) fn bool(&mut self) -> Result<bool, Fault> {
        match self.peek()? {
            b't' => self.literal("true").map(|()| true),
            b'f' => self.literal("false").map(|()| false),
            _ => Err(self.mismatch("a boolean")),
        }
    }

    pub(crate) fn null(&mut self) -> Result<(), Fault> {
        match self.peek()? {
            b'n' => self.literal("null"),
            _ => Err(self.mismatch("null")),
        }
    }

    #[inline]
    fn literal(&mut self, literal: &str) -> Result<(), Fault> {
        if !self.bytes().starts_with(literal.as_bytes()) {
            return self.span().map(drop);
        }
        self.at += literal.len();
        Ok(())
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Fault> {
        self.peek()?;
        if let Some((value, len)) = number::short_integer(self.bytes()) {
            self.at += len;
            return Ok(value);
        }
        self.number("an integer", "a 64-bit integer", number::to_i64)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Fault> {
        self.peek()?;
        if let Some((value, len)) = number::short_integer(self.bytes())
            && let Ok(value) = u64::try_from(value)
        {
            self.at += len;
            return Ok(value);
        }
        self.number("an integer", "an unsigned 64-bit integer", number::to_u64)
    }

    pub(crate) fn f64(&mut self) -> Result<f64, Fault> {
        let first = Peek::new(self.peek()?);
        if let Some((value, len)) = number::short_float(self.bytes()) {
            self.at += len;
            return Ok(value);
        }
        self.long_float(first)
    }

    fn long_float(&mut self, first: Peek) -> Result<f64, Fault> {
        if first.is_num() {
            let mut jiter = Jiter::new(self.bytes());
            if let Ok(value) = jiter.known_float(first)
                && number::is_plain(value)
            {
                self.at += jiter.current_index();
                return Ok(value);
            }
        }
        self.number("a number", "a 64-bit floating point number", number::to_f64)
    }

    /// The slow way to read a number: by its text, where the fast way failed or may have rounded.
    #[cold]
    fn number<T>(&mut self, kind: &'static str, range: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, Fault> {
        if !Peek::new(self.peek()?).is_num() {
            return Err(self.mismatch(kind));
        }
        let at = self.at;
        let text = self.span()?;
        parse(text).ok_or_else(|| self.mismatch_at(at, range))
    }
}
