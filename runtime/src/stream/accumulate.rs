//! [`Accumulating`]: a stream whose events are made of the events of another, by something that accumulates them. Knows neither's type.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::EventStream;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::json::Decode;
use crate::response::ResponseMeta;

/// What takes in the events of a stream one by one and knows what they have come to. It waits for nothing, and works as well on
/// events that were saved.
pub trait Accumulate {
    /// What it takes in.
    type Event: Decode;
    /// What it makes of that.
    type Item;

    /// Takes in an event; what becomes of it is appended to `items`, in order.
    ///
    /// # Errors
    /// When the event says that what was asked for will not come. What was appended before that is handed out first.
    fn accumulate(&mut self, event: Self::Event, items: &mut VecDeque<Self::Item>) -> Result<()>;

    /// Adds what there is so far to an error that ended the stream.
    fn attach(&self, error: Error) -> Error;
}

/// A stream of what an [`Accumulate`] makes of another stream's events.
///
/// Nothing is read ahead. Dropping it closes the connection.
#[must_use = "a stream reads nothing until it is asked: `while let Some(event) = stream.try_next().await? { … }`"]
pub struct Accumulating<A: Accumulate> {
    events: EventStream<A::Event>,
    state: A,
    items: VecDeque<A::Item>,
    /// What ends the stream once the items are handed out.
    error: Option<Error>,
    is_over: bool,
}

impl<A: Accumulate> Accumulating<A> {
    /// The stream that `state` makes of these events.
    pub fn new(events: EventStream<A::Event>, state: A) -> Self {
        Self { events, state, items: VecDeque::new(), error: None, is_over: false }
    }

    /// What has been accumulated.
    pub fn state(&self) -> &A {
        &self.state
    }

    /// What accumulates, to tell it how.
    pub fn state_mut(&mut self) -> &mut A {
        &mut self.state
    }

    /// What has been accumulated, by itself; the connection is closed.
    pub fn into_state(self) -> A {
        self.state
    }

    /// Status, headers and request id.
    pub fn response(&self) -> &ResponseMeta {
        self.events.response()
    }

    /// The client that the stream came from.
    pub fn client(&self) -> &Client {
        self.events.client()
    }

    /// What drives this stream when a program blocks on it.
    pub fn driver(&self) -> crate::Driver {
        self.events.driver()
    }

    /// The next of what becomes of the events; None when the stream is complete.
    ///
    /// Cancel safety: dropping the future loses nothing.
    ///
    /// # Errors
    /// As the stream underneath, and when an event says that what was asked for will not come. The error carries what there was.
    pub async fn try_next(&mut self) -> Result<Option<A::Item>> {
        std::future::poll_fn(|cx| self.poll_item(cx)).await.transpose()
    }

    /// Reads the stream to its end.
    ///
    /// # Errors
    /// As [`try_next`](Self::try_next).
    pub async fn drain(&mut self) -> Result<()> {
        while self.try_next().await?.is_some() {}
        Ok(())
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<A::Item>>> {
        loop {
            if let Some(item) = self.items.pop_front() {
                return Poll::Ready(Some(Ok(item)));
            }
            if let Some(error) = self.error.take() {
                return Poll::Ready(Some(Err(self.state.attach(error))));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            match ready!(Pin::new(&mut self.events).poll_next(cx)) {
                None => self.is_over = true,
                Some(Err(error)) => self.error = Some(error),
                Some(Ok(event)) => {
                    if let Err(error) = self.state.accumulate(event, &mut self.items) {
                        self.error = Some(error);
                        self.is_over = true;
                    }
                }
            }
        }
    }
}

impl<A: Accumulate> Stream for Accumulating<A> {
    type Item = Result<A::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(cx)
    }
}

impl<A: Accumulate> Unpin for Accumulating<A> {}

impl<A: Accumulate> fmt::Debug for Accumulating<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accumulating").field("events", &self.events).finish_non_exhaustive()
    }
}
