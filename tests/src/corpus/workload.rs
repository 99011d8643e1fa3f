//! `workload`: exchanges of what a workload shows for a token, when they are made, and what becomes of them. In place of a network and a clock there are
//! a transport and a clock that the case moves.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openai::testing::{Answer, FakeClock, Recorded, ScriptedTransport};
use openai::types::files::FileCreateParams;
use openai::types::moderations::ModerationCreateParams;
use openai::{
    AzureManagedIdentity, Client, ClientBuilder, Error, GcpIdToken, KubernetesToken, Result as SdkResult, SubjectTokenType, Upload,
    WorkloadIdentity,
};
use serde_json::{Value, json};

use super::callables::provided;
use super::case::Case;
use super::client_config::{answer, bare, refused};
use super::compare::Differences;
use super::outcome::compare_error;
use super::requests::{self, Listed};
use crate::driver::{error_json, runtime};

/// The time of day of cases that do not say one.
const START: u64 = 1000;

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let input = case.input();
    if input.get("provider").is_some() {
        return subject_token(case);
    }
    const KNOWN: &[&str] = &[
        "workload_identity",
        "exchange_responses",
        "api_responses",
        "steps",
        "call",
        "max_retries",
        "clock_start",
        "client_kwargs",
        "base_url",
    ];
    if let Some(unknown) = input.as_object().ok_or("no input")?.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(format!("the input `{unknown}` is not known"));
    }
    let asked = Arc::new(AtomicUsize::new(0));
    let start = input["clock_start"].as_f64().map_or(Duration::from_secs(START), Duration::from_secs_f64);
    let world = World {
        transport: transport(&input["exchange_responses"], &input["api_responses"])?,
        clock: FakeClock::new(std::time::SystemTime::UNIX_EPOCH + start),
    };
    let mut outcomes = Vec::new();
    let (client, fault) = match identity(&input["workload_identity"], &asked)? {
        Err(refused) => (None, Some(refused)),
        Ok(identity) => match world.client(input, identity.clone())? {
            Err(refused) => (None, Some(refused)),
            Ok(client) => {
                outcomes = steps(&client, &identity, &world, case)?;
                (Some(client), None)
            }
        },
    };
    let mut differences = Differences::new();
    for (name, expected) in case.expected().as_object().ok_or("nothing is expected")? {
        match name.as_str() {
            "requests" => differences.extend(compare_requests(expected, &world.transport.requests())),
            "outcomes" => differences.extend(compare_outcomes(expected, &outcomes)),
            "subject_token_calls" => differences.json(name, expected, &asked.load(Ordering::Relaxed).into()),
            "sleeps_s" => {
                let sleeps: Value = world.clock.sleeps().iter().map(Duration::as_secs_f64).collect();
                differences.json(name, expected, &sleeps);
            }
            "base_url" => {
                let found = client.as_ref().map(|client| bare(client.base_url()));
                differences.json(name, &expected.as_str().map(bare).into(), &found.into());
            }
            "construction_error" => match &fault {
                Some(error) => differences.extend(compare_error(name, expected, error)),
                None => differences.note(name, expected.clone(), None),
            },
            _ => differences.note(name, expected.clone(), Value::from("not looked at")),
        }
    }
    if let (Some(fault), None) = (&fault, case.expected().get("construction_error")) {
        differences.note("construction_error", None, fault.clone());
    }
    Ok(differences)
}

struct World {
    transport: ScriptedTransport,
    clock: FakeClock,
}

