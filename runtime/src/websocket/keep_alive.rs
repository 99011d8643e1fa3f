//! When to ask whether the server is still there, and when to believe that it is not. Sends nothing itself.

use std::task::{Context, Poll};
use std::time::Duration;

use crate::time::Time;
use crate::transport::BoxFuture;

/// Asks after a time of silence, and waits for an answer.
pub(super) struct KeepAlive {
    interval: Duration,
    patience: Duration,
    state: State,
    timer: Option<BoxFuture<'static, ()>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Something arrived since the timer was set.
    Heard,
    Silent,
    /// The server was asked.
    Asked,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Ask,
    /// There was no answer.
    Dead(Duration),
}

impl KeepAlive {
    pub(super) fn new(interval: Duration, patience: Duration) -> Self {
        Self { interval, patience, state: State::Silent, timer: None }
    }

    /// Something arrived.
    pub(super) fn heard(&mut self) {
        self.state = State::Heard;
    }

    /// The connection is a new one.
    pub(super) fn reset(&mut self) {
        (self.state, self.timer) = (State::Silent, None);
    }

    /// Ready when something is due. The timer is set once and looked at when it rings, so that what arrives costs none.
    pub(super) fn poll(&mut self, time: &dyn Time, cx: &mut Context<'_>) -> Poll<Due> {
        loop {
            let wait = if self.state == State::Asked { self.patience } else { self.interval };
            let timer = self.timer.get_or_insert_with(|| time.timer(wait));
            std::task::ready!(timer.as_mut().poll(cx));
            self.timer = None;
            match self.state {
                State::Heard => self.state = State::Silent,
                State::Silent => {
                    self.state = State::Asked;
                    return Poll::Ready(Due::Ask);
                }
                State::Asked => return Poll::Ready(Due::Dead(self.patience)),
            }
        }
    }
}
