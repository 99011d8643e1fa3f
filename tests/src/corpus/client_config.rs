//! `client_config`: what a client is made from, and the requests that it makes then. In place of a network there is a transport, so that any URL will do.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use openai::testing::{Answer, Recorded, ScriptedTransport};
use openai::{Client, ClientBuilder, Error, Options, Timeout, dynamic};
use serde_json::{Value, json};

use super::calls::{Named, named};
use super::case::Case;
use super::compare::Differences;
use super::outcome::compare_error;
use super::requests::{self, Listed};
use crate::driver::{Failure, error_json, runtime};

/// What is done, and where it failed.
struct Performed {
    client: Option<Client>,
    error: Option<Value>,
}

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    const KNOWN: &[&str] = &["client", "kwargs", "call", "env", "with_options", "responses"];
    let input = case.input();
    if let Some(unknown) = input.as_object().ok_or("no input")?.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(format!("the input `{unknown}` is not known"));
    }
    let transport = ScriptedTransport::new(answers(input)?);
    let performed = performed(input, &transport)?;
    let sent: Vec<Recorded> = transport.requests();
    let mut differences = Differences::new();
    for (name, expected) in case.expected().as_object().ok_or("nothing is expected")? {
        match name.as_str() {
            "base_url" => {
                let found = performed.client.as_ref().map(|client| bare(client.base_url()));
                differences.json(name, &expected.as_str().map(bare).into(), &found.into());
            }
            "requests" => differences.extend(compare_requests(expected, &sent)),
            "error" => match &performed.error {
                Some(error) => differences.extend(compare_error("error", expected, error)),
                None => differences.note("error", expected.clone(), None),
            },
            _ => differences.note(name, expected.clone(), Value::from("not looked at")),
        }
    }
    if let (Some(error), None) = (&performed.error, case.expected().get("error")) {
        differences.note("error", None, error.clone());
    }
    Ok(differences)
}

/// A slash at the end says nothing.
pub(super) fn bare(url: &str) -> &str {
    url.trim_end_matches('/')
}

pub(super) fn answers(input: &Value) -> Result<Vec<Answer>, String> {
    let Some(responses) = input["responses"].as_array() else { return Ok(vec![answer(&json!({ "status": 200 }))?]) };
    responses.iter().map(answer).collect()
}

pub(super) fn answer(response: &Value) -> Result<Answer, String> {
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).ok_or("a response without a status")?;
    let body = match &response["body"] {
        Value::Null => r#"{"object":"list","data":[]}"#.to_owned(),
        Value::String(text) => text.clone(),
        body => body.to_string(),
    };
    let headers = response["headers"].as_object().into_iter().flatten();
    Ok(headers.fold(Answer::json(status, body), |answer, (name, value)| answer.header(name, value.as_str().unwrap_or_default())))
}

fn performed(input: &Value, transport: &ScriptedTransport) -> Result<Performed, String> {
    let environment: HashMap<String, String> = match input.get("env").and_then(Value::as_object) {
        Some(env) => env.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect(),
        None => HashMap::new(),
    };
    let failed = |client: Option<Client>, error: Value| Ok(Performed { client, error: Some(error) });
    let builder =
        Client::builder().env(move |name| environment.get(name).cloned()).transport(transport.clone()).time(transport.clock().clone());
    let client: Client = match configured(builder, &input["kwargs"])?.map(ClientBuilder::build) {
        Ok(Ok(client)) => client,
        Ok(Err(error)) => return failed(None, error_json(&error)),
        Err(refused) => return failed(None, refused),
    };
    let client = match with_options(&client, input.get("with_options"))? {
        Ok(client) => client,
        Err(refused) => return failed(None, refused),
    };
    let outcome = called(&client, input["call"].as_str().ok_or("no call")?)?;
    Ok(Performed { client: Some(client), error: outcome.err().map(|error| error_json(&error)) })
}