impl World {
    fn client(&self, input: &Value, identity: WorkloadIdentity) -> Result<Result<Client, Value>, String> {
        let retries = input["max_retries"].as_u64().and_then(|n| u32::try_from(n).ok()).ok_or("no number of retries")?;
        let mut builder: ClientBuilder<Client> = Client::builder()
            .env(|_| None)
            .transport(self.transport.clone())
            .time(self.clock.clone())
            .max_retries(retries)
            .workload_identity(identity);
        if let Some(url) = input["base_url"].as_str() {
            builder = builder.base_url(url);
        }
        for (key, value) in input["client_kwargs"].as_object().into_iter().flatten() {
            let text = value.as_str().unwrap_or_default();
            builder = match key.as_str() {
                "api_key" => builder.api_key(text),
                "admin_api_key" => builder.admin_api_key(text),
                "base_url" => builder.base_url(text),
                "data_residency" => builder.data_residency(text.parse().map_err(|error: Error| error.to_string())?),
                _ => return Err(format!("the option `{key}` is not known")),
            };
        }
        Ok(builder.build().map_err(|error| error_json(&error)))
    }
}

/// A transport that answers exchanges from one list and the rest from another; the last of each repeats.
fn transport(exchanges: &Value, others: &Value) -> Result<ScriptedTransport, String> {
    let script = |list: &Value| -> Result<Mutex<VecDeque<Answer>>, String> {
        let answers = list.as_array().ok_or("answers are a list")?;
        Ok(Mutex::new(answers.iter().map(scripted).collect::<Result<_, _>>()?))
    };
    let (exchanges, others) = (script(exchanges)?, script(others)?);
    Ok(ScriptedTransport::from_fn(move |request| {
        let script = if request.url.contains("/oauth/token") { &exchanges } else { &others };
        let mut answers = script.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        next.unwrap_or_else(Answer::connection_error)
    }))
}

fn scripted(response: &Value) -> Result<Answer, String> {
    if response.get("raise").is_some() || response.get("reset_before").is_some() || response.get("close_before").is_some() {
        return Ok(if response["raise"] == "timeout" { Answer::timeout() } else { Answer::connection_error() });
    }
    // Headers are pairs here.
    let mut plain = response.clone();
    let pairs = plain["headers"].as_array().map(|pairs| {
        pairs.iter().filter_map(|pair| Some((pair[0].as_str()?.to_owned(), pair[1].clone()))).collect::<serde_json::Map<_, _>>()
    });
    if let Some(pairs) = pairs {
        plain["headers"] = pairs.into();
    }
    answer(&plain)
}

/// The outer error says that a case cannot be performed, the inner one that the SDK's types do not take it.
fn identity(described: &Value, asked: &Arc<AtomicUsize>) -> Result<Result<WorkloadIdentity, Value>, String> {
    let is_x509 = described["type"] == "x509";
    // What the types have no place for is refused by them; it is a word at most to the official client.
    let known: &[&str] = if is_x509 {
        &["type", "identity_provider_id", "service_account_id", "refresh_buffer_seconds"]
    } else {
        &["identity_provider_id", "service_account_id", "refresh_buffer_seconds", "provider", "client_id"]
    };
    if let Some(unknown) = described.as_object().ok_or("no identity")?.keys().find(|key| !known.contains(&key.as_str())) {
        return Ok(Err(refused(format!("a workload identity has no {unknown}"))));
    }
    let (Some(provider_id), Some(account)) = (described["identity_provider_id"].as_str(), described["service_account_id"].as_str()) else {
        return Ok(Err(refused("a workload identity needs two ids")));
    };
    let identity = if is_x509 {
        WorkloadIdentity::x509(provider_id, account)
    } else {
        let provider = &described["provider"];
        let kind = match provider["token_type"].as_str() {
            Some("jwt") => SubjectTokenType::Jwt,
            Some("id") => SubjectTokenType::Id,
            other => return Ok(Err(refused(format!("there are no subject tokens of type {other:?}")))),
        };
        let (token, asked) = (provided(provider["get_token"].as_str().unwrap_or_default())?, asked.clone());
        WorkloadIdentity::new(provider_id, account, move || {
            asked.fetch_add(1, Ordering::Relaxed);
            token()
        })
        .token_type(kind)
    };
    Ok(match described.get("refresh_buffer_seconds") {
        None | Some(Value::Null) => Ok(identity),
        Some(buffer) => match buffer.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
            Some(buffer) => Ok(identity.refresh_buffer(buffer)),
            None => Err(refused("a buffer is a number of seconds that is not negative")),
        },
    })
}

