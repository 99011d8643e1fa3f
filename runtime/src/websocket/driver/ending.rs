//! How a connection is lost, restored and closed, and what its reader is told of that. Writes no message.

use std::task::{Context, Poll};
use std::time::Duration;

use super::{Arrival, Driver, Farewell, Link, Reconnecting};
use crate::wakers::Waiter;
use crate::websocket::closing::{Cause, Closed, code};
use crate::websocket::engine::Phase;
use crate::websocket::handshake::Opened;
use crate::websocket::reconnect::Attempt;
use crate::websocket::replay::Replay;
use crate::websocket::socket::Socket;

/// How long the server may take to answer a close.
const CLOSE_LIMIT: Duration = Duration::from_secs(10);
/// As many notices are kept for a reader that does not come.
const MOST_NOTICES: usize = 256;

impl Driver {
    pub(super) fn lost(&mut self, cause: Cause) {
        if let Link::Up(socket) = &self.link
            && self.engine.is_writing()
            && socket.is_written()
        {
            self.note_written();
        }
        self.link = Link::Gone;
        self.engine.lost(cause);
        match self.engine.phase() {
            Phase::Restoring { .. } => self.plan(),
            _ => self.ended(),
        }
        self.readers.wake_all();
        self.writers.wake_all();
    }

    /// Prepares the next attempt to restore the connection, or ends it.
    pub(super) fn plan(&mut self) {
        let jitter = self.origin.client.time().jitter();
        let Some(plan) = self.engine.plan(jitter) else { return self.ended() };
        let Phase::Restoring { cause, .. } = self.engine.phase() else { return self.ended() };
        let (code, reason) = (cause.code, cause.reason.clone());
        let most = self.reconnect.as_ref().map_or(0, |reconnect| reconnect.backoff.most);
        let mut attempt = Attempt::new(plan, most, code);
        if let Some(hook) = self.reconnect.as_mut().and_then(|reconnect| reconnect.hook.as_mut()) {
            hook(&mut attempt);
        }
        match attempt.apply(&mut self.origin.draft) {
            Ok(Some(delay)) => {
                self.notify(Arrival::Reconnecting(Reconnecting { attempt: plan.attempt, max_attempts: most, delay, code, reason }));
                self.link = Link::Waiting(self.origin.client.time().sleep(delay));
            }
            Ok(None) => self.give_up(),
            Err(error) => {
                self.setback = Some(error);
                self.give_up();
            }
        }
    }

    fn give_up(&mut self) {
        self.engine.give_up();
        self.ended();
    }

    pub(super) fn restored(&mut self, opened: Opened) {
        let socket = Socket::new(opened.connection, opened.buffering, self.limits, &self.readers, &self.writers);
        self.link = Link::Up(Box::new(socket));
        self.engine.restored(self.replay.as_ref().map(Replay::messages).unwrap_or_default());
        self.setback = None;
        self.meta = opened.meta.clone();
        if let Some(keep_alive) = &mut self.keep_alive {
            keep_alive.reset();
        }
        self.notify(Arrival::Reconnected(opened.meta));
        self.writers.wake_all();
    }

    fn ended(&mut self) {
        self.link = Link::Gone;
        if let (Phase::Ended { cause, .. }, Some(closed)) = (self.engine.phase(), self.engine.closed()) {
            let is_wanted = self.farewell.is_some() || cause.is_clean() && !(self.reconnect.is_some() && cause.is_recoverable());
            let error = (!is_wanted).then(|| cause.clone().into_error(closed.clone(), self.setback.take()));
            self.notify(Arrival::Closed(closed, error));
        }
        self.writers.wake_all();
    }

    fn notify(&mut self, notice: Arrival) {
        if self.notices.len() == MOST_NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
        self.readers.wake_all();
    }

    /// Says farewell after all that waits. What is being restored is given up.
    pub(in super::super) fn close(&mut self, code: u16, reason: String) {
        match self.engine.phase() {
            Phase::Open => {
                let timer = self.origin.client.time().timer(CLOSE_LIMIT);
                self.farewell = Some(Farewell { code, reason, is_said: false, timer });
                self.engine.close();
            }
            Phase::Restoring { .. } => {
                self.engine.close();
                self.ended();
            }
            Phase::Closing | Phase::Ended { .. } => {}
        }
    }

    /// Ready when the connection is closed. What arrives meanwhile is dropped.
    pub(in super::super) fn poll_closed(&mut self, waiter: Waiter, cx: &mut Context<'_>) -> Poll<Closed> {
        self.readers.add(waiter, cx.waker());
        self.writers.add(waiter, cx.waker());
        loop {
            self.advance();
            if let Some(closed) = self.engine.closed() {
                return Poll::Ready(closed);
            }
            let Link::Up(socket) = &mut self.link else { return Poll::Pending };
            if let Poll::Ready(incoming) = socket.poll_incoming() {
                drop(self.arrived(incoming));
                continue;
            }
            let Some(farewell) = &mut self.farewell else { return Poll::Pending };
            std::task::ready!(farewell.timer.as_mut().poll(cx));
            self.lost(Cause::new(code::ABNORMAL, format!("the server did not answer the close within {CLOSE_LIMIT:?}")));
        }
    }
}
