//! What happens to a connection and to its messages, as a state machine without a socket, a clock or a random number.
//!
//! ```text
//!          lost, recoverable                attempts used up, given up
//!   Open ───────────────────▶ Restoring ──────────────────────────────┐
//!    │ ▲                          │ │ close                           ▼
//!    │ └──────────────────────────┘ └──────────────────────────────▶ Ended
//!    │        restored                                                ▲
//!    ├──────────────▶ Closing ────────────────────────────────────────┤
//!    │   close                    lost, closed                        │
//!    └────────────────────────────────────────────────────────────────┘
//!                lost for good
//! ```

use std::time::Duration;

use super::closing::{Cause, Closed, code};
use super::message::Message;
use super::queue::{Attendance, SendQueue, Ticket};

/// How often and how fast a lost connection is restored (contract 9.6).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Backoff {
    pub(super) most: u32,
    pub(super) initial: Duration,
    pub(super) longest: Duration,
}

impl Backoff {
    /// How long to wait before the attempt with this number, counted from one. `jitter` is a random number in `0.0..1.0`.
    fn delay(&self, attempt: u32, jitter: f64) -> Duration {
        let doubled = self.initial.saturating_mul(2u32.saturating_pow(attempt.saturating_sub(1)));
        doubled.min(self.longest).mul_f64(1.0 - 0.25 * jitter.clamp(0.0, 1.0))
    }
}

/// Where the connection stands.
#[derive(Debug)]
pub(super) enum Phase {
    Open,
    Restoring { attempt: u32, cause: Cause },
    Closing,
    Ended { cause: Cause, unsent: Vec<Message> },
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no room now, but the connection makes some.
    Busy,
    /// There is no room, and none is being made: the connection is being restored.
    Full,
    /// The connection is closed.
    Ended,
}

/// What became of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It waits, or is being written.
    Pending,
    /// It is written, or it will be when the connection is restored.
    Settled,
    /// The connection ended before it was written.
    Returned(Message),
}

/// The next attempt to restore a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plan {
    pub(super) attempt: u32,
    pub(super) delay: Duration,
}

/// The state machine.
#[derive(Debug)]
pub(super) struct Engine {
    queue: SendQueue,
    phase: Phase,
    backoff: Option<Backoff>,
    /// Messages that go back to those who wait for them.
    returned: Vec<(Ticket, Message)>,
}

impl Engine {
    /// An open connection. Without a backoff it is never restored.
    pub(super) fn new(limit: usize, backoff: Option<Backoff>) -> Self {
        Self { queue: SendQueue::new(limit), phase: Phase::Open, backoff, returned: Vec::new() }
    }

    pub(super) fn phase(&self) -> &Phase {
        &self.phase
    }

    pub(super) fn queued_bytes(&self) -> usize {
        self.queue.bytes()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn is_writing(&self) -> bool {
        self.queue.is_writing()
    }

    /// Takes a message, or hands it back. One that is larger than the limit is taken when nothing else waits.
    pub(super) fn offer(&mut self, message: Message, attendance: Attendance) -> Result<Ticket, (Refusal, Message)> {
        let refusal = match self.phase {
            Phase::Open if self.queue.is_empty() || self.queue.has_room(message.len()) => return Ok(self.queue.push(message, attendance)),
            Phase::Open => Refusal::Busy,
            Phase::Restoring { .. } if self.queue.has_room(message.len()) => return Ok(self.queue.push(message, Attendance::Left)),
            Phase::Restoring { .. } => Refusal::Full,
            Phase::Closing | Phase::Ended { .. } => Refusal::Ended,
        };
        Err((refusal, message))
    }

    /// Says that somebody waits for a message to be written, until [`leave`](Self::leave) or until its fate is settled.
    pub(super) fn attend(&mut self, ticket: Ticket) -> Fate {
        if let Some(index) = self.returned.iter().position(|(returned, _)| *returned == ticket) {
            return Fate::Returned(self.returned.swap_remove(index).1);
        }
        if matches!(self.phase, Phase::Restoring { .. }) || !self.queue.attend(ticket, Attendance::Attended) {
            return Fate::Settled;
        }
        Fate::Pending
    }

    /// Nobody waits for the message any more.
    pub(super) fn leave(&mut self, ticket: Ticket) {
        self.queue.attend(ticket, Attendance::Left);
        // It was handed back to somebody who is gone: it counts as not sent.
        if let (Fate::Returned(message), Phase::Ended { unsent, .. }) = (self.reclaim(ticket), &mut self.phase) {
            unsent.push(message);
        }
    }

    fn reclaim(&mut self, ticket: Ticket) -> Fate {
        match self.returned.iter().position(|(returned, _)| *returned == ticket) {
            Some(index) => Fate::Returned(self.returned.swap_remove(index).1),
            None => Fate::Settled,
        }
    }

    /// The message that is to be written next, if the socket is free for one.
    pub(super) fn start(&mut self) -> Option<&Message> {
        match self.phase {
            Phase::Open | Phase::Closing => self.queue.start(),
            Phase::Restoring { .. } | Phase::Ended { .. } => None,
        }
    }

    /// The message in flight is in the socket as a whole. Returns it, unless it was a repeated one.
    pub(super) fn written(&mut self) -> Option<Message> {
        self.queue.written()
    }

    /// The socket is gone.
    pub(super) fn lost(&mut self, cause: Cause) {
        self.queue.interrupted();
        let is_wanted = matches!(self.phase, Phase::Open) && cause.is_recoverable();
        match self.backoff {
            Some(_) if is_wanted => {
                self.queue.dismiss_all();
                self.phase = Phase::Restoring { attempt: 0, cause };
            }
            _ => self.end(cause),
        }
    }

    /// The attempt that follows. None: there is none; the connection has ended.
    pub(super) fn plan(&mut self, jitter: f64) -> Option<Plan> {
        let (Phase::Restoring { attempt, .. }, Some(backoff)) = (&mut self.phase, self.backoff) else { return None };
        if *attempt >= backoff.most {
            self.give_up();
            return None;
        }
        *attempt += 1;
        Some(Plan { attempt: *attempt, delay: backoff.delay(*attempt, jitter) })
    }

    /// The connection is there again. These messages go out before all that wait.
    pub(super) fn restored(&mut self, first: Vec<Message>) {
        if matches!(self.phase, Phase::Restoring { .. }) {
            self.queue.push_front(first.into_iter());
            self.phase = Phase::Open;
        }
    }

    /// The connection is not restored; it ended as it was lost.
    pub(super) fn give_up(&mut self) {
        if let Phase::Restoring { cause, .. } = &self.phase {
            let cause = cause.clone();
            self.end(cause);
        }
    }

    /// The caller wants no more. What waits is still written, if there is a socket.
    pub(super) fn close(&mut self) {
        match self.phase {
            Phase::Open => self.phase = Phase::Closing,
            Phase::Restoring { .. } => self.end(Cause::new(code::NORMAL, "")),
            Phase::Closing | Phase::Ended { .. } => {}
        }
    }

    fn end(&mut self, cause: Cause) {
        if matches!(self.phase, Phase::Ended { .. }) {
            return;
        }
        let leftover = self.queue.drain();
        self.returned = leftover.attended;
        self.phase = Phase::Ended { cause, unsent: leftover.left };
    }

    /// How it ended, with what is not sent; None while it has not.
    pub(super) fn closed(&self) -> Option<Closed> {
        match &self.phase {
            Phase::Ended { cause, unsent } => Some(Closed { code: cause.code, reason: cause.reason.clone(), unsent: unsent.clone() }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
