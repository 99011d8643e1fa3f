//! `accumulate` and `strict_schema`: the helpers around calls, shown as the official client shows them. Events and results are those of the public API; what it
//! gives on demand (values parsed while a stream grows) is asked for at each event.

mod assistants;
mod chat;
mod responses;
mod typed;

use openai::{Client, schema};
use serde_json::{Value, json};

use super::client::configured;
use super::{Answer, Failure, text};
use crate::server;

pub(crate) use typed::Typed;

/// What became of a helper's call.
#[derive(Debug)]
pub(crate) struct Performed {
    /// The events that were handed out.
    pub(crate) events: Vec<Value>,
    /// What they came to.
    pub(crate) outcome: Result<Outcome, Failure>,
    /// The requests that were made.
    pub(crate) requests: Vec<server::Request>,
}

/// A result as the official client shows it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) value: Value,
    /// Of responses: their text.
    pub(crate) output_text: Option<String>,
    /// Of responses: the first value of the type asked for.
    pub(crate) output_parsed: Value,
}

/// Hands out events, and what they came to.
type Helper = fn(&Client, &Value, &mut Vec<Value>) -> Result<Outcome, Failure>;

const HELPERS: &[(&str, Helper)] = &[
    ("chat.completions.stream", chat::stream),
    ("chat.completions.parse", chat::parse),
    ("chat.completions.with_raw_response.parse", chat::parse),
    ("responses.stream", responses::stream),
    ("responses.parse", responses::parse),
    ("responses.create", responses::parse),
    ("beta.threads.runs.stream", assistants::stream),
];

/// Makes a helper's call, which gets this answer.
pub(crate) fn helper(call: &str, args: &Value, answer: server::Answer, client: Value) -> Result<Performed, Failure> {
    let (_, helper) = HELPERS.iter().find(|(name, _)| *name == call).ok_or_else(|| Failure::driver(format!("unknown call: {call}")))?;
    let server = server::Server::script([answer]).map_err(|error| Failure::driver(error.to_string()))?;
    let mut config = json!({ "base_url": server.url(), "api_key": "sk-test", "max_retries": 0 });
    for (key, value) in client.as_object().into_iter().flatten() {
        config[key] = value.clone();
    }
    let client = configured(&json!({ "client": config }))?.client;
    let mut events = Vec::new();
    let outcome = helper(&client, args, &mut events);
    Ok(Performed { events, outcome, requests: server.requests() })
}

/// What a saved stream comes to.
pub(super) fn accumulate(line: &Value) -> Result<Answer, Failure> {
    let answer = server::Answer::events(text(line, "sse")?);
    let mut client = line.get("client").cloned().unwrap_or_default();
    if let Some(client) = client.as_object_mut() {
        client.shift_remove("base_url");
    }
    let performed = helper(text(line, "call")?, line.get("args").unwrap_or(&Value::Null), answer, client)?;
    let types: Value = performed.events.iter().map(|event| event["type"].clone()).collect();
    match performed.outcome {
        Ok(outcome) => Ok([("events".to_owned(), types), ("final".to_owned(), outcome.value)].into_iter().collect()),
        Err(failure) => Err(failure.with("events", types)),
    }
}

/// A schema, rewritten for strict mode.
pub(super) fn strict_schema(line: &Value) -> Result<Answer, Failure> {
    let schema = line.get("schema").ok_or_else(|| Failure::driver("`schema` is needed"))?;
    Ok([("schema".to_owned(), schema::strict(schema)?)].into_iter().collect())
}

/// Params of arguments, none of which may be unknown.
fn params<T: openai::JsonModel>(args: &Value, extra: impl Fn(&T) -> &openai::Extra) -> Result<T, Failure> {
    let params = T::from_value(args)?;
    let unknown = extra(&params).iter().next().map(|(name, _)| name.to_owned());
    match unknown {
        Some(name) => Err(Failure::argument(format!("there is no argument `{name}`"))),
        None => Ok(params),
    }
}

/// The value of a text, as the official client parses what strict functions are called with.
fn parsed(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::decode(error.to_string()))
}

/// Names of functions in a list of tools whose arguments can be relied on.
fn strict_functions(tools: &Value) -> Vec<String> {
    let function = |tool: &Value| tool.get("function").filter(|function| function.is_object()).unwrap_or(tool).clone();
    let functions = tools.as_array().into_iter().flatten().map(function);
    let strict = functions.filter(|function| function["strict"] == true);
    strict.filter_map(|function| function["name"].as_str().map(ToOwned::to_owned)).collect()
}
