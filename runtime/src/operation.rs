//! What an operation is, as data: the emitted crate has one static of these for each. Knows no endpoint.

mod attribute;

use std::time::Duration;

pub use attribute::Attribute;

/// An operation of the API: how its arguments become a request and what its answer is.
///
/// Emitted as a struct literal with `..Operation::DEFAULT`.
#[derive(Debug)]
pub struct Operation {
    /// The `operationId` of the specification.
    pub id: &'static str,
    /// The method path in the SDK, `chat.completions.create` for instance.
    pub name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template, `/responses/{response_id}` for instance.
    pub path: &'static str,
    /// Constant query pairs.
    pub query: &'static [(&'static str, &'static str)],
    /// Constant headers.
    pub headers: &'static [(&'static str, &'static str)],
    /// The credentials that are accepted, the preferred one first. Empty: none is needed.
    pub security: &'static [Security],
    /// The `Accept` header.
    pub accept: &'static str,
    /// The param, and its values, with which the answer is plain text in place of JSON.
    pub text_when: Option<(&'static str, &'static [&'static str])>,
    /// How the body is encoded.
    pub body: Body,
    /// The params that go to the query. Where there is no body, all do.
    pub query_fields: &'static [&'static str],
    /// The params that become headers: (field, header). Lists are joined with a comma.
    pub header_fields: &'static [(&'static str, &'static str)],
    /// Multipart parts with a content type of their own: (field, content type). The value is sent as one part, JSON unless it is a string.
    pub part_types: &'static [(&'static str, &'static str)],
    /// Fields that are sent when the params leave them out: (field, JSON text).
    pub defaults: &'static [(&'static str, &'static str)],
    /// Whether a list that it answers with goes on, as its type says, or is all there is.
    pub pages: Paging,
    /// The field that turns streaming on.
    pub stream: Option<StreamFlag>,
    /// How the events of the stream are read.
    pub events: Events,
    /// What ends the stream properly, besides `[DONE]`.
    pub stream_end: StreamEnd,
    /// How the stream goes on after it broke off.
    pub resume: Option<Resume>,
    /// What it is to the conventions for tracing generative AI.
    pub gen_ai: Option<&'static GenAi>,
}

impl Operation {
    /// What a struct literal leaves out.
    pub const DEFAULT: Self = Self {
        id: "",
        name: "",
        method: Method::Get,
        path: "/",
        query: &[],
        headers: &[],
        security: &[Security::ApiKey],
        accept: "application/json",
        text_when: None,
        body: Body::None,
        query_fields: &[],
        header_fields: &[],
        part_types: &[],
        defaults: &[],
        pages: Paging::Many,
        stream: None,
        events: Events::Data,
        stream_end: StreamEnd::Unknown,
        resume: None,
        gen_ai: None,
    };
}

/// An operation in OpenTelemetry's semantic conventions for generative AI: its fixed attributes, and where the others are found.
///
/// A path is made of keys with `/` between them; `*` stands for all elements of an array.
#[derive(Clone, Copy, Debug)]
pub struct GenAi {
    /// `gen_ai.operation.name`
    pub operation: &'static str,
    /// `gen_ai.provider.name`
    pub provider: &'static str,
    /// What the params say: (attribute, path).
    pub request: &'static [(Attribute, &'static str)],
    /// What the result says: (attribute, path).
    pub response: &'static [(Attribute, &'static str)],
    /// The property of a stream's events that holds the result; empty: the event itself is part of it.
    pub event: &'static str,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
    /// `TRACE`
    Trace,
}

impl Method {
    /// Its name on the wire.
    #[cfg(feature = "tracing")]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
        }
    }
}

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Put => Self::PUT,
            Method::Patch => Self::PATCH,
            Method::Delete => Self::DELETE,
            Method::Head => Self::HEAD,
            Method::Options => Self::OPTIONS,
            Method::Trace => Self::TRACE,
        }
    }
}

/// A credential an operation accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// The API key.
    ApiKey,
    /// The admin API key.
    AdminApiKey,
}

