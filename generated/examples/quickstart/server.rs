//! The stand-in: `POST /v1/responses` as a stream of the API's own events, a word at a time. It is no model, and says so.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};

/// The time from word to word: as fast as a model writes.
const PACE: Duration = Duration::from_millis(40);

/// Starts on a free port of this machine, and returns the base URL.
pub(crate) async fn start() -> std::io::Result<String> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let routes = Router::new().route("/v1/responses", post(respond)).fallback(|| async { refusal(StatusCode::NOT_FOUND, "no such path") });
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(format!("http://{address}/v1"))
}

async fn respond(body: Bytes) -> Response {
    match serde_json::from_slice::<Value>(&body) {
        Ok(request) if request["stream"] == true => Sse::new(paced(events(&request))).into_response(),
        Ok(_) => refusal(StatusCode::BAD_REQUEST, "this stand-in answers streams only"),
        Err(error) => refusal(StatusCode::BAD_REQUEST, &format!("the body is no JSON: {error}")),
    }
}

fn refusal(status: StatusCode, message: &str) -> Response {
    let error = json!({ "error": { "message": message, "type": "invalid_request_error", "param": null, "code": null } });
    (status, [(header::CONTENT_TYPE, "application/json")], error.to_string()).into_response()
}

fn paced(events: Vec<Value>) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(events.into_iter(), |mut events| async {
        let event = events.next()?;
        tokio::time::sleep(PACE).await;
        let name = event["type"].as_str().unwrap_or_default().to_owned();
        Some((Ok(Event::default().event(name).data(event.to_string())), events))
    })
}

/// What the API sends for one message, from `response.created` to `response.completed`.
fn events(request: &Value) -> Vec<Value> {
    let question = request["input"].as_str().unwrap_or("something longer");
    let answer = format!(
        "I am no model, so to \"{question}\" I have no answer. The rest is as it will be: your program sent a typed request over HTTP, and these words \
         arrive as server-sent events, each a value of the enum ResponseStreamEvent. Set OPENAI_API_KEY and run it again."
    );
    let words: Vec<&str> = answer.split_inclusive(' ').collect();
    let part = |text: &str| json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] });
    let item = |status: &str, content: Value| json!({ "type": "message", "id": "msg_1", "status": status, "role": "assistant", "content": content });
    let response = |status: &str, output: Value, usage: Value| {
        json!({
            "id": "resp_1", "object": "response", "created_at": 1_750_000_000, "status": status, "model": request["model"],
            "instructions": request["instructions"], "output": output, "usage": usage, "error": null, "incomplete_details": null, "metadata": {},
            "parallel_tool_calls": true, "tool_choice": "auto", "tools": [], "temperature": 1.0, "top_p": 1.0,
        })
    };
    let place = json!({ "item_id": "msg_1", "output_index": 0, "content_index": 0 });
    let usage = json!({
        "input_tokens": 0, "input_tokens_details": { "cached_tokens": 0 }, "output_tokens": words.len(),
        "output_tokens_details": { "reasoning_tokens": 0 }, "total_tokens": words.len(),
    });
    let begun = response("in_progress", json!([]), Value::Null);

    let mut events = vec![
        json!({ "type": "response.created", "response": begun }),
        json!({ "type": "response.in_progress", "response": begun }),
        json!({ "type": "response.output_item.added", "output_index": 0, "item": item("in_progress", json!([])) }),
        at(&place, json!({ "type": "response.content_part.added", "part": part("") })),
    ];
    events.extend(words.iter().map(|word| at(&place, json!({ "type": "response.output_text.delta", "delta": word, "logprobs": [] }))));
    let whole = item("completed", json!([part(&answer)]));
    events.extend([
        at(&place, json!({ "type": "response.output_text.done", "text": answer, "logprobs": [] })),
        at(&place, json!({ "type": "response.content_part.done", "part": part(&answer) })),
        json!({ "type": "response.output_item.done", "output_index": 0, "item": whole }),
        json!({ "type": "response.completed", "response": response("completed", json!([whole]), usage) }),
    ]);
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    events
}

/// An event with the place of the text that it is about.
fn at(place: &Value, mut event: Value) -> Value {
    for (key, value) in place.as_object().into_iter().flatten() {
        event[key] = value.clone();
    }
    event
}