/// The outer error says that a case cannot be performed, the inner one that the SDK's types do not take it.
type Taken<T> = Result<Result<T, Value>, String>;

pub(super) fn refused(message: impl Into<String>) -> Value {
    Value::from(Failure::argument(message).into_members())["error"].clone()
}

fn configured(mut builder: ClientBuilder<Client>, kwargs: &Value) -> Taken<ClientBuilder<Client>> {
    for (key, value) in kwargs.as_object().ok_or("no kwargs")? {
        let text = || value.as_str().unwrap_or_default().to_owned();
        builder = match key.as_str() {
            "max_retries" if value.is_null() => return Ok(Err(refused("a number of retries is not null"))),
            "timeout" if value.is_null() => builder.timeout(Timeout::none()),
            _ if value.is_null() => builder,
            "api_key" if value.get("$callable").is_some() => provided(builder, &value["$callable"])?,
            "api_key" => builder.api_key(text()),
            "admin_api_key" => builder.admin_api_key(text()),
            "organization" => builder.organization(text()),
            "project" => builder.project(text()),
            "webhook_secret" => builder.webhook_secret(text()),
            "base_url" => builder.base_url(text()),
            "websocket_base_url" => builder.websocket_base_url(text()),
            "data_residency" => match text().parse() {
                Ok(region) => builder.data_residency(region),
                Err(error) => return Ok(Err(error_json(&error))),
            },
            "max_retries" => builder.max_retries(value.as_u64().and_then(|n| u32::try_from(n).ok()).ok_or("no number of retries")?),
            "timeout" => builder.timeout(std::time::Duration::from_secs_f64(value.as_f64().ok_or("no number of seconds")?)),
            "default_headers" => headers(value)?.into_iter().fold(builder, |builder, (name, value)| match value {
                Some(value) => builder.default_header(name, value),
                None => builder.without_default_header(name),
            }),
            "default_query" => {
                let fields = value.as_object().into_iter().flatten();
                fields.fold(builder, |builder, (name, value)| builder.default_query(name, value.clone()))
            }
            _ => return Err(format!("the option `{key}` is not known")),
        };
    }
    Ok(Ok(builder))
}

/// A provider of keys, as the case describes it.
fn provided(builder: ClientBuilder<Client>, described: &Value) -> Result<ClientBuilder<Client>, String> {
    match described.as_str().unwrap_or_default() {
        "returns ''" => Ok(builder.api_key_provider(|| async { Ok(String::new()) })),
        text if text.starts_with("returns 'key-1'") => {
            let count = Arc::new(AtomicUsize::new(0));
            Ok(builder.api_key_provider(move || {
                let number = count.fetch_add(1, Ordering::Relaxed) + 1;
                async move { Ok(format!("key-{number}")) }
            }))
        }
        text => match text.strip_prefix("returns '").and_then(|key| key.strip_suffix('\'')).map(ToOwned::to_owned) {
            Some(key) => Ok(builder.api_key_provider(move || std::future::ready(Ok(key.clone())))),
            None => Err(format!("the callable `{text}` is not known")),
        },
    }
}

fn with_options(client: &Client, options: Option<&Value>) -> Taken<Client> {
    let Some(members) = options.and_then(Value::as_object) else { return Ok(Ok(client.clone())) };
    for both in ["headers", "query"] {
        if members.contains_key(&format!("default_{both}")) && members.contains_key(&format!("set_default_{both}")) {
            // Two methods in Rust, of which the second has the last word; there is no call that says both at once.
            return Ok(Err(refused(format!("default_{both} and set_default_{both} exclude each other"))));
        }
    }
    let mut fault = None;
    let changed =
        client.with_options(|options| members.iter().fold(options, |options, (key, value)| changed(options, key, value, &mut fault)));
    fault.map_or(Ok(Ok(changed)), Err)
}

