//! One attempt: send, follow redirects, read the body, each within its time limit. Does not know that there are others.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};

use super::paced::{PacedBody, race};
use crate::client::Client;
use crate::client::config::strip_credentials;
use crate::error::{Error, ErrorBody, ErrorKind};
use crate::request::redirect::{self, BodyFate, CredentialFate};
use crate::response::{Reading, Received, ReceivedBody, ResponseMeta};
use crate::retry::{self, Failure};
use crate::timeout::Timeout;
use crate::transport::{RequestBody, ResponseBody, TransportError, TransportErrorKind};

/// At most this much of an error's body is read.
const LONGEST_ERROR: usize = 1024 * 1024;

/// Where in the call the attempt stands.
#[derive(Clone, Copy)]
pub(super) struct Progress {
    pub(super) taken: u32,
    pub(super) started: Duration,
    pub(super) deadline: Option<Duration>,
}

/// Why an attempt brought no result.
pub(super) enum Failed {
    /// A status that is not a success.
    Status { meta: ResponseMeta, body: ErrorBody },
    /// No answer, or half of one.
    Transport { error: TransportError, meta: Option<ResponseMeta> },
}

impl Failed {
    /// What the retry rules want to know; None: trying again makes no sense.
    pub(super) fn failure(&self) -> Option<Failure<'_>> {
        match self {
            Self::Status { meta, body } => {
                Some(Failure::Status { status: meta.status().as_u16(), headers: meta.headers(), code: body.code() })
            }
            Self::Transport { error, .. } => match error.kind() {
                TransportErrorKind::Connection => Some(Failure::Connection),
                TransportErrorKind::Timeout => Some(Failure::Timeout),
                TransportErrorKind::Request => None,
            },
        }
    }

    /// The headers that may say how long to wait.
    pub(super) fn headers(&self) -> Option<&HeaderMap> {
        match self {
            Self::Status { meta, .. } => Some(meta.headers()),
            Self::Transport { .. } => None,
        }
    }

    pub(super) fn into_error(self, now: SystemTime) -> Error {
        match self {
            Self::Status { meta, body } => {
                let retry_after = retry::retry_after(meta.headers(), now);
                Error::from_status(meta, body, retry_after)
            }
            Self::Transport { error, meta } => {
                let error = transport_error(error);
                match meta {
                    Some(meta) => error.with_meta(meta),
                    None => error,
                }
            }
        }
    }
}

/// The error that a failed exchange makes.
pub(crate) fn transport_error(error: TransportError) -> Error {
    let (kind, message) = match error.kind() {
        TransportErrorKind::Connection => (ErrorKind::Connection, with_root_cause(&error)),
        TransportErrorKind::Timeout => (ErrorKind::Timeout, error.to_string()),
        TransportErrorKind::Request => (ErrorKind::Argument, format!("the request cannot be sent: {error}")),
    };
    Error::new(kind, message).with_source(error.into_source())
}

/// The error's text and that of its root cause, which is the one that says what happened.
fn with_root_cause(error: &TransportError) -> String {
    let mut root: &dyn std::error::Error = error;
    while let Some(cause) = root.source() {
        root = cause;
    }
    let (text, root) = (error.to_string(), root.to_string());
    if text.contains(&root) { text } else { format!("{text}: {root}") }
}

