//! What one event means: a value, an error, the end, or nothing (contract 4.4). Pure.

use serde_json::Value;

use crate::codec::{self, Decoding};
use crate::error::{Error, ErrorKind};
use crate::json::Decode;
use crate::operation::{Events, Operation};
use crate::request::scan::{Node, Span};
use crate::sse::Event;

/// What to do about an event.
pub(super) enum Step<T> {
    Skip,
    Done,
    /// `last`: events of this type end the stream.
    Item {
        value: Result<T, Error>,
        last: bool,
    },
    Failed(Error),
}

pub(super) fn interpret<T: Decode>(event: Event<'_>, operation: &Operation, decoding: Decoding) -> Step<T> {
    let data = event.data;
    if data.starts_with("[DONE]") {
        return Step::Done;
    }
    if data.trim().is_empty() || is_keep_alive(event.event, data) {
        return Step::Skip;
    }
    let thread = event.event.is_some_and(|name| name.starts_with("thread."));
    if !thread && let Some(error) = error_in(event.event, data, operation.events) {
        return Step::Failed(error);
    }
    let value = if thread || operation.events == Events::Named {
        let name = event.event.map_or_else(|| "null".to_owned(), |name| Value::from(name).to_string());
        codec::decode(format!(r#"{{"event":{name},"data":{data}}}"#).as_bytes(), decoding)
    } else {
        codec::decode(data.as_bytes(), decoding)
    };
    let value = value.map_err(|error| describe(error, event));
    let last = !operation.stream_end.is_empty() && field(data, "type").is_some_and(|kind| operation.stream_end.contains(&&*kind));
    Step::Item { value, last }
}

/// The error for a body that should have been an event stream (contract 4.5).
pub(super) fn not_events(body: &[u8]) -> Error {
    match serde_json::from_slice::<Value>(body) {
        Ok(Value::Object(mut object)) if object.get("error").is_some_and(|error| !error.is_null()) => {
            Error::from_stream_event(object.swap_remove("error").unwrap_or_default())
        }
        Ok(_) => Error::decode("the server answered with JSON instead of an event stream").with_body(body),
        Err(_) => Error::decode("the server answered with something that is no event stream").with_body(body),
    }
}

/// Events that only keep the connection open.
fn is_keep_alive(name: Option<&str>, data: &str) -> bool {
    let known = |text: &str| matches!(text, "keepalive" | "keep-alive" | "ping");
    name.is_some_and(known) || known(data.trim()) || (data.len() < 200 && field(data, "type").is_some_and(|kind| known(&kind)))
}

/// The error that an event carries: under a key `error`, or as the event itself where no value of the operation looks like that.
fn error_in(name: Option<&str>, data: &str, events: Events) -> Option<Error> {
    let is_error_event = name == Some("error");
    // Large events are not errors, and reading them twice would cost; but what is named so is looked at whatever its size.
    const LARGEST: usize = 64 * 1024;
    if !is_error_event && (data.len() > LARGEST || !data.contains("error")) {
        return None;
    }
    let Ok(value) = serde_json::from_str::<Value>(data) else {
        // What cannot be read is reported as an event that cannot be decoded, unless it says that it is an error.
        return (is_error_event && events != Events::Named).then(|| Error::from_stream_event(Value::from(data)));
    };
    if let Some(error) = value.get("error").filter(|error| is_truthy(error)) {
        return Some(Error::from_stream_event(error.clone()));
    }
    let is_flat = value.is_object() && (is_error_event || value.get("type").and_then(Value::as_str) == Some("error"));
    (is_flat && events == Events::Data).then(|| Error::from_stream_event(value))
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
fn describe(error: Error, event: Event<'_>) -> Error {
    let kind =
        event.event.map(ToOwned::to_owned).or_else(|| field(event.data, "type")).map_or_else(String::new, |kind| format!(" `{kind}`"));
    let message = format!("the event{kind} cannot be decoded: {}", error.message());
    Error::new(ErrorKind::Decode, message).with_source(error).with_body(event.data.as_bytes())
}

/// A string property of the data, if the data is an object.
fn field(data: &str, name: &str) -> Option<String> {
    let object = data.trim_start();
    if !object.starts_with('{') {
        return None;
    }
    let Node::Object(mut members) = Span::new(object).node() else { return None };
    match members.find(|member| member.key == name)?.value.node() {
        Node::String(text) => Some(text.into_owned()),
        _ => None,
    }
}