pub(super) fn changed(options: Options, key: &str, value: &Value, fault: &mut Option<String>) -> Options {
    let text = value.as_str().unwrap_or_default();
    let edit = |options: Options| {
        headers(value).unwrap_or_default().into_iter().fold(options, |options, (name, value)| match value {
            Some(value) => options.default_header(name, value),
            None => options.without_default_header(name),
        })
    };
    let query = |options: Options| {
        value.as_object().into_iter().flatten().fold(options, |options, (name, value)| options.default_query(name, value.clone()))
    };
    match key {
        "timeout" if value.is_null() => options.timeout(Timeout::none()),
        // Nothing is inherited away.
        _ if value.is_null() || text.is_empty() && value.is_string() => options,
        "api_key" => options.api_key(text),
        "admin_api_key" => options.admin_api_key(text),
        "organization" => options.organization(text),
        "project" => options.project(text),
        "webhook_secret" => options.webhook_secret(text),
        "base_url" => options.base_url(text),
        "websocket_base_url" => options.websocket_base_url(text),
        "data_residency" => match text.parse() {
            Ok(region) => options.data_residency(region),
            Err(error) => {
                *fault = Some(error.to_string());
                options
            }
        },
        "max_retries" => options.max_retries(value.as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or_default()),
        "timeout" => options.timeout(std::time::Duration::from_secs_f64(value.as_f64().unwrap_or_default())),
        "default_headers" => edit(options),
        "set_default_headers" => edit(options.clear_default_headers()),
        "default_query" => query(options),
        "set_default_query" => query(options.clear_default_query()),
        _ => {
            *fault = Some(format!("the option `{key}` is not known"));
            options
        }
    }
}

fn headers(value: &Value) -> Result<Vec<(String, Option<String>)>, String> {
    let members = value.as_object().ok_or("headers are an object")?;
    Ok(members.iter().map(|(name, value)| (name.clone(), value.as_str().map(ToOwned::to_owned))).collect())
}

fn called(client: &Client, call: &str) -> Result<Result<(), Error>, String> {
    let Named { name, args, options, path, .. } = named(call)?;
    if let Some(path) = path {
        let call = match name.as_str() {
            "get" => client.get(path),
            "delete" => client.delete(path),
            "post" => client.post(path),
            "put" => client.put(path),
            "patch" => client.patch(path),
            _ => return Err(format!("the call `{call}` is not known")),
        };
        return Ok(runtime().block_on(call.into_future()).map(drop));
    }
    let operation = dynamic::operation(&name).ok_or_else(|| format!("the call `{name}` is not known"))?;
    let mut call = match operation.call(client, &args) {
        Ok(call) => call,
        Err(error) => return Ok(Err(error)),
    };
    for (key, value) in &options {
        call = match (key.as_str(), value.as_object()) {
            ("headers", Some(headers)) => headers.iter().fold(call, |call, (name, value)| match value.as_str() {
                Some(value) => call.header(name, value),
                None => call.without_header(name),
            }),
            ("query", Some(fields)) => fields.iter().fold(call, |call, (name, value)| call.query(name, value.clone())),
            _ => return Err(format!("the option `{key}` of a call is not known")),
        };
    }
    Ok(runtime().block_on(call.into_future()).map(drop))
}

/// Headers that are the same in all cases and were left out of the file.
const ALWAYS: &[&str] = &["x-stainless-retry-count", "x-stainless-read-timeout"];

fn compare_requests(expected: &Value, sent: &[Recorded]) -> Differences {
    requests::compare_recorded(expected, sent, Listed::AllBut(ALWAYS), |at, members, sent, differences| {
        // The client's own name is its own; one that was given is not.
        let headers = members.get("headers").and_then(Value::as_array);
        let agent = headers.into_iter().flatten().find(|pair| pair[0] == "user-agent").map(|pair| pair[1].clone());
        match agent {
            Some(agent) if agent.as_str().is_some_and(|agent| !agent.contains("<version>") && !agent.contains("python")) => {
                differences.json(&format!("{at}.headers.user-agent"), &agent, &sent.header("user-agent").into());
            }
            _ => {}
        }
    })
}
