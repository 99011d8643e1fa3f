//! The example programs, as their users run them, against a local server: each ends well and says what it should. Most of their runs are data (`cases/`); those that
//! need more have a test here; a new example needs one or the other.

mod cases;
mod complete;
mod credentials;
mod interactive;
mod outputs;
mod services;

use std::path::Path;

use openai_tests::examples;
use openai_tests::server::{Action, Answer, Position, Request, Server};

/// Runs an example in an empty folder and expects what it prints.
#[track_caller]
fn check(name: &str, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static, expect: &str) -> Vec<Request> {
    check_in(name, answer, expect, |_| {})
}

/// The same in a folder in which something is.
#[track_caller]
fn check_in(
    name: &str,
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    expect: &str,
    prepare: impl FnOnce(&Path),
) -> Vec<Request> {
    let server = Server::start(answer).expect("a free port");
    let folder = tempfile::tempdir().expect("a folder");
    prepare(folder.path());
    let mut command = examples::command(name);
    command.env_clear().current_dir(folder.path()).env("TMPDIR", folder.path());
    let output = command.env("OPENAI_API_KEY", "sk-test").env("OPENAI_BASE_URL", server.url()).output().expect("the program runs");
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} ended with {}: {complaints}", output.status);
    assert_eq!(String::from_utf8_lossy(&output.stdout), expect, "{name}: {complaints}");
    server.requests()
}

/// Names of methods and paths, as they were asked for.
fn asked(requests: &[Request]) -> Vec<String> {
    requests.iter().map(|request| format!("{} {}", request.method, request.target)).collect()
}

const MESSAGE: &str = r#"{"id":"r","output":[{"type":"message","id":"m","role":"assistant","status":"completed",
    "content":[{"type":"output_text","text":"the answer","annotations":[]}]}],"brand_new_answer":42}"#;

const STREAM: &str = concat!(
    "data: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\"}}\n\n",
    "data: {\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"delta\":\"once \"}\n\n",
    "data: {\"type\":\"response.output_text.delta\",\"sequence_number\":2,\"delta\":\"upon\"}\n\n",
    "data: {\"type\":\"response.completed\",\"sequence_number\":3,\"response\":{\"id\":\"resp_1\",\"usage\":{\"total_tokens\":7}}}\n\n",
);

fn asks_for_events(request: &Request) -> bool {
    String::from_utf8_lossy(&request.body).contains("\"stream\":true")
}

