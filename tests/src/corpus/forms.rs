//! `multipart`: fields and files as the parts of a form, sent to a server.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::calls::{Keywords, keywords};
use super::case::{Case, parse};
use super::compare::Differences;
use super::{multipart, outcome};
use crate::driver::{error_json, form, perform as drive, runtime};
use crate::server::{Answer, Request, Server};

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let input = case.input();
    let server = Server::script([Answer::json("{}")]).map_err(|error| error.to_string())?;
    let answer = match input.get("kwargs") {
        Some(kwargs) => called(input["call"].as_str().ok_or("no call")?, kwargs, &server)?,
        None => posted(input, &server)?,
    };
    let requests = server.requests();
    let expected = case.expected();
    let mut differences = Differences::new();
    if let Some(error) = expected.get("error") {
        match answer.get("error") {
            Some(found) => differences.extend(outcome::compare_error("error", error, found)),
            None => differences.note("error", error.clone(), None),
        }
        return Ok(differences);
    }
    match requests.first() {
        Some(request) => compare(expected, request, &mut differences),
        None => differences.note("request", expected.clone(), answer["error"].clone()),
    }
    Ok(differences)
}

/// An operation.
fn called(call: &str, kwargs: &Value, server: &Server) -> Result<Value, String> {
    let Keywords { args, options } = keywords(&as_files(kwargs))?;
    let client = json!({ "base_url": server.url(), "api_key": "k", "max_retries": 0 });
    Ok(drive(&json!({ "do": "call", "call": call, "args": args, "options": options, "client": client })))
}

/// Files in the notation that the driver takes in arguments.
fn as_files(value: &Value) -> Value {
    if let Some([name, content, rest @ ..]) = value.get("$tuple").and_then(Value::as_array).map(Vec::as_slice) {
        let mut file = json!({ "name": name, "bytes": content["$bytes"] });
        if let Some(content_type) = rest.first() {
            file["content_type"] = content_type.clone();
        }
        return json!({ "$file": file });
    }
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), as_files(value))).collect(),
        Value::Array(items) => items.iter().map(as_files).collect(),
        plain => plain.clone(),
    }
}

/// An endpoint without an operation.
fn posted(input: &Value, server: &Server) -> Result<Value, String> {
    let builder = openai::Client::builder().env(|_| None).api_key("k").base_url(server.url()).no_proxy().max_retries(0);
    let client = builder.build().map_err(|error| error.to_string())?;
    let line = json!({ "fields": input["body"], "files": input["files"] });
    let form = match form(&client, "/m", &line) {
        Ok(form) => form,
        Err(failure) => return Ok(Value::from(failure.into_members())),
    };
    let mut call = form.call.clone();
    if let Some(content_type) = input["content_type_header"].as_str() {
        call = call.header("content-type", content_type);
    }
    Ok(match runtime().block_on(call.into_future()) {
        Ok(_) => json!({ "ok": true }),
        Err(error) => json!({ "ok": false, "error": error_json(&error) }),
    })
}

fn compare(expected: &Value, request: &Request, differences: &mut Differences) {
    let content_type = request.header("content-type").unwrap_or_default();
    let boundary = content_type.split_once("boundary=").map_or("", |(_, boundary)| boundary);
    for (name, value) in expected.as_object().into_iter().flatten() {
        let found = match name.as_str() {
            "content_type" if boundary.is_empty() => content_type.into(),
            "content_type" => content_type.replace(boundary, "<boundary>").into(),
            "transfer_encoding" => request.header("transfer-encoding").into(),
            "has_content_length" => request.header("content-length").is_some().into(),
            "boundary_shape" => boundary.replace(|c: char| c.is_ascii_digit() || ('a'..='f').contains(&c), "h").into(),
            "body" => parse(&String::from_utf8_lossy(&request.body)).unwrap_or_default(),
            "parts" => {
                match multipart::parts(content_type, &request.body) {
                    Ok(parts) => multipart::compare("parts", value, &parts, differences),
                    Err(error) => differences.note("parts", value.clone(), Value::from(error)),
                }
                continue;
            }
            "raw_with_boundary_replaced_b64" => {
                let raw = value.as_str().and_then(|raw| STANDARD.decode(raw).ok()).unwrap_or_default();
                differences.json("raw", &pieces(&raw, "BOUNDARY"), &pieces(&request.body, boundary));
                continue;
            }
            _ => Value::from("not looked at"),
        };
        differences.json(name, value, &found);
    }
}

/// The bytes between the boundaries, in any order: the order of parts is compared with the parts.
fn pieces(body: &[u8], boundary: &str) -> Value {
    let text = String::from_utf8_lossy(body);
    let mut pieces: Vec<&str> = text.split(&format!("--{boundary}")).collect();
    pieces.sort_unstable();
    pieces.into()
}
