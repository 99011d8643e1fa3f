//! Looking ahead without consuming, which is how unions choose their variant. Must not know any union.
//!
//! Looking ahead passes over the value at the cursor at most, and only when the tag is not the first key. As values nest no deeper
//! than [`MAX_DEPTH`](super::MAX_DEPTH), even hostile input is passed over that many times at most, at the speed of skipping.

use std::borrow::Cow;

use super::number;
use super::object::{Field, find};
use super::reader::{Fault, Kind, Mark, Reader};

/// How many of the first fields of a shape count in [`Reader::fit`].
const MAX_FIT_FIELDS: usize = 128;

impl<'j> Reader<'j> {
    /// The JSON type of the value at the cursor.
    ///
    /// # Errors
    /// When no value starts there.
    pub fn kind(&mut self) -> Result<Kind, Fault> {
        self.peek()?;
        kind_at(self.rest()).ok_or_else(|| self.no_value())
    }

    /// The string property of that name of the object at the cursor. None when the value is no object, has no such property, or has
    /// one that is no string.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn tag(&mut self, name: &str) -> Result<Option<Cow<'j, str>>, Fault> {
        if self.peek()? != b'{' {
            return Ok(None);
        }
        match first_member_text(self.rest(), name) {
            Some(text) => Ok(Some(Cow::Borrowed(text))),
            None => self.look_ahead(None, |r| r.find_text(name)),
        }
    }

    /// Whether the object at the cursor has all these keys.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn has_keys(&mut self, names: &[&str]) -> Result<bool, Fault> {
        if self.peek()? != b'{' {
            return Ok(false);
        }
        self.look_ahead(false, |r| {
            let mut missing = names.to_vec();
            let start = r.enter_object()?;
            while let Some(key) = r.key(start)? {
                missing.retain(|name| **name != *key);
                if missing.is_empty() {
                    return Ok(true);
                }
                r.skip()?;
            }
            Ok(missing.is_empty())
        })
    }

    /// The JSON type of the first element of the array at the cursor; none if it has no elements or is no array.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn element_kind(&mut self) -> Result<Option<Kind>, Fault> {
        self.peek()?;
        Ok(first_element(self.rest()).and_then(kind_at))
    }

    /// The JSON type of the first element of the first element of the array at the cursor.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn nested_element_kind(&mut self) -> Result<Option<Kind>, Fault> {
        self.peek()?;
        Ok(first_element(self.rest()).and_then(first_element).and_then(kind_at))
    }

    /// The string property of that name of the first element of the array at the cursor.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn element_tag(&mut self, name: &str) -> Result<Option<Cow<'j, str>>, Fault> {
        if self.peek()? != b'[' {
            return Ok(None);
        }
        self.look_ahead(None, |r| if r.enter_array()? { r.tag(name) } else { Ok(None) })
    }

    /// The string at the cursor; none for another type.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn peek_text(&mut self) -> Result<Option<Cow<'j, str>>, Fault> {
        if self.peek()? != b'"' {
            return Ok(None);
        }
        self.look_ahead(None, |r| r.text().map(Some))
    }

    /// Whether the value at the cursor is that string.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn text_is(&mut self, text: &str) -> Result<bool, Fault> {
        self.peek()?;
        // An escape may spell the same string; anything else differs within as many bytes as the string has.
        match self.rest().strip_prefix('"') {
            None => Ok(false),
            Some(rest) if rest.strip_prefix(text).is_some_and(|rest| rest.starts_with('"')) => Ok(true),
            Some(rest) if rest.bytes().take(text.len() + 1).any(|byte| byte == b'\\') => Ok(self.peek_text()?.as_deref() == Some(text)),
            Some(_) => Ok(false),
        }
    }

    /// The index of the shape that the object at the cursor fits best, the first of equals: fewest constants, listed values and kinds of
    /// values that contradict (null contradicts nothing), then fewest required fields that are missing, then fewest unknown keys.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn fit(&mut self, shapes: &[&[Field]]) -> Result<usize, Fault> {
        if self.peek()? != b'{' {
            return Ok(0);
        }
        self.look_ahead(0, |r| r.best_fit(shapes))
    }

    /// Does something ahead of the cursor and comes back. When what is ahead does not fit, the answer is `otherwise`.
    fn look_ahead<T>(&mut self, otherwise: T, look: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let mark = self.mark();
        let notes = self.notes.checkpoint();
        let answer = look(self);
        self.notes.restore(notes);
        self.back_to(mark);
        match answer {
            Err(Fault::Mismatch) => Ok(otherwise),
            answer => answer,
        }
    }

    fn find_text(&mut self, name: &str) -> Result<Option<Cow<'j, str>>, Fault> {
        let start = self.enter_object()?;
        while let Some(key) = self.key(start)? {
            if key == name {
                return if self.peek()? == b'"' { self.text().map(Some) } else { Ok(None) };
            }
            self.skip()?;
        }
        Ok(None)
    }

    fn best_fit(&mut self, shapes: &[&[Field]]) -> Result<usize, Fault> {
        let mut fits: Vec<Fit<'_>> = shapes.iter().map(|fields| Fit::new(fields)).collect();
        let start = self.enter_object()?;
        while let Some(key) = self.key(start)? {
            let mut needs_value = false;
            for fit in &mut fits {
                needs_value |= fit.key(&key);
            }
            self.peek()?;
            let mark = self.mark();
            let value = self.span()?;
            if !needs_value {
                continue;
            }
            let text = if value.contains('\\') { self.reread(mark)? } else { unquoted(value).map(Cow::Borrowed) };
            for fit in &mut fits {
                fit.value(value, text.as_deref());
            }
        }
        let best = fits.iter().map(Fit::score).enumerate().min_by_key(|(_, score)| *score);
        Ok(best.map_or(0, |(index, _)| index))
    }

    /// The string that was just passed; none if it is no string or not Unicode.
    fn reread(&mut self, mark: Mark) -> Result<Option<Cow<'j, str>>, Fault> {
        let end = self.mark();
        self.back_to(mark);
        let text = self.text();
        self.back_to(end);
        match text {
            Ok(text) => Ok(Some(text)),
            Err(Fault::Mismatch) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

/// How well an object fits a shape.
struct Fit<'f> {
    fields: &'f [Field],
    seen: u128,
    next: usize,
    /// The field that the last key named, while its value has not been judged.
    current: Option<&'f Field>,
    contradictions: usize,
    unknown: usize,
}

