//! `azure`: clients of Azure OpenAI, their requests and the addresses of their WebSockets. In place of a network there is a transport.

use std::collections::HashMap;

use openai::testing::{Recorded, ScriptedTransport};
use openai::types::realtime::RealtimeConnectParams;
use openai::{Azure, Client, ClientBuilder, Error, dynamic};
use serde_json::{Value, json};

use super::callables::provided;
use super::case::Case;
use super::client_config::{answers, bare, changed, refused};
use super::compare::Differences;
use super::outcome::compare_error;
use super::requests::{self, Listed};
use crate::driver::{error_json, runtime};

type Builder = ClientBuilder<Client, Azure>;

/// The calls of the file, by the names that it has for them: operation and arguments. It does not say the arguments; the recorded bodies do.
const CALLS: &[(&str, &str, &str)] = &[
    ("chat.completions.create", "chat.completions.create", r#"{"messages": [{"role": "user", "content": "x"}], "model": "gpt-4o"}"#),
    (
        "chat.completions.create(stream)",
        "chat.completions.create",
        r#"{"messages": [{"role": "user", "content": "x"}], "model": "gpt-4o"}"#,
    ),
    ("chat.completions.list", "chat.completions.list", "{}"),
    ("completions.create", "completions.create", r#"{"model": "davinci", "prompt": "x"}"#),
    ("embeddings.create", "embeddings.create", r#"{"input": "x", "model": "ada", "encoding_format": "float"}"#),
    ("audio.speech.create", "audio.speech.create", r#"{"input": "x", "model": "tts", "voice": "alloy"}"#),
    ("audio.transcriptions.create", "audio.transcriptions.create", r#"{"file": "$file", "model": "whisper"}"#),
    ("audio.translations.create", "audio.translations.create", r#"{"file": "$file", "model": "whisper"}"#),
    ("images.generate", "images.generate", r#"{"prompt": "x", "model": "dalle"}"#),
    ("images.generate(no model)", "images.generate", r#"{"prompt": "x"}"#),
    ("images.edit", "images.edit", r#"{"image": "$file", "prompt": "x", "model": "dalle"}"#),
    ("images.create_variation", "images.create_variation", r#"{"image": "$file", "model": "dalle"}"#),
    ("responses.create", "responses.create", r#"{"input": "x", "model": "gpt-4o"}"#),
    ("moderations.create", "moderations.create", r#"{"input": "x"}"#),
    ("models.list", "models.list", "{}"),
    ("models.retrieve", "models.retrieve", r#"{"model": "gpt-4o"}"#),
    ("files.list", "files.list", r#"{"limit": 2}"#),
    ("files.content", "files.content", r#"{"file_id": "f"}"#),
    ("files.create", "files.create", r#"{"file": "$file", "purpose": "batch"}"#),
    ("batches.create", "batches.create", r#"{"completion_window": "24h", "endpoint": "/v1/chat/completions", "input_file_id": "f"}"#),
    ("fine_tuning.jobs.list", "fine_tuning.jobs.list", "{}"),
    ("vector_stores.list", "vector_stores.list", "{}"),
    ("beta.assistants.create", "beta.assistants.create", r#"{"model": "gpt-4o"}"#),
    ("beta.threads.runs.create", "beta.threads.runs.create", r#"{"thread_id": "t", "assistant_id": "a", "model": "gpt-4o"}"#),
];

/// The calls to endpoints without a method: path, and the body if there is one.
const RAW_CALLS: &[(&str, &str, &str)] = &[
    ("post(/chat/completions)", "/chat/completions", r#"{"model": "m"}"#),
    ("post(chat/completions)", "chat/completions", r#"{"model": "m"}"#),
    ("post(/chat/completions, model null)", "/chat/completions", r#"{"model": null}"#),
    ("post(/chat/completions, body list)", "/chat/completions", "[1]"),
    ("post(absolute)", "https://other.example/chat/completions?z=1", r#"{"model": "m"}"#),
    ("post(/custom?q=1)", "/custom?q=1", r#"{"model": "m"}"#),
];

/// Cases that were recorded with another call than they say, a list of models with a header of its own.
const HEADERS: &[(&str, &str, &str)] = &[
    ("auth_request_header_authorization", "Authorization", "Bearer mine"),
    ("auth_request_header_api_key", "api-key", "mine"),
    ("auth_request_header_api_key_case", "API-Key", "mine"),
];

/// Models with names that nothing was sent for, by the numbers of their cases.
const NAMES: &[(&str, &str)] = &[("5", ".."), ("6", "."), ("7", "")];

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    const KNOWN: &[&str] = &["client", "kwargs", "operation", "env", "with_options", "responses", "calls", "model", "extra_query"];
    let input = case.input();
    if let Some(unknown) = input.as_object().ok_or("no input")?.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(format!("the input `{unknown}` is not known"));
    }
    let transport = ScriptedTransport::new(answers(input)?);
    let (client, fault) = match client(input, &transport)? {
        Ok(client) => (Some(client), None),
        Err(fault) => (None, Some(fault)),
    };
    if let Some(ok) = case.expected().get("ok") {
        let client = client.ok_or_else(|| format!("there is no client: {fault:?}"))?;
        return websocket(&client, input, ok);
    }
    let error = match &client {
        Some(client) => called(client, case)?.err().map(|error| error_json(&error)),
        None => fault,
    };
    let mut differences = Differences::new();
    for (name, expected) in case.expected().as_object().ok_or("nothing is expected")? {
        match name.as_str() {
            "base_url" => {
                let found = client.as_ref().map(|client| bare(client.base_url()));
                differences.json(name, &expected.as_str().map(bare).into(), &found.into());
            }
            "requests" => differences.extend(compare_requests(expected, &transport.requests())),
            "sleeps_s" => {
                let sleeps: Value = transport.clock().sleeps().iter().map(std::time::Duration::as_secs_f64).collect();
                differences.json(name, expected, &sleeps);
            }
            "error" => match &error {
                Some(error) => differences.extend(compare_error("error", expected, error)),
                None => differences.note("error", expected.clone(), None),
            },
            _ => differences.note(name, expected.clone(), Value::from("not looked at")),
        }
    }
    if let (Some(error), None) = (&error, case.expected().get("error")) {
        differences.note("error", None, error.clone());
    }
    Ok(differences)
}

/// The outer error says that a case cannot be performed, the inner one that there is no such client.
fn client(input: &Value, transport: &ScriptedTransport) -> Result<Result<Client, Value>, String> {
    let environment: HashMap<String, String> = match input.get("env").and_then(Value::as_object) {
        Some(env) => env.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned())).collect(),
        None => HashMap::new(),
    };
    let mut builder =
        Client::azure().env(move |name| environment.get(name).cloned()).transport(transport.clone()).time(transport.clock().clone());
    for (key, value) in input["kwargs"].as_object().ok_or("no kwargs")? {
        builder = match configured(builder, key, value)? {
            Ok(builder) => builder,
            Err(refused) => return Ok(Err(refused)),
        };
    }
    let client = match builder.build() {
        Ok(client) => client,
        Err(error) => return Ok(Err(error_json(&error))),
    };
    let mut fault = None;
    let client = client.with_options(|options| {
        let changes = input.get("with_options").and_then(Value::as_object).into_iter().flatten();
        changes.fold(options, |options, (key, value)| changed(options, key, value, &mut fault))
    });
    fault.map_or(Ok(Ok(client)), Err)
}

fn configured(builder: Builder, key: &str, value: &Value) -> Result<Result<Builder, Value>, String> {
    let text = || value.as_str().unwrap_or_default().to_owned();
    Ok(Ok(match key {
        _ if value.is_null() => builder,
        "azure_endpoint" => builder.endpoint(text()),
        "azure_deployment" => builder.deployment(text()),
        "api_version" => builder.api_version(text()),
        "api_key" if value.is_object() => {
            let provider = provided(value["$callable"].as_str().unwrap_or_default())?;
            builder.api_key_provider(move || provider())
        }
        "api_key" => builder.api_key(text()),
        "azure_ad_token" => builder.token(text()),
        "azure_ad_token_provider" => {
            let provider = provided(value["$callable"].as_str().unwrap_or_default())?;
            builder.token_provider(move || provider())
        }
        "base_url" => builder.base_url(text()),
        "websocket_base_url" => builder.websocket_base_url(text()),
        "organization" => builder.organization(text()),
        "project" => builder.project(text()),
        "max_retries" => builder.max_retries(value.as_u64().and_then(|n| u32::try_from(n).ok()).ok_or("no number of retries")?),
        "default_headers" => {
            let headers = value.as_object().into_iter().flatten();
            headers.fold(builder, |builder, (name, value)| builder.default_header(name, value.as_str().unwrap_or_default()))
        }
        "default_query" => {
            let fields = value.as_object().into_iter().flatten();
            fields.fold(builder, |builder, (name, value)| builder.default_query(name, value.clone()))
        }
        "_enforce_credentials" if *value == Value::Bool(false) => builder.allow_missing_credentials(),
        // There are no such methods: Azure has no administrator's key and no regions.
        "admin_api_key" | "data_residency" | "workload_identity" | "provider" => {
            return Ok(Err(refused(format!("{key} is not for Azure"))));
        }
        _ => return Err(format!("the option `{key}` is not known")),
    }))
}

fn called(client: &Client, case: &Case) -> Result<Result<(), Error>, String> {
    let times = case.input().get("calls").and_then(Value::as_u64).unwrap_or(1);
    for _ in 0..times {
        if let Err(error) = called_once(client, case)? {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

fn called_once(client: &Client, case: &Case) -> Result<Result<(), Error>, String> {
    let name = case.input()["operation"].as_str().ok_or("no operation")?;
    if let Some((_, header, value)) = HEADERS.iter().find(|(known, _, _)| *known == case.name) {
        return Ok(runtime().block_on(client.models().list().header(header, value).raw().into_future()).map(drop));
    }
    if name == "get(/models) extra_query api-version" {
        return Ok(runtime().block_on(client.get("/models").query("api-version", "override").into_future()).map(drop));
    }
    if let Some((_, path, body)) = RAW_CALLS.iter().find(|(known, _, _)| *known == name) {
        let body: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
        return Ok(runtime().block_on(client.post(*path).json(&body).into_future()).map(drop));
    }
    let (_, operation, args) =
        CALLS.iter().find(|(known, _, _)| *known == name).ok_or_else(|| format!("the call `{name}` is not known"))?;
    let file = r#"{"$file": {"name": null, "bytes": "eA=="}}"#;
    let mut args: Value = serde_json::from_str(&args.replace(r#""$file""#, file)).map_err(|error| error.to_string())?;
    if let Some(number) = case.name.strip_prefix("model_name_") {
        args["model"] = match NAMES.iter().find(|(known, _)| *known == number) {
            Some((_, name)) => Value::from(*name),
            // What was sent says what was asked for.
            None => case.expected()["requests"][0]["json"]["model"].clone(),
        };
    }
    let operation = dynamic::operation(operation).ok_or_else(|| format!("the operation `{operation}` is not known"))?;
    let call = match operation.call(client, &args) {
        Ok(call) => call.raw(),
        Err(error) => return Ok(Err(error)),
    };
    let call = if name.ends_with("(stream)") { call.streaming() } else { call };
    Ok(runtime().block_on(call.into_future()).map(drop))
}

/// The address and the headers of a WebSocket.
fn websocket(client: &Client, input: &Value, expected: &Value) -> Result<Differences, String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let params = input["model"].as_str().map_or_else(RealtimeConnectParams::new, |model| RealtimeConnectParams::new().model(model));
    let mut handshake = client.realtime().connect(params);
    for (name, value) in input["extra_query"].as_object().into_iter().flatten() {
        handshake = handshake.query(name, text(value));
    }
    let request = runtime().block_on(handshake.signed()).map_err(|error| error.to_string())?;
    let mut differences = Differences::new();
    for (name, value) in expected.as_object().ok_or("nothing is expected")? {
        match name.as_str() {
            "url" => compare_url("ok.url", value, &request.uri().to_string(), &mut differences),
            "headers" => {
                let found = ["api-key", "authorization"].iter().filter_map(|name| Some((name, request.headers().get(*name)?)));
                let found: Value = found.map(|(name, value)| json!([name, String::from_utf8_lossy(value.as_bytes())])).collect();
                let expected: Value =
                    value.as_object().into_iter().flatten().map(|(name, value)| json!([name.to_lowercase(), value])).collect();
                differences.json("ok.headers", &expected, &found);
            }
            _ => differences.note(format!("ok.{name}"), value.clone(), Value::from("not looked at")),
        }
    }
    Ok(differences)
}

/// The order of parameters says nothing.
fn compare_url(at: &str, expected: &Value, found: &str, differences: &mut Differences) {
    let parted = |url: &str| {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut pairs: Vec<&str> = query.split('&').collect();
        pairs.sort_unstable();
        json!([base, pairs])
    };
    if parted(expected.as_str().unwrap_or_default()) != parted(found) {
        differences.note(at, expected.clone(), Value::from(found));
    }
}

fn compare_requests(expected: &Value, sent: &[Recorded]) -> Differences {
    requests::compare_recorded(expected, sent, Listed::Some, |at, members, sent, differences| {
        if let Some(url) = members.remove("url") {
            compare_url(&format!("{at}.url"), &url, &sent.url, differences);
        }
        // The same as the URL, but for the host.
        members.remove("raw_path");
        // Of the headers that are not listed, none may be a credential.
        let headers = members.get("headers").and_then(Value::as_array);
        let listed = |name: &str| headers.into_iter().flatten().any(|pair| pair[0] == name);
        for name in ["api-key", "authorization"].into_iter().filter(|name| !listed(name) && sent.headers.contains_key(*name)) {
            differences.note(format!("{at}.headers.{name}"), None, Value::from(sent.header(name)));
        }
    })
}