fn steps(client: &Client, identity: &WorkloadIdentity, world: &World, case: &Case) -> Result<Vec<SdkResult<Value>>, String> {
    let mut outcomes = Vec::new();
    for step in case.input()["steps"].as_array().ok_or("no steps")? {
        match step.as_str().unwrap_or_default() {
            "call" => outcomes.push(runtime().block_on(called(client, case))?),
            "with_options_call" => outcomes.push(runtime().block_on(called(&client.with_options(|options| options), case))?),
            "invalidate" => identity.forget_token(),
            step => {
                let seconds = step.strip_prefix("advance:").and_then(|seconds| seconds.parse().ok());
                world.clock.advance(Duration::from_secs_f64(seconds.ok_or_else(|| format!("the step `{step}` is not known"))?));
            }
        }
    }
    Ok(outcomes)
}

async fn called(client: &Client, case: &Case) -> Result<SdkResult<Value>, String> {
    let call = case.input()["call"].as_str().unwrap_or("models.retrieve");
    // X.509 cases say by their names what is called.
    let call = match case.name.as_str() {
        "x509_absolute_other_origin_refused" => "other origin",
        name if name.starts_with("x509_host_header") => "host header",
        _ => call,
    };
    Ok(match call {
        "models.retrieve" => client.models().retrieve("m").await.and_then(|model| encoded(&model)),
        "own authorization header" => {
            client.models().retrieve("m").header("Authorization", "Bearer mine").await.and_then(|model| encoded(&model))
        }
        "host header" => client.models().retrieve("m").header("Host", "other.example").await.and_then(|model| encoded(&model)),
        "other origin" => client.get("https://other.example/v1/models/m").await,
        "moderations.create" => client.moderations().create(ModerationCreateParams::new("x")).await.and_then(|result| encoded(&result)),
        "admin" => client.admin().organization().admin_api_keys().list(Default::default()).await.map(|_| Value::Null),
        "files.create(BytesIO)" => {
            let file = Upload::bytes("upload", "hello");
            client.files().create(FileCreateParams::new(file, "batch")).await.and_then(|file| encoded(&file))
        }
        other => return Err(format!("the call `{other}` is not known")),
    })
}

fn encoded(value: &impl openai::JsonModel) -> SdkResult<Value> {
    Ok(value.to_value())
}

fn compare_outcomes(expected: &Value, outcomes: &[SdkResult<Value>]) -> Differences {
    let mut differences = Differences::new();
    let expected: &[Value] = expected.as_array().map_or(&[], Vec::as_slice);
    differences.plain("outcomes.count", expected.len() as u64, outcomes.len() as u64);
    for (index, (expected, outcome)) in expected.iter().zip(outcomes).enumerate() {
        let at = format!("outcomes[{index}]");
        match (expected.get("ok"), expected.get("error"), outcome) {
            (Some(ok), _, Ok(value)) => differences.json(&format!("{at}.ok"), ok, value),
            (_, Some(error), Err(found)) => differences.extend(compare_error(&format!("{at}.error"), error, &error_json(found))),
            (ok, error, Ok(value)) => differences.note(format!("{at}.ok"), ok.or(error).cloned(), value.clone()),
            (ok, error, Err(found)) => differences.note(format!("{at}.error"), ok.or(error).cloned(), error_json(found)),
        }
    }
    differences
}

fn compare_requests(expected: &Value, sent: &[Recorded]) -> Differences {
    requests::compare_recorded(expected, sent, Listed::Some, |_, _, _, _| {})
}

