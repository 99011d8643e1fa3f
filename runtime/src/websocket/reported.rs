//! The error inside an event of the type `error`: flat, or structured with a status and headers (contract 9.5). Pure.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::error::{Error, ErrorBody, ErrorKind};
use crate::json::{self, Encode};
use crate::response::ResponseMeta;
use crate::retry;

/// The type of the events that report an error.
pub(super) const ERROR: &str = "error";

impl Error {
    /// The error that an event of a WebSocket reports, when its type is `error`. With a status it is of that status's kind, as a call's error would be:
    /// [`is_rate_limit`](Self::is_rate_limit), [`retry_after`](Self::retry_after) and the others hold. The connection goes on after it.
    pub fn of_event(event: &(impl Encode + ?Sized)) -> Option<Self> {
        let text = json::encode(event).ok()?.json;
        let value: Value = serde_json::from_str(&text).ok()?;
        (value.get("type")?.as_str()? == ERROR).then(|| error(value, SystemTime::now()))
    }
}

/// The error in the text of an event.
pub(super) fn in_text(text: &str, now: SystemTime) -> Error {
    error(serde_json::from_str(text).unwrap_or_default(), now)
}

fn error(mut event: Value, now: SystemTime) -> Error {
    let status = event.get("status").and_then(Value::as_u64).and_then(|status| StatusCode::from_u16(status.try_into().ok()?).ok());
    let value = match event.get_mut("error") {
        Some(error) => error.take(),
        None => event,
    };
    let headers = value
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::from_str(value.as_str()?).ok()?)));
    let headers = HeaderMap::from_iter(headers);
    let body = ErrorBody::from_error_value(value);
    match status {
        Some(status) if !status.is_success() => {
            let retry_after = retry::retry_after(&headers, now);
            Error::from_status(ResponseMeta::new(status, headers, 0, Duration::ZERO), body, retry_after)
        }
        _ => {
            let message = body.message().unwrap_or("the server reported an error").to_owned();
            Error::from_error_body(ErrorKind::WebSocket, message, body)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, kind: &str, message: &str, code: Option<&str>, retry_after: Option<u64>) {
        let error = in_text(text, SystemTime::UNIX_EPOCH);
        assert_eq!((error.kind(), error.message(), error.code()), (kind, message, code), "{text}");
        assert_eq!(error.retry_after(), retry_after.map(Duration::from_secs), "{text}");
    }

    #[test]
    fn errors_of_every_shape_are_read() {
        check(r#"{"type":"error","error":{"type":"t","code":"c","message":"m","param":null}}"#, "websocket", "m", Some("c"), None);
        check(r#"{"type":"error","code":"c","message":"m"}"#, "websocket", "m", Some("c"), None);
        check(
            r#"{"type":"error","status":429,"stream_id":"a","error":{"code":"c","message":"m","headers":{"retry-after":"7","x":1}}}"#,
            "rate_limit",
            "m",
            Some("c"),
            Some(7),
        );
        check(r#"{"type":"error","status":400,"error":{}}"#, "bad_request", "Error code: 400 - {}", None, None);
        check(r#"{"type":"error","status":200,"error":null}"#, "websocket", "the server reported an error", None, None);
        check("no json", "websocket", "the server reported an error", None, None);
    }

    #[test]
    fn only_events_that_report_an_error_are_errors() {
        assert!(Error::of_event(&serde_json::json!({ "type": "session.created" })).is_none());
        assert!(Error::of_event(&serde_json::json!({ "type": "error", "status": 404 })).is_some_and(|error| error.is_not_found()));
    }
}
