//! An event with what it requires, before it is sent: what the methods of a connection return. Knows no event.

use std::fmt;

use super::connection::Sender;
use super::shared::Sending;
use crate::error::Result;
use crate::json::Encode;

/// An event that was not sent yet: `.await` sends it. Its optional fields are set with [`with`](Self::with).
#[must_use = "an event is not sent yet: add `.await`"]
pub struct Submit<'a, C, E> {
    sender: &'a Sender<C>,
    event: E,
}

impl<'a, C: Encode, E: Into<C>> Submit<'a, C, E> {
    /// An event for this sender.
    pub fn new(sender: &'a Sender<C>, event: E) -> Self {
        Self { sender, event }
    }

    /// Changes the event, to set what is optional: `.with(|event| event.event_id("e1"))`.
    pub fn with(mut self, change: impl FnOnce(E) -> E) -> Self {
        self.event = change(self.event);
        self
    }

    /// The event, to be sent otherwise.
    pub fn into_event(self) -> E {
        self.event
    }

    #[cfg(feature = "blocking")]
    pub(super) fn sender(&self) -> &'a Sender<C> {
        self.sender
    }

    /// Sends it without waiting. See [`Sender::try_send`].
    ///
    /// # Errors
    /// See [`Sender::try_send`].
    pub fn try_send(self) -> Result<()> {
        self.sender.try_send(self.event)
    }
}

impl<'a, C: Encode, E: Into<C>> IntoFuture for Submit<'a, C, E> {
    type Output = Result<()>;
    type IntoFuture = Sending<'a>;

    fn into_future(self) -> Sending<'a> {
        self.sender.send(self.event)
    }
}

impl<C, E: fmt::Debug> fmt::Debug for Submit<'_, C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Submit").field(&self.event).finish()
    }
}
