//! One attempt: send, follow redirects, read the body, each within its time limit. Does not know that there are others.

use std::pin::pin;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Request, Response};

use super::paced::{PacedBody, race};
use crate::client::Client;
use crate::client::config::strip_credentials;
use crate::error::{Error, ErrorBody, ErrorKind};
use crate::provider::Reach;
use crate::request::PreparedRequest;
use crate::request::redirect::{self, Fate};
use crate::response::{Reading, Received, ReceivedBody, ResponseMeta};
use crate::retry::{self, Failure};
use crate::timeout::Timeout;
use crate::trace::AttemptSpan;
use crate::transport::{RequestBody, ResponseBody, TransportError, TransportErrorKind};

/// At most this much of an error's body is read.
const LONGEST_ERROR: usize = 1024 * 1024;
const LONG_ANSWER: &str = "stream what takes long to answer, or raise the timeout";
const SLOW_NETWORK: &str = "check the network, or raise the timeout";

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
    /// A redirect could not be followed for want of a credential.
    Unsigned(Error),
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
            Self::Unsigned(_) => None,
        }
    }

    /// The headers that may say how long to wait.
    pub(super) fn headers(&self) -> Option<&HeaderMap> {
        match self {
            Self::Status { meta, .. } => Some(meta.headers()),
            Self::Transport { .. } | Self::Unsigned(_) => None,
        }
    }

    /// Tells the attempt's span.
    pub(super) fn report(&self, span: &AttemptSpan) {
        match self {
            Self::Status { meta, .. } => {
                span.answered(meta);
                span.failed(ErrorKind::of_status(meta.status()).as_str());
            }
            Self::Transport { error, meta } => {
                if let Some(meta) = meta {
                    span.answered(meta);
                }
                span.failed(kind_of(error).as_str());
            }
            Self::Unsigned(error) => span.failed(error.kind()),
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
            Self::Unsigned(error) => error,
        }
    }
}