/// A provider of subject tokens: what it asks for, and the token that is shown in the exchange.
fn subject_token(case: &Case) -> Result<Differences, String> {
    let input = case.input();
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let response = input.get("response").map_or_else(|| Ok(Answer::connection_error()), scripted)?;
    let transport = ScriptedTransport::from_fn(move |request| {
        if request.url.contains("/oauth/token") { Answer::ok(&json!({ "access_token": "t", "expires_in": 60 })) } else { response.clone() }
    });
    let identity = provider(input, folder.path())?;
    let builder: ClientBuilder<Client> = Client::builder().env(|_| None).transport(transport.clone()).workload_identity(identity);
    let outcome = runtime().block_on(builder.build().map_err(|error| error.to_string())?.get("/models").max_retries(0).into_future());
    let sent = transport.requests();
    let (asked, shown): (Vec<Recorded>, Vec<Recorded>) =
        sent.into_iter().filter(|request| !request.url.contains("/models")).partition(|request| !request.url.contains("/oauth/token"));
    let shown = shown.first().map(Recorded::json);
    let mut differences = Differences::new();
    for (name, expected) in case.expected().as_object().ok_or("nothing is expected")? {
        match name.as_str() {
            "requests" => differences.extend(compare_requests(expected, &asked)),
            "outcome" => match (&shown, expected.get("ok"), expected.get("error"), &outcome) {
                (Some(shown), Some(token), _, _) => differences.json("outcome.ok", token, &shown["subject_token"]),
                (None, _, Some(error), Err(found)) => differences.extend(compare_error("outcome.error", error, &error_json(found))),
                _ => differences.note("outcome", expected.clone(), shown.clone().unwrap_or_default()),
            },
            "token_type" => {
                if let Some(shown) = &shown {
                    let urn = if expected == "id" { SubjectTokenType::Id.urn() } else { SubjectTokenType::Jwt.urn() };
                    differences.json(name, &urn.into(), &shown["subject_token_type"]);
                }
            }
            _ => differences.note(name, expected.clone(), Value::from("not looked at")),
        }
    }
    Ok(differences)
}

fn provider(input: &Value, folder: &std::path::Path) -> Result<WorkloadIdentity, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let options = || input["kwargs"].as_object().into_iter().flatten();
    let limit = |value: &Value| value.as_f64().map(Duration::from_secs_f64).ok_or("no number of seconds");
    match input["provider"].as_str().unwrap_or_default() {
        "k8s_service_account_token_provider" => {
            let path = folder.join("token");
            let content = match (&input["file"]["content"], &input["file"]["content_b64"]) {
                (Value::String(content), _) => Some(content.clone().into_bytes()),
                (_, Value::String(encoded)) => Some(STANDARD.decode(encoded).map_err(|error| error.to_string())?),
                _ => None,
            };
            if let Some(content) = content {
                std::fs::write(&path, content).map_err(|error| error.to_string())?;
            }
            Ok(WorkloadIdentity::new("idp", "sa", KubernetesToken::at(path)))
        }
        "azure_managed_identity_token_provider" => {
            let mut provider = AzureManagedIdentity::new();
            for (key, value) in options() {
                provider = match key.as_str() {
                    _ if value.is_null() => provider,
                    "resource" => provider.resource(text(value)),
                    "object_id" => provider.object_id(text(value)),
                    "client_id" => provider.client_id(text(value)),
                    "msi_res_id" => provider.resource_id(text(value)),
                    "api_version" => provider.api_version(text(value)),
                    "timeout" => provider.timeout(limit(value)?),
                    _ => return Err(format!("the option `{key}` is not known")),
                };
            }
            Ok(WorkloadIdentity::new("idp", "sa", provider))
        }
        "gcp_id_token_provider" => {
            let mut provider = GcpIdToken::new();
            for (key, value) in options() {
                provider = match key.as_str() {
                    _ if value.is_null() => provider,
                    "audience" => provider.audience(text(value)),
                    "timeout" => provider.timeout(limit(value)?),
                    _ => return Err(format!("the option `{key}` is not known")),
                };
            }
            Ok(WorkloadIdentity::new("idp", "sa", provider))
        }
        other => Err(format!("the provider `{other}` is not known")),
    }
}
