//! Performs what a line of JSON asks for, through the SDK's public and typed API, and answers with a line of JSON. One implementation of each `do`, for the
//! driver's standard input and for the conformance corpus alike.

pub(crate) mod accumulate;
pub(crate) mod call;
mod client;
mod failure;
mod helpers;
mod notation;
mod poll;
mod raw;
pub(crate) mod sse;
mod types;
pub(crate) mod webhook;

use std::sync::OnceLock;

use openai::{Json, RequestBody};
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Runtime};

pub use failure::{Failure, error_json};
pub(crate) use raw::form;

/// The members of an answer.
pub type Answer = Map<String, Value>;

/// Performs a line.
type Perform = fn(&Value) -> Result<Answer, Failure>;

/// What can be asked for.
const PERFORMS: &[(&str, Perform)] = &[
    ("call", call::call),
    ("request", call::request),
    ("pages", call::pages),
    ("decode", types::decode),
    ("encode", types::encode),
    ("query", raw::query),
    ("multipart", raw::multipart),
    ("sse", sse::sse),
    ("accumulate", accumulate::accumulate),
    ("strict_schema", accumulate::strict_schema),
    ("webhook", webhook::webhook),
    ("poll", poll::poll),
];

/// Performs what a line of text asks for.
pub fn perform_text(line: &str) -> Value {
    // Numbers are read exactly, which `serde_json` does not do by itself.
    match Json::from_text(line) {
        Ok(line) => perform(&line.to_value()),
        Err(error) => answer(&Value::Null, Err(Failure::driver(format!("the line is no JSON: {error}")))),
    }
}

/// Performs what a line asks for. The answer has its `id`, `ok`, and what conformance.md says or an `error`.
pub fn perform(line: &Value) -> Value {
    let wanted = line.get("do").and_then(Value::as_str).unwrap_or_default();
    let performed = match PERFORMS.iter().find(|(name, _)| *name == wanted) {
        Some((_, perform)) => perform(line),
        None => Err(Failure::driver(format!("unknown do: {wanted:?}"))),
    };
    answer(line, performed)
}

fn answer(line: &Value, performed: Result<Answer, Failure>) -> Value {
    let (ok, members) = match performed {
        Ok(members) => (!members.contains_key("error"), members),
        Err(failure) => (false, failure.into_members()),
    };
    let mut answer = Answer::new();
    answer.insert("id".to_owned(), line.get("id").cloned().unwrap_or_default());
    answer.insert("ok".to_owned(), ok.into());
    answer.extend(members);
    answer.into()
}

/// The runtime on which async calls are made.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a process can start two threads"))
}

/// The whole of a request's body.
pub(crate) fn collect(body: RequestBody) -> std::io::Result<Vec<u8>> {
    runtime().block_on(body.collect()).map(Vec::from)
}

/// A member of a line as text.
pub(crate) fn text<'a>(line: &'a Value, name: &str) -> Result<&'a str, Failure> {
    line.get(name).and_then(Value::as_str).ok_or_else(|| Failure::driver(format!("`{name}` is needed, as text")))
}

/// A member of a line that may be absent or null.
pub(crate) fn optional<'a>(line: &'a Value, name: &str) -> Option<&'a Value> {
    line.get(name).filter(|value| !value.is_null())
}
