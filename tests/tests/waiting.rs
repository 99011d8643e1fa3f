//! Waiting for what takes its time, through the emitted methods: which paths they ask, and in which states they go on.

use openai::testing::{Answer, ScriptedTransport};
use openai::types::batches::BatchCreateParams;
use openai::types::responses::{ResponseCreateParams, ResponseRetrieveParams, ResponseStatus};
use openai::{Client, dynamic};
use serde_json::json;

fn states(states: &[&str]) -> ScriptedTransport {
    ScriptedTransport::new(states.iter().map(|status| Answer::ok(&json!({ "id": "x", "thread_id": "t", "status": status }))))
}

/// What is asked, as `VERB path`, while the server goes through these states.
#[track_caller]
fn check(name: &str, args: serde_json::Value, through: &[&str], expect: &[&str]) {
    let server = states(through);
    let client: Client = server.client();
    let found = dynamic::poll(&client, name, args).and_then(|poll| poll.blocking()).expect(name);
    assert_eq!(found.to_value()["status"], through[through.len() - 1]);
    let asked: Vec<String> =
        server.requests().iter().map(|request| format!("{} {}", request.method, request.target().trim_start_matches("/v1"))).collect();
    assert_eq!(asked, expect, "{name}");
}

#[test]
fn everything_that_takes_its_time_can_be_waited_for() {
    let batch = json!({ "input_file_id": "f", "endpoint": "/v1/responses", "completion_window": "24h" });
    check(
        "batches.create_and_poll",
        batch,
        &["validating", "validating", "in_progress", "finalizing", "completed"],
        &["POST /batches", "GET /batches/x", "GET /batches/x", "GET /batches/x", "GET /batches/x"],
    );
    check("batches.poll", json!({ "batch_id": "b" }), &["cancelling", "cancelled"], &["GET /batches/b", "GET /batches/b"]);
    check(
        "fine_tuning.jobs.poll",
        json!({ "fine_tuning_job_id": "j" }),
        &["validating_files", "queued", "running", "paused", "succeeded"],
        &["GET /fine_tuning/jobs/j"; 5],
    );
    check("evals.runs.poll", json!({ "eval_id": "e", "run_id": "r" }), &["queued", "failed"], &["GET /evals/e/runs/r"; 2]);
    check("containers.poll", json!({ "container_id": "c" }), &["starting", "running"], &["GET /containers/c"; 2]);
    check("vector_stores.poll", json!({ "vector_store_id": "v" }), &["in_progress", "completed"], &["GET /vector_stores/v"; 2]);
    check("videos.poll", json!({ "video_id": "v" }), &["queued", "in_progress", "failed"], &["GET /videos/v"; 3]);
    check("beta.responses.poll", json!({ "response_id": "r" }), &["queued", "incomplete"], &["GET /responses/r?beta=true"; 2]);
    check(
        "beta.threads.create_and_run_poll",
        json!({ "assistant_id": "a" }),
        &["queued", "queued", "requires_action"],
        &["POST /threads/runs", "GET /threads/t/runs/x", "GET /threads/t/runs/x"],
    );
}

#[test]
fn a_response_is_made_in_the_background() {
    let server = states(&["queued", "in_progress", "completed"]);
    let client: Client = server.client();
    let params = ResponseCreateParams::new().model("m").input("x").include(["message.output_text.logprobs"]);
    let response = client.responses().create_and_poll(params).blocking().unwrap();
    assert_eq!(response.status, Some(ResponseStatus::Completed));
    let requests = server.requests();
    assert_eq!(requests[0].json()["background"], true);
    assert_eq!(requests[1].target(), "/v1/responses/x?include%5B%5D=message.output_text.logprobs");
    let again = client.responses().poll("x", ResponseRetrieveParams::new()).blocking().unwrap();
    assert_eq!(again.status, Some(ResponseStatus::Completed));
}

#[test]
fn methods_that_poll_have_names() {
    let names: Vec<&str> = dynamic::polls().collect();
    assert!(names.contains(&"files.wait_for_processing") && names.len() >= 25, "{names:?}");
    let client: Client = states(&["completed"]).client();
    let error = dynamic::poll(&client, "batches.retrieve", json!({})).unwrap_err();
    assert!(error.is_argument() && error.message().contains("batches.retrieve"), "{error}");
}

#[test]
fn what_is_wrong_with_the_params_is_told_before_anything_is_sent() {
    let server = states(&["completed"]);
    let client: Client = server.client();
    let params = BatchCreateParams::new("f", "/v1/responses");
    let error = client.batches().create_and_poll(params).each_call(|call| call.header("x", "a\nb")).blocking().unwrap_err();
    assert!(error.is_argument() && server.requests().is_empty(), "{error}");
}
