//! The kinds of errors, their names and what they are called by status. Pure.

use http::StatusCode;

/// The kinds of [`Error`](crate::Error), for code that builds errors or sorts them in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// 400.
    BadRequest,
    /// 401.
    Authentication,
    /// 403.
    PermissionDenied,
    /// 404.
    NotFound,
    /// 409.
    Conflict,
    /// 422.
    UnprocessableEntity,
    /// 429.
    RateLimit,
    /// 500 and above.
    InternalServer,
    /// Any other status that is not a success.
    Status,
    /// No answer, or a broken one, because of the network.
    Connection,
    /// No answer in time.
    Timeout,
    /// An answer that is not what the operation returns.
    Decode,
    /// An error that the server reported inside a stream, or a stream that broke off.
    Stream,
    /// A value that cannot be sent; found before anything was.
    Argument,
    /// No token to authenticate with: the exchange of a workload identity was refused, there was nothing to exchange, or a credential had none to give.
    OAuth,
    /// A webhook that is not genuine.
    Webhook,
    /// Output cut short by the token limit.
    LengthFinishReason,
    /// Output withheld by the content filter.
    ContentFilter,
    /// A WebSocket that failed.
    WebSocket,
    /// Output that the model refused to give.
    Refusal,
    /// A tool that failed, or too many rounds of them.
    Tool,
}

impl ErrorKind {
    /// The kind's name, `rate_limit` for instance.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Authentication => "authentication",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::UnprocessableEntity => "unprocessable_entity",
            Self::RateLimit => "rate_limit",
            Self::InternalServer => "internal_server",
            Self::Status => "status",
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::Decode => "decode",
            Self::Stream => "stream",
            Self::Argument => "argument",
            Self::OAuth => "oauth",
            Self::Webhook => "webhook",
            Self::LengthFinishReason => "length_finish_reason",
            Self::ContentFilter => "content_filter",
            Self::WebSocket => "websocket",
            Self::Refusal => "refusal",
            Self::Tool => "tool",
        }
    }

    /// The kind of an error status.
    pub fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            400 => Self::BadRequest,
            401 => Self::Authentication,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            409 => Self::Conflict,
            422 => Self::UnprocessableEntity,
            429 => Self::RateLimit,
            500.. => Self::InternalServer,
            _ => Self::Status,
        }
    }

    /// What happened, when nobody said more.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Connection => "connection error",
            Self::Timeout => "request timed out",
            Self::Decode => "the response could not be decoded",
            Self::Stream => "the stream failed",
            Self::Argument => "invalid argument",
            Self::OAuth => "no token for the call",
            Self::Webhook => "the webhook is not genuine",
            Self::LengthFinishReason => "the output was cut short by the token limit",
            Self::ContentFilter => "the output was withheld by the content filter",
            Self::WebSocket => "websocket error",
            Self::Refusal => "the model refused",
            Self::Tool => "a tool failed",
            _ => "the server refused the request",
        }
    }
}
