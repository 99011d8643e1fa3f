//! `retries`: how many attempts are made to a server that fails as its script says, how long is waited between them, and what comes of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::calls::{Named, named};
use super::case::{Case, parse};
use super::compare::Differences;
use super::outcome;
use super::requests::{Listed, compare};
use crate::driver::perform as drive;
use crate::server::{Answer, Request, Server};

/// What the driver made of a call to a server with a script.
pub(super) struct Performed {
    pub(super) answer: Value,
    pub(super) requests: Vec<Request>,
}

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let input = case.input();
    let performed = performed(input, input["script"].as_array().ok_or("no script")?)?;
    let mut differences = Differences::new();
    for (name, expected) in case.expected().as_object().ok_or("nothing is expected")? {
        match name.as_str() {
            "attempts" => differences.json(name, expected, &performed.requests.len().into()),
            "sleeps_s" => differences.json(name, expected, &performed.answer["sleeps_s"]),
            "outcome" => differences.extend(compare_outcome(expected, &performed.answer)),
            "requests" => differences.extend(compare_requests(expected, &performed.requests)),
            _ => differences.note(name, expected.clone(), Value::from("not looked at")),
        }
    }
    Ok(differences)
}

/// Makes the call that an input describes.
pub(super) fn performed(input: &Value, script: &[Value]) -> Result<Performed, String> {
    const KNOWN: &[&str] =
        &["call", "max_retries", "random", "now_unix", "script", "response", "timeout_s", "extra_headers", "with_options_max_retries"];
    if let Some(unknown) = input.as_object().ok_or("no input")?.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(format!("the input `{unknown}` is not known"));
    }
    let answers: Vec<Answer> = script.iter().map(Answer::from_script).collect::<Result<_, String>>()?;
    let server = Server::script(answers).map_err(|error| error.to_string())?;
    let Named { name, mode, args, mut options, .. } = named(input["call"].as_str().ok_or("no call")?)?;
    options.extend(given(input, [("extra_headers", "headers"), ("with_options_max_retries", "max_retries")]));
    let mut client: Map<String, Value> = given(input, [("max_retries", "max_retries"), ("timeout_s", "timeout_s")]).collect();
    client.insert("base_url".to_owned(), server.url().into());
    client.insert("api_key".to_owned(), "k".into());
    client.insert("fake_time".to_owned(), json!({ "now_unix": input["now_unix"], "random": input["random"] }));
    let line = json!({ "do": "call", "call": name, "mode": mode, "args": args, "options": options, "client": client });
    Ok(Performed { answer: drive(&line), requests: server.requests() })
}

fn given<'v, const N: usize>(input: &'v Value, keys: [(&'v str, &'v str); N]) -> impl Iterator<Item = (String, Value)> + use<'v, N> {
    keys.into_iter().filter_map(|(theirs, ours)| Some((ours.to_owned(), input.get(theirs)?.clone())))
}

/// A value is what the driver calls `value`, `events` or bytes.
pub(super) fn compare_outcome(expected: &Value, answer: &Value) -> Differences {
    let mut differences = Differences::new();
    match (&expected["ok"], answer["ok"] == true) {
        (Value::Array(events), true) if answer.get("events").is_some() => {
            differences.json("outcome.ok", &events.clone().into(), &answer["events"]);
        }
        (Value::Object(value), true) if value.contains_key("$bytes") => {
            // What the script gave as an object, Python wrote with spaces.
            let read = |bytes: &Value| {
                parse(
                    &bytes
                        .as_str()
                        .and_then(|text| STANDARD.decode(text).ok())
                        .map_or_else(String::new, |b| String::from_utf8_lossy(&b).into_owned()),
                )
            };
            match (read(&value["$bytes"]), read(&answer["value"]["bytes"])) {
                (Ok(expected), Ok(found)) => differences.json("outcome.ok", &expected, &found),
                _ => differences.json("outcome.ok", &value["$bytes"], &answer["value"]["bytes"]),
            }
        }
        _ => differences.extend(outcome::compare("outcome", expected, answer)),
    }
    differences
}

fn compare_requests(expected: &Value, found: &[Request]) -> Differences {
    let mut differences = Differences::new();
    let expected: &[Value] = expected.as_array().map_or(&[], Vec::as_slice);
    differences.plain("requests.count", expected.len() as u64, found.len() as u64);
    for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
        let at = format!("requests[{index}]");
        let mut expected = expected.clone();
        // The key itself is not recorded. It is there when it was asked for, and only then.
        let has_key = expected.as_object_mut().and_then(|members| members.remove("idempotency_key")).is_some_and(|is| is == true);
        differences.plain(&format!("{at}.idempotency_key"), has_key, found.header("idempotency-key").is_some());
        let mut found = found.clone();
        found.headers.retain(|(name, _)| name != "idempotency-key");
        differences.extend(compare(&at, &expected, &found, Listed::Some));
    }
    differences
}
