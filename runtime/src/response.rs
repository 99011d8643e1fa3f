//! How an answer becomes a value: [`FromResponse`] and what goes along with a value (status, headers, request id, rate limits).

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::call::{Origin, PacedBody};
use crate::codec;
use crate::error::{Error, Result};
use crate::json::{Decode, Json};

/// What is known of a response besides its body. Cheap to clone.
#[derive(Clone)]
pub struct ResponseMeta(Arc<Meta>);

struct Meta {
    status: StatusCode,
    headers: HeaderMap,
    retries: u32,
    elapsed: Duration,
}

impl ResponseMeta {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, retries: u32, elapsed: Duration) -> Self {
        Self(Arc::new(Meta { status, headers, retries, elapsed }))
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The server's id for the request (`x-request-id`).
    pub fn request_id(&self) -> Option<&str> {
        self.header("x-request-id")
    }

    /// How many retries were made before this answer.
    pub fn retries(&self) -> u32 {
        self.0.retries
    }

    /// From the start of the call to the response headers, retries and waits included.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// The rate limits that the server reported (`x-ratelimit-*`).
    pub fn rate_limits(&self) -> RateLimits {
        let number = |name| self.header(name).and_then(|text| text.trim().parse().ok());
        let duration = |name| self.header(name).and_then(parse_duration);
        RateLimits {
            limit_requests: number("x-ratelimit-limit-requests"),
            remaining_requests: number("x-ratelimit-remaining-requests"),
            reset_requests: duration("x-ratelimit-reset-requests"),
            limit_tokens: number("x-ratelimit-limit-tokens"),
            remaining_tokens: number("x-ratelimit-remaining-tokens"),
            reset_tokens: duration("x-ratelimit-reset-tokens"),
        }
    }

    /// A header's value as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }

    /// What makes it unlikely that the body is the JSON of an API.
    fn oddity(&self, body: &[u8]) -> Option<String> {
        if let Some(coding) = self.header("content-encoding").filter(|coding| *coding != "identity") {
            return Some(format!("the body is compressed with {coding}, which was not asked for: turn on the feature gzip"));
        }
        if body.is_empty() {
            return Some("the server answered with nothing".to_owned());
        }
        let kind = self.header("content-type")?.split(';').next()?.trim().to_ascii_lowercase();
        Some(match &*kind {
            "text/html" => "the server answered with a page of HTML".to_owned(),
            "text/event-stream" => "the server answered with a stream of events".to_owned(),
            "text/plain" => "the server answered with plain text".to_owned(),
            _ => return None,
        })
    }

    pub(crate) fn content_length(&self) -> Option<u64> {
        self.header("content-length")?.parse().ok()
    }
}

/// Shows status and request id, never the other headers.
impl fmt::Debug for ResponseMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseMeta")
            .field("status", &self.0.status.as_u16())
            .field("request_id", &self.request_id())
            .field("retries", &self.0.retries)
            .field("elapsed", &self.0.elapsed)
            .finish_non_exhaustive()
    }
}

/// Rate limits as the server reports them with every answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimits {
    /// Requests allowed in a period.
    pub limit_requests: Option<u64>,
    /// Requests left.
    pub remaining_requests: Option<u64>,
    /// Until all requests are allowed again.
    pub reset_requests: Option<Duration>,
    /// Tokens allowed in a period.
    pub limit_tokens: Option<u64>,
    /// Tokens left.
    pub remaining_tokens: Option<u64>,
    /// Until all tokens are allowed again.
    pub reset_tokens: Option<Duration>,
}

/// A duration as the rate-limit headers write it: `1s`, `6m0s`, `250ms`, `1h2m3.5s`.
fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut seconds = 0f64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        seconds += number
            * match &rest[..letters] {
                "d" => 86_400.0,
                "h" => 3600.0,
                "m" => 60.0,
                "s" | "" => 1.0,
                "ms" => 1e-3,
                "us" | "µs" => 1e-6,
                _ => return None,
            };
        rest = &rest[letters..];
    }
    Duration::try_from_secs_f64(seconds).ok().filter(|_| !text.trim().is_empty())
}

/// A successful answer, before it becomes a value.
#[derive(Debug)]
pub struct Received {
    pub(crate) meta: ResponseMeta,
    pub(crate) body: ReceivedBody,
}

#[derive(Debug)]
pub(crate) enum ReceivedBody {
    Whole(Bytes),
    Streaming(PacedBody),
}

/// Whether the body is read before the value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The whole body, as part of the attempt: when it breaks off, the call is tried again.
    Whole,
    /// Only the headers: the value reads the body.
    Streaming,
}

impl Received {
    /// What is known of the response.
    pub fn meta(&self) -> &ResponseMeta {
        &self.meta
    }

