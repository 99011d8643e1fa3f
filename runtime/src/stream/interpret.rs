//! What one event means: a value, an error, the end, or nothing (contract 4.4). Pure.
//!
//! This is done for every event, so that most of it is decided from the beginning of the data; all of it is searched for the word
//! `error` only, and read where that is found.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde_core::de::IgnoredAny;
use serde_json::Value;

use crate::codec::Decoding;
use crate::error::{Error, ErrorKind};
use crate::operation::{Events, Operation, StreamEnd};
use crate::request::scan::{Member, Node, Span};
use crate::sse::Event;

/// `"error"` as a key or a value. Inside a string the quotes would be escaped.
static ERROR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\"error\""));

/// Where a keep-alive has no type in front, it is looked for in data up to this length.
const LONGEST_KEEP_ALIVE: usize = 100;

/// How the events of a stream are read.
pub(super) struct Rules {
    operation: &'static Operation,
    pub(super) decoding: Decoding,
    /// Finds the field that is not null at the end of the stream.
    last_field: Option<Finder<'static>>,
}

/// What to do about an event.
pub(super) enum Step<'a> {
    Skip,
    Done,
    /// A value, as JSON text.
    Item {
        text: Cow<'a, str>,
        /// What it means when the body ends after it.
        ending: Ending,
    },
    Failed(Error),
}

/// What it means when the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Proper,
    /// It was cut off.
    Early,
    /// Nobody knows.
    Unknown,
}

impl Rules {
    pub(super) fn new(operation: &'static Operation, decoding: Decoding) -> Self {
        let last_field = match operation.stream_end {
            StreamEnd::Field(name) => Some(Finder::new(name)),
            _ => None,
        };
        Self { operation, decoding, last_field }
    }

    /// What it means when the body ends before an event that is a last one.
    pub(super) fn ending(&self) -> Ending {
        match self.operation.stream_end {
            StreamEnd::Unknown => Ending::Unknown,
            _ => Ending::Early,
        }
    }

    pub(super) fn interpret<'a>(&self, event: Event<'a>) -> Step<'a> {
        let data = event.data;
        if is_done(data) {
            return Step::Done;
        }
        let kind = first_type(data);
        if event.event.is_some_and(is_keep_alive) || kind.is_some_and(is_keep_alive) || (kind.is_none() && self.says_nothing(event)) {
            return Step::Skip;
        }
        let thread = event.event.is_some_and(|name| name.starts_with("thread."));
        if !thread && let Some(error) = self.error_in(event) {
            return Step::Failed(error);
        }
        let text = if thread || self.operation.events == Events::Named {
            let name = event.event.map_or_else(|| "null".to_owned(), |name| Value::from(name).to_string());
            Cow::Owned(format!(r#"{{"event":{name},"data":{data}}}"#))
        } else {
            Cow::Borrowed(data)
        };
        Step::Item { text, ending: if self.is_last(event, kind) { Ending::Proper } else { self.ending() } }
    }

    /// Whether an event whose type does not come first is there to keep the connection open, or is no event at all.
    fn says_nothing(&self, event: Event<'_>) -> bool {
        if event.data.len() > LONGEST_KEEP_ALIVE {
            return false;
        }
        let data = event.data.trim();
        (data.is_empty() && event.event != Some("error"))
            || is_keep_alive(data)
            || text(data, "type").is_some_and(|kind| is_keep_alive(&kind))
    }

    /// The error that an event carries: under a key `error`, or as the event itself where no value of the operation looks like that.
    fn error_in(&self, event: Event<'_>) -> Option<Error> {
        let named = event.event == Some("error");
        if !named && ERROR.find(event.data.as_bytes()).is_none() {
            return None;
        }
        let mut flat = named;
        for Member { key, value } in members(event.data) {
            match &*key {
                "error" => {
                    if let Some(error) = serde_json::from_str(value.text).ok().filter(is_truthy) {
                        return Some(Error::from_stream_event(error));
                    }
                }
                "type" | "object" => flat |= value.text == "\"error\"",
                _ => {}
            }
        }
        if !flat {
            return None;
        }
        match serde_json::from_str(event.data) {
            // What says that it is an error is one, whatever it looks like.
            Err(_) => named.then(|| Error::from_stream_event(Value::from(event.data))),
            Ok(Value::Object(_)) if self.operation.events != Events::Data => None,
            Ok(value) => Some(Error::from_stream_event(value)),
        }
    }

    /// Whether a stream may end after this event.
    fn is_last(&self, event: Event<'_>, kind: Option<&str>) -> bool {
        let data = event.data;
        match (self.operation.stream_end, &self.last_field) {
            (StreamEnd::Types(types), _) if self.operation.events == Events::Named => event.event.is_some_and(|name| types.contains(&name)),
            (StreamEnd::Types(types), _) => match kind {
                Some(kind) => types.contains(&kind),
                None => text(data, "type").is_some_and(|kind| types.contains(&&*kind)),
            },
            (StreamEnd::Field(name), Some(finder)) => {
                finder.find_iter(data.as_bytes()).any(|at| is_filled_field(data.as_bytes(), at, at + name.len()))
            }
            _ => false,
        }
    }
}

