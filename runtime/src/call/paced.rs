//! A response body that may not stand still: each wait for a chunk has a limit, and all of it a deadline.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;

use crate::client::Client;
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
}

impl PacedBody {
    pub(crate) fn new(
        body: ResponseBody,
        client: Client,
        limit: Option<Duration>,
        deadline: Option<Duration>,
        permit: Option<tokio::sync::OwnedSemaphorePermit>,
    ) -> Self {
        Self { body: Some(body), client, limit, deadline, timer: None, waiting_since: None, _permit: permit }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The next chunk.
    pub(crate) async fn chunk(&mut self) -> Option<Result<Bytes, TransportError>> {
        poll_fn(|cx| self.poll_chunk(cx)).await
    }

    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        match body.poll_chunk(cx) {
            Poll::Ready(item) => {
                self.waiting_since = None;
                if !matches!(item, Some(Ok(_))) {
                    self.close();
                }
                Poll::Ready(item)
            }
            Poll::Pending => self.poll_limits(cx).map(|error| {
                self.close();
                Some(Err(error))
            }),
        }
    }

    /// Ends the exchange.
    pub(crate) fn close(&mut self) {
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
            let idle = self.limit.map(|limit| (since + limit).saturating_sub(now));
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

/// The future's output, or None when the timer is done first.
pub(crate) async fn race<T>(future: impl Future<Output = T>, timer: BoxFuture<'static, ()>) -> Option<T> {
    let mut future = pin!(future);
    let mut timer = timer;
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
    })
    .await
}
