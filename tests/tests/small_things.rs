//! The files of the Batch API, pictures as files, what was said as text.

use openai::testing::{Answer, ScriptedTransport};
use openai::types::embeddings::EmbeddingCreateParams;
use openai::types::images::ImageGenerateParams;
use openai::types::responses::{Response, ResponseCreateParams};
use openai::types::shared::Batch;
use openai::{BatchInput, BatchResult, Client, Json, JsonModel};
use openai_tests::corpus::multipart;
use serde_json::{Value, json};

fn params(input: &str) -> ResponseCreateParams {
    ResponseCreateParams::new().model("m").input(input)
}

#[test]
fn requests_are_lines_of_typed_calls() {
    let server = ScriptedTransport::new([
        Answer::ok(&json!({ "id": "file-in" })),
        Answer::ok(&json!({ "id": "b", "status": "validating" })),
        Answer::ok(&json!({ "id": "b", "status": "completed", "output_file_id": "file-out", "error_file_id": "file-err" })),
    ]);
    let client: Client = server.client();
    let mut input = BatchInput::new();
    input.add("one", &client.responses().create(params("x"))).unwrap().add("two", &client.responses().create(params("y"))).unwrap();
    let batch = client.batches().submit_and_poll(input).blocking().unwrap();
    assert_eq!(batch.output_file_id.as_deref(), Some("file-out"));

    let requests = server.requests();
    let parts = multipart::parts(requests[0].header("content-type"), &requests[0].body).unwrap();
    assert_eq!((&parts[0]["body"], &parts[1]["filename"]), (&"batch".into(), &"batch.jsonl".into()));
    let lines: Vec<Value> = parts[1]["body"].as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = |id: &str, input: &str| json!({ "custom_id": id, "method": "POST", "url": "/v1/responses", "body": { "model": "m", "input": input } });
    assert_eq!(lines, [line("one", "x"), line("two", "y")]);
    assert_eq!(requests[1].json(), json!({ "input_file_id": "file-in", "endpoint": "/v1/responses", "completion_window": "24h" }));
}

#[test]
fn what_a_batch_cannot_make_is_refused() {
    let client: Client = ScriptedTransport::new([]).client();
    let mut input = BatchInput::new();
    input.add("one", &client.responses().create(params("x"))).unwrap();
    let refused = |words: &str, result: Result<(), openai::Error>| {
        let error = result.unwrap_err();
        assert!(error.is_argument() && error.message().contains(words), "{error}");
    };
    refused("one", input.add("one", &client.responses().create(params("y"))).map(drop));
    refused("/embeddings", input.add("two", &client.embeddings().create(EmbeddingCreateParams::new("m", "x"))).map(drop));
    refused("models.list", input.add("two", &client.models().list()).map(drop));
    refused("stream", input.add("two", &client.responses().create_stream(params("x"))).map(drop));
    assert_eq!(input.len(), 1);
    refused("at least one", client.batches().submit(BatchInput::new()).blocking().map(drop));
}

#[test]
fn results_are_typed_and_errors_are_errors() {
    let line = |id: &str, status: u16, body: Value| {
        json!({ "id": "r", "custom_id": id, "response": { "status_code": status, "request_id": "req_1", "body": body }, "error": null })
            .to_string()
    };
    let output = [line("one", 200, json!({ "id": "resp_1", "new": 1 })), String::new(), line("two", 200, json!("text"))].join("\n");
    let failed = json!({ "error": { "message": "no such model", "code": "model_not_found" } });
    let expired = json!({ "id": "r", "custom_id": "four", "response": null, "error": { "code": "batch_expired", "message": "too late" } });
    let errors = [line("three", 404, failed), expired.to_string()].join("\n");
    let server = ScriptedTransport::new([Answer::body(200, "application/jsonl", output), Answer::body(200, "application/jsonl", errors)]);
    let client: Client = server.client();
    let batch = Batch::from_value(json!({ "id": "b", "output_file_id": "file-out", "error_file_id": "file-err" })).unwrap();
    let results: Vec<BatchResult<Response>> = client.batches().results(&batch).blocking().unwrap();
    let ids: Vec<&str> = results.iter().map(|result| result.custom_id.as_str()).collect();
    assert_eq!(ids, ["one", "two", "three", "four"]);
    let response = results[0].outcome.as_ref().unwrap();
    assert_eq!((response.id.as_str(), response.extra.get("new").map(Json::as_str)), ("resp_1", Some("1")));
    let error = results[2].outcome.as_ref().unwrap_err();
    assert!(error.is_not_found() && error.code() == Some("model_not_found") && error.request_id() == Some("req_1"), "{error}");
    let error = results[3].outcome.as_ref().unwrap_err();
    assert_eq!((error.code(), error.message(), error.status()), (Some("batch_expired"), "too late", None));
    let targets: Vec<String> = server.requests().iter().map(|request| request.target().to_owned()).collect();
    assert_eq!(targets, ["/v1/files/file-out/content", "/v1/files/file-err/content"]);
}

#[test]
fn pictures_become_files_by_what_they_are() {
    let (png, jpg) = ("iVBORw0KGgo=", "/9j/4AAQ");
    let server = ScriptedTransport::new([Answer::ok(&json!({ "created": 1, "data": [{ "b64_json": png }, { "b64_json": jpg }] }))]);
    let client: Client = server.client();
    let images = client.images().generate(ImageGenerateParams::new("a cat")).blocking().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let paths = images.write_to_files(folder.path(), "cat").unwrap();
    assert_eq!(paths, [folder.path().join("cat-1.png"), folder.path().join("cat-2.jpg")]);
    assert!(std::fs::read(&paths[0]).unwrap().starts_with(b"\x89PNG"));
    let at_url = openai::types::shared::ImagesResponse::from_value(json!({ "data": [{ "url": "https://x" }] })).unwrap();
    assert!(at_url.write_to_files(folder.path(), "x").unwrap_err().message().contains("URL"));
    let drawn = json!({ "output": [{ "type": "image_generation_call", "id": "i", "status": "completed", "result": png }] });
    assert_eq!(Response::from_value(drawn).unwrap().output_images().unwrap()[0][1..4], *b"PNG");
}

#[test]
fn what_was_said_is_text_in_every_format() {
    use openai::types::audio::{TranscriptionCreateResponse, TranslationCreateResponse};
    for json in [json!({ "text": "hi" }), json!({ "text": "hi", "duration": 1.0, "language": "en" }), json!("hi")] {
        assert_eq!(TranscriptionCreateResponse::from_value(json.clone()).unwrap().text(), "hi");
        assert_eq!(TranslationCreateResponse::from_value(json).unwrap().text(), "hi");
    }
}

#[test]
fn an_incoming_call_is_an_event_of_its_own() {
    use openai::types::webhooks::WebhookEvent;
    let headers = json!([{ "name": "From", "value": "sip:someone@example.com" }]);
    let event =
        json!({ "id": "evt", "created_at": 1, "type": "live.call.incoming", "data": { "session_id": "rtc_1", "sip_headers": headers } });
    let WebhookEvent::LiveCallIncoming(event) = WebhookEvent::from_value(event).unwrap() else { panic!("another event") };
    assert_eq!((event.data.session_id.as_str(), event.data.sip_headers[0].value.as_str()), ("rtc_1", "sip:someone@example.com"));
}