    /// The body; empty when it is to be streamed.
    pub fn bytes(&self) -> Bytes {
        match &self.body {
            ReceivedBody::Whole(bytes) => bytes.clone(),
            ReceivedBody::Streaming(_) => Bytes::new(),
        }
    }
}

/// A type that a call can return.
#[diagnostic::on_unimplemented(
    message = "a call cannot return `{Self}`",
    label = "not a type of the API, nor one that holds a response",
    note = "for a type of your own that serde can read: `let body = call.raw().await?.body`, then `serde_json::from_slice(&body)`"
)]
pub trait FromResponse: Sized + 'static {
    /// Whether the body is read first.
    const READING: Reading = Reading::Whole;

    /// Makes the value. `origin` is the call that was made, for values that make further calls.
    ///
    /// # Errors
    /// When the answer is not what the type holds.
    fn from_response(response: Received, origin: &Origin) -> Result<Self>;
}

impl<T: Decode + 'static> FromResponse for T {
    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        // A call without a result says nothing about its body.
        if std::any::TypeId::of::<T>() == std::any::TypeId::of::<()>() {
            return codec::decode(b"null", origin.decoding());
        }
        whole_body(&response, origin, |body| codec::decode(body, origin.decoding()))
    }
}

/// Decodes a body that was read. "No content" is the absence of a value, and text that was asked for is a string.
pub(crate) fn whole_body<T>(response: &Received, origin: &Origin, decode: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
    let body = response.bytes();
    let with_response = |error: Error| {
        let error = error.with_body(&body).with_meta(response.meta.clone());
        match origin.client.config() {
            Ok(config) => config.hinted(error),
            Err(_) => error,
        }
    };
    if origin.draft.asks_for_text() {
        let text = std::str::from_utf8(&body).map_err(|e| with_response(Error::decode("the body is not UTF-8").with_source(e)))?;
        return decode(Json::from(text).as_str().as_bytes()).map_err(with_response);
    }
    let is_nothing = body.is_empty() && response.meta.status() == StatusCode::NO_CONTENT;
    decode(if is_nothing { b"null" } else { &body }).map_err(|error| {
        let error = match response.meta.oddity(&body) {
            Some(oddity) if error.is_decode() && !is_json(&body) => {
                Error::decode(format!("{oddity} ({})", error.message())).with_source(error)
            }
            _ => error,
        };
        with_response(error)
    })
}

/// Whether the body is JSON of whatever kind.
fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_core::de::IgnoredAny>(body).is_ok()
}

/// A body of plain text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Text(pub String);

impl FromResponse for Text {
    fn from_response(response: Received, _: &Origin) -> Result<Self> {
        match String::from_utf8(response.bytes().into()) {
            Ok(text) => Ok(Self(text)),
            Err(error) => Err(Error::decode("the body is not UTF-8").with_source(error).with_meta(response.meta)),
        }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// A value together with status, headers and request id. Dereferences to the value.
#[derive(Clone, Debug)]
pub struct WithResponse<T> {
    /// The value.
    pub value: T,
    /// What came with it.
    pub response: ResponseMeta,
}

impl<T> WithResponse<T> {
    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The server's id for the request.
    pub fn request_id(&self) -> Option<&str> {
        self.response.request_id()
    }

    /// How many retries were made.
    pub fn retries(&self) -> u32 {
        self.response.retries()
    }
}

impl<T> Deref for WithResponse<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for WithResponse<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: FromResponse> FromResponse for WithResponse<T> {
    const READING: Reading = T::READING;

    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        let meta = response.meta.clone();
        Ok(Self { value: T::from_response(response, origin)?, response: meta })
    }
}

/// A response whose body is not decoded.
#[derive(Clone, Debug)]
pub struct RawResponse {
    /// Status, headers and request id.
    pub response: ResponseMeta,
    /// The body.
    pub body: Bytes,
}

impl RawResponse {
    /// The status.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The server's id for the request.
    pub fn request_id(&self) -> Option<&str> {
        self.response.request_id()
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Decodes the body.
    ///
    /// # Errors
    /// When it is not what the type holds.
    pub fn decode<T: Decode>(&self) -> Result<T> {
        codec::decode(&self.body, codec::Decoding::Lenient).map_err(|error| error.with_body(&self.body).with_meta(self.response.clone()))
    }
}

impl FromResponse for RawResponse {
    fn from_response(response: Received, _: &Origin) -> Result<Self> {
        Ok(Self { body: response.bytes(), response: response.meta })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_limit_durations_are_read() {
        for (text, milliseconds) in [
            ("1s", Some(1000)),
            ("6m0s", Some(360_000)),
            ("250ms", Some(250)),
            ("1h2m3.5s", Some(3_723_500)),
            ("20", Some(20_000)),
            ("", None),
            ("soon", None),
        ] {
            assert_eq!(parse_duration(text), milliseconds.map(Duration::from_millis), "{text:?}");
        }
    }
}
