//! The spans and events of calls, with the attributes of the conventions.

use openai::testing::{Answer, ScriptedTransport};
use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};
use openai::types::embeddings::EmbeddingCreateParams;
use openai::types::responses::ResponseCreateParams;
use openai::{Client, Result};
use openai_runtime::Attribute;
use serde_json::json;

use crate::capture::{Capture, Said};

/// What is said during a call to these answers.
fn listen<T>(answers: impl IntoIterator<Item = Answer>, call: impl AsyncFnOnce(Client) -> T) -> (T, Capture) {
    let capture = Capture::default();
    let client: Client = ScriptedTransport::new(answers).client();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcome = tracing::subscriber::with_default(capture.subscriber(), || runtime.block_on(call(client)));
    (outcome, capture)
}

#[track_caller]
fn check(said: &Said, expect: &[(&str, &str)]) {
    for (field, value) in expect {
        assert_eq!(said.fields.get(*field).map(String::as_str), Some(*value), "{field} in {said:#?}");
    }
}

#[test]
fn a_call_and_its_attempts_are_spans() {
    let answers = [
        Answer::error(429, "slow down").header("retry-after", "3").header("x-request-id", "req_1"),
        Answer::connection_error(),
        Answer::ok(&json!({"id": "m"})).header("x-request-id", "req_3"),
    ];
    let (outcome, capture) = listen(answers, async |client| client.models().retrieve("m").await);
    assert_eq!(outcome.unwrap().id, "m");
    let call = &capture.named("call")[0];
    assert_eq!((call.target.as_str(), &call.parent), ("openai", &None));
    check(
        call,
        &[
            ("otel.name", "GET /models/{model}"),
            ("otel.kind", "client"),
            ("openai.operation", "models.retrieve"),
            ("http.request.method", "GET"),
            ("url.template", "/models/{model}"),
            ("server.address", "test.invalid"),
            ("server.port", "443"),
            ("http.response.status_code", "200"),
            ("http.request.resend_count", "2"),
            ("openai.request_id", "req_3"),
        ],
    );
    assert!(!call.fields.contains_key("error.type") && !call.fields.contains_key("gen_ai.operation.name"), "{call:?}");

    let attempts = capture.named("attempt");
    assert!(attempts.iter().all(|attempt| attempt.parent.as_deref() == Some("call")));
    check(&attempts[0], &[("http.response.status_code", "429"), ("error.type", "rate_limit"), ("openai.request_id", "req_1")]);
    check(&attempts[1], &[("error.type", "connection"), ("http.request.resend_count", "1"), ("otel.status_code", "ERROR")]);
    check(&attempts[2], &[("http.response.status_code", "200"), ("http.request.resend_count", "2")]);

    let retries = capture.named("retrying");
    check(&retries[0], &[("reason", "rate limit"), ("delay_s", "3.0"), ("retry", "1")]);
    check(&retries[1], &[("reason", "connection error"), ("delay_s", "1.0"), ("retry", "2")]);
    let lines: Vec<_> = capture.said().into_iter().map(|said| said.name).filter(|name| name != "call" && name != "attempt").collect();
    let expect =
        ["sending", "received", "attempt failed", "retrying", "sending", "attempt failed", "retrying", "sending", "received", "answered"];
    assert_eq!(lines, expect);
}

#[test]
fn a_failure_says_its_kind_and_not_its_words() {
    let (outcome, capture) = listen([Answer::error(401, "wrong key sk-…abcd")], async |client| client.models().list().await);
    assert!(outcome.unwrap_err().is_authentication());
    check(
        &capture.named("call")[0],
        &[("error.type", "authentication"), ("http.response.status_code", "401"), ("otel.status_code", "ERROR")],
    );
    assert!(!format!("{:?}", capture.said()).contains("abcd"));

    let (outcome, capture) = listen([Answer::body(200, "text/html", "<html>")], async |client| client.models().list().await);
    assert!(outcome.unwrap_err().is_decode());
    check(&capture.named("call")[0], &[("error.type", "decode"), ("http.response.status_code", "200")]);
}

#[test]
fn undocumented_endpoints_are_named_by_their_path_without_its_query() {
    let (_, capture) = listen([Answer::ok(&json!({}))], async |client| client.get("/foo?token=s3cret").await);
    check(&capture.named("call")[0], &[("url.template", "/foo"), ("otel.name", "GET /foo")]);
    assert!(!format!("{:?}", capture.said()).contains("s3cret"));
}

