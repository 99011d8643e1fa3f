//! Bytes inside JSON: base64 with the usual alphabet. Knows no field.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::error::{Error, Result};

/// Writes padding, and reads with or without.
const ENGINE: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// The bytes as text.
pub fn to_base64(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// The bytes behind a text.
///
/// # Errors
/// When the text is not base64.
pub fn from_base64(text: &str) -> Result<Vec<u8>> {
    ENGINE.decode(text).map_err(|error| Error::decode(format!("the text is not base64: {error}")).with_source(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_their_text_with_or_without_padding() {
        assert_eq!(to_base64(b"abcd"), "YWJjZA==");
        for text in ["YWJjZA==", "YWJjZA"] {
            assert_eq!(from_base64(text).unwrap(), b"abcd");
        }
        assert!(from_base64("a b").unwrap_err().is_decode());
    }
}