impl<'f> Fit<'f> {
    fn new(fields: &'f [Field]) -> Self {
        Self { fields, seen: 0, next: 0, current: None, contradictions: 0, unknown: 0 }
    }

    /// Takes note of a key and tells whether its value matters.
    fn key(&mut self, name: &str) -> bool {
        let Some(index) = find(self.fields, name, self.next) else {
            self.unknown += 1;
            return false;
        };
        self.next = index + 1;
        if index < MAX_FIT_FIELDS {
            self.seen |= 1 << index;
        }
        self.current = Some(&self.fields[index]).filter(|field| field.is_telling());
        self.current.is_some()
    }

    fn value(&mut self, json: &str, text: Option<&str>) {
        let Some(field) = self.current.take() else { return };
        let Some(kind) = kind_at(json).filter(|kind| *kind != Kind::Null) else { return };
        let is_listed = match text {
            _ if field.values.is_empty() => true,
            Some(text) => field.values.contains(&text),
            None => field.values.iter().any(|value| *value == json || number::same(value, json)),
        };
        self.contradictions += usize::from(!is_listed || field.refuses(kind));
    }

    fn score(&self) -> (usize, usize, usize) {
        let is_missing = |(index, field): &(usize, &Field)| {
            field.flags & Field::REQUIRED != 0 && *index < MAX_FIT_FIELDS && self.seen & (1 << index) == 0
        };
        let missing = self.fields.iter().enumerate().filter(is_missing).count();
        (self.contradictions, missing, self.unknown)
    }
}

/// The JSON type of the value that a text begins with.
fn kind_at(text: &str) -> Option<Kind> {
    match text.as_bytes().first()? {
        b'n' => Some(Kind::Null),
        b't' | b'f' => Some(Kind::Bool),
        b'"' => Some(Kind::String),
        b'[' => Some(Kind::Array),
        b'{' => Some(Kind::Object),
        b'-' | b'0'..=b'9' => {
            let is_digit = |byte: &u8| matches!(byte, b'-' | b'0'..=b'9');
            let end = text.bytes().find(|byte| !is_digit(byte));
            Some(if matches!(end, Some(b'.' | b'e' | b'E')) { Kind::Number } else { Kind::Integer })
        }
        _ => None,
    }
}

/// The text from the first element of the array that a text begins with.
fn first_element(text: &str) -> Option<&str> {
    let element = text.strip_prefix('[')?.trim_ascii_start();
    (!element.starts_with(']')).then_some(element)
}

/// The value of the first member of the object that a text begins with, if it has that name and a string without escapes.
#[inline]
fn first_member_text<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let key = text.strip_prefix('{')?.trim_ascii_start().strip_prefix('"')?;
    let colon = key.strip_prefix(name)?.strip_prefix('"')?.trim_ascii_start();
    let value = colon.strip_prefix(':')?.trim_ascii_start().strip_prefix('"')?;
    let end = value.bytes().position(|byte| matches!(byte, b'"' | b'\\'))?;
    (value.as_bytes()[end] == b'"').then(|| &value[..end])
}

/// What stands between the quotes of a string without escapes.
fn unquoted(json: &str) -> Option<&str> {
    json.strip_prefix('"')?.strip_suffix('"')
}
