//! Streams of events: from the bytes of a response to typed values, with the errors that can hide among them (contract 4.4 to 4.6).
//!
//! What does not depend on the type of the values is in `source`; what one event means is in `interpret`.

mod accumulate;
mod idle;
mod interpret;
mod resume;
mod snapshot;
mod source;
#[cfg(test)]
mod tests;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::call::Origin;
use crate::client::Client;
use crate::codec;
use crate::deferred::Driver;
use crate::error::Result;
use crate::json::Decode;
use crate::response::{FromResponse, Reading, Received, ResponseMeta};
pub use accumulate::{Accumulate, Accumulating};
use interpret::{Ending, Step};
pub use snapshot::Snapshot;
use source::{Next, Source};

/// Events as they arrive: a `futures_core::Stream` of results.
///
/// Nothing is read ahead: the reader's pace is the network's pace. Dropping it closes the connection.
///
/// An event that cannot be decoded is an error ([`is_decode`](crate::Error::is_decode)) that names it, and after which the stream goes on.
/// After any other error it is over: the server reported one ([`is_stream`](crate::Error::is_stream)), the stream ended before it was
/// complete ([`is_truncated`](crate::Error::is_truncated)), the connection broke ([`is_connection`](crate::Error::is_connection)) or stood
/// still ([`is_timeout`](crate::Error::is_timeout)), or the body is no event stream at all (`is_decode`, and it is the only thing that
/// comes). A stream that was made [`resumable`](crate::Call::resumable) goes on by itself when it was cut off.
///
/// Cancel safety: dropping the future of [`try_next`](Self::try_next) loses no event.
#[must_use = "a stream reads nothing until it is asked: `while let Some(event) = stream.try_next().await? { … }`"]
pub struct EventStream<T> {
    source: Source,
    made: std::marker::PhantomData<fn() -> T>,
}

impl<T: Decode + 'static> FromResponse for EventStream<T> {
    const READING: Reading = Reading::Streaming;

    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        Ok(Self { source: Source::new(response, origin)?, made: std::marker::PhantomData })
    }
}

impl<T: Decode> EventStream<T> {
    /// The next event; None when the stream is complete.
    ///
    /// # Errors
    /// When the server reports an error, the connection fails or stands still, the stream is cut off, or an event cannot be decoded.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|cx| self.poll_event(cx)).await
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<T>>> {
        let source = &mut self.source;
        loop {
            let event = match source.decoder.next_event() {
                Ok(Some(event)) => event,
                Ok(None) => match ready!(source.poll(cx)) {
                    Next::Again => continue,
                    Next::End(error) => return Poll::Ready(source.end(error)),
                },
                Err(error) => return Poll::Ready(Err(source.not_utf8(error))),
            };
            if source.resumption.as_mut().is_some_and(|resumption| resumption.has_seen(event)) {
                continue;
            }
            source.has_events = true;
            source.body.event(event.data);
            let end = match source.rules.interpret(event) {
                Step::Skip => continue,
                Step::Done => None,
                Step::Failed(error) => Some(error),
                Step::Item { text, ending } => {
                    source.idle.reset();
                    if ending == Ending::Proper {
                        source.ending = ending;
                    }
                    // Decoded where it is handed out, the value is moved as little as can be.
                    return Poll::Ready(match codec::decode_text(&text, source.rules.decoding) {
                        Ok(value) => Ok(Some(value)),
                        Err(error) => Err(interpret::describe(error, event).with_meta(source.meta.clone())),
                    });
                }
            };
            return Poll::Ready(source.end(end));
        }
    }
}

impl<T> EventStream<T> {
    /// Status, headers and request id, known before the first event. Of a stream that was resumed, those of the last response.
    pub fn response(&self) -> &ResponseMeta {
        &self.source.meta
    }

    /// The number of the last event that arrived, of a stream that is [resumable](crate::Call::resumable): where it goes on should
    /// it break off. Kept with the id of what is streamed, it lets another process go on, too.
    pub fn sequence_number(&self) -> Option<i64> {
        self.source.resumption.as_ref()?.last()
    }

    /// The events for a program without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> crate::blocking::Blocking<Self> {
        let client = self.client().clone();
        let home = self.home();
        crate::blocking::Blocking::new(self, client, home)
    }

    /// Where the stream was begun.
    #[cfg(feature = "blocking")]
    pub(crate) fn home(&self) -> Option<crate::blocking::Home> {
        self.source.body.home()
    }

    /// What drives this stream when a program blocks on it.
    pub fn driver(&self) -> Driver {
        #[cfg(feature = "blocking")]
        return Driver::with_home(self.client(), self.home());
        #[cfg(not(feature = "blocking"))]
        Driver::new(self.client())
    }

    /// The client that the stream came from.
    pub fn client(&self) -> &Client {
        self.source.body.client()
    }
}

impl<T: Decode> Stream for EventStream<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(cx).map(Result::transpose)
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("response", &self.source.meta).field("open", &self.source.is_open()).finish_non_exhaustive()
    }
}
