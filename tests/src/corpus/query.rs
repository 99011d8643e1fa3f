//! `query`: parameters as a query string, and which of a call's queries wins.

use serde_json::{Value, json};

use super::calls::{Named, named};
use super::case::Case;
use super::compare::Differences;
use crate::driver::{perform as drive, runtime};
use crate::server::{Answer, Server};

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let input = case.input();
    let known = ["params", "call", "default_query", "base_url", "array_format", "nested_format"];
    if let Some(unknown) = input.as_object().ok_or("no input")?.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(format!("the input `{unknown}` is not known"));
    }
    match input["call"].as_str() {
        None => encoded(case),
        Some(call) => sent(case, call),
    }
}

/// Parameters alone.
fn encoded(case: &Case) -> Result<Differences, String> {
    let answer = drive(&json!({ "do": "query", "params": case.input()["params"] }));
    let mut differences = Differences::new();
    let Some(query) = answer["querystring"].as_str() else {
        differences.note("querystring", case.expected().clone(), answer["error"].clone());
        return Ok(differences);
    };
    for (name, expected) in case.expected().as_object().ok_or("nothing is expected")? {
        let found = match name.as_str() {
            "querystring" => Value::from(query),
            "wire_query" if query.is_empty() => Value::Null,
            "wire_query" => Value::from(query),
            "unescaped" => Value::from(unescaped(query)),
            _ => Value::from("not looked at"),
        };
        differences.json(name, expected, &found);
    }
    Ok(differences)
}

/// A call, with the client's own query.
fn sent(case: &Case, call: &str) -> Result<Differences, String> {
    let input = case.input();
    let server = Server::script([Answer::json("{}")]).map_err(|error| error.to_string())?;
    let address = format!("http://{}", server.address());
    let base_url = input["base_url"].as_str().unwrap_or("<server>/v1").replace("<server>", &address);
    let Named { name, args, options, path, .. } = named(call)?;
    let client = json!({ "base_url": base_url, "api_key": "k", "max_retries": 0, "default_query": input["default_query"] });
    match path {
        None => _ = drive(&json!({ "do": "call", "call": name, "args": args, "options": options, "client": client })),
        Some(path) => {
            let mut builder = openai::Client::builder().env(|_| None).api_key("k").base_url(base_url).no_proxy();
            for (name, value) in input["default_query"].as_object().into_iter().flatten() {
                builder = builder.default_query(name, value.clone());
            }
            let call = builder.build().map_err(|error| error.to_string())?.get(path);
            runtime().block_on(call.into_future()).map_err(|error| error.to_string())?;
        }
    }
    let requests = server.requests();
    let request = requests.first().ok_or("nothing was sent")?;
    let mut differences = Differences::new();
    for (name, expected) in case.expected().as_object().ok_or("nothing is expected")? {
        let found = match name.as_str() {
            "path" => Value::from(request.path()),
            "wire_query" => request.query().map_or(Value::Null, Value::from),
            _ => Value::from("not looked at"),
        };
        differences.json(name, expected, &found);
    }
    Ok(differences)
}

/// The query as people read it.
fn unescaped(query: &str) -> String {
    let mut bytes = Vec::with_capacity(query.len());
    let mut rest = query.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                u8::from_str_radix(&digits, 16).unwrap_or(b'%')
            }
            byte => byte,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
