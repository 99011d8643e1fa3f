//! A connection in the hands of whoever polls it: the reader, a sender, or a task that closes it. There is no task of its own, so that none is left behind.
//! Moves the engine, the socket and the clock; knows no event. What happens when the connection is lost is
//! in `ending`.

mod ending;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;

use super::closing::{Cause, Closed, code};
use super::engine::{Engine, Fate, Phase, Refusal};
use super::handshake::{self, Opened};
use super::keep_alive::{Due, KeepAlive};
use super::message::Message;
use super::queue::{Attendance, Ticket};
use super::reconnect::{Configuration, Reconnect};
use super::replay::Replay;
use super::socket::{Incoming, Limits, Socket, Text};
use crate::call::Origin;
use crate::error::{Error, ErrorKind, Result};
use crate::response::ResponseMeta;
use crate::transport::BoxFuture;
use crate::wakers::{Waiter, Wakers};

/// What a ping of the connection's own carries.
const KEEP_ALIVE: &[u8] = b"keep-alive";

/// How a connection behaves.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) limits: Limits,
    pub(super) queue_limit: usize,
    pub(super) keep_alive: Option<(Duration, Duration)>,
    pub(super) reconnect: Option<Reconnect>,
    /// The types of the events that configure a session.
    pub(super) configuration: &'static [&'static str],
}

/// What a reader gets.
#[derive(Debug)]
pub(super) enum Arrival {
    Text(Text),
    Binary(Bytes),
    Pong(Bytes),
    Reconnecting(Reconnecting),
    Reconnected(ResponseMeta),
    /// The last one, with the error for those who did not want it.
    Closed(Closed, Option<Error>),
}

/// A lost connection is about to be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconnecting {
    /// The number of the attempt, counted from one.
    pub attempt: u32,
    /// How many there can be.
    pub max_attempts: u32,
    /// The wait before it.
    pub delay: Duration,
    /// The code with which the connection was lost: 1006 when it broke.
    pub code: u16,
    /// The reason that the server gave, or what happened.
    pub reason: String,
}

/// The connection and all that belongs to it.
pub(super) struct Driver {
    origin: Origin,
    engine: Engine,
    link: Link,
    limits: Limits,
    keep_alive: Option<KeepAlive>,
    reconnect: Option<Reconnect>,
    replay: Option<Replay>,
    farewell: Option<Farewell>,
    notices: VecDeque<Arrival>,
    /// Why the last attempt to restore the connection failed.
    setback: Option<Error>,
    meta: ResponseMeta,
    pub(super) readers: Arc<Wakers>,
    pub(super) writers: Arc<Wakers>,
}

