//! Polling over a scripted transport and a clock that does not wait.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::*;
use crate::testing::{Answer, ScriptedTransport};
use crate::{Body, Method, Operation, Unready};

static RETRIEVE: Operation = Operation { name: "jobs.retrieve", path: "/users/{user_id}/jobs/{job_id}", ..Operation::DEFAULT };
static CREATE: Operation =
    Operation { name: "jobs.create", method: Method::Post, path: "/users/{user_id}/jobs", body: Body::Json, ..Operation::DEFAULT };
static WHILE: Polling = Polling { operation: &RETRIEVE, unready: Unready::While(&["queued", "running"]), ..Polling::DEFAULT };
static UNTIL: Polling = Polling { unready: Unready::Until(&["done", "failed"]), ..WHILE };
static COUNT: Polling = Polling { state: &["counts", "open"], unready: Unready::AboveZero, ..WHILE };
static WAIT: Polling = Polling { interval: Duration::from_secs(5), limit: Some(Duration::from_secs(12)), is_marked: false, ..WHILE };
static START: PollStart = PollStart { polling: &WHILE, ids: &[("job_id", "id")], sets: &[("background", "true")], keeps: &["include"] };

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn status(status: &str) -> Answer {
    Answer::ok(&json!({ "id": "j", "status": status }))
}

fn asked(server: &ScriptedTransport, polling: &'static Polling) -> Poll<Value> {
    let client: Client = server.client();
    Poll::new(Call::new(&client, &RETRIEVE).path("user_id", "u").path("job_id", "j"), polling)
}

fn milliseconds(server: &ScriptedTransport) -> Vec<u128> {
    server.clock().sleeps().iter().map(Duration::as_millis).collect()
}

/// The waits between the answers, and what came at last.
#[track_caller]
fn check(polling: &'static Polling, answers: impl IntoIterator<Item = Answer>, sleeps: &[u128], last: Value) {
    let server = ScriptedTransport::new(answers);
    let found = run(asked(&server, polling).deadline(Duration::from_secs(600)).send()).unwrap();
    assert_eq!((milliseconds(&server).as_slice(), found), (sleeps, last));
    assert_eq!(server.requests().len(), sleeps.len() + 1);
}

#[test]
fn it_is_asked_at_once_and_then_until_it_is_ready() {
    check(&WHILE, [status("done")], &[], json!({"id": "j", "status": "done"}));
    check(&WHILE, [status("queued"), status("running"), status("failed")], &[1000, 1000], json!({"id": "j", "status": "failed"}));
    check(&UNTIL, [status("new"), status("done")], &[1000], json!({"id": "j", "status": "done"}));
    let counts = |open: i64| Answer::ok(&json!({ "status": "running", "counts": { "open": open } }));
    check(&COUNT, [counts(2), counts(1), counts(0)], &[1000, 1000], json!({"status": "running", "counts": {"open": 0}}));
}

#[test]
fn what_has_no_known_state_is_returned_unless_only_certain_states_will_do() {
    check(&WHILE, [status("brand_new")], &[], json!({"id": "j", "status": "brand_new"}));
    for odd in [json!({}), json!({"status": null}), json!({"status": 7}), json!([]), json!(null)] {
        check(&WHILE, [Answer::ok(&odd)], &[], odd.clone());
        check(&COUNT, [Answer::ok(&odd)], &[], odd.clone());
        check(&UNTIL, [Answer::ok(&odd), status("done")], &[1000], json!({"id": "j", "status": "done"}));
    }
}

#[test]
fn the_servers_hint_is_read_each_time_and_holds_until_the_next() {
    let hinted = |hint: &str| status("running").header("openai-poll-after-ms", hint);
    let done = || json!({"id": "j", "status": "done"});
    check(&WHILE, [hinted("250"), hinted("9000"), status("running"), status("done")], &[250, 9000, 9000], done());
    check(&WHILE, [status("queued"), hinted(" 40 "), status("done")], &[1000, 40], done());
    for bad in ["soon", "-5", "0", "1.5", ""] {
        check(&WHILE, [hinted(bad), status("done")], &[1000], done());
    }
    check(&WHILE, [hinted("99999999"), status("done")], &[60_000], done());
    let server = ScriptedTransport::new([hinted("9000"), status("done")]);
    run(asked(&server, &WHILE).longest_hint(Duration::from_secs(2)).send()).unwrap();
    assert_eq!(milliseconds(&server), [2000]);
}

#[test]
fn an_interval_of_the_callers_counts_more_and_is_told() {
    let server = ScriptedTransport::new([status("queued").header("openai-poll-after-ms", "9000"), status("done")]);
    run(asked(&server, &WHILE).interval(Duration::from_millis(70)).send()).unwrap();
    assert_eq!(milliseconds(&server), [70]);
    for request in server.requests() {
        assert_eq!((request.header("x-stainless-poll-helper"), request.header("x-stainless-custom-poll-interval")), ("true", "70"));
    }
    let server = ScriptedTransport::new([status("done")]);
    run(asked(&server, &WAIT).interval(Duration::from_secs(1)).send()).unwrap();
    assert!(server.requests()[0].headers.keys().all(|name| !name.as_str().contains("poll")));
}

