//! Between calls and the JSON codec: params go out as text with their uploads on the side, bodies come in as values.

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::json::{self, Decode, Encode};
use crate::request::scan::{Member, Node, Span};
use crate::upload::Upload;

/// Whether a response may depart from the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decoding {
    Lenient,
    Strict,
}

/// Params as JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Encoded {
    pub(crate) text: Bytes,
    /// Uploads by the position of the null that stands for them, in order.
    pub(crate) uploads: Vec<(usize, Upload)>,
}

impl Encoded {
    /// The members of the params, which are always an object.
    pub(crate) fn members(&self) -> Result<Vec<Member<'_>>> {
        let text = std::str::from_utf8(&self.text).map_err(|e| Error::argument("the params are not UTF-8").with_source(e))?;
        match Span::new(text).node() {
            Node::Object(members) => Ok(members.collect()),
            _ => Err(Error::argument("the params are not an object")),
        }
    }

    /// The upload at this position.
    pub(crate) fn upload_at(&self, at: usize) -> Option<&Upload> {
        self.uploads.binary_search_by_key(&at, |(at, _)| *at).ok().map(|index| &self.uploads[index].1)
    }
}

pub(crate) fn encode(value: &(impl Encode + ?Sized)) -> Result<Encoded> {
    let json::Encoded { json, uploads } = json::encode(value)?;
    Ok(Encoded { text: json.into(), uploads })
}

/// Decodes a value of a type that is not named.
#[cfg(feature = "dynamic")]
pub(crate) fn decode_boxed(body: &[u8], decoding: Decoding, decode: json::DecodeBoxed) -> Result<json::Boxed> {
    let mode = match decoding {
        Decoding::Lenient => json::Mode::Lenient,
        Decoding::Strict => json::Mode::Strict,
    };
    json::utf8(body).and_then(|text| json::decode_text_boxed(text, mode, decode)).map_err(Error::from)
}

pub(crate) fn decode<T: Decode>(body: &[u8], decoding: Decoding) -> Result<T> {
    let decoded = match decoding {
        Decoding::Lenient => json::from_slice(body),
        Decoding::Strict => json::from_slice_strict(body),
    };
    decoded.map_err(Error::from)
}

/// Decodes text that is known to be UTF-8.
#[inline]
pub(crate) fn decode_text<T: Decode>(text: &str, decoding: Decoding) -> Result<T> {
    match decoding {
        Decoding::Lenient => json::from_str(text).map_err(Error::from),
        Decoding::Strict => decode(text.as_bytes(), decoding),
    }
}