/// The error that a failed exchange makes.
pub(crate) fn transport_error(error: TransportError) -> Error {
    let kind = kind_of(&error);
    let message = match kind {
        ErrorKind::Connection => with_root_cause(&error),
        ErrorKind::Argument => format!("the request cannot be sent: {error}"),
        _ => error.to_string(),
    };
    let hint = error.hint();
    let error = Error::new(kind, message).with_source(error.into_source());
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

pub(super) fn kind_of(error: &TransportError) -> ErrorKind {
    match error.kind() {
        TransportErrorKind::Connection => ErrorKind::Connection,
        TransportErrorKind::Timeout => ErrorKind::Timeout,
        TransportErrorKind::Request => ErrorKind::Argument,
    }
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

/// Sends the signed request, and again where it is redirected to.
pub(super) async fn exchange(
    client: &Client,
    prepared: &PreparedRequest,
    mut request: Request<RequestBody>,
    reading: Reading,
    progress: Progress,
) -> Result<Received, Failed> {
    let timeout = &prepared.timeout;
    let permit = permit(client, timeout).await.map_err(unanswered)?;
    let (mut body, mut credentials) = (Fate::Keep, Fate::Keep);
    for _ in 0..=redirect::MOST {
        let (method, url) = (request.method().clone(), request.uri().clone());
        let response = head(client, request, timeout).await.map_err(unanswered)?;
        let redirect = redirect::follow(&method, &url, response.status(), response.headers());
        let Some(redirect) = redirect.filter(|_| may_be_led_on(client)) else {
            let (head, body) = response.into_parts();
            let elapsed = client.time().monotonic().saturating_sub(progress.started);
            let meta = ResponseMeta::new(head.status, head.headers, progress.taken, elapsed);
            let body = PacedBody::new(body, client.clone(), timeout.read_limit(), progress.deadline, permit);
            return receive(client, meta, body, timeout.read_limit(), reading).await;
        };
        body = body.then(redirect.body);
        credentials = credentials.then(redirect.credentials);
        request = again(client, prepared, body, credentials, progress.taken).await?;
        *request.method_mut() = redirect.method;
        *request.uri_mut() = redirect.url.parse().map_err(|e: http::uri::InvalidUri| unanswered(TransportError::request(e.to_string())))?;
    }
    Err(unanswered(TransportError::request(format!("more than {} redirects", redirect::MOST))))
}

/// The request once more, with what may go along. It is made anew, because a copy would have to be kept of every request for the few that are redirected.
async fn again(
    client: &Client,
    prepared: &PreparedRequest,
    body: Fate,
    credentials: Fate,
    taken: u32,
) -> Result<Request<RequestBody>, Failed> {
    if body == Fate::Keep && prepared.body.is_spent() {
        return Err(unanswered(TransportError::request("the server redirected a body that can be sent only once")));
    }
    let mut request = match credentials {
        Fate::Keep => prepared.signed(client, taken).await,
        Fate::Drop => prepared.attempt(taken, None),
    }
    .map_err(Failed::Unsigned)?;
    if credentials == Fate::Drop {
        strip_credentials(request.headers_mut());
    }
    if body == Fate::Drop {
        *request.body_mut() = RequestBody::empty();
    }
    Ok(request)
}

/// Whether redirects are followed at all.
fn may_be_led_on(client: &Client) -> bool {
    let provider = client.config().ok().and_then(|config| config.provider.as_deref());
    provider.is_none_or(|provider| provider.reach() == Reach::Anywhere)
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
        Some(limit) => race(pin!(acquire), || client.time().timer(limit))
            .await
            .ok_or_else(|| TransportError::timeout(format!("no connection became free within {limit:?}")))?,
    };
    permit.map(Some).map_err(TransportError::connection)
}

/// Waits for the response headers. While the body is still being taken, the wait begins anew with every chunk.
async fn head(client: &Client, request: Request<RequestBody>, timeout: &Timeout) -> Result<Response<ResponseBody>, TransportError> {
    let progress = request.body().progress();
    let mut answer = client.shared().transport().send(request);
    loop {
        let (before, is_sent) = (progress.taken(), progress.is_complete());
        let limit = if is_sent { timeout.read_limit() } else { timeout.write_limit() };
        // Sending without a limit is still looked at now and then, to see whether it is over.
        let Some(wait) = limit.or(timeout.read_limit()) else { return answer.await };
        match race(answer.as_mut(), || client.time().timer(wait)).await {
            Some(answer) => return answer,
            None if limit.is_none() || progress.taken() > before || progress.is_complete() != is_sent => {}
            None if is_sent => return Err(TransportError::timeout(format!("no answer within {wait:?}")).with_hint(LONG_ANSWER)),
            None => return Err(TransportError::timeout(format!("no progress in sending within {wait:?}")).with_hint(SLOW_NETWORK)),
        }
    }
}

/// Reads as much of the answer as is asked for. An error's body is always read.
async fn receive(
    client: &Client,
    meta: ResponseMeta,
    mut body: PacedBody,
    limit: Option<Duration>,
    reading: Reading,
) -> Result<Received, Failed> {
    if !meta.status().is_success() {
        let bytes = error_body(client, &mut body, limit).await;
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

/// The error for an answer that is not the protocol that was asked for.
#[cfg(feature = "websocket")]
pub(crate) async fn refused(client: &Client, meta: ResponseMeta, body: ResponseBody) -> Error {
    /// How long the words of an error may take.
    const LIMIT: Duration = Duration::from_secs(5);
    let mut body = PacedBody::new(body, client.clone(), Some(LIMIT), None, None);
    let bytes = error_body(client, &mut body, Some(LIMIT)).await;
    if meta.status().is_success() {
        let message = format!("the server answered with status {} and opened no WebSocket: is the base URL right?", meta.status().as_u16());
        return Error::new(ErrorKind::WebSocket, message).with_body(&bytes).with_meta(meta);
    }
    Failed::Status { meta, body: ErrorBody::parse(&bytes) }.into_error(client.time().now())
}

/// What can be read of an error's body within the limit: the status counts, not the words, so that nothing here fails.
async fn error_body(client: &Client, body: &mut PacedBody, limit: Option<Duration>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let reading = body.read_at_most(LONGEST_ERROR, &mut bytes);
    match limit {
        None => reading.await,
        // A server that drips a body never stands still; all of an error's body has one limit.
        Some(limit) => _ = race(pin!(reading), || client.time().timer(limit)).await,
    }
    bytes
}
