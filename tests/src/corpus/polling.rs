//! `polling`: what is asked how often until something is ready, and what uploads in several steps send.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::calls::{Keywords, keywords};
use super::case::Case;
use super::compare::Differences;
use super::multipart;
use super::outcome;
use super::requests::{Listed, compare_all};
use crate::driver::perform as drive;
use crate::server::{Answer, Request, Server};

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let input = case.input();
    const KNOWN: &[&str] = &["call", "kwargs", "max_retries", "responses"];
    if let Some(unknown) = input.as_object().ok_or("no input")?.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(format!("the input `{unknown}` is not known"));
    }
    let mut differences = Differences::new();
    for mode in ["async", "blocking"] {
        let found = made(case, mode)?;
        // The two modes are the same code: what both have is told once.
        if found != differences {
            differences.extend(found);
        }
    }
    Ok(differences)
}

fn made(case: &Case, mode: &str) -> Result<Differences, String> {
    let input = case.input();
    let server = match input["responses"].as_array() {
        Some(script) => Server::script(script.iter().map(Answer::from_script).collect::<Result<Vec<_>, String>>()?),
        None => Server::start(by_path()),
    };
    let server = server.map_err(|error| error.to_string())?;
    let Keywords { args, options } = keywords(&input["kwargs"])?;
    let client = json!({
        "base_url": server.url(),
        "api_key": "k",
        "max_retries": input["max_retries"],
        "fake_time": { "now_unix": 0, "random": 0.0 },
    });
    let answer = drive(&json!({ "do": "poll", "mode": mode, "call": input["call"], "args": args, "options": options, "client": client }));
    let mut differences = Differences::new();
    for (name, expected) in case.expected().as_object().ok_or("nothing is expected")? {
        match name.as_str() {
            "requests" => {
                let expected = expected.as_array().map_or(&[][..], Vec::as_slice);
                differences.extend(compare_all("requests", expected, &server.requests(), Listed::Some));
            }
            "sleeps_s" => differences.json(name, expected, &answer["sleeps_s"]),
            "outcome" => differences.extend(outcome::compare("outcome", expected, &answer)),
            _ => differences.note(name, expected.clone(), Value::from("not looked at")),
        }
    }
    Ok(differences)
}

/// The answers of the cases in which they depend on what is asked: files and parts are called after what they are, and all is ready at once.
fn by_path() -> impl Fn(&Request) -> Answer + Send + Sync {
    let parts = AtomicUsize::new(0);
    move |request| {
        let counts = json!({ "cancelled": 0, "completed": 1, "failed": 0, "in_progress": 0, "total": 1 });
        let body = match request.path().trim_start_matches("/v1/").split('/').collect::<Vec<_>>()[..] {
            ["files"] => json!({ "id": format!("file-{}", file_name(request)), "status": "processed" }),
            ["vector_stores", _, "file_batches", ..] => json!({ "id": "b1", "file_counts": counts, "status": "completed" }),
            ["uploads"] => json!({ "id": "up", "status": "pending" }),
            ["uploads", _, "parts"] => json!({ "id": format!("part-{}", parts.fetch_add(1, Ordering::Relaxed) + 1) }),
            ["uploads", _, "complete"] => json!({ "id": "up", "status": "completed", "file": { "id": "file-1" } }),
            _ => return Answer::status(404),
        };
        Answer::json(body.to_string())
    }
}

/// The name of the file in a form.
fn file_name(request: &Request) -> String {
    let parts = multipart::parts(request.header("content-type").unwrap_or_default(), &request.body).unwrap_or_default();
    let mut names = parts.as_array().into_iter().flatten().filter_map(|part| part["filename"].as_str());
    names.next_back().unwrap_or_default().to_owned()
}
