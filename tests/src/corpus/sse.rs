//! `sse`: the events that a decoder finds in bytes, however they are cut, and what the streams of three operations make of them.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::case::Case;
use super::compare::Differences;
use super::outcome::kind_of;
use crate::driver::sse::decoded;
use crate::driver::{Answer as Decoded, perform as drive};
use crate::server::{Answer, Server};

/// Streams as the corpus calls them: the call, and the least arguments that it takes.
fn call_of(stream: &str) -> Option<(&'static str, Value)> {
    Some(match stream {
        "stream_chat" => ("chat.completions.create", json!({ "model": "m", "messages": [] })),
        "stream_responses" => ("responses.create", json!({ "model": "m" })),
        "stream_assistants" => ("beta.threads.runs.create", json!({ "thread_id": "t", "assistant_id": "a" })),
        _ => return None,
    })
}

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let expected = case.expected().as_object().ok_or("nothing is expected")?;
    let Some(chunks) = chunks(case.input())? else { return generated(case) };
    let whole = decoded(chunks.clone());
    let mut differences = Differences::new();
    for (name, expected) in expected {
        match name.as_str() {
            "decoder" => compare_decoded(expected, &whole, &mut differences),
            "splits_that_differ" => differences.json(name, expected, &splits_that_differ(&chunks, &whole)),
            "byte_at_a_time" => differences.json(name, expected, &same(&whole, bytes(&chunks).into_iter().map(|byte| vec![byte]))),
            "with_empty_chunks" => {
                differences.json(name, expected, &same(&whole, chunks.iter().flat_map(|c| [Vec::new(), c.clone(), Vec::new()])))
            }
            stream => match call_of(stream) {
                Some((call, args)) => compare_stream(stream, expected, &streamed(call, &args, &chunks)?, &mut differences),
                None => differences.note(name, expected.clone(), Value::from("not looked at")),
            },
        }
    }
    Ok(differences)
}

/// The chunks that go in; None where they are described in words.
fn chunks(input: &Value) -> Result<Option<Vec<Vec<u8>>>, String> {
    let Some(chunks) = input["chunks_b64"].as_array() else { return Ok(None) };
    let decode = |chunk: &Value| STANDARD.decode(chunk.as_str().unwrap_or_default()).map_err(|error| error.to_string());
    chunks.iter().map(decode).collect::<Result<_, _>>().map(Some)
}

fn bytes(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunks.concat()
}

fn same(whole: &Decoded, chunks: impl IntoIterator<Item = Vec<u8>>) -> Value {
    if decoded(chunks) == *whole { "same".into() } else { "different".into() }
}

fn splits_that_differ(chunks: &[Vec<u8>], whole: &Decoded) -> Value {
    let bytes = bytes(chunks);
    let differs = |at: &usize| decoded([bytes[..*at].to_vec(), bytes[*at..].to_vec()]) != *whole;
    (0..=bytes.len()).filter(differs).map(|at| (at.to_string(), Value::from("different"))).collect::<serde_json::Map<_, _>>().into()
}

fn compare_decoded(expected: &Value, found: &Decoded, differences: &mut Differences) {
    for (name, value) in expected.as_object().into_iter().flatten() {
        match name.as_str() {
            "events" => differences.json("decoder.events", value, &found["events"]),
            "error" => {
                differences.json("decoder.error", &class(value), &found.get("error").map_or(Value::Null, |error| error["kind"].clone()))
            }
            _ => differences.note(format!("decoder.{name}"), value.clone(), Value::from("not looked at")),
        }
    }
    if expected.get("error").is_none()
        && let Some(error) = found.get("error")
    {
        differences.note("decoder.error", None, error.clone());
    }
}

/// The kind of error that a class is.
fn class(error: &Value) -> Value {
    kind_of(error["class"].as_str().unwrap_or_default()).into()
}