#[test]
fn chat_has_the_attributes_of_generative_ai() {
    let answer = json!({
        "id": "chatcmpl-1", "model": "gpt-x-2025", "service_tier": "default", "system_fingerprint": "fp",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "the answer"}}, {"finish_reason": "length"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12, "prompt_tokens_details": {"cached_tokens": 2},
                  "completion_tokens_details": {"reasoning_tokens": 3}},
    });
    let params =
        ChatCompletionCreateParams::new("gpt-x", [ChatMessage::user("the question")]).temperature(0.5).n(2).max_completion_tokens(9);
    let (outcome, capture) = listen([Answer::ok(&answer)], async |client| client.chat().completions().create(params).await);
    assert_eq!(outcome.unwrap().choices.len(), 2);
    check(
        &capture.named("call")[0],
        &[
            ("otel.name", "chat gpt-x"),
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", "openai"),
            ("gen_ai.request.model", "gpt-x"),
            ("gen_ai.request.temperature", "0.5"),
            ("gen_ai.request.choice.count", "2"),
            ("gen_ai.request.max_tokens", "9"),
            ("gen_ai.response.id", "chatcmpl-1"),
            ("gen_ai.response.model", "gpt-x-2025"),
            ("gen_ai.response.finish_reasons", r#"["stop","length"]"#),
            ("gen_ai.usage.input_tokens", "5"),
            ("gen_ai.usage.output_tokens", "7"),
            ("gen_ai.usage.cache_read.input_tokens", "2"),
            ("gen_ai.usage.reasoning.output_tokens", "3"),
            ("openai.response.service_tier", "default"),
            ("openai.response.system_fingerprint", "fp"),
        ],
    );
    let said = format!("{:?}", capture.said());
    assert!(!said.contains("the question") && !said.contains("the answer"), "{said}");
}

#[test]
fn embeddings_have_theirs() {
    let answer =
        json!({"data": [{"index": 0, "embedding": "AACAPwAAAEA="}], "model": "e-1", "usage": {"prompt_tokens": 4, "total_tokens": 4}});
    let params = EmbeddingCreateParams::new("e", "words").dimensions(2);
    let (outcome, capture) = listen([Answer::ok(&answer)], async |client| client.embeddings().create(params).await);
    assert_eq!(outcome.unwrap().data[0].embedding, [1.0, 2.0]);
    let expect = [
        ("gen_ai.operation.name", "embeddings"),
        ("gen_ai.embeddings.dimension.count", "2"),
        ("gen_ai.request.encoding_formats", "base64"),
        ("gen_ai.usage.input_tokens", "4"),
    ];
    check(&capture.named("call")[0], &expect);
}

/// A field that the span does not declare would be dropped without a word.
#[test]
fn the_span_of_a_call_has_a_field_for_every_attribute() {
    let (_, capture) = listen([Answer::ok(&json!({}))], async |client| client.models().list().await);
    let declared = &capture.named("call")[0].declared;
    let missing: Vec<&str> = Attribute::ALL.iter().map(|attribute| attribute.name()).filter(|name| !declared.contains(name)).collect();
    assert_eq!(missing, [""; 0]);
}

async fn drain(client: Client) -> Result<usize> {
    let mut events = client.responses().create_stream(ResponseCreateParams::new().model("gpt-x").input("the question")).await?;
    let mut count = 0;
    while events.try_next().await?.is_some() {
        count += 1;
    }
    Ok(count)
}

#[test]
fn a_stream_is_described_when_it_is_over() {
    let result = |status: &str, usage: serde_json::Value| json!({"id": "resp_1", "model": "gpt-x-2025", "status": status, "usage": usage});
    let events = [
        json!({"type": "response.created", "response": result("in_progress", json!(null))}),
        json!({"type": "response.output_text.delta", "delta": "the answer"}),
        json!({"type": "response.completed", "response": result("completed", json!({"input_tokens": 5, "output_tokens": 7}))}),
    ];
    let (outcome, capture) = listen([Answer::stream(&events)], drain);
    assert_eq!(outcome.unwrap(), 3);
    let call = &capture.named("call")[0];
    let expect = [
        ("otel.name", "chat gpt-x"),
        ("gen_ai.response.id", "resp_1"),
        ("gen_ai.response.model", "gpt-x-2025"),
        ("gen_ai.usage.input_tokens", "5"),
        ("gen_ai.usage.output_tokens", "7"),
        ("http.response.status_code", "200"),
    ];
    check(call, &expect);
    assert!(!call.fields.contains_key("error.type") && !format!("{:?}", capture.said()).contains("the answer"));

    let cut_off = || Answer::events(format!("data: {}\n\n", events[0]));
    for (answer, kind) in [
        (cut_off(), "stream"),
        (cut_off().then_connection_error(), "connection"),
        (Answer::events("event: error\ndata: {\"error\":{\"message\":\"the reason\"}}\n\n"), "stream"),
    ] {
        let (outcome, capture) = listen([answer], drain);
        outcome.unwrap_err();
        check(&capture.named("call")[0], &[("error.type", kind), ("otel.status_code", "ERROR")]);
    }
}
