//! `steady URL SPEC`: calls every operation against a running `steady`, which judges each request by the document and answers with made-up values: with the least that is valid
//! and with everything that is allowed, async and blocking, as a stream where the document has one. `cargo xtask steady` starts the server and runs this.

use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use openai::dynamic::{self, NamedOperation};
use openai_generator::diagnostics::Diagnostics;
use openai_runtime::Body;
use openai_tests::driver::perform;
use openai_tests::parallel;
use openai_tests::synthesis::{Choice, Synthesis};
use serde_json::{Value, json};

/// Arguments that the server cannot judge: they are left out where they are objects.
const NOT_JUDGED: &[(&str, &str, &str)] = &[
    ("audio.transcriptions.create", "chunking_strategy", "it takes numbers within an object of a form for text"),
    ("realtime.calls.create", "session", "it takes a part of a form that is JSON for text"),
];

/// One call.
struct Attempt {
    name: &'static str,
    choice: &'static str,
    mode: &'static str,
    arguments: Value,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.as_slice() {
        [url, spec] => run(url, Path::new(spec)),
        _ => Err("usage: steady URL SPEC".to_owned()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(stdout(), "{error}");
            ExitCode::from(2)
        }
    }
}

fn run(url: &str, spec: &Path) -> Result<ExitCode, String> {
    let document =
        openai_generator::load::load(&mut Diagnostics::default(), spec).map_err(|_| format!("{} cannot be read", spec.display()))?.root;
    let mut attempts = Vec::new();
    for operation in dynamic::operations() {
        attempts.extend(attempts_of(&document, operation)?);
    }
    let failures = parallel::map(&attempts, |attempt| failure(url, attempt));
    let mut out = stdout().lock();
    let mut say = |text: String| writeln!(out, "{text}").map_err(|error| error.to_string());
    for (attempt, failure) in attempts.iter().zip(&failures) {
        if let Some(failure) = failure {
            let Attempt { name, choice, mode, arguments } = attempt;
            say(format!("{name} {choice} {mode}: {failure}\n  with {}", shorten(arguments)))?;
        }
    }
    for (operation, argument, reason) in NOT_JUDGED {
        say(format!("not judged: `{argument}` of {operation}: {reason}"))?;
    }
    let streams = attempts.iter().filter(|attempt| attempt.mode == "stream").count();
    let failed = failures.iter().flatten().count();
    let operations = dynamic::operations().count();
    say(format!("{operations} operations, {} calls, {streams} streams, {failed} failed", attempts.len() - streams))?;
    Ok(if failed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn attempts_of(document: &Value, operation: &'static NamedOperation) -> Result<Vec<Attempt>, String> {
    let choices = [("minimal", Choice::Minimal), ("full 0", Choice::Full(0)), ("full 1", Choice::Full(1)), ("full 2", Choice::Full(2))];
    let has_stream = operation.streams() && declares_events(document, operation);
    let modes = || ["async", "blocking"].into_iter().chain(has_stream.then_some("stream"));
    let mut attempts = Vec::new();
    for (choice, how) in choices {
        let arguments = arguments(document, operation, how)?;
        attempts.extend(modes().map(|mode| Attempt { name: operation.name(), choice, mode, arguments: arguments.clone() }));
    }
    Ok(attempts)
}

/// What went wrong with a call.
fn failure(url: &str, attempt: &Attempt) -> Option<Value> {
    let client = json!({ "base_url": url, "api_key": "My API Key", "admin_api_key": "My Admin API Key", "max_retries": 0, "strict": true });
    // The server chooses the form of its answer by what is asked for; the API does not.
    let headers =
        if attempt.mode == "stream" { json!({ "accept": "text/event-stream", "x-steady-stream-interval-ms": "0" }) } else { json!({}) };
    let line = json!({
        "do": "call", "call": attempt.name, "args": attempt.arguments, "mode": attempt.mode, "client": client, "options": { "headers": headers },
    });
    let answer = perform(&line);
    if answer["ok"] == true {
        return None;
    }
    // It ends every stream with an event of its own, which is none of the API's.
    let is_its_end =
        answer["error"]["body"] == json!({}) && answer["error"]["message"].as_str().is_some_and(|m| m.starts_with("the event `done`"));
    let has_events = answer["events"].as_array().is_some_and(|events| !events.is_empty());
    (!(is_its_end && has_events)).then(|| answer["error"].clone())
}

fn arguments(document: &Value, operation: &NamedOperation, choice: Choice) -> Result<Value, String> {
    let data = operation.operation();
    let media = match data.body {
        Body::Multipart | Body::MultipartIfFiles | Body::MultipartOrText { .. } => "multipart/form-data",
        _ => "application/json",
    };
    let flag: Vec<&str> = data.stream.iter().map(|flag| flag.field).collect();
    let made = Synthesis::new(document, choice).arguments(&method(operation), &path(operation), media, &flag);
    let mut made = made.map_err(|error| format!("{}: {error}", operation.name()))?;
    for (name, argument, _) in NOT_JUDGED {
        if *name == operation.name() && made.get(*argument).is_some_and(Value::is_object) {
            made.remove(*argument);
        }
    }
    Ok(made.into())
}

/// The path as the document has it, with the query that tells editions apart.
fn path(operation: &NamedOperation) -> String {
    let data = operation.operation();
    let query: Vec<String> = data.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if query.is_empty() { data.path.to_owned() } else { format!("{}?{}", data.path, query.join("&")) }
}

fn method(operation: &NamedOperation) -> String {
    format!("{:?}", operation.operation().method).to_uppercase()
}

fn declares_events(document: &Value, operation: &NamedOperation) -> bool {
    let responses = &document["paths"][path(operation)][method(operation).to_lowercase()]["responses"];
    responses["200"]["content"].get("text/event-stream").is_some()
}

fn shorten(value: &Value) -> String {
    value.to_string().chars().take(600).collect()
}
