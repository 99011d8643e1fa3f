//! Structured output, streams that accumulate, and tools: what they do better than the official client, and that they hold what they promise.

mod output;
mod streams;
mod tools;

use openai::Client;
use openai::JsonModel;
use openai::chat::{ChatCompletionAccumulator, ChatCompletionStreamEvent as ChatEvent};
use openai::testing::{Answer, ScriptedTransport};
use openai::types::chat::{ChatCompletion, ChatCompletionChunk, ChatCompletionCreateParams, ChatMessage};
use openai::types::responses::ResponseCreateParams;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Where something is.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
pub(crate) struct Place {
    pub(crate) city: String,
    pub(crate) n: Option<i64>,
}

pub(crate) fn client(answers: impl IntoIterator<Item = Answer>) -> (Client, ScriptedTransport) {
    let transport = ScriptedTransport::new(answers);
    let builder = Client::builder().env(|_| None).api_key("sk-test").base_url("http://local/v1").max_retries(0);
    (builder.transport(transport.clone()).build().expect("a client"), transport)
}

pub(crate) fn chat() -> ChatCompletionCreateParams {
    ChatCompletionCreateParams::new("m", [ChatMessage::user("x")])
}

pub(crate) fn question() -> ResponseCreateParams {
    ResponseCreateParams::new().model("m").input("x")
}

pub(crate) fn completion(message: Value, reason: &str) -> Answer {
    let usage = json!({ "prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3 });
    let choice = json!({ "index": 0, "finish_reason": reason, "message": message });
    Answer::json(200, json!({ "id": "c", "choices": [choice], "usage": usage }).to_string()).header("x-request-id", "req_1")
}

pub(crate) fn chunk(index: i64, delta: Value, reason: Option<&str>) -> Value {
    json!({ "id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [{ "index": index, "delta": delta, "finish_reason": reason }] })
}

pub(crate) fn events(events: &[Value]) -> Answer {
    Answer::events(events.iter().map(|event| format!("data: {event}\n\n")).collect::<String>() + "data: [DONE]\n\n")
}

/// The events that chunks mean, and the completion they come to.
pub(crate) fn accumulate(chunks: &[Value]) -> (Vec<ChatEvent>, ChatCompletion) {
    let mut accumulator = ChatCompletionAccumulator::new();
    let push = |chunk: &Value| accumulator.push(ChatCompletionChunk::from_value(chunk).expect("a chunk")).expect("no cut");
    let events = chunks.iter().flat_map(push).collect();
    (events, accumulator.completion())
}