/// Sends the request, and again where it is redirected to.
pub(super) async fn exchange(
    client: &Client,
    mut request: Request<RequestBody>,
    timeout: &Timeout,
    reading: Reading,
    progress: Progress,
) -> Result<Received, Failed> {
    let permit = permit(client, timeout).await.map_err(unanswered)?;
    for _ in 0..=redirect::MOST {
        let mut next = request.clone();
        let response = head(client, request, timeout).await.map_err(unanswered)?;
        let url = next.uri().to_string();
        let Some(redirect) = redirect::follow(next.method(), &url, response.status(), response.headers()) else {
            let (head, body) = response.into_parts();
            let elapsed = client.time().monotonic().saturating_sub(progress.started);
            let meta = ResponseMeta::new(head.status, head.headers, progress.taken, elapsed);
            let body = PacedBody::new(body, client.clone(), timeout.read_limit(), progress.deadline, permit);
            return receive(meta, body, reading).await;
        };
        let unfollowable = |e| unanswered(TransportError::request(e));
        *next.uri_mut() = redirect.url.parse().map_err(|e: http::uri::InvalidUri| unfollowable(e.to_string()))?;
        *next.method_mut() = redirect.method;
        if redirect.credentials == CredentialFate::Drop {
            strip_credentials(next.headers_mut());
        }
        match redirect.body {
            BodyFate::Drop => *next.body_mut() = RequestBody::empty(),
            BodyFate::Keep if !next.body().is_replayable() => {
                return Err(unfollowable("the server redirected a body that can be sent only once".into()));
            }
            BodyFate::Keep => {}
        }
        request = next;
    }
    Err(unanswered(TransportError::request(format!("more than {} redirects", redirect::MOST))))
}

fn unanswered(error: TransportError) -> Failed {
    Failed::Transport { error, meta: None }
}

/// Waits for one of a limited number of connections.
async fn permit(client: &Client, timeout: &Timeout) -> Result<Option<tokio::sync::OwnedSemaphorePermit>, TransportError> {
    let Some(connections) = client.shared().connections.clone() else { return Ok(None) };
    let acquire = connections.acquire_owned();
    let permit = match timeout.pool_limit() {
        None => acquire.await,
        Some(limit) => race(acquire, client.time().timer(limit))
            .await
            .ok_or_else(|| TransportError::timeout(format!("no connection became free within {limit:?}")))?,
    };
    permit.map(Some).map_err(TransportError::connection)
}

/// Waits for the response headers. While the body is still being taken, the wait begins anew with every chunk.
async fn head(client: &Client, request: Request<RequestBody>, timeout: &Timeout) -> Result<Response<ResponseBody>, TransportError> {
    let sent = request.body().sent();
    let all = request.body().len();
    let mut answer = client.shared().transport.send(request);
    loop {
        let before = sent.load(Ordering::Relaxed);
        let (limit, what) = match all {
            Some(all) if before >= all => (timeout.read_limit(), "no answer"),
            _ => (timeout.write_limit().max(timeout.read_limit()), "no progress in sending"),
        };
        let Some(limit) = limit else { return answer.await };
        match race(answer.as_mut(), client.time().timer(limit)).await {
            Some(answer) => return answer,
            None if sent.load(Ordering::Relaxed) > before => {}
            None => return Err(TransportError::timeout(format!("{what} within {limit:?}"))),
        }
    }
}

/// Reads as much of the answer as is asked for. An error's body is always read.
async fn receive(meta: ResponseMeta, mut body: PacedBody, reading: Reading) -> Result<Received, Failed> {
    if !meta.status().is_success() {
        // What could be read of it is enough: the status counts.
        let (bytes, _) = body.read_at_most(LONGEST_ERROR).await;
        return Err(Failed::Status { meta, body: ErrorBody::parse(&bytes) });
    }
    if reading == Reading::Streaming {
        return Ok(Received { meta, body: ReceivedBody::Streaming(body) });
    }
    match body.read(meta.content_length()).await {
        Ok(bytes) => Ok(Received { meta, body: ReceivedBody::Whole(bytes) }),
        Err(error) => Err(Failed::Transport { error, meta: Some(meta) }),
    }
}

impl PacedBody {
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

    /// The beginning of the body, and what went wrong, if anything did.
    pub(crate) async fn read_at_most(&mut self, most: usize) -> (Vec<u8>, Option<TransportError>) {
        let mut all = Vec::new();
        while all.len() < most {
            match self.chunk().await {
                None => break,
                Some(Err(error)) => return (all, Some(error)),
                Some(Ok(chunk)) => all.extend_from_slice(&chunk),
            }
        }
        all.truncate(most);
        (all, None)
    }
}