enum Link {
    Up(Box<Socket>),
    /// Before an attempt to restore it.
    Waiting(BoxFuture<'static, ()>),
    Opening(BoxFuture<'static, Result<Opened>>),
    Gone,
}

/// The close that the caller asked for.
struct Farewell {
    code: u16,
    reason: String,
    is_said: bool,
    timer: BoxFuture<'static, ()>,
}

impl Driver {
    pub(super) fn new(origin: Origin, opened: Opened, settings: Settings) -> Self {
        let Settings { limits, queue_limit, keep_alive, reconnect, configuration } = settings;
        let (readers, writers) = (Arc::<Wakers>::default(), Arc::<Wakers>::default());
        let repeats = reconnect.as_ref().is_some_and(|reconnect| reconnect.configuration == Configuration::Repeat);
        Self {
            origin,
            engine: Engine::new(queue_limit, reconnect.as_ref().map(|reconnect| reconnect.backoff)),
            link: Link::Up(Box::new(Socket::new(opened.connection, opened.buffering, limits, &readers, &writers))),
            limits,
            keep_alive: keep_alive.map(|(interval, patience)| KeepAlive::new(interval, patience)),
            reconnect,
            replay: repeats.then(|| Replay::new(configuration)),
            farewell: None,
            notices: VecDeque::new(),
            setback: None,
            meta: opened.meta,
            readers,
            writers,
        }
    }

    pub(super) fn meta(&self) -> &ResponseMeta {
        &self.meta
    }

    #[cfg(feature = "blocking")]
    pub(super) fn client(&self) -> &crate::client::Client {
        &self.origin.client
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.engine.phase(), Phase::Open)
    }

    pub(super) fn queued_bytes(&self) -> usize {
        self.engine.queued_bytes()
    }

    pub(super) fn closed(&self) -> Option<Closed> {
        self.engine.closed()
    }
}

/// What is received.
impl Driver {
    /// What arrives next. None: nothing more.
    pub(super) fn poll_arrival(&mut self, cx: &mut Context<'_>) -> Poll<Option<Arrival>> {
        self.readers.add(Waiter::RESIDENT, cx.waker());
        loop {
            self.advance();
            if let Some(notice) = self.notices.pop_front() {
                return Poll::Ready(Some(notice));
            }
            let incoming = match &mut self.link {
                Link::Gone => return Poll::Ready(None),
                Link::Up(socket) => socket.poll_incoming(),
                Link::Waiting(_) | Link::Opening(_) => Poll::Pending,
            };
            match incoming {
                Poll::Ready(incoming) => {
                    if let Some(arrival) = self.arrived(incoming) {
                        return Poll::Ready(Some(arrival));
                    }
                }
                Poll::Pending if self.is_waiting_to_write(cx) || self.keeps_alive() => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Whether something moved that had to wait. The reader waits for what goes out, too, while there is anything: nobody else may.
    fn is_waiting_to_write(&mut self, cx: &mut Context<'_>) -> bool {
        let is_quiet = match &self.link {
            Link::Up(socket) => self.engine.is_idle() && !socket.is_dirty(),
            _ => false,
        };
        if is_quiet {
            return false;
        }
        self.writers.add(Waiter::RESIDENT, cx.waker());
        self.advance()
    }

    fn arrived(&mut self, incoming: Incoming) -> Option<Arrival> {
        if let Some(keep_alive) = &mut self.keep_alive {
            keep_alive.heard();
        }
        match incoming {
            Incoming::Text(text) => Some(Arrival::Text(text)),
            Incoming::Binary(bytes) => Some(Arrival::Binary(bytes)),
            Incoming::Ping => None,
            Incoming::Pong(payload) if payload == KEEP_ALIVE => None,
            Incoming::Pong(payload) => Some(Arrival::Pong(payload)),
            Incoming::Closed(cause) => {
                if let Link::Up(socket) = &mut self.link {
                    // The answer to the close, as far as it goes out at once.
                    _ = socket.poll_flush();
                }
                self.lost(cause);
                None
            }
        }
    }

    /// Asks the server whether it is there when it is due. True: something was done.
    fn keeps_alive(&mut self) -> bool {
        let (Link::Up(socket), Some(keep_alive)) = (&mut self.link, &mut self.keep_alive) else { return false };
        let waker = Waker::from(self.readers.clone());
        let Poll::Ready(due) = keep_alive.poll(self.origin.client.time(), &mut Context::from_waker(&waker)) else { return false };
        let lost = match due {
            Due::Ask => socket.ping(Bytes::from_static(KEEP_ALIVE)).err(),
            Due::Dead(patience) => Some(Cause::new(code::ABNORMAL, format!("no answer to a ping within {patience:?}"))),
        };
        if let Some(cause) = lost {
            self.lost(cause);
        }
        true
    }
}

/// What is sent.
impl Driver {
    /// Takes a message without waiting, and writes what can be written.
    pub(super) fn offer(&mut self, message: Message, attendance: Attendance) -> Result<Ticket, (Refusal, Message)> {
        let ticket = self.engine.offer(message, attendance)?;
        self.advance();
        Ok(ticket)
    }

    /// What became of a message that somebody waits for.
    pub(super) fn fate(&mut self, ticket: Ticket) -> Fate {
        self.advance();
        self.engine.attend(ticket)
    }

    pub(super) fn leave(&mut self, ticket: Ticket) {
        self.engine.leave(ticket);
    }

    /// Ready when nothing waits to be written any more.
    pub(super) fn poll_flush(&mut self, waiter: Waiter, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.writers.add(waiter, cx.waker());
        self.advance();
        match self.engine.phase() {
            Phase::Ended { cause, .. } => Poll::Ready(Err(Error::new(ErrorKind::WebSocket, format!("the connection is closed: {cause}")))),
            _ if self.engine.is_idle() => Poll::Ready(Ok(())),
            _ => Poll::Pending,
        }
    }

    pub(super) fn ping(&mut self, payload: Bytes) -> Result<()> {
        let Link::Up(socket) = &mut self.link else {
            return Err(Error::new(ErrorKind::WebSocket, "the connection is not open"));
        };
        if let Err(cause) = socket.ping(payload) {
            self.lost(cause);
        }
        self.advance();
        Ok(())
    }

    /// Moves everything that can move without waiting. True: something that was waited for has happened.
    fn advance(&mut self) -> bool {
        let waker = Waker::from(self.writers.clone());
        let cx = &mut Context::from_waker(&waker);
        let mut has_moved = false;
        loop {
            match &mut self.link {
                Link::Gone => return has_moved,
                Link::Up(_) => match self.write() {
                    Ok(has_written) => return has_moved || has_written,
                    Err(cause) => self.lost(cause),
                },
                Link::Waiting(timer) => match timer.as_mut().poll(cx) {
                    Poll::Pending => return has_moved,
                    Poll::Ready(()) => {
                        let origin = self.origin.clone();
                        self.link = Link::Opening(Box::pin(async move { handshake::open(&origin).await }));
                    }
                },
                Link::Opening(opening) => match opening.as_mut().poll(cx) {
                    Poll::Pending => return has_moved,
                    Poll::Ready(Ok(opened)) => self.restored(opened),
                    Poll::Ready(Err(error)) => {
                        self.setback = Some(error);
                        self.plan();
                    }
                },
            }
            has_moved = true;
        }
    }

    /// Writes what waits, one message after the other: each is begun when the one before is in the connection as a whole, so that it is always known which
    /// are. True: something was written.
    fn write(&mut self) -> Result<bool, Cause> {
        let mut has_written = false;
        while let Link::Up(socket) = &mut self.link {
            if socket.poll_flush()?.is_pending() {
                break;
            }
            if self.engine.is_writing() {
                self.note_written();
                has_written = true;
                continue;
            }
            match (self.engine.start(), &mut self.farewell) {
                (Some(message), _) => socket.start(message)?,
                (None, Some(farewell)) if !farewell.is_said => {
                    farewell.is_said = true;
                    socket.close(farewell.code, &farewell.reason)?;
                }
                (None, _) => break,
            }
        }
        if has_written {
            self.writers.wake_all();
        }
        Ok(has_written)
    }

    fn note_written(&mut self) {
        if let (Some(message), Some(replay)) = (self.engine.written(), &mut self.replay) {
            replay.written(&message);
        }
    }
}