/// What an operation's stream makes of the chunks, and whether its connection is closed afterwards.
fn streamed(call: &str, args: &Value, chunks: &[Vec<u8>]) -> Result<(Value, bool), String> {
    let answer = Answer::events("").chunks(chunks.iter().filter(|chunk| !chunk.is_empty()).cloned());
    let server = Server::script([answer]).map_err(|error| error.to_string())?;
    let client = json!({ "base_url": server.url(), "api_key": "k", "max_retries": 0 });
    let answer = drive(&json!({ "do": "call", "call": call, "args": args, "mode": "stream", "client": client }));
    let start = Instant::now();
    while server.open_connections() > 0 && start.elapsed() < Duration::from_secs(10) {
        std::thread::yield_now();
    }
    Ok((answer, server.open_connections() == 0))
}

fn compare_stream(at: &str, expected: &Value, (found, closed): &(Value, bool), differences: &mut Differences) {
    for (name, value) in expected.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        match name.as_str() {
            // The values say which type they are of.
            "items" => {
                differences.json(&at, &value.as_array().into_iter().flatten().map(|item| item["value"].clone()).collect(), &found["events"])
            }
            "error" => compare_error(&at, value, &found["error"], differences),
            "closed" => differences.json(&at, value, &(*closed).into()),
            _ => differences.note(at, value.clone(), Value::from("not looked at")),
        }
    }
    if expected.get("error").is_none()
        && let Some(error) = found.get("error")
    {
        let what = if is_truncation(error) {
            "truncation"
        } else if is_no_stream(error) {
            "no_stream"
        } else {
            "error"
        };
        differences.note(format!("{at}.{what}"), None, error.clone());
    }
}

/// Whether the SDK says that the stream was cut off, which the official client never does.
fn is_truncation(error: &Value) -> bool {
    error["kind"] == "stream" && error["message"] == "the stream ended before it was complete"
}

/// Whether the SDK says that there was no stream, which the official client never does either.
fn is_no_stream(error: &Value) -> bool {
    error["kind"] == "decode" && error["message"].as_str().is_some_and(|message| message.starts_with("the server answered with "))
}

fn compare_error(at: &str, expected: &Value, found: &Value, differences: &mut Differences) {
    if is_truncation(found) {
        differences.note(format!("{at}.truncation"), expected.clone(), found.clone());
        return;
    }
    differences.json(&format!("{at}.kind"), &class(expected), &found["kind"]);
    // What the server said; other messages are each client's own.
    if expected["class"] == "APIError" {
        for name in ["message", "code", "param", "type", "body"] {
            differences.json(&format!("{at}.{name}"), &expected[name], &found[name]);
        }
    }
}

/// Cases whose bytes would be too long for a file.
fn generated(case: &Case) -> Result<Differences, String> {
    let input = case.input()["generate"].as_str().unwrap_or_default();
    let (text, chunk) = if input.contains("'x' * 200000") {
        let content = "x".repeat(200_000);
        let event = json!({ "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{ "index": 0, "delta": { "content": content }, "finish_reason": null }] });
        // As Python writes JSON, which the length counts.
        let spaced = event.to_string().replace("\":", "\": ").replace(",\"", ", \"");
        (format!("data: {spaced}\n\n"), Some(1000))
    } else if input.contains("0..5000") {
        ((0..5000).map(|n| format!("data: {n}\n\n")).collect(), None)
    } else {
        return Err(format!("it is not known how to generate {input}"));
    };
    let found = decoded([text.clone().into_bytes()]);
    let events = found["events"].as_array().cloned().unwrap_or_default();
    let data = events.first().and_then(|event| event["data"].as_str()).unwrap_or_default();
    let mut differences = Differences::new();
    for (name, expected) in case.expected().as_object().into_iter().flatten() {
        let found = match name.as_str() {
            "events" => events.len().into(),
            "first" => events.first().cloned().unwrap_or_default(),
            "last" => events.last().cloned().unwrap_or_default(),
            "data_length" => data.len().into(),
            "chunked_same" => (decoded(text.as_bytes().chunks(chunk.unwrap_or(1)).map(<[u8]>::to_vec)) == found).into(),
            _ => Value::from("not looked at"),
        };
        differences.json(name, expected, &found);
    }
    Ok(differences)
}
