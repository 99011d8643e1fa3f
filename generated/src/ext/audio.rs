//! Conveniences of the audio API.

use crate::types::audio::{TranscriptionCreateResponse, TranslationCreateResponse};

impl TranscriptionCreateResponse {
    /// What was said, in whichever format it came; empty if it came in one that this version does not know.
    #[inline]
    pub fn text(&self) -> &str {
        match self {
            Self::CreateTranscriptionResponseJson(json) => &json.text,
            Self::CreateTranscriptionResponseDiarizedJson(json) => &json.text,
            Self::CreateTranscriptionResponseVerboseJson(json) => &json.text,
            Self::Text(text) => text,
            Self::Unknown(_) => "",
        }
    }
}

impl TranslationCreateResponse {
    /// What was said, in English, in whichever format it came; empty if it came in one that this version does not know.
    #[inline]
    pub fn text(&self) -> &str {
        match self {
            Self::CreateTranslationResponseJson(json) => &json.text,
            Self::CreateTranslationResponseVerboseJson(json) => &json.text,
            Self::Text(text) => text,
            Self::Unknown(_) => "",
        }
    }
}
