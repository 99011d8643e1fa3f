//! Compares outcomes: a value or an error of the official client, and the driver's answer. Owns which of our kinds of errors its classes are.

use serde_json::Value;

use super::compare::Differences;

/// The kind for a class of the official client.
pub fn kind_of(class: &str) -> Option<&'static str> {
    Some(match class {
        "BadRequestError" => "bad_request",
        "AuthenticationError" => "authentication",
        "PermissionDeniedError" => "permission_denied",
        "NotFoundError" => "not_found",
        "ConflictError" => "conflict",
        "UnprocessableEntityError" => "unprocessable_entity",
        "RateLimitError" => "rate_limit",
        "InternalServerError" => "internal_server",
        "APIStatusError" => "status",
        "APIConnectionError" | "ReadError" | "RemoteProtocolError" => "connection",
        "APITimeoutError" | "ReadTimeout" => "timeout",
        "APIResponseValidationError" | "JSONDecodeError" | "UnicodeDecodeError" | "ValidationError" => "decode",
        "APIError" => "stream",
        "LengthFinishReasonError" => "length_finish_reason",
        "ContentFilterFinishReasonError" => "content_filter",
        "InvalidWebhookSignatureError" => "webhook",
        "OAuthError" | "SubjectTokenProviderError" => "oauth",
        "ValueError"
        | "TypeError"
        | "RuntimeError"
        | "AttributeError"
        | "OpenAIError"
        | "AssertionError"
        | "KeyError"
        | "MutuallyExclusiveAuthError"
        | "LocalProtocolError" => "argument",
        _ => return None,
    })
}

/// Compares `{"ok": value}` or `{"error": {class, …}}` with an answer of the driver.
pub fn compare(at: &str, expected: &Value, answer: &Value) -> Differences {
    let mut differences = Differences::new();
    match (expected.get("ok"), expected.get("error")) {
        (Some(value), _) if answer["ok"] == true => differences.json(&format!("{at}.ok"), value, &answer["value"]),
        (Some(value), _) => differences.note(format!("{at}.ok"), value.clone(), answer["error"].clone()),
        (None, Some(error)) if answer["ok"] == false => differences.extend(compare_error(&format!("{at}.error"), error, &answer["error"])),
        (None, Some(error)) => differences.note(format!("{at}.error"), error.clone(), answer["value"].clone()),
        (None, None) => differences.note(at, expected.clone(), Value::from("not looked at")),
    }
    differences
}

/// Compares the kind of an error and what the server said with it. The client's own words are its own.
pub fn compare_error(at: &str, expected: &Value, found: &Value) -> Differences {
    let mut differences = Differences::new();
    let class = expected["class"].as_str().unwrap_or_default();
    differences.json(&format!("{at}.kind"), &kind_of(class).into(), &found["kind"]);
    for (theirs, ours) in
        [("status_code", "status"), ("code", "code"), ("param", "param"), ("type", "type"), ("request_id", "request_id"), ("body", "body")]
    {
        if let Some(value) = expected.get(theirs) {
            // What they have as null does not apply, and is absent here.
            differences.json(&format!("{at}.{ours}"), value, &found[ours]);
        }
    }
    differences
}