#[test]
fn chat() {
    let answer = |_: &Request| Answer::json(r#"{"choices":[{"message":{"role":"assistant","content":"Arr!","new":1}}]}"#);
    let requests = check("chat", answer, "Arr!\nArr!\n");
    assert_eq!(asked(&requests), ["POST /v1/chat/completions", "POST /v1/chat/completions"]);
    // What was said goes back as it came.
    assert!(String::from_utf8_lossy(&requests[1].body).contains(r#"{"content":"Arr!","role":"assistant","new":1}"#), "{requests:?}");
}

#[test]
fn configuration() {
    let answer = |_: &Request| {
        Answer::json(r#"{"data":[{"id":"m"}]}"#).header("x-request-id", "req_1").header("x-ratelimit-remaining-requests", "41")
    };
    let requests = check("configuration", answer, "1 models, request Some(\"req_1\"), 0 retries\nrequests left: Some(41)\n");
    let sent = ["openai-organization", "openai-project", "x-team", "x-trace"].map(|name| requests[0].header(name));
    assert_eq!(sent, [Some("org-example"), Some("proj-example"), Some("search"), Some("1")]);
}

#[test]
fn conversation() {
    let requests = check("conversation", |_| Answer::json(MESSAGE), "Name a river in Europe. the answer\nWhere does it end? the answer\n");
    let second = String::from_utf8_lossy(&requests[1].body);
    assert!(second.contains(r#""text":"the answer""#) && second.contains("Where does it end?"), "{second}");
}

#[test]
fn errors() {
    let body = r#"{"error":{"message":"no such model","code":"model_not_found"}}"#;
    let answer = move |_: &Request| Answer::json(body).with_status(404).header("x-request-id", "req_1");
    check("errors", answer, "no such model (Some(\"model_not_found\")), request Some(\"req_1\")\n");
}

/// A server of one file.
fn files(request: &Request) -> Answer {
    match (request.method.as_str(), request.path()) {
        ("POST", "/v1/files") => Answer::json(r#"{"id":"file_1","bytes":16}"#),
        ("GET", "/v1/files/file_1/content") => Answer::status(200).header("content-type", "application/octet-stream").body("contents"),
        ("DELETE", "/v1/files/file_1") => Answer::json(r#"{"id":"file_1","deleted":true}"#),
        _ => Answer::status(404),
    }
}

#[test]
fn a_file_goes_and_comes() {
    let requests = check("files", files, "file_1 has 16 bytes\n8 bytes came back\n");
    assert!(String::from_utf8_lossy(&requests[0].body).contains("{\"prompt\": \"a\"}"), "{requests:?}");
}

#[test]
fn progress_is_shown() {
    let requests = check("progress", files, "8 bytes came back\n");
    assert!(requests[0].body.len() > 16 << 20, "{}", requests[0].body.len());
}

#[test]
fn the_first_program() {
    let answer = |request: &Request| match request.path() {
        "/v1/models" => Answer::json(r#"{"data":[{"id":"m","owned_by":"me"}]}"#),
        _ if asks_for_events(request) => Answer::events(STREAM),
        _ => Answer::json(MESSAGE),
    };
    check("first_program", answer, "m by me\nthe answer\nonce upon\n");
}

#[test]
fn images() {
    let answer = |request: &Request| match request.path() {
        "/v1/images/edits" => Answer::json(r#"{"created":1,"data":[{"b64_json":"AA=="}]}"#),
        _ => Answer::json(r#"{"choices":[{"message":{"role":"assistant","content":"A cat."}}]}"#),
    };
    let requests = check_in("images", answer, "A cat.\n1 images\n", |folder| {
        std::fs::write(folder.join("cat.png"), b"\x89PNG").expect("a picture");
    });
    assert!(requests[1].header("content-type").is_some_and(|kind| kind.starts_with("multipart/form-data")), "{requests:?}");
}

#[test]
fn pagination() {
    let answer = |request: &Request| match request.query().unwrap_or_default().contains("after=") {
        false => Answer::json(r#"{"data":[{"id":"a"},{"id":"b"}],"has_more":true}"#),
        true => Answer::json(r#"{"data":[{"id":"c"}],"has_more":false}"#),
    };
    check("pagination", answer, "2 jobs on the first page\n1 jobs on the next\na\nb\nc\n");
}

#[test]
fn resuming() {
    let cut = STREAM.find("data: {\"type\":\"response.output_text.delta\",\"sequence_number\":2").expect("the third event");
    let answer = move |request: &Request| match request.method.as_str() {
        "POST" => Answer::events(STREAM).at(Position::Body(cut + 20), Action::Close),
        _ => Answer::events(&STREAM[cut..]),
    };
    let requests = check("resuming", answer, "resp_1 at event Some(0)\nonce upon\n");
    assert_eq!(asked(&requests)[1], "GET /v1/responses/resp_1?stream=true&starting_after=1");
}

#[test]
fn streaming() {
    check("streaming", |_| Answer::events(STREAM), "once upon\n7 tokens\n");
}

#[test]
fn undocumented() {
    let answer = |request: &Request| match request.path() {
        "/v1/foo" => Answer::json(r#"{"my_answer":true}"#),
        _ => Answer::json(MESSAGE),
    };
    let requests = check("undocumented", answer, "{\"my_answer\":true}\nSome(42)\n");
    assert!(requests[1].target.ends_with("?trial=yes"), "{}", requests[1].target);
    assert!(String::from_utf8_lossy(&requests[1].body).contains(r#""brand_new":{"a":[1,2]}"#));
}
