//! Streams of events: from the bytes of a response to typed values, with the errors that can hide among them (contract 4.4 to 4.6).

mod interpret;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::call::{Origin, PacedBody};
use crate::client::Client;
use crate::codec::Decoding;
use crate::error::{Error, ErrorKind, Result};
use crate::json::Decode;
use crate::operation::Operation;
use crate::response::{FromResponse, Reading, Received, ReceivedBody, ResponseMeta};
use crate::sse::Decoder;
use interpret::{Step, interpret};

/// Events as they arrive: a `futures_core::Stream` of results.
///
/// Nothing is read ahead: the reader's pace is the network's pace. Dropping it closes the connection. An event that cannot be decoded is
/// an error after which the stream goes on; after any other error it is over. A stream that ends before it is complete ends with
/// an error.
///
/// Cancel safety: dropping the future of [`try_next`](Self::try_next) loses no event.
pub struct EventStream<T> {
    body: PacedBody,
    decoder: Decoder,
    operation: &'static Operation,
    decoding: Decoding,
    meta: ResponseMeta,
    client: Client,
    state: State,
    /// What was read of a body that is no event stream.
    other: Vec<u8>,
    made: std::marker::PhantomData<fn() -> T>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// `proper` holds once an event was seen that ends such a stream.
    Open {
        proper: bool,
    },
    /// The body is no event stream: it is read for the error to report.
    NotEvents,
    Over,
}

impl<T: Decode + 'static> FromResponse for EventStream<T> {
    const READING: Reading = Reading::Streaming;

    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        let Received { meta, body } = response;
        let ReceivedBody::Streaming(body) = body else {
            return Err(Error::decode("the body was read already").with_meta(meta));
        };
        let content_type = meta.header("content-type").unwrap_or("text/event-stream");
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let is_other = kind.ends_with("json") || kind == "text/html";
        Ok(Self {
            client: body.client().clone(),
            body,
            decoder: Decoder::new(),
            operation: origin.draft.operation,
            decoding: origin.decoding(),
            meta,
            state: if is_other { State::NotEvents } else { State::Open { proper: false } },
            other: Vec::new(),
            made: std::marker::PhantomData,
        })
    }
}

impl<T: Decode> EventStream<T> {
    /// The next event; None when the stream is complete.
    ///
    /// # Errors
    /// When the server reports an error, the connection fails or stands still, the stream is cut off, or an event cannot be decoded.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|cx| self.poll_event(cx)).await.transpose()
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            let State::Open { proper } = self.state else { return self.poll_end(cx) };
            match self.decoder.next_event() {
                Err(error) => return self.end_with(Error::new(ErrorKind::Stream, error.to_string()).with_source(error)),
                Ok(Some(event)) => {
                    self.body.event(event.data);
                    match interpret(event, self.operation, self.decoding) {
                        Step::Skip => {}
                        Step::Done => return self.end(),
                        Step::Item { value, last } => {
                            self.state = State::Open { proper: proper || last };
                            return Poll::Ready(Some(value.map_err(|error| error.with_meta(self.meta.clone()))));
                        }
                        Step::Failed(error) => return self.end_with(error),
                    }
                }
                Ok(None) => match std::task::ready!(self.body.poll_chunk(cx)) {
                    Some(Ok(chunk)) => self.decoder.push(chunk),
                    Some(Err(error)) => return self.end_with(crate::call::transport_error(error)),
                    None if self.decoder.is_mid_event() || (!proper && !self.operation.stream_end.is_empty()) => {
                        return self.end_with(Error::new(ErrorKind::Stream, "the stream was cut off before it was complete"));
                    }
                    None => return self.end(),
                },
            }
        }
    }

    /// Reads a body that is no event stream and reports what it is.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        /// Enough to see what the server says.
        const MOST: usize = 1 << 20;
        if self.state == State::Over {
            return Poll::Ready(None);
        }
        while self.other.len() < MOST {
            match std::task::ready!(self.body.poll_chunk(cx)) {
                Some(Ok(chunk)) => self.other.extend_from_slice(&chunk),
                Some(Err(error)) => return self.end_with(crate::call::transport_error(error)),
                None => break,
            }
        }
        let body = std::mem::take(&mut self.other);
        self.end_with(interpret::not_events(&body))
    }

    fn end(&mut self) -> Poll<Option<Result<T>>> {
        self.state = State::Over;
        self.body.close();
        Poll::Ready(None)
    }

    fn end_with(&mut self, error: Error) -> Poll<Option<Result<T>>> {
        self.state = State::Over;
        self.body.fail(&error);
        Poll::Ready(Some(Err(error.with_meta(self.meta.clone()))))
    }
}

impl<T> EventStream<T> {
    /// Status, headers and request id, known before the first event.
    pub fn response(&self) -> &ResponseMeta {
        &self.meta
    }

    /// The events for a program without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> crate::blocking::Blocking<Self> {
        let client = self.client.clone();
        let home = self.body.home();
        crate::blocking::Blocking::new(self, client).begun(home)
    }

    /// The client that the stream came from.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl<T: Decode> Stream for EventStream<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(cx)
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("response", &self.meta).field("open", &(self.state != State::Over)).finish_non_exhaustive()
    }
}