/// How the params that are not in path, query and headers are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// No body: all params go to the query.
    None,
    /// JSON.
    Json,
    /// `multipart/form-data`, with or without files.
    Multipart,
    /// `multipart/form-data` when there is a file, else JSON.
    MultipartIfFiles,
    /// The one field alone as it is, with its content type; multipart when there are other fields.
    MultipartOrText {
        /// The field.
        field: &'static str,
        /// Its content type.
        content_type: &'static str,
    },
    /// `application/x-www-form-urlencoded`.
    Form,
    /// The text of one field.
    Text {
        /// The field.
        field: &'static str,
        /// Its content type.
        content_type: &'static str,
    },
    /// The bytes of one field, an upload.
    Bytes {
        /// The field.
        field: &'static str,
        /// Its content type.
        content_type: &'static str,
    },
}

/// Whether a list goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// As its type says.
    Many,
    /// It has one page, whatever that says.
    One,
}

/// The field that turns streaming on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamFlag {
    /// The field's wire name.
    pub field: &'static str,
    /// The JSON text of the value that means streaming.
    pub value: &'static str,
}

/// How the events of a stream become values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Events {
    /// The data is the value. An event named or typed `error` is an error.
    Data,
    /// The data is the value, and so is an event of type `error`: the union has a variant for it.
    DataWithErrors,
    /// The value is `{"event": …, "data": …}`.
    Named,
}

/// What ends a stream properly. `[DONE]` always does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// Nobody knows: every end that is not inside an event is taken as proper.
    Unknown,
    /// An event of one of these types, or names where events are told apart by their names. A stream that ends without was cut off.
    Types(&'static [&'static str]),
    /// An event in which this field, at any depth, is not null. A stream that ends without was cut off.
    Field(&'static str),
}

/// How a stream goes on after it broke off: an operation streams the events from a number on.
#[derive(Clone, Copy, Debug)]
pub struct Resume {
    /// The operation that streams the rest. It may be the one that is resumed; then its path parameters stay as they are.
    pub operation: &'static Operation,
    /// The path parameter of that operation that names what is streamed.
    pub path: &'static str,
    /// Where in an event its value is found, from the outside in. Events that lack it are passed over.
    pub id: &'static [&'static str],
    /// The field that numbers the events.
    pub number: &'static str,
    /// The param that takes the number of the last event that arrived.
    pub after: &'static str,
    /// Params of the first call that the others take as well.
    pub keeps: &'static [&'static str],
    /// The param that must be true in the first call.
    pub requires: Option<&'static str>,
}

/// How an operation is asked again and again until what it answers with is ready.
#[derive(Clone, Copy, Debug)]
pub struct Polling {
    /// The operation that is asked.
    pub operation: &'static Operation,
    /// Where its answer says how far it is, from the outside in.
    pub state: &'static [&'static str],
    /// Which states mean that it is not ready.
    pub unready: Unready,
    /// How long to wait between two requests when neither the caller nor the server says.
    pub interval: Duration,
    /// After which time to give up, unless the caller says otherwise.
    pub limit: Option<Duration>,
    /// Whether the requests are marked as those of a polling helper.
    pub is_marked: bool,
}

impl Polling {
    /// What a struct literal leaves out.
    pub const DEFAULT: Self = Self {
        operation: &Operation::DEFAULT,
        state: &["status"],
        unready: Unready::While(&[]),
        interval: Duration::from_secs(1),
        limit: None,
        is_marked: true,
    };
}

/// Which states mean that something is not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unready {
    /// These, and no others.
    While(&'static [&'static str]),
    /// All but these.
    Until(&'static [&'static str]),
    /// A number above zero.
    AboveZero,
}

/// How what an operation begins is asked for.
#[derive(Clone, Copy, Debug)]
pub struct PollStart {
    /// How it is asked for.
    pub polling: &'static Polling,
    /// Path parameters that the answer gives: (parameter, field). The others are those of the operation itself.
    pub ids: &'static [(&'static str, &'static str)],
    /// Fields of the body that are sent whatever the params say: (field, JSON text).
    pub sets: &'static [(&'static str, &'static str)],
    /// Params that the requests after it take as well.
    pub keeps: &'static [&'static str],
}

impl PollStart {
    /// What a struct literal leaves out.
    pub const DEFAULT: Self = Self { polling: &Polling::DEFAULT, ids: &[], sets: &[], keeps: &[] };
}
