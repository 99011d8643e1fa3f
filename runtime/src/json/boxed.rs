//! Values whose types are not named: how they are decoded, and what they are kept as. Must not know any table of types.

use super::error::DecodeError;
use super::reader::{Fault, Mode, Reader};
use super::{Decode, Encode};

/// A value of some type that encodes.
pub(crate) type Boxed = Box<dyn Encode + Send + Sync>;

/// Decodes a value of some type.
pub(crate) type DecodeBoxed = fn(&mut Reader<'_>) -> Result<Boxed, Fault>;

/// Decodes a `T` for those who do not name it. The only code that exists once for each type in a table of types.
pub(crate) fn decode_boxed<T: Decode + Encode + Send + Sync + 'static>(r: &mut Reader<'_>) -> Result<Boxed, Fault> {
    let value: T = r.element()?;
    Ok(Box::new(value))
}

/// Decodes a whole text.
pub(crate) fn decode_text_boxed(json: &str, mode: Mode, decode: DecodeBoxed) -> Result<Boxed, DecodeError> {
    let mut reader = Reader::new(json, mode);
    let decoded = decode(&mut reader);
    reader.finish(decoded)
}