/// Whether the data says that the stream is complete. Other text may follow.
pub(super) fn is_done(data: &str) -> bool {
    data.starts_with("[DONE]")
}

/// The error for a body that should have been an event stream (contract 4.5).
pub(super) fn not_events(body: &[u8]) -> Error {
    if let Some(error) = error_text(body) {
        return error;
    }
    if serde_json::from_slice::<IgnoredAny>(body).is_ok() {
        let error = Error::decode("the server answered with JSON instead of an event stream").with_body(body);
        return error.with_hint("this server does not stream here: make the call without a stream");
    }
    Error::decode("the server answered with something that is no event stream").with_body(body)
}

/// The error that a text is as a whole, outside of any event.
pub(super) fn error_text(text: &[u8]) -> Option<Error> {
    let Ok(Value::Object(mut object)) = serde_json::from_slice(text) else { return None };
    object.swap_remove("error").filter(is_truthy).map(Error::from_stream_event)
}

/// Whether this name or type stands for an event that only keeps the connection open.
fn is_keep_alive(name: &str) -> bool {
    matches!(name, "keepalive" | "keep-alive" | "ping")
}

/// Whether the name that stands at `start..end` is a key whose value is not null.
fn is_filled_field(data: &[u8], start: usize, end: usize) -> bool {
    let is_quoted = start > 0 && data[start - 1] == b'"' && data.get(end) == Some(&b'"');
    let value = data[(end + 1).min(data.len())..].trim_ascii_start();
    is_quoted && value.strip_prefix(b":").is_some_and(|value| !matches!(value.trim_ascii_start().first(), None | Some(b'n')))
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// Names the event that cannot be decoded.
pub(super) fn describe(error: Error, event: Event<'_>) -> Error {
    let kind = event.event.map(Cow::Borrowed).or_else(|| text(event.data, "type")).map_or_else(String::new, |kind| format!(" `{kind}`"));
    let message = format!("the event{kind} cannot be decoded: {}", error.message());
    Error::new(ErrorKind::Decode, message).with_source(error).with_body(event.data.as_bytes())
}

/// The type of an object that begins with it and spells it plainly.
fn first_type(data: &str) -> Option<&str> {
    let key = data.strip_prefix('{')?.trim_ascii_start().strip_prefix("\"type\"")?;
    let value = key.trim_ascii_start().strip_prefix(':')?.trim_ascii_start().strip_prefix('"')?;
    let end = value.bytes().position(|byte| matches!(byte, b'"' | b'\\'))?;
    (value.as_bytes()[end] == b'"').then(|| &value[..end])
}

/// A string property of the data, if the data is an object.
fn text<'a>(data: &'a str, name: &str) -> Option<Cow<'a, str>> {
    match members(data).find(|member| member.key == name)?.value.node() {
        Node::String(text) => Some(text),
        _ => None,
    }
}

/// The properties of the data; none if it is no object.
pub(super) fn members(data: &str) -> impl Iterator<Item = Member<'_>> {
    let object = data.trim_ascii_start();
    let members = match object.starts_with('{').then(|| Span::new(object).node()) {
        Some(Node::Object(members)) => Some(members),
        _ => None,
    };
    members.into_iter().flatten()
}
