//! A message on its way out: text, which events are, or bytes. Knows no queue and no frame.

use std::fmt;

use bytes::Bytes;

/// A message as it is sent. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    form: Form,
    payload: Bytes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Binary,
}

impl Message {
    /// A message of text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { form: Form::Text, payload: text.into().into() }
    }

    /// A message of bytes.
    pub fn binary(bytes: impl Into<Bytes>) -> Self {
        Self { form: Form::Binary, payload: bytes.into() }
    }

    /// A message of text that was encoded, and is UTF-8 therefore.
    pub(super) fn encoded(text: Bytes) -> Self {
        Self { form: Form::Text, payload: text }
    }

    /// The text; None for bytes.
    pub fn as_text(&self) -> Option<&str> {
        match self.form {
            Form::Text => std::str::from_utf8(&self.payload).ok(),
            Form::Binary => None,
        }
    }

    /// The content, whichever it is.
    pub fn as_bytes(&self) -> &[u8] {
        &self.payload
    }

    /// Its length in bytes, which is what counts in the queue.
    pub fn len(&self) -> usize {
        self.payload.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.payload.is_empty()
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    pub(super) fn payload(&self) -> Bytes {
        self.payload.clone()
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<Bytes> for Message {
    fn from(bytes: Bytes) -> Self {
        Self::binary(bytes)
    }
}

impl From<Vec<u8>> for Message {
    fn from(bytes: Vec<u8>) -> Self {
        Self::binary(bytes)
    }
}

/// Shows what it is and how long, not what is in it.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("form", &self.form).field("len", &self.len()).finish_non_exhaustive()
    }
}
