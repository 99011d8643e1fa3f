//! The seam to the network: a request goes out, an answer comes back. Knows nothing of retries, credentials or JSON.

#[cfg(feature = "reqwest")]
pub(crate) mod reqwest;
#[cfg(feature = "websocket")]
mod upgrade;
pub(crate) mod wrapped;

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

pub use crate::request::body::{BodyStream, RequestBody};
#[cfg(feature = "websocket")]
pub use upgrade::{Duplex, Upgrade};

/// A boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Something that carries one HTTP request to a server and brings the answer back.
///
/// It sends what it is given: it does not retry, follow redirects, or wait for the whole body. Dropping the future, or the body of the
/// response, must end the exchange.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a transport",
    label = "does not implement `Transport`",
    note = "a `reqwest::Client` is handed to `http_client` instead"
)]
pub trait Transport: Send + Sync + 'static {
    /// Sends the request. The future is done when the response headers are there.
    fn send(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>>;

    /// Sends a request that asks the server to speak another protocol from then on (RFC 9110, 7.8). If it agrees, with status 101, the
    /// connection is the caller's; dropping that must close it. HTTP/2 has no such thing: the request has to go out as HTTP/1.1.
    ///
    /// The default is an error that says that this transport cannot do it.
    #[cfg(feature = "websocket")]
    fn upgrade(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<Upgrade>, TransportError>> {
        drop(request);
        Box::pin(std::future::ready(Err(TransportError::request("this transport cannot open WebSockets"))))
    }

    /// A transport like this one with connections of its own. Calls made with `.blocking()` are driven by a runtime in the background and
    /// ask for it once: a connection belongs to the runtime that it was made on, which may be the one that such a call holds up.
    ///
    /// The default is None: those calls use this transport, too.
    ///
    /// # Errors
    /// When it cannot be made.
    fn separate(&self) -> crate::Result<Option<Arc<dyn Transport>>> {
        Ok(None)
    }
}

/// Why a transport did not bring an answer.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Box<dyn StdError + Send + Sync>,
    hint: Option<&'static str>,
}

/// What a failed exchange means for the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransportErrorKind {
    Connection,
    Timeout,
    Request,
}

impl TransportError {
    /// The connection could not be made, or it broke. The call may be tried again.
    pub fn connection(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind: TransportErrorKind::Connection, source: source.into(), hint: None }
    }

    /// It took too long. The call may be tried again.
    pub fn timeout(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind: TransportErrorKind::Timeout, source: source.into(), hint: None }
    }

    /// The request itself cannot be sent, or its body could not be read. Trying again does not help.
    pub fn request(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind: TransportErrorKind::Request, source: source.into(), hint: None }
    }

    /// Adds what to do about it, in a sentence for people: the [`hint`](crate::Error::hint) of the call's error.
    #[must_use]
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    pub(crate) fn hint(&self) -> Option<&'static str> {
        self.hint
    }

    pub(crate) fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    pub(crate) fn into_source(self) -> Box<dyn StdError + Send + Sync> {
        self.source
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.source()
    }
}

/// The body of a response, in chunks as they arrive.
pub struct ResponseBody(Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>);

impl ResponseBody {
    /// A body that arrives in chunks.
    pub fn stream(chunks: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static) -> Self {
        Self(Box::pin(chunks))
    }

    /// A body that is there.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::stream(Once(Some(bytes.into())))
    }

    /// The next chunk.
    pub fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, TransportError>>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl Stream for ResponseBody {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_chunk(cx)
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseBody")
    }
}

struct Once(Option<Bytes>);

impl Stream for Once {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().filter(|bytes| !bytes.is_empty()).map(Ok))
    }
}
