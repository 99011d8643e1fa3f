//! `streams`: the helpers that accumulate streams and parse what models put out: their events, what they come to, and the requests behind them.

use serde_json::Value;

use super::case::Case;
use super::compare::Differences;
use super::outcome::compare_error;
use super::requests::{Listed, compare};
use crate::driver::accumulate::{Performed, helper};
use crate::server::Answer;

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let (input, expected) = (case.input(), case.expected());
    let call = input["call"].as_str().ok_or("a case without a call")?;
    let answer = match (input["sse"].as_str(), input.get("response_body")) {
        (Some(sse), _) => Answer::events(sse),
        (None, Some(Value::String(body))) => Answer::json(body.as_str()),
        (None, Some(body)) => Answer::json(body.to_string()),
        (None, None) => return Err("a case without an answer".to_owned()),
    };
    let client = case.value.get("client_kwargs").cloned().unwrap_or_default();
    let performed = helper(call, &input["kwargs"], answer, client).map_err(|failure| Value::Object(failure.into_members()).to_string())?;
    Ok(differences(expected, performed))
}

fn differences(expected: &Value, performed: Performed) -> Differences {
    let mut differences = Differences::new();
    let Performed { events, outcome, requests } = performed;
    let (outcome, error) = match outcome {
        Ok(outcome) => (Some(outcome), None),
        Err(failure) => (None, Some(failure.into_members()["error"].take())),
    };
    for (name, value) in expected.as_object().into_iter().flatten() {
        match (name.as_str(), &outcome, &error) {
            ("events", ..) => differences.json("events", &without_nulls(value), &without_nulls(&events.clone().into())),
            ("final" | "result", Some(outcome), _) => differences.json("final", &without_nulls(value), &without_nulls(&outcome.value)),
            // Python's classes of exceptions say less than the error itself.
            ("log", ..) => differences.json("log", &without_nulls(&without_classes(value)), &without_nulls(&events.clone().into())),
            ("final_run" | "final_run_steps" | "final_messages", Some(outcome), _) => {
                differences.json(name, &without_nulls(value), &without_nulls(&outcome.value[name]));
            }
            ("final_run_error" | "final_run_steps_error" | "final_messages_error", Some(outcome), _) => {
                differences.json(name, &Value::Null, &outcome.value[name.trim_end_matches("_error")]);
            }
            ("output_text", Some(outcome), _) => differences.json("output_text", value, &outcome.output_text.clone().into()),
            ("output_parsed", Some(outcome), _) => differences.json("output_parsed", value, &outcome.output_parsed),
            ("error", _, Some(found)) => differences.extend(compare_error("error", value, found)),
            ("error", Some(outcome), None) => differences.note("error", value.clone(), outcome.value.clone()),
            ("final" | "result", None, Some(error)) => differences.note("final", value.clone(), error.clone()),
            // There is none of it, which is noted above.
            ("output_text" | "output_parsed", None, _) => {}
            ("request", ..) => match requests.first() {
                Some(request) => differences.extend(compare("request", value, request, Listed::Some)),
                None => differences.note("request", value.clone(), None),
            },
            ("request_body", ..) => match requests.first().map(|request| super::case::parse(&String::from_utf8_lossy(&request.body))) {
                Some(Ok(body)) => differences.json("request_body", value, &body),
                _ => differences.note("request_body", value.clone(), None),
            },
            _ => differences.note(name, value.clone(), Value::from("not looked at")),
        }
    }
    differences
}

fn without_classes(log: &Value) -> Value {
    let entry = |entry: &Value| if entry[0] == "exception" { serde_json::json!(["exception"]) } else { entry.clone() };
    log.as_array().into_iter().flatten().map(entry).collect()
}

/// The official client shows fields of its types that have no value as null.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), without_nulls(value))).collect(),
        ),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
