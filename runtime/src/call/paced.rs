//! A response body that may not stand still: each wait for a chunk has a limit, and all of it a deadline.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;

use super::attempt::kind_of;
use crate::client::Client;
use crate::error::Error;
use crate::trace::CallSpan;
use crate::transport::{BoxFuture, ResponseBody, TransportError};

/// A response body with its time limits. Dropping it ends the exchange and frees its place among the connections.
pub(crate) struct PacedBody {
    body: Option<ResponseBody>,
    client: Client,
    limit: Option<Duration>,
    deadline: Option<Duration>,
    timer: Option<BoxFuture<'static, ()>>,
    /// When the wait for the chunk that is due began; the timer may have been started for an earlier one.
    waiting_since: Option<Duration>,
    _permit: Option<tokio::sync::OwnedSemaphorePermit>,
    /// The call's span, which is over when the body is.
    span: Option<CallSpan>,
    #[cfg(feature = "blocking")]
    home: Option<crate::blocking::Home>,
}

impl PacedBody {
    pub(crate) fn new(
        body: ResponseBody,
        client: Client,
        limit: Option<Duration>,
        deadline: Option<Duration>,
        permit: Option<tokio::sync::OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            body: Some(body),
            client,
            limit,
            deadline,
            timer: None,
            waiting_since: None,
            _permit: permit,
            span: None,
            #[cfg(feature = "blocking")]
            home: crate::blocking::Home::here(),
        }
    }

    /// Where the exchange was begun.
    #[cfg(feature = "blocking")]
    pub(crate) fn home(&self) -> Option<crate::blocking::Home> {
        self.home
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// When the call as a whole has to be over.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// Keeps the call's span open for as long as the body.
    pub(crate) fn watch(&mut self, span: CallSpan) {
        self.span = Some(span);
    }

    /// Tells the call's span of an event in the body.
    pub(crate) fn event(&mut self, json: &str) {
        if let Some(span) = &mut self.span {
            span.event(json);
        }
    }

    /// The next chunk.
    pub(crate) async fn chunk(&mut self) -> Option<Result<Bytes, TransportError>> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    /// The whole body. `expected` is what the server announced.
    pub(crate) async fn read(&mut self, expected: Option<u64>) -> Result<Bytes, TransportError> {
        /// A server's word about the length is taken up to here.
        const MOST_RESERVED: u64 = 1 << 20;
        let Some(first) = self.chunk().await.transpose()? else { return Ok(Bytes::new()) };
        let Some(second) = self.chunk().await.transpose()? else { return Ok(first) };
        let expected = usize::try_from(expected.unwrap_or(0).min(MOST_RESERVED)).unwrap_or(0);
        let mut all = Vec::with_capacity(expected.max((first.len() + second.len()) * 2));
        all.extend_from_slice(&first);
        all.extend_from_slice(&second);
        while let Some(chunk) = self.chunk().await.transpose()? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.into())
    }

    /// Appends the beginning of the body, up to where it breaks off.
    pub(super) async fn read_at_most(&mut self, most: usize, all: &mut Vec<u8>) {
        while all.len() < most
            && let Some(Ok(chunk)) = self.chunk().await
        {
            all.extend_from_slice(&chunk);
        }
        all.truncate(most);
    }

    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        match body.poll_chunk(cx) {
            Poll::Ready(Some(Ok(chunk))) => {
                self.waiting_since = None;
                Poll::Ready(Some(Ok(chunk)))
            }
            Poll::Ready(None) => {
                self.hang_up();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(self.broken(error)))),
            Poll::Pending => self.poll_limits(cx).map(|error| Some(Err(self.broken(error)))),
        }
    }

    /// Ends the exchange, and the call with it.
    pub(crate) fn close(&mut self) {
        self.hang_up();
        self.span = None;
    }

    /// Ends the exchange because of what was in the body.
    pub(crate) fn fail(&mut self, error: &Error) {
        self.hang_up();
        if let Some(span) = self.span.take() {
            span.failed(error);
        }
    }

    fn broken(&mut self, error: TransportError) -> TransportError {
        self.hang_up();
        if let Some(span) = self.span.take() {
            span.broke(kind_of(&error).as_str());
        }
        error
    }

    fn hang_up(&mut self) {
        (self.body, self.timer, self._permit) = (None, None, None);
    }

    /// Ready when a limit is over. The timer is set once and looked at when it rings, so that a chunk costs none.
    fn poll_limits(&mut self, cx: &mut Context<'_>) -> Poll<TransportError> {
        if self.limit.is_none() && self.deadline.is_none() {
            return Poll::Pending;
        }
        loop {
            if let Some(timer) = &mut self.timer {
                std::task::ready!(timer.as_mut().poll(cx));
                self.timer = None;
            }
            let now = self.client.time().monotonic();
            let since = *self.waiting_since.get_or_insert(now);
            let idle = self.limit.map(|limit| since.saturating_add(limit).saturating_sub(now));
            let total = self.deadline.map(|deadline| deadline.saturating_sub(now));
            if total == Some(Duration::ZERO) {
                return Poll::Ready(TransportError::timeout("the deadline for the whole call passed"));
            }
            if let (Some(Duration::ZERO), Some(limit)) = (idle, self.limit) {
                return Poll::Ready(TransportError::timeout(format!("the response stood still for {limit:?}")));
            }
            let Some(wait) = idle.into_iter().chain(total).min() else { return Poll::Pending };
            self.timer = Some(self.client.time().timer(wait));
        }
    }
}

impl std::fmt::Debug for PacedBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PacedBody").field("open", &self.body.is_some()).finish_non_exhaustive()
    }
}

/// The future's output, or None when the timer is done first. The timer is made when the future has to wait. The future comes pinned, because an
/// async function holds what it is given twice.
pub(crate) async fn race<T>(
    mut future: Pin<&mut (impl Future<Output = T> + ?Sized)>,
    timer: impl FnOnce() -> BoxFuture<'static, ()>,
) -> Option<T> {
    let (mut start, mut timer) = (Some(timer), None);
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        if let Some(start) = start.take() {
            timer = Some(start());
        }
        timer.as_mut().map_or(Poll::Pending, |timer| timer.as_mut().poll(cx).map(|()| None))
    })
    .await
}
