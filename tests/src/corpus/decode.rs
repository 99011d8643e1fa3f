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
    let mut differences = Differences::new();
    if openai::dynamic::operation(&name).is_some_and(|operation| operation.result().is_some()) && parse(body).is_ok() {
        let lenient = drive(&json!({ "do": "decode", "call": name, "json": body }));
        compare(value, body, &lenient, &mut differences)?;
        let strict = drive(&json!({ "do": "decode", "call": name, "json": body, "strict": true }));
        let reason = strict["error"]["message"].as_str().map(Value::from);
        if value["strict_accepts"] != strict["ok"] {
            differences.note("strict", value["strict_accepts"].clone(), reason.unwrap_or(true.into()));
        }
        return Ok(differences);
    }
    // The result is text or bytes: the whole call is needed to say what becomes of the body.
    let response = Answer::from_script(&json!({
        "status": value["response"]["status"],
        "headers": { "content-type": value["response"]["content_type"] },
        "body": body,
    }))?;
    let server = Server::script([response]).map_err(|error| error.to_string())?;
    let client = json!({ "base_url": server.url(), "api_key": "k", "admin_api_key": "a", "max_retries": 0 });
    let answer = drive(&json!({ "do": "call", "call": name, "args": call["kwargs"], "client": client }));
    compare(value, body, &answer, &mut differences)?;
    Ok(differences)
}

fn compare(case: &Value, body: &str, answer: &Value, differences: &mut Differences) -> Result<(), String> {
    let decoded = match case["echo"] == true {
        true => parse(body)?,
        false => case["decoded"].clone(),
    };
    if let Some(error) = answer.get("error") {
        differences.note("decoded", decoded, error.clone());
        return Ok(());
    }
    let decoded = match decoded.get("$binary") {
        Some(binary) => json!({ "bytes": binary }),
        None => decoded,
    };
    differences.json("decoded", &decoded, &answer["value"]);
    Ok(())
}
