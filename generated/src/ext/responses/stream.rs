//! A response as it is made: events with what they have come to, and the response in the end (contract 5.8). What the events mean is in
//! `accumulate`.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use openai_runtime::{
    Accumulating, Call, Deferred, Error, EventStream, FromResponse, Origin, Reading, Received, ResponseMeta, Result, StreamedTurn,
};

use super::accumulate::{ResponseAccumulator, ResponseEvent};
use crate::resources::responses::Responses;
use crate::types::responses::{Response, ResponseCreateParams, ResponseRetrieveParams};

impl Responses {
    /// Streams a response: events with what they have come to so far, and the response in the end.
    ///
    /// For structured output set `text.format` to an [`OutputFormat`](crate::OutputFormat): events can then be
    /// [read while they grow](ResponseEvent::partial), and the response [as a value](Response::output_as).
    ///
    /// # Errors
    /// As [`create_stream`](Self::create_stream), and when the params name neither a `prompt` nor a `model` and an input. Errors of the
    /// stream carry the [`Response`] so far: [`attachment`](Error::attachment).
    #[doc(alias = "responses.stream")]
    #[inline]
    pub fn stream(&self, params: ResponseCreateParams) -> Call<ResponseStream> {
        let checked = check(&params);
        self.create_stream(params).checked(checked).cast()
    }

    /// Streams a response that exists, in the background for instance, from its beginning on.
    /// [`starting_after`](ResponseStream::starting_after) leaves out events that were seen before.
    ///
    /// # Errors
    /// As [`retrieve_stream`](Self::retrieve_stream), and when the params have a `starting_after`: the server would leave out what the response
    /// is made of.
    #[inline]
    pub fn stream_existing(&self, response_id: impl Into<String>, params: ResponseRetrieveParams) -> Call<ResponseStream> {
        let checked = match params.starting_after {
            None => Ok(()),
            Some(_) => Err(Error::argument("`starting_after` is for the stream that this returns: its method of that name")),
        };
        self.retrieve_stream(response_id, params).checked(checked).cast()
    }
}

#[inline]
fn check(params: &ResponseCreateParams) -> Result<()> {
    if params.prompt.is_some() {
        return Ok(());
    }
    let goes_on = params.conversation.is_some() || params.previous_response_id.is_some();
    if params.model.is_none() {
        return Err(Error::argument("`model` is missing"));
    }
    if params.input.is_none() && !goes_on {
        return Err(Error::argument("`input` is missing"));
    }
    Ok(())
}

/// A response as it is made: a stream of [`ResponseEvent`]s.
///
/// Nothing is read ahead. Dropping it closes the connection.
#[derive(Debug)]
#[must_use = "a stream reads nothing until it is asked: `while let Some(event) = stream.try_next().await? { … }`"]
pub struct ResponseStream(Accumulating<ResponseAccumulator>);

impl ResponseStream {
    /// The next event; None when the stream is complete.
    ///
    /// Cancel safety: dropping the future loses nothing.
    ///
    /// # Errors
    /// When the stream fails. The error carries the [`Response`] so far.
    #[inline]
    pub async fn try_next(&mut self) -> Result<Option<ResponseEvent>> {
        self.0.try_next().await
    }

    /// Reads what is left of the stream, and returns the response.
    ///
    /// # Errors
    /// When the stream fails, and as [`ResponseAccumulator::finish`]: when the response was cut short, withheld or failed. The error carries
    /// the [`Response`], with its usage if that came.
    #[inline]
    pub fn final_response(&mut self) -> Deferred<'_, Response> {
        Deferred::new(self.0.driver(), async {
            self.0.drain().await?;
            self.0.state().finish()
        })
    }

    /// The response as far as it is known. Before it has ended, it is put together anew each time.
    #[inline]
    pub fn snapshot(&self) -> Response {
        self.0.state().response()
    }

    /// Leaves out the events up to this `sequence_number`, which were seen before. They are part of the response all the same.
    #[inline]
    pub fn starting_after(mut self, sequence_number: i64) -> Self {
        self.0.state_mut().set_seen(sequence_number);
        self
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

impl Stream for ResponseStream {
    type Item = Result<ResponseEvent>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.get_mut().0).poll_next(cx)
    }
}

impl FromResponse for ResponseStream {
    const READING: Reading = Reading::Streaming;

    #[inline]
    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        Ok(Self(Accumulating::new(EventStream::from_response(response, origin)?, ResponseAccumulator::new())))
    }
}

impl StreamedTurn for ResponseStream {
    type Event = ResponseEvent;
    type Turn = Response;

    #[inline]
    fn turn(&self) -> Result<Response> {
        self.0.state().finish()
    }
}
