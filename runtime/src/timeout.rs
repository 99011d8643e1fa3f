//! How long to wait for what. Pure data.

use std::time::Duration;

/// The time limits of one attempt. Each bounds a wait without progress, not the whole: an answer that keeps coming may take for ever.
/// For a limit on everything together see `deadline`.
///
/// By default 5 seconds to connect and 10 minutes for anything else. `Duration` converts into a `Timeout` with that limit for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    connect: Option<Duration>,
    read: Option<Duration>,
    write: Option<Duration>,
    pool: Option<Duration>,
    event: Option<Duration>,
}

impl Default for Timeout {
    fn default() -> Self {
        let long = Some(Duration::from_secs(600));
        Self { connect: Some(Duration::from_secs(5)), read: long, write: long, pool: long, event: None }
    }
}

impl Timeout {
    /// The same limit for everything but the wait for an event.
    pub fn all(limit: Duration) -> Self {
        Self { connect: Some(limit), read: Some(limit), write: Some(limit), pool: Some(limit), event: None }
    }

    /// No limits at all.
    pub fn none() -> Self {
        Self { connect: None, read: None, write: None, pool: None, event: None }
    }

    /// Limits how long connecting may take. It belongs to the connection pool: set it on the client builder, not on a call.
    #[must_use]
    pub fn connect(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.connect = limit.into();
        self
    }

    /// Limits how long the server may be silent: until the headers, and between two chunks of the body.
    #[must_use]
    pub fn read(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.read = limit.into();
        self
    }

    /// Limits how long sending may stand still.
    #[must_use]
    pub fn write(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.write = limit.into();
        self
    }

    /// Limits how long to wait for a connection when the client's number of connections is limited and all are taken.
    #[must_use]
    pub fn pool(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.pool = limit.into();
        self
    }

    /// Limits how long a stream may bring no event. What only keeps the connection open is none, so that this ends a stream that a server
    /// keeps alive without saying anything. No limit by default: a model may think for long.
    #[must_use]
    pub fn event(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.event = limit.into();
        self
    }

    pub(crate) fn connect_limit(&self) -> Option<Duration> {
        self.connect
    }

    pub(crate) fn read_limit(&self) -> Option<Duration> {
        self.read
    }

    pub(crate) fn write_limit(&self) -> Option<Duration> {
        self.write
    }

    pub(crate) fn pool_limit(&self) -> Option<Duration> {
        self.pool
    }

    pub(crate) fn event_limit(&self) -> Option<Duration> {
        self.event
    }
}

impl From<Duration> for Timeout {
    fn from(limit: Duration) -> Self {
        Self::all(limit)
    }
}
