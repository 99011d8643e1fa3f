//! Conveniences of the Realtime API.

use openai_runtime::Result;

use crate::types::realtime::{
    RealtimeConversationItem, RealtimeConversationItemFunctionCallOutput, RealtimeConversationItemMessageUser,
    RealtimeConversationItemMessageUserContentItem, RealtimeConversationItemMessageUserContentItemType,
    RealtimeServerEventResponseAudioDelta, RealtimeSessionCreateRequestGa, RealtimeTranscriptionSessionCreateRequestGa,
    RealtimeTranslationServerEventSessionOutputAudioDelta,
};

/// Sessions by what they are for.
impl RealtimeSessionCreateRequestGa {
    /// A session in which the model speaks or writes.
    #[inline]
    pub fn realtime() -> Self {
        Self::new()
    }

    /// A session in which speech is written down.
    #[inline]
    pub fn transcription() -> RealtimeTranscriptionSessionCreateRequestGa {
        RealtimeTranscriptionSessionCreateRequestGa::new()
    }
}

/// The items that are written most.
impl RealtimeConversationItem {
    /// What a user writes.
    #[inline]
    pub fn user_text(text: impl Into<String>) -> Self {
        let kind = RealtimeConversationItemMessageUserContentItemType::InputText;
        RealtimeConversationItemMessageUser::new([RealtimeConversationItemMessageUserContentItem::new().r#type(kind).text(text)]).into()
    }

    /// What a function that the model called has returned.
    #[inline]
    pub fn function_output(call_id: impl Into<String>, output: impl Into<String>) -> Self {
        RealtimeConversationItemFunctionCallOutput::new(call_id, output).into()
    }
}

impl RealtimeServerEventResponseAudioDelta {
    /// The audio, decoded.
    ///
    /// # Errors
    /// When it is not base64.
    #[inline]
    pub fn audio(&self) -> Result<Vec<u8>> {
        openai_runtime::from_base64(&self.delta)
    }
}

impl RealtimeTranslationServerEventSessionOutputAudioDelta {
    /// The audio, decoded.
    ///
    /// # Errors
    /// When it is not base64.
    #[inline]
    pub fn audio(&self) -> Result<Vec<u8>> {
        openai_runtime::from_base64(&self.delta)
    }
}

#[cfg(feature = "websocket")]
mod sending {
    use openai_runtime::Result;
    use openai_runtime::websocket::{AsyncRead, AudioChunks};

    use crate::connections::{realtime, realtime_translations};

    /// Audio as bytes.
    impl realtime::InputAudioBufferEvents<'_> {
        /// Appends audio as bytes, in the format of the session.
        ///
        /// # Errors
        /// As for every event that is sent.
        #[inline]
        pub async fn append_bytes(self, audio: impl AsRef<[u8]>) -> Result<()> {
            self.append(openai_runtime::to_base64(audio.as_ref())).await
        }

        /// Appends all that a reader gives: a file, a microphone, another program. Each piece of up to 8 KiB (a sixth of a second of PCM at 24 kHz) is an event, and
        /// is sent when it is full or the reader has come to its end. Returns the number of bytes.
        ///
        /// # Errors
        /// When reading fails; otherwise as for every event that is sent.
        #[inline]
        pub async fn append_from(self, reader: impl AsyncRead + Unpin) -> Result<u64> {
            let mut chunks = AudioChunks::new(reader);
            while let Some(chunk) = chunks.next().await? {
                self.append(chunk).await?;
            }
            Ok(chunks.bytes())
        }
    }

    /// Audio as bytes.
    impl realtime_translations::SessionInputAudioBufferEvents<'_> {
        /// Appends audio as bytes.
        ///
        /// # Errors
        /// As for every event that is sent.
        #[inline]
        pub async fn append_bytes(self, audio: impl AsRef<[u8]>) -> Result<()> {
            self.append(openai_runtime::to_base64(audio.as_ref())).await
        }

        /// Appends all that a reader gives, in events of up to 8 KiB. Returns the number of bytes.
        ///
        /// # Errors
        /// When reading fails; otherwise as for every event that is sent.
        #[inline]
        pub async fn append_from(self, reader: impl AsyncRead + Unpin) -> Result<u64> {
            let mut chunks = AudioChunks::new(reader);
            while let Some(chunk) = chunks.next().await? {
                self.append(chunk).await?;
            }
            Ok(chunks.bytes())
        }
    }
}
