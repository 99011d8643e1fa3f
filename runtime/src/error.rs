//! The one error of the SDK: opaque, with predicates and accessors. Knows no transport and no endpoint.

mod body;
mod hint;
mod kind;
mod show;

use std::any::Any;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::json::{DecodeError, EncodeError};
use crate::response::ResponseMeta;

pub(crate) use body::ErrorBody;
#[cfg(feature = "reqwest")]
pub(crate) use hint::PROXY_CREDENTIALS;
pub(crate) use hint::Signer;
pub use kind::ErrorKind;

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, as one opaque value.
///
/// Ask it with the predicates ([`is_rate_limit`](Self::is_rate_limit), [`is_timeout`](Self::is_timeout), …), and read what the server said
/// with the accessors. No credential and no request body is ever part of it, neither in `Debug` nor in `Display`.
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    body: ErrorBody,
    meta: Option<ResponseMeta>,
    retries: Option<u32>,
    retry_after: Option<Duration>,
    attachment: Option<Arc<dyn Any + Send + Sync>>,
    hint: Option<Cow<'static, str>>,
}

/// Building errors.
impl Error {
    /// An error of the given kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            source: None,
            body: ErrorBody::default(),
            meta: None,
            retries: None,
            retry_after: None,
            attachment: None,
            hint: None,
        }))
    }

    /// A value that cannot be sent.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Argument, message)
    }

    /// An answer that is not what was expected.
    pub fn decode(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Decode, message)
    }

    /// Adds what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Adds a value that the error carries, such as the response that was cut short.
    #[must_use]
    pub fn with_attachment<T: Any + Send + Sync>(mut self, value: T) -> Self {
        self.0.attachment = Some(Arc::new(value));
        self
    }

    /// The same error for somebody else who waited for the same thing.
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// The error of a token exchange that was refused (RFC 6749, 5.2; contract 2.11): the body is kept as it came.
    pub(crate) fn oauth(meta: ResponseMeta, body: Option<serde_json::Value>) -> Self {
        let described = body.as_ref().and_then(|body| body.get("error_description")?.as_str()).filter(|text| !text.is_empty());
        let mut error = Self::new(ErrorKind::OAuth, described.unwrap_or("OAuth authentication error."));
        error.0.body = ErrorBody::verbatim(body);
        error.with_meta(meta)
    }

    /// Adds status, headers and request id.
    #[must_use]
    pub fn with_meta(mut self, meta: ResponseMeta) -> Self {
        self.0.meta = Some(meta);
        self
    }

    /// Adds the body as it was received.
    #[must_use]
    pub(crate) fn with_body(mut self, body: &[u8]) -> Self {
        self.0.body = ErrorBody::parse(body);
        self
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn meta(&self) -> Option<&ResponseMeta> {
        self.0.meta.as_ref()
    }

    pub(crate) fn with_retries(mut self, retries: u32) -> Self {
        self.0.retries = Some(retries);
        self
    }

    /// The error for a status that is not a success (contract 2.6).
    pub(crate) fn from_status(meta: ResponseMeta, body: ErrorBody, retry_after: Option<Duration>) -> Self {
        let status = meta.status();
        let message = body.describe(status);
        let mut error = Self::new(ErrorKind::of_status(status), message);
        error.0.body = body;
        error.0.retry_after = retry_after;
        error.with_meta(meta)
    }

    /// The error for an answer that came on another way than a response: the line of a file, for instance.
    pub fn of_answer(status: StatusCode, request_id: Option<&str>, body: &[u8]) -> Self {
        let id = request_id.and_then(|id| HeaderValue::from_str(id).ok()).map(|id| (HeaderName::from_static("x-request-id"), id));
        let meta = ResponseMeta::new(status, id.into_iter().collect(), 0, Duration::ZERO);
        Self::from_status(meta, ErrorBody::parse(body), None)
    }

    /// An error that the server reported in the place of an answer; `body` is the JSON of what it said, with an `error` in it or as that.
    pub fn reported(kind: ErrorKind, body: &[u8]) -> Self {
        let body = ErrorBody::parse(body);
        let message = body.message().unwrap_or("the server reported an error").to_owned();
        let mut error = Self::new(kind, message);
        error.0.body = body;
        error
    }

    /// A stream that ended before it was complete; `pending` is what came of the event that it ended in.
    pub(crate) fn truncated(pending: &[u8]) -> Self {
        let error = Self::new(ErrorKind::Stream, Truncated.to_string()).with_source(Truncated);
        if pending.is_empty() { error } else { error.with_body(pending) }
    }

    /// A body that ended before as many bytes arrived as were announced.
    pub(crate) fn cut_short(received: u64, expected: u64) -> Self {
        Self::new(ErrorKind::Connection, format!("the body ended after {received} of {expected} bytes")).with_source(Truncated)
    }

    /// The error that a stream carried in an event; `value` is the value of its `error` key, or the event itself (contract 4.4).
    pub fn from_stream_event(value: serde_json::Value) -> Self {
        let body = ErrorBody::from_error_value(value);
        let message = body.message().unwrap_or("An error occurred during streaming").to_owned();
        Self::from_error_body(ErrorKind::Stream, message, body)
    }

    /// An error with what the server said about it.
    pub(crate) fn from_error_body(kind: ErrorKind, message: String, body: ErrorBody) -> Self {
        let mut error = Self::new(kind, message);
        error.0.body = body;
        error
    }
}

