//! The driver behind a lock that all halves of a connection share. The lock is held for a poll and never across an await.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use super::closing::Closed;
use super::driver::Driver;
use super::engine::{Fate, Refusal};
use super::message::Message;
use super::queue::{Attendance, Ticket};
use crate::error::{Error, ErrorKind, Result};
use crate::wakers::Waiter;

/// The connection that all halves share.
pub(super) struct Shared {
    driver: Mutex<Driver>,
    /// Where the connection was opened: what drives it.
    #[cfg(feature = "blocking")]
    home: Option<crate::blocking::Home>,
}

impl Shared {
    pub(super) fn new(driver: Driver) -> Arc<Self> {
        Arc::new(Self {
            driver: Mutex::new(driver),
            #[cfg(feature = "blocking")]
            home: crate::blocking::Home::here(),
        })
    }

    #[cfg(feature = "blocking")]
    pub(super) fn home(&self) -> Option<crate::blocking::Home> {
        self.home
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Driver> {
        self.driver.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let driver = self.lock();
        f.debug_struct("Connection").field("open", &driver.is_open()).field("queued_bytes", &driver.queued_bytes()).finish_non_exhaustive()
    }
}

/// A message that is being sent.
///
/// It takes its place in the order of all messages when it is first polled; dropping it after that does not take it back.
#[must_use = "a message is not sent yet: add `.await`"]
#[derive(Debug)]
pub struct Sending<'a> {
    shared: &'a Shared,
    state: State,
    waiter: Waiter,
}

#[derive(Debug)]
enum State {
    Faulty(Error),
    Offered(Message),
    Queued(Ticket),
    Done,
}

impl<'a> Sending<'a> {
    pub(super) fn new(shared: &'a Shared, message: Result<Message>) -> Self {
        let state = match message {
            Ok(message) => State::Offered(message),
            Err(error) => State::Faulty(error),
        };
        Self { shared, state, waiter: Waiter::new() }
    }

    fn step(&mut self, driver: &mut Driver) -> Poll<Result<()>> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Poll::Ready(Ok(())),
                State::Faulty(error) => return Poll::Ready(Err(error)),
                State::Offered(message) => match driver.offer(message, Attendance::Attended) {
                    Ok(ticket) => self.state = State::Queued(ticket),
                    Err((Refusal::Busy, message)) => {
                        self.state = State::Offered(message);
                        return Poll::Pending;
                    }
                    Err((refusal, message)) => return Poll::Ready(Err(refused(refusal, message, driver.closed()))),
                },
                State::Queued(ticket) => match driver.fate(ticket) {
                    Fate::Settled => return Poll::Ready(Ok(())),
                    Fate::Returned(message) => return Poll::Ready(Err(refused(Refusal::Ended, message, driver.closed()))),
                    Fate::Pending => {
                        self.state = State::Queued(ticket);
                        return Poll::Pending;
                    }
                },
            }
        }
    }
}

impl Future for Sending<'_> {
    type Output = Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.get_mut();
        let mut driver = this.shared.lock();
        // Most messages go out at once; who has to wait looks again after having said so.
        if let Poll::Ready(result) = this.step(&mut driver) {
            return Poll::Ready(result);
        }
        driver.writers.add(this.waiter, cx.waker());
        this.step(&mut driver)
    }
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        if let State::Queued(ticket) = self.state {
            self.shared.lock().leave(ticket);
        }
    }
}

/// The error for a message that was not taken. It carries the message.
pub(super) fn refused(refusal: Refusal, message: Message, closed: Option<Closed>) -> Error {
    let words = match (refusal, closed) {
        (Refusal::Busy | Refusal::Full, _) => "the queue of messages is full, this one was not taken".to_owned(),
        (Refusal::Ended, Some(closed)) => format!("the connection is closed (code {}), the message was not sent", closed.code),
        (Refusal::Ended, None) => "the connection is being closed, the message was not sent".to_owned(),
    };
    Error::new(ErrorKind::WebSocket, words).with_attachment(message)
}