#[test]
fn it_gives_up_after_its_time_with_the_last_answer() {
    let server = ScriptedTransport::new([status("running")]);
    let error = run(asked(&server, &WAIT).send()).unwrap_err();
    assert!(error.is_timeout() && error.message().contains("12s") && error.message().contains("status: \"running\""), "{error}");
    assert_eq!(error.attachment::<Value>().unwrap()["status"], "running");
    assert_eq!(milliseconds(&server), [5000, 5000, 2000], "it asks for a last time when the time is up");

    let server = ScriptedTransport::new([status("running"), status("running"), status("running"), status("done")]);
    assert_eq!(run(asked(&server, &WAIT).send()).unwrap()["status"], "done");
}

#[test]
fn a_request_that_hangs_does_not_outlive_the_deadline() {
    let server = ScriptedTransport::new([status("running"), Answer::never()]);
    let clock = server.clock().clone().ringing();
    let client: Client = server.builder().time(clock.clone()).timeout(crate::Timeout::none()).max_retries(0).build().unwrap();
    let poll = Poll::<Value>::new(Call::new(&client, &RETRIEVE).path("user_id", "u").path("job_id", "j"), &WHILE);
    let error = run(poll.deadline(Duration::from_secs(3)).send()).unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.attachment::<Value>().unwrap()["status"], "running");
    assert!(crate::Time::monotonic(&clock) <= Duration::from_secs(13));
}

#[test]
fn errors_end_it_and_carry_the_last_answer() {
    let server = ScriptedTransport::new([status("queued"), Answer::error(404, "gone")]);
    let error = run(asked(&server, &WHILE).send()).unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.attachment::<Value>().unwrap()["status"], "queued");
    let server = ScriptedTransport::new([status("queued"), Answer::error(500, "oops"), status("done")]);
    assert_eq!(run(asked(&server, &WHILE).send()).unwrap()["status"], "done");
    assert_eq!(milliseconds(&server), [1000, 500], "calls are retried as ever");
}

#[test]
fn progress_is_told_of_what_is_not_ready() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let server = ScriptedTransport::new([status("queued"), status("running"), status("done")]);
    let told = seen.clone();
    let poll = asked(&server, &WHILE).on_progress(move |job| told.lock().unwrap().push(job["status"].clone()));
    run(poll.send()).unwrap();
    assert_eq!(*seen.lock().unwrap(), ["queued", "running"]);
}

#[test]
fn what_a_call_began_is_asked_for_by_its_id() {
    let created = Answer::ok(&json!({ "id": "j/7", "status": "done" }));
    let server = ScriptedTransport::new([created, status("running"), status("done")]);
    let client: Client = server.client();
    let call = Call::<Value>::new(&client, &CREATE)
        .path("user_id", "u")
        .params(&crate::json::Map::<String>::from_iter([("include", "all"), ("model", "m")]));
    let poll = Poll::<Value>::start(call, &START).each_call(|call| call.header("x-mine", "1"));
    assert_eq!(run(poll.send()).unwrap()["status"], "done");
    let requests = server.requests();
    let targets: Vec<&str> = requests.iter().map(|request| request.target()).collect();
    let asked = "/v1/users/u/jobs/j%2F7?include=all";
    assert_eq!(targets, ["/v1/users/u/jobs", asked, asked], "whatever state it is in after it was made");
    assert_eq!(requests[0].json(), json!({ "include": "all", "model": "m", "background": true }));
    assert_eq!(requests[0].header("x-stainless-poll-helper"), "");
    assert!(requests.iter().all(|request| request.header("x-mine") == "1"));

    let server = ScriptedTransport::new([Answer::ok(&json!({ "id": "" }))]);
    let client: Client = server.client();
    let error = run(Poll::<Value>::start(Call::<Value>::new(&client, &CREATE).path("user_id", "u"), &START).send()).unwrap_err();
    assert!(error.is_decode() && error.message().contains("job_id"), "{error}");
}

#[test]
fn the_last_answer_comes_with_its_headers() {
    let server = ScriptedTransport::new([status("queued"), status("done").header("x-request-id", "req_2")]);
    let found = run(asked(&server, &WHILE).with_response().send()).unwrap();
    assert_eq!((found.request_id(), &found["status"]), (Some("req_2"), &json!("done")));
}

#[cfg(feature = "blocking")]
#[test]
fn it_waits_without_a_runtime_too() {
    let server = ScriptedTransport::new([status("queued"), status("done")]);
    assert_eq!(asked(&server, &WHILE).blocking().unwrap()["status"], "done");
}