/// What kind of error it is, and what to do about it.
impl Error {
    /// The kind's name, `rate_limit` for instance.
    pub fn kind(&self) -> &'static str {
        self.0.kind.as_str()
    }

    /// The kind as a value.
    pub fn error_kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The server answered with a status that is not a success. See [`status`](Self::status), [`code`](Self::code) and [`message`](Self::message).
    pub fn is_status(&self) -> bool {
        self.0.meta.is_some() && ErrorKind::of_status(self.status().unwrap_or_default()) == self.0.kind
    }

    /// 400: the request is not valid. [`param`](Self::param) often names the field to mend; sending it again does not help.
    pub fn is_bad_request(&self) -> bool {
        self.0.kind == ErrorKind::BadRequest
    }

    /// 401: the key is missing, wrong or revoked. Check the key, the organization and the project.
    pub fn is_authentication(&self) -> bool {
        self.0.kind == ErrorKind::Authentication
    }

    /// 403: the key may not do this, or the region is not served.
    pub fn is_permission_denied(&self) -> bool {
        self.0.kind == ErrorKind::PermissionDenied
    }

    /// 404: no such thing, or no access to it. A wrong model name ends here too.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// 409: somebody else changed it at the same time. It was retried already; read it again and decide.
    pub fn is_conflict(&self) -> bool {
        self.0.kind == ErrorKind::Conflict
    }

    /// 422: well formed but not acceptable. Sending it again does not help.
    pub fn is_unprocessable_entity(&self) -> bool {
        self.0.kind == ErrorKind::UnprocessableEntity
    }

    /// 429: too many requests or tokens. It was retried already: wait for [`retry_after`](Self::retry_after), send less, or raise
    /// `max_retries`. When [`is_insufficient_quota`](Self::is_insufficient_quota) holds, waiting does not help.
    pub fn is_rate_limit(&self) -> bool {
        self.0.kind == ErrorKind::RateLimit
    }

    /// 429 because the account has run out of credit. It is not retried; add credit or raise the limit.
    pub fn is_insufficient_quota(&self) -> bool {
        self.is_rate_limit() && self.code() == Some("insufficient_quota")
    }

    /// 500 and above: the fault is the server's. It was retried already; try again later.
    pub fn is_internal_server(&self) -> bool {
        self.0.kind == ErrorKind::InternalServer
    }

    /// No answer, or half of one: DNS, TLS, proxy, a reset connection. It was retried already; [`source`](StdError::source) says more.
    pub fn is_connection(&self) -> bool {
        self.0.kind == ErrorKind::Connection
    }

    /// No answer in time. Raise the timeout, or stream long answers.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// The answer is not what the operation returns. [`body_text`](Self::body_text) has it as it came.
    pub fn is_decode(&self) -> bool {
        self.0.kind == ErrorKind::Decode
    }

    /// The server reported an error inside the stream, or the stream ended before it was complete ([`is_truncated`](Self::is_truncated)).
    pub fn is_stream(&self) -> bool {
        self.0.kind == ErrorKind::Stream
    }

    /// The stream ended without what every complete stream ends with, although the connection was closed in good order: a proxy or the
    /// server gave up. The events before it are good. ([`is_connection`](Self::is_connection) holds when the connection broke,
    /// [`is_timeout`](Self::is_timeout) when it stood still.)
    pub fn is_truncated(&self) -> bool {
        self.0.source.as_ref().is_some_and(|source| source.is::<Truncated>())
    }

    /// There was no token to authenticate with: the exchange of a workload identity was refused, there was nothing to exchange, or a credential of
    /// Microsoft Entra ID had none to give.
    /// [`oauth_error`](Self::oauth_error) has the server's reason, if it gave one.
    pub fn is_oauth(&self) -> bool {
        self.0.kind == ErrorKind::OAuth
    }

    /// The output was cut short by the token limit. [`attachment`](Self::attachment) has the completion or response, with what there is of
    /// the output and its usage. Raise the limit, or ask for less.
    pub fn is_length_finish_reason(&self) -> bool {
        self.0.kind == ErrorKind::LengthFinishReason
    }

    /// The output was withheld by the content filter. [`attachment`](Self::attachment) has the completion or response.
    pub fn is_content_filter(&self) -> bool {
        self.0.kind == ErrorKind::ContentFilter
    }

    /// The model refused; [`message`](Self::message) is what it said, and [`attachment`](Self::attachment) has the completion or response.
    pub fn is_refusal(&self) -> bool {
        self.0.kind == ErrorKind::Refusal
    }

    /// A tool failed and its error was not for the model, or the model wanted more rounds of tools than were allowed.
    pub fn is_tool(&self) -> bool {
        self.0.kind == ErrorKind::Tool
    }

    /// A webhook that is not genuine, or too old: answer it with an error status and do nothing else.
    pub fn is_webhook(&self) -> bool {
        self.0.kind == ErrorKind::Webhook
    }

    /// A WebSocket was closed as nobody wanted, or took no message. [`attachment`](Self::attachment) has the code and what was not sent, or the message.
    pub fn is_websocket(&self) -> bool {
        self.0.kind == ErrorKind::WebSocket
    }

    /// A value that cannot be sent: an empty path parameter, a header with a newline, a number that is not finite. Nothing was sent.
    pub fn is_argument(&self) -> bool {
        self.0.kind == ErrorKind::Argument
    }
}

