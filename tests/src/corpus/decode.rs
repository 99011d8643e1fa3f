//! `decode`: what becomes of an answer that has everything the document allows, leniently and strictly.

use serde_json::{Value, json};

use super::case::{Case, parse};
use super::compare::Differences;
use crate::driver::perform as drive;
use crate::server::{Answer, Server};

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let value = &case.value;
    let call = &value["call"];
    let name = format!("{}.{}", call["resource"].as_str().unwrap_or_default(), call["method"].as_str().unwrap_or_default());
    let body = value["response"]["body"].as_str().ok_or("a response without a body")?;
    let streams = value["response"]["content_type"] == "text/event-stream";
    let has_type = openai::dynamic::operation(&name).is_some_and(|operation| operation.result().is_some());
    let ask = |strict: bool| match (streams, has_type) {
        (false, true) => Ok(drive(&json!({ "do": "decode", "call": name, "json": body, "strict": strict }))),
        // Events, text and bytes are no JSON value: the whole call says what becomes of them.
        _ => called(value, &name, streams, strict),
    };
    let mut differences = Differences::new();
    let lenient = ask(false)?;
    match lenient.get("error") {
        Some(error) => differences.note("decoded", decoded(value, body, streams)?, error.clone()),
        None if streams => differences.json("decoded", &decoded(value, body, streams)?, &lenient["events"]),
        None => differences.json("decoded", &decoded(value, body, streams)?, &lenient["value"]),
    }
    let strict = ask(true)?;
    if value["strict_accepts"] != strict["ok"] {
        let reason = strict["error"]["message"].as_str().map_or_else(|| strict["ok"].clone(), Value::from);
        differences.note("strict", value["strict_accepts"].clone(), reason);
    }
    Ok(differences)
}

/// What the official client makes of the body; `echo` stands for the body as it came.
fn decoded(case: &Value, body: &str, streams: bool) -> Result<Value, String> {
    match (case["echo"] == true, streams) {
        (true, true) => body.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]").map(parse).collect(),
        (true, false) => parse(body),
        (false, _) => Ok(match case["decoded"].get("$binary") {
            Some(binary) => json!({ "bytes": binary }),
            None => case["decoded"].clone(),
        }),
    }
}

fn called(case: &Value, name: &str, streams: bool, strict: bool) -> Result<Value, String> {
    let response = Answer::from_script(&json!({
        "status": case["response"]["status"],
        "headers": { "content-type": case["response"]["content_type"] },
        "body": case["response"]["body"],
    }))?;
    let server = Server::script([response]).map_err(|error| error.to_string())?;
    let mut args = case["call"]["kwargs"].as_object().cloned().unwrap_or_default();
    args.retain(|name, _| !(streams && name == "stream"));
    let client = json!({ "base_url": server.url(), "api_key": "k", "admin_api_key": "a", "max_retries": 0, "strict": strict });
    let mode = if streams { "stream" } else { "async" };
    Ok(drive(&json!({ "do": "call", "call": name, "args": args, "mode": mode, "client": client })))
}
