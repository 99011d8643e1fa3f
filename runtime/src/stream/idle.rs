//! How long a stream may bring no event. What only keeps the connection open does not count.

use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::error::{Error, ErrorKind};
use crate::time::Time;
use crate::transport::BoxFuture;

/// Rings when no event came for as long as the limit.
pub(super) struct IdleTimer {
    limit: Option<Duration>,
    /// When the wait for the event that is due began.
    since: Option<Duration>,
    timer: Option<BoxFuture<'static, ()>>,
}

impl IdleTimer {
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self { limit, since: None, timer: None }
    }

    /// An event came. The timer is left alone and looked at when it rings, so that an event costs none.
    pub(super) fn reset(&mut self) {
        self.since = None;
    }

    /// Ready with an error when the limit is over.
    pub(super) fn poll(&mut self, time: &dyn Time, cx: &mut Context<'_>) -> Poll<Error> {
        let Some(limit) = self.limit else { return Poll::Pending };
        loop {
            if let Some(timer) = &mut self.timer {
                ready!(timer.as_mut().poll(cx));
                self.timer = None;
            }
            let now = time.monotonic();
            let since = *self.since.get_or_insert(now);
            let left = since.saturating_add(limit).saturating_sub(now);
            if left.is_zero() {
                return Poll::Ready(Error::new(ErrorKind::Timeout, format!("the stream brought no event for {limit:?}")));
            }
            self.timer = Some(time.timer(left));
        }
    }
}