/// What is known about it.
impl Error {
    /// The status, when the server answered.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.meta.as_ref().map(ResponseMeta::status)
    }

    /// The response headers, when the server answered.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.meta.as_ref().map(ResponseMeta::headers)
    }

    /// The server's id for the request (`x-request-id`): name it when you ask for support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.meta.as_ref().and_then(ResponseMeta::request_id)
    }

    /// For people: `error.message` of the body when there is one, otherwise what is known.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, in a sentence for people, where that can be known. It is part of what `Display` and `Debug` show.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// `error.code` of the body, `model_not_found` for instance. A number is given as its text.
    pub fn code(&self) -> Option<&str> {
        self.0.body.code()
    }

    /// The reason of a refused token exchange (`error` of the body), `invalid_grant` or `invalid_subject_token` for instance.
    pub fn oauth_error(&self) -> Option<&str> {
        self.body().filter(|_| self.is_oauth())?.get("error")?.as_str()
    }

    /// `error.param` of the body: the parameter that is at fault.
    pub fn param(&self) -> Option<&str> {
        self.0.body.param()
    }

    /// `error.type` of the body, `invalid_request_error` for instance.
    pub fn error_type(&self) -> Option<&str> {
        self.0.body.error_type()
    }

    /// The body's `error` value, or the whole body when it has none; a body that is not JSON is a string.
    pub fn body(&self) -> Option<&serde_json::Value> {
        self.0.body.value()
    }

    /// The body as text.
    pub fn body_text(&self) -> Option<&str> {
        self.0.body.text()
    }

    /// How long the server asks to wait (`retry-after-ms`, `retry-after`), counted from the response.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many retries were made before giving up.
    pub fn retries(&self) -> Option<u32> {
        self.0.retries.or_else(|| self.0.meta.as_ref().map(ResponseMeta::retries))
    }

    /// The value the error carries, by itself; the error when it carries none of that type, or somebody else has the same error.
    ///
    /// # Errors
    /// The error.
    pub fn into_attachment<T: Any + Send + Sync>(mut self) -> Result<T> {
        self.0.attachment = match self.0.attachment.take().map(Arc::downcast::<T>) {
            Some(Ok(value)) => match Arc::try_unwrap(value) {
                Ok(value) => return Ok(value),
                Err(shared) => Some(shared),
            },
            Some(Err(other)) => Some(other),
            None => None,
        };
        Err(self)
    }

    /// The value the error carries, if it is a `T`: the completion that was cut short, for instance.
    pub fn attachment<T: Any>(&self) -> Option<&T> {
        self.0.attachment.as_ref()?.downcast_ref()
    }
}

/// Why a stream that ended too early is an error.
#[derive(Debug)]
struct Truncated;

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream ended before it was complete")
    }
}

impl StdError for Truncated {}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::decode(error.to_string()).with_source(error)
    }
}

impl From<EncodeError> for Error {
    fn from(error: EncodeError) -> Self {
        Self::argument(error.to_string()).with_source(error)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
