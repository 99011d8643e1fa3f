//! A chat completion as it is made: events, and the completion they come to (contract 5.5). What the chunks mean is in `accumulate`.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use openai_runtime::{
    Accumulating, Call, Deferred, EventStream, FromResponse, Origin, Reading, Received, ResponseMeta, Result, StreamedTurn,
};
use serde_json::Value;

use super::accumulate::{ChatCompletionAccumulator, Cuts};
use super::events::ChatCompletionStreamEvent;
use crate::resources::chat::completions::Completions;
use crate::types::chat::{ChatCompletion, ChatCompletionCreateParams};

impl Completions {
    /// Streams a completion: events with what they have come to so far, and the completion at the end.
    ///
    /// For structured output set `response_format` to an [`OutputFormat`](crate::OutputFormat): events can then be
    /// [read while they grow](super::TextDelta::partial), and the completion [as a value](ChatCompletion::output).
    ///
    /// # Errors
    /// As [`create_stream`](Self::create_stream). With structured output or strict functions, an answer that was cut short or withheld is
    /// an error of the stream. Errors of the stream carry the [`ChatCompletion`] so far: [`attachment`](crate::Error::attachment).
    #[doc(alias = "chat.completions.stream")]
    #[inline]
    pub fn stream(&self, params: ChatCompletionCreateParams) -> Call<ChatCompletionStream> {
        self.create_stream(params).header("x-stainless-helper-method", "chat.completions.stream").cast()
    }
}

/// A chat completion as it is made: a stream of [`ChatCompletionStreamEvent`]s.
///
/// Nothing is read ahead. Dropping it closes the connection.
#[derive(Debug)]
#[must_use = "a stream reads nothing until it is asked: `while let Some(event) = stream.try_next().await? { … }`"]
pub struct ChatCompletionStream(Accumulating<ChatCompletionAccumulator>);

impl ChatCompletionStream {
    /// The next event; None when the stream is complete.
    ///
    /// Cancel safety: dropping the future loses nothing.
    ///
    /// # Errors
    /// When the stream fails, or the answer was cut short or withheld. The error carries the [`ChatCompletion`] so far.
    #[inline]
    pub async fn try_next(&mut self) -> Result<Option<ChatCompletionStreamEvent>> {
        self.0.try_next().await
    }

    /// Reads what is left of the stream, and returns the completion.
    ///
    /// # Errors
    /// When the stream fails, when the output was cut short ([`is_length_finish_reason`](crate::Error::is_length_finish_reason)) or withheld
    /// ([`is_content_filter`](crate::Error::is_content_filter)). The error carries the [`ChatCompletion`] so far, with its usage if that came.
    #[inline]
    pub fn final_completion(&mut self) -> Deferred<'_, ChatCompletion> {
        Deferred::new(self.0.driver(), async {
            self.0.drain().await?;
            self.0.state().finish()
        })
    }

    /// The completion as far as it is known. It is put together anew each time.
    #[inline]
    pub fn completion(&self) -> ChatCompletion {
        self.0.state().completion()
    }

    /// Status, headers and request id, known before the first event.
    #[inline]
    pub fn response(&self) -> &ResponseMeta {
        self.0.response()
    }

    /// The events for a program without an async runtime.
    #[cfg(feature = "blocking")]
    #[inline]
    pub fn blocking(self) -> openai_runtime::Blocking<Self> {
        let driver = self.0.driver();
        openai_runtime::Blocking::driven(self, &driver)
    }
}

impl Stream for ChatCompletionStream {
    type Item = Result<ChatCompletionStreamEvent>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.get_mut().0).poll_next(cx)
    }
}

impl FromResponse for ChatCompletionStream {
    const READING: Reading = Reading::Streaming;

    #[inline]
    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        let accumulator = ChatCompletionAccumulator::with_cuts(cuts(origin));
        Ok(Self(Accumulating::new(EventStream::from_response(response, origin)?, accumulator)))
    }
}

/// Whether something is to be read from the answer, which an answer that was cut short does not have.
#[inline]
fn cuts(origin: &Origin) -> Cuts {
    let value = |name| origin.param(name).map(|json| json.to_value()).unwrap_or_default();
    let is_structured = value("response_format")["type"] == "json_schema";
    let is_strict = |tool: &Value| tool["function"]["strict"] == true;
    let reads_arguments = value("tools").as_array().is_some_and(|tools| tools.iter().any(is_strict));
    if is_structured || reads_arguments { Cuts::Fail } else { Cuts::Pass }
}

impl StreamedTurn for ChatCompletionStream {
    type Event = ChatCompletionStreamEvent;
    type Turn = ChatCompletion;

    #[inline]
    fn turn(&self) -> Result<ChatCompletion> {
        self.0.state().finish()
    }
}
