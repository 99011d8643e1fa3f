//! `webhooks`: what was posted, taken or refused, and the event that it is.

use serde_json::{Map, Value, json};

use super::case::Case;
use super::compare::Differences;
use super::outcome;
use crate::driver::perform as drive;
use crate::driver::webhook::verify;
use crate::driver::{Answer, Failure};

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let line = line(case.input())?;
    let answer = match case.input()["call"].as_str() {
        Some("unwrap") => drive(&line),
        Some("verify_signature") => answered(verify(&line)),
        other => return Err(format!("the call is {other:?}")),
    };
    let mut differences = Differences::new();
    for (name, expected) in case.expected().as_object().ok_or("nothing is expected")? {
        match name.as_str() {
            "ok" | "error" => differences.extend(outcome::compare("outcome", &json!({ name.as_str(): expected }), &answer)),
            // The event's type says as much.
            "class" => {}
            _ => differences.note(name, expected.clone(), Value::from("not looked at")),
        }
    }
    Ok(differences)
}

fn answered(verified: Result<Answer, Failure>) -> Value {
    let (is_ok, mut members) = verified.map_or_else(|failure| (false, failure.into_members()), |members| (true, members));
    members.insert("ok".to_owned(), is_ok.into());
    members.into()
}

fn line(input: &Value) -> Result<Value, String> {
    let mut line = Map::from_iter([("do".to_owned(), "webhook".into())]);
    for (key, value) in input.as_object().ok_or("no input")? {
        match key.as_str() {
            "secret" | "body" | "body_b64" | "now_unix" => _ = line.insert(key.clone(), value.clone()),
            "tolerance" => _ = line.insert("tolerance_s".to_owned(), value.clone()),
            "client_webhook_secret" => _ = line.insert("client".to_owned(), json!({ "webhook_secret": value })),
            "headers" => {
                let mut headers = value.clone();
                // What kind of object it was in Python.
                headers.as_object_mut().and_then(|headers| headers.shift_remove("$object"));
                line.insert(key.clone(), headers);
            }
            "call" | "body_given_as" => {}
            _ => return Err(format!("the input `{key}` is not known")),
        }
    }
    Ok(line.into())
}
