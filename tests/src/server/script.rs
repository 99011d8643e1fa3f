//! Answers from the corpus: `status`, `headers`, `body` or `chunks_b64`, and what breaks where. Knows nothing of what they mean.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::answer::{Action, Answer, Position};

/// Every key that an answer of the corpus may have.
const KNOWN: &[&str] = &[
    "status",
    "headers",
    "body",
    "body_b64",
    "chunks_b64",
    "raw",
    "raw_b64",
    "then",
    "reset_before",
    "close_before",
    "hang",
    "hang_after",
    "hang_after_chunks",
    "reset_after",
    "close_after",
    "reset_after_chunks",
    "close_after_chunks",
];

impl Answer {
    /// An answer as the corpus writes it.
    ///
    /// # Errors
    /// When it has a key or a value that is not known.
    pub fn from_script(script: &Value) -> Result<Self, String> {
        let object = script.as_object().ok_or("an answer of a script is an object")?;
        if let Some(unknown) = object.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            return Err(format!("an answer of a script has the unknown key `{unknown}`"));
        }
        let truthy = |key: &str| script.get(key).is_some_and(|value| *value != Value::Bool(false) && !value.is_null());
        if truthy("reset_before") {
            return Ok(Self::close().at(Position::Start, Action::Reset));
        }
        if truthy("close_before") {
            return Ok(Self::close());
        }
        if let Some(raw) = bytes(script, "raw")? {
            let then = match script.get("then").and_then(Value::as_str) {
                None | Some("close") => Action::Close,
                Some("reset") => Action::Reset,
                Some("hang") => Action::Stall,
                Some(other) => return Err(format!("a script does not know what `then: {other}` is")),
            };
            return Ok(Self::raw(raw).at(Position::End, then));
        }
        let status = script.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
        let answer = with_body(Self::status(status), script)?;
        let answer = headers(script).into_iter().fold(answer, |answer, (name, value)| answer.header(name, value));
        Ok(with_faults(answer, script))
    }
}

fn with_body(answer: Answer, script: &Value) -> Result<Answer, String> {
    if let Some(chunks) = script.get("chunks_b64").and_then(Value::as_array) {
        let chunks: Result<Vec<Vec<u8>>, String> = chunks.iter().map(decode).collect();
        return Ok(answer.chunks(chunks?));
    }
    if let Some(Value::Object(_) | Value::Array(_)) = script.get("body") {
        return Ok(answer.header("content-type", "application/json").body(script["body"].to_string()));
    }
    Ok(answer.body(bytes(script, "body")?.unwrap_or_default()))
}

fn with_faults(mut answer: Answer, script: &Value) -> Answer {
    let count = |key: &str| script.get(key).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    let seconds = |key: &str| script.get(key).and_then(Value::as_f64).map(|seconds| Action::Pause(Duration::from_secs_f64(seconds)));
    for (key, action) in [("reset", Action::Reset), ("close", Action::Close)] {
        if let Some(bytes) = count(&format!("{key}_after")) {
            answer = answer.at(Position::Body(bytes), action);
        }
        if let Some(chunks) = count(&format!("{key}_after_chunks")) {
            answer = answer.at(Position::Chunks(chunks), action);
        }
    }
    if let Some(pause) = seconds("hang") {
        answer = answer.at(count("hang_after").map_or(Position::Start, Position::Body), pause);
    }
    if let (Some(pause), chunks) = (seconds("hang_after_chunks"), script["chunks_b64"].as_array().map_or(0, Vec::len)) {
        answer = answer.at(Position::Chunks(chunks), pause);
    }
    answer
}

/// Headers as pairs, or as an object.
fn headers(script: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    match script.get("headers") {
        Some(Value::Object(headers)) => headers.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        Some(Value::Array(headers)) => headers.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
        _ => Vec::new(),
    }
}

/// The bytes under a key: as text, or in base64 under `<key>_b64`.
fn bytes(script: &Value, key: &str) -> Result<Option<Vec<u8>>, String> {
    if let Some(encoded) = script.get(format!("{key}_b64")) {
        return decode(encoded).map(Some);
    }
    match script.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone().into_bytes())),
        Some(other) => Ok(Some(other.to_string().into_bytes())),
    }
}

fn decode(encoded: &Value) -> Result<Vec<u8>, String> {
    let text = encoded.as_str().ok_or("bytes are given as base64 text")?;
    STANDARD.decode(text).map_err(|error| format!("bytes that are not base64: {error}"))
}
