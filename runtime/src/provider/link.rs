//! What a provider may use of the client that it signs for: its connections and its clock. Knows nothing of tokens.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};

use crate::call::{race, transport_error};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::time::Time;
use crate::transport::{RequestBody, TransportError};

/// Longer answers than this are none that a provider asks for.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// A client's connections and its clock, for a provider that needs a token first. Cheap to clone.
///
/// Requests go out as they are given: without the client's headers and credentials, without retries, and redirects are not followed.
#[derive(Clone)]
pub struct Link {
    client: Client,
    max_retries: u32,
}

/// An answer with its whole body.
#[derive(Clone)]
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Link {
    pub(crate) fn new(client: &Client, max_retries: u32) -> Self {
        Self { client: client.clone(), max_retries }
    }

    /// Sends a request and reads the answer, all within the limit.
    ///
    /// # Errors
    /// When the connection fails or the limit passes. A status is never an error here.
    pub async fn send(&self, request: Request<RequestBody>, limit: Duration) -> Result<Answered> {
        let exchange = pin!(self.exchange(request));
        match race(exchange, || self.time().timer(limit)).await {
            Some(outcome) => outcome.map_err(transport_error),
            None => Err(transport_error(TransportError::timeout(format!("no answer within {limit:?}")))),
        }
    }

    async fn exchange(&self, request: Request<RequestBody>) -> Result<Answered, TransportError> {
        let response: Response<_> = self.client.shared().transport().send(request).await?;
        let (head, mut incoming) = response.into_parts();
        let mut body = Vec::new();
        while let Some(chunk) = poll_fn(|cx| incoming.poll_chunk(cx)).await {
            body.extend_from_slice(&chunk?);
            if body.len() > LONGEST_ANSWER {
                return Err(TransportError::request("the answer is longer than any that was to be expected"));
            }
        }
        Ok(Answered { status: head.status, headers: head.headers, body: body.into() })
    }

    /// The client's clock.
    pub fn time(&self) -> &dyn Time {
        self.client.time()
    }

    /// How often the call that is signed would be repeated after a failure.
    pub fn max_retries(&self) -> u32 {
        self.max_retries
    }

    /// Whether the call is made from a program without a runtime, over connections of its own.
    pub(crate) fn is_blocking(&self) -> bool {
        #[cfg(feature = "blocking")]
        return self.client.shared().bridge.transport().is_some();
        #[cfg(not(feature = "blocking"))]
        false
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("client", &self.client).finish_non_exhaustive()
    }
}

/// Shows neither headers nor body: there may be a token in them.
impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered").field("status", &self.status.as_u16()).finish_non_exhaustive()
    }
}

impl Answered {
    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).map_err(|e| Error::decode(format!("the answer is no JSON: {e}")))
    }
}
