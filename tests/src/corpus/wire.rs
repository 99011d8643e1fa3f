//! `wire`: what a call puts on the wire, and what becomes of its answer; made async and blocking, or as a stream.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::calls::{Keywords, keywords};
use super::case::{Case, parse};
use super::compare::Differences;
use super::outcome::kind_of;
use super::requests::{Listed, compare_all};
use crate::driver::perform as drive;
use crate::server::{Answer, Server};

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let decoded = decoded(&case.value)?;
    let modes: &[&str] = if decoded.get("$stream").is_some() { &["stream"] } else { &["async", "blocking"] };
    let mut differences = Differences::new();
    for mode in modes {
        let found = made(&case.value, &decoded, mode)?;
        // The two modes are the same code: what both have is told once.
        if found != differences {
            differences.extend(found);
        }
    }
    Ok(differences)
}

fn made(case: &Value, decoded: &Value, mode: &str) -> Result<Differences, String> {
    let exchanges = exchanges(case);
    let answers: Vec<Answer> = exchanges.iter().map(|exchange| answer(&exchange["response"])).collect::<Result<_, String>>()?;
    let server = Server::script(answers).map_err(|error| error.to_string())?;
    let answer = drive(&line(case, mode, &server)?);
    let requests: Vec<Value> = exchanges.iter().map(|exchange| exchange["request"].clone()).collect();
    let mut differences = compare_all("request", &requests, &server.requests(), Listed::All);
    match case["expect"].as_str() {
        Some("ok") => compare_value(decoded, &answer, &mut differences),
        Some("error") => {
            let class = case["error"]["class"].as_str().unwrap_or_default();
            differences.json("error.kind", &kind_of(class).into(), &answer["error"]["kind"]);
        }
        _ => return Err("`expect` is neither ok nor error".to_owned()),
    }
    Ok(differences)
}

/// The pairs of request and response; none where nothing was sent.
fn exchanges(case: &Value) -> Vec<Value> {
    match case.get("exchanges").and_then(Value::as_array) {
        Some(exchanges) => exchanges.clone(),
        None if case["request"].is_null() => Vec::new(),
        None => vec![json!({ "request": case["request"], "response": case["response"] })],
    }
}

fn answer(response: &Value) -> Result<Answer, String> {
    Answer::from_script(response)
}

fn line(case: &Value, mode: &str, server: &Server) -> Result<Value, String> {
    let call = &case["call"];
    let name = format!("{}.{}", call["resource"].as_str().unwrap_or_default(), call["method"].as_str().unwrap_or_default());
    let Keywords { mut args, options } = keywords(&call["kwargs"])?;
    if mode == "stream" {
        // The mode says it.
        args.shift_remove("stream");
    }
    let base_url = format!("http://{}", server.address());
    let client = json!({ "base_url": base_url, "api_key": "My API Key", "admin_api_key": "My Admin API Key", "max_retries": 0 });
    Ok(json!({ "do": "call", "call": name, "args": args, "options": options, "mode": mode, "client": client }))
}

/// What the official client made of the answer; `echo` stands for the answer as it came.
fn decoded(case: &Value) -> Result<Value, String> {
    if case["echo"] != true {
        return Ok(case["decoded"].clone());
    }
    let body = case["response"]["body"].as_str().ok_or("an echo of no body")?;
    parse(body)
}

fn compare_value(decoded: &Value, answer: &Value, differences: &mut Differences) {
    if let Some(events) = decoded.get("$stream") {
        differences.json("events", events, &answer["events"]);
        match (decoded.get("$error"), answer.get("error")) {
            (None, None) => {}
            (Some(expected), Some(found)) => {
                differences.json("error.kind", &kind_of(expected["class"].as_str().unwrap_or_default()).into(), &found["kind"]);
            }
            (expected, found) => differences.note("error", expected.cloned(), found.cloned()),
        }
        return;
    }
    if let Some(error) = answer.get("error") {
        differences.note("decoded", decoded.clone(), error.clone());
        return;
    }
    match decoded.get("$binary").and_then(Value::as_str) {
        Some(binary) => {
            let found = answer["value"]["bytes"].as_str().and_then(|bytes| STANDARD.decode(bytes).ok());
            differences.plain("decoded", binary.to_owned(), STANDARD.encode(found.unwrap_or_default()));
        }
        None => differences.json("decoded", decoded, &answer["value"]),
    }
}
