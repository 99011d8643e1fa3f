//! Structured output, streams that accumulate, and tools: what they do better than the official client, and that they hold what they promise.

use std::time::Instant;

use openai::assistants::AssistantEvent as Run;
use openai::chat::{ChatCompletionAccumulator, ChatCompletionStreamEvent as ChatEvent};
use openai::responses::ResponseAccumulator;
use openai::testing::{Answer, ScriptedTransport};
use openai::types::beta::ThreadRunCreateParams;
use openai::types::chat::{
    ChatCompletion, ChatCompletionChunk, ChatCompletionCreateParams, ChatCompletionCreateParamsTool, ChatCompletionMessageToolCallsItem,
    ChatMessage,
};
use openai::types::responses::{Response, ResponseCreateParams, ResponseRetrieveParams, ResponseStreamEvent};
use openai::{Client, Error, JsonModel, OutputFormat, Result, Tool, ToolCall, ToolErrors, ToolEvent, Tools, Unfinished};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// Where something is.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
struct Place {
    city: String,
    n: Option<i64>,
}

fn client(answers: impl IntoIterator<Item = Answer>) -> (Client, ScriptedTransport) {
    let transport = ScriptedTransport::new(answers);
    let builder = Client::builder().env(|_| None).api_key("sk-test").base_url("http://local/v1").max_retries(0);
    (builder.transport(transport.clone()).build().expect("a client"), transport)
}

fn chat() -> ChatCompletionCreateParams {
    ChatCompletionCreateParams::new("m", [ChatMessage::user("x")])
}

fn question() -> ResponseCreateParams {
    ResponseCreateParams::new().model("m").input("x")
}

fn completion(message: Value, reason: &str) -> Answer {
    let usage = json!({ "prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3 });
    let choice = json!({ "index": 0, "finish_reason": reason, "message": message });
    Answer::json(200, json!({ "id": "c", "choices": [choice], "usage": usage }).to_string()).header("x-request-id", "req_1")
}

fn chunk(index: i64, delta: Value, reason: Option<&str>) -> Value {
    json!({ "id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [{ "index": index, "delta": delta, "finish_reason": reason }] })
}

fn events(events: &[Value]) -> Answer {
    Answer::events(events.iter().map(|event| format!("data: {event}\n\n")).collect::<String>() + "data: [DONE]\n\n")
}

/// The events that chunks mean, and the completion they come to.
fn accumulate(chunks: &[Value]) -> (Vec<ChatEvent>, ChatCompletion) {
    let mut accumulator = ChatCompletionAccumulator::new();
    let push = |chunk: &Value| accumulator.push(ChatCompletionChunk::from_value(chunk).expect("a chunk")).expect("no cut");
    let events = chunks.iter().flat_map(push).collect();
    (events, accumulator.completion())
}

// Structured output.

#[test]
fn output_is_a_value_of_the_type() {
    let (client, transport) = client([completion(json!({ "content": r#"{"city":"Paris","n":null}"# }), "stop")]);
    let parsed = client.chat().completions().parse::<Place>(chat()).blocking().unwrap();
    assert_eq!((parsed.output().unwrap().city.as_str(), parsed.id.as_str()), ("Paris", "c"));
    assert_eq!(parsed.into_output().unwrap(), Place { city: "Paris".to_owned(), n: None });
    let schema = &transport.requests()[0].json()["response_format"]["json_schema"];
    assert_eq!(
        (&schema["name"], &schema["strict"], &schema["description"]),
        (&json!("Place"), &json!(true), &json!("Where something is."))
    );
    assert_eq!(schema["schema"]["required"], json!(["city", "n"]));
    assert_eq!(schema["schema"]["properties"]["n"], json!({ "type": ["integer", "null"] }));
}

#[track_caller]
fn fails(message: Value, reason: &str, is: fn(&Error) -> bool) -> Error {
    let (client, _) = client([completion(message, reason)]);
    let parsed = client.chat().completions().parse::<Place>(chat()).blocking();
    let error = parsed.and_then(|parsed| parsed.into_output()).expect_err("an error");
    assert!(is(&error), "{error}");
    let completion = error.attachment::<ChatCompletion>().expect("the completion");
    assert_eq!(completion.usage.as_ref().map(|usage| usage.total_tokens), Some(3));
    error
}

#[test]
fn output_that_is_not_there_is_an_error_with_the_completion_and_its_usage() {
    fails(json!({ "content": r#"{"city":"Par"# }), "length", Error::is_length_finish_reason);
    fails(json!({ "content": "" }), "content_filter", Error::is_content_filter);
    assert_eq!(fails(json!({ "content": null, "refusal": "no" }), "stop", Error::is_refusal).message(), "no");
    fails(json!({ "content": null, "tool_calls": [] }), "tool_calls", Error::is_decode);
    let error = fails(json!({ "content": r#"{"city":5}"# }), "stop", Error::is_decode);
    assert_eq!((error.request_id(), error.status().map(|status| status.as_u16())), (Some("req_1"), Some(200)));
    assert_eq!(error.into_attachment::<ChatCompletion>().unwrap().id, "c");
}

#[test]
fn values_are_of_the_type_and_not_made_to_fit_it() {
    fails(json!({ "content": r#"{"city":"P","n":"1"}"# }), "stop", Error::is_decode);
}

#[track_caller]
fn response_fails(response: Value, is: fn(&Error) -> bool) {
    let (client, _) = client([Answer::json(200, response.to_string())]);
    let error = client.responses().parse::<Place>(question()).blocking().and_then(|parsed| parsed.into_output()).expect_err("an error");
    assert!(is(&error), "{error}");
    assert_eq!(error.attachment::<Response>().expect("the response").usage.as_ref().map(|usage| usage.total_tokens), Some(3));
}

#[test]
fn half_a_response_is_an_error_with_the_response() {
    let response = |content: Value, reason: Value| {
        let message = json!({ "type": "message", "content": [content] });
        json!({ "id": "r", "output": [message], "incomplete_details": reason, "usage": { "total_tokens": 3 } })
    };
    let half = json!({ "type": "output_text", "text": r#"{"city":"Par"# });
    response_fails(response(half.clone(), json!({ "reason": "max_output_tokens" })), Error::is_length_finish_reason);
    response_fails(response(half.clone(), json!({ "reason": "content_filter" })), Error::is_content_filter);
    response_fails(response(half, Value::Null), Error::is_decode);
    response_fails(response(json!({ "type": "refusal", "refusal": "no" }), Value::Null), Error::is_refusal);
    response_fails(json!({ "id": "r", "output": [], "usage": { "total_tokens": 3 } }), Error::is_decode);
}

#[test]
fn a_schema_that_the_api_would_refuse_is_not_sent() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Scores {
        scores: std::collections::BTreeMap<String, i64>,
    }
    let (client, transport) = client([]);
    for error in [
        client.responses().parse::<Scores>(question()).blocking().unwrap_err(),
        client.chat().completions().parse::<Scores>(chat()).blocking().unwrap_err(),
        client.responses().parse::<Vec<Place>>(question()).blocking().unwrap_err(),
    ] {
        assert!(error.is_argument() && error.message().contains("at $"), "{error}");
    }
    let named = OutputFormat::<Place>::new().unwrap();
    let error =
        client.responses().parse_as(question().text(openai::types::responses::ResponseTextParam::new().format(named.clone())), named);
    assert!(error.blocking().unwrap_err().is_argument());
    assert!(transport.requests().is_empty());
}

#[test]
fn a_type_may_contain_itself() {
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Node {
        /// Its children.
        children: Vec<Node>,
        /// The node that it belongs to.
        next: Option<Box<Node>>,
        kind: Kind,
    }
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(tag = "type")]
    enum Kind {
        Leaf,
        Named { name: String },
    }
    let format = OutputFormat::<Node>::new().unwrap();
    assert!(!format.schema().as_str().contains("oneOf"), "{}", format.schema());
    let (client, _) = client([completion(
        json!({ "content": r#"{"children":[],"next":{"children":[],"next":null,"kind":{"type":"Leaf"}},"kind":{"type":"Named","name":"a"}}"# }),
        "stop",
    )]);
    let node = client.chat().completions().parse_as(chat(), format).blocking().unwrap().into_output().unwrap();
    assert!(matches!(&node.kind, Kind::Named { name } if name == "a"));
    assert!(node.children.is_empty() && node.next.is_some_and(|next| matches!(next.kind, Kind::Leaf)));
}

#[test]
fn names_of_generic_types_are_made_acceptable() {
    let format = OutputFormat::<Value>::from_schema("Box<Inner>", json!({ "type": "object", "properties": {} })).unwrap();
    assert_eq!(format.name(), "Box_Inner");
    assert_eq!(format.with_name("a b").name(), "a_b");
}

#[test]
fn functions_beside_structured_output_are_strict() {
    let (client, transport) = client([]);
    let with = |tool: Value| chat().tools([ChatCompletionCreateParamsTool::from_value(tool).unwrap()]);
    for tool in [json!({ "type": "function", "function": { "name": "loose" } }), json!({ "type": "custom", "custom": { "name": "c" } })] {
        assert!(client.chat().completions().parse::<Place>(with(tool)).blocking().unwrap_err().is_argument());
    }
    assert!(transport.requests().is_empty());
}

// Streams.

#[test]
fn choices_are_told_apart_by_their_index() {
    let (events, completion) = accumulate(&[
        chunk(1, json!({ "content": "b" }), None),
        chunk(0, json!({ "content": "a" }), None),
        chunk(1, json!({ "content": "B" }), Some("stop")),
        chunk(0, json!({ "content": "A" }), Some("stop")),
    ]);
    let texts: Vec<_> = completion.choices.iter().map(|choice| (choice.index, choice.message.content.as_deref().unwrap())).collect();
    assert_eq!(texts, [(0, "aA"), (1, "bB")]);
    let done: Vec<_> = events
        .iter()
        .filter_map(|e| if let ChatEvent::ContentDone(done) = e { Some((done.choice, done.text.as_str())) } else { None })
        .collect();
    assert_eq!(done, [(1, "bB"), (0, "aA")]);
}

#[test]
fn interleaved_calls_are_told_when_they_are_complete() {
    let call = |index: i64, arguments: &str| json!({ "tool_calls": [{ "index": index, "id": format!("t{index}"), "function": { "name": "f", "arguments": arguments } }] });
    let (events, completion) = accumulate(&[
        chunk(0, call(1, r#"{"q":"#), None),
        chunk(0, call(0, r#"{"q":"}"#), None),
        chunk(0, call(1, "1}"), None),
        chunk(0, call(0, r#""}"#), None),
        chunk(0, json!({}), Some("tool_calls")),
    ]);
    let done: Vec<_> = events
        .iter()
        .filter_map(|event| if let ChatEvent::ToolArgumentsDone(done) = event { Some((done.index, done.arguments.as_str())) } else { None })
        .collect();
    assert_eq!(done, [(1, r#"{"q":1}"#), (0, r#"{"q":"}"}"#)]);
    let calls = completion.choices[0].message.tool_calls.as_ref().unwrap();
    let ids: Vec<_> = calls.iter().map(|call| call.to_value()["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["t0", "t1"]);
    assert!(calls[0].to_value().get("index").is_none());
}

#[test]
fn custom_calls_and_unknown_fields_are_kept() {
    let (events, completion) = accumulate(&[
        chunk(
            0,
            json!({ "reasoning_content": "x", "tool_calls": [{ "index": 0, "id": "t", "type": "custom", "custom": { "name": "c", "input": "a" } }] }),
            None,
        ),
        chunk(0, json!({ "reasoning_content": "y", "tool_calls": [{ "index": 0, "custom": { "input": "b" } }] }), None),
        chunk(0, json!({}), Some("tool_calls")),
    ]);
    assert!(events.iter().all(|event| event.event_type() == "chunk"));
    let message = &completion.choices[0].message;
    let Some([ChatCompletionMessageToolCallsItem::Custom(call)]) = message.tool_calls.as_deref() else { panic!("{message:?}") };
    assert_eq!((call.custom.name.as_str(), call.custom.input.as_str()), ("c", "ab"));
    assert_eq!(message.extra.get("reasoning_content").unwrap().as_str(), "\"xy\"");
}

#[test]
fn what_is_known_is_not_taken_back() {
    let mut last = chunk(0, json!({}), Some("stop"));
    last["usage"] = Value::Null;
    let mut usage = json!({ "id": "c", "object": "chat.completion.chunk", "choices": [], "system_fingerprint": "fp" });
    usage["usage"] = json!({ "total_tokens": 3 });
    let (_, completion) = accumulate(&[usage, chunk(0, json!({ "content": "a" }), None), last]);
    let value = completion.to_value();
    assert_eq!((&value["usage"]["total_tokens"], &value["system_fingerprint"]), (&json!(3), &json!("fp")));
}

#[test]
fn a_stream_that_was_cut_short_carries_what_there_was() {
    let stream = |params: ChatCompletionCreateParams, answer: Answer| {
        let (client, _) = client([answer]);
        let mut stream = client.chat().completions().stream(params).blocking().unwrap();
        stream.final_completion().blocking().unwrap_err()
    };
    let cut = || events(&[chunk(0, json!({ "content": "{\"city\":\"Par" }), None), chunk(0, json!({}), Some("length"))]);
    for params in [chat(), chat().response_format(OutputFormat::<Place>::new().unwrap())] {
        let error = stream(params, cut());
        assert!(error.is_length_finish_reason(), "{error}");
        assert_eq!(error.attachment::<ChatCompletion>().unwrap().choices[0].message.content.as_deref(), Some("{\"city\":\"Par"));
    }
    let broken = Answer::events(format!("data: {}\n\n", chunk(0, json!({ "content": "half" }), None))).then_connection_error();
    let error = stream(chat(), broken);
    assert_eq!(error.attachment::<ChatCompletion>().map(|completion| completion.id.as_str()), Some("c"), "{error}");
    let error = stream(chat(), Answer::events("data: [DONE]\n\n"));
    assert!(error.is_decode(), "{error}");
}

#[test]
fn output_can_be_read_while_it_grows() {
    let (events, completion) = accumulate(&[
        chunk(0, json!({ "content": r#"{"city":"Pa"# }), None),
        chunk(0, json!({ "content": r#"ris","n":1"# }), None),
        chunk(0, json!({ "content": "}" }), Some("stop")),
    ]);
    let grown = |unfinished: Unfinished| -> Vec<Value> {
        let deltas =
            events.iter().filter_map(|event| if let ChatEvent::ContentDelta(text) = event { text.partial(unfinished) } else { None });
        deltas.collect()
    };
    let whole = json!({ "city": "Paris", "n": 1 });
    assert_eq!(grown(Unfinished::Omit), [json!({}), whole.clone(), whole.clone()]);
    assert_eq!(grown(Unfinished::Keep), [json!({ "city": "Pa" }), whole.clone(), whole]);
    assert_eq!(completion.output::<Place>().unwrap(), Place { city: "Paris".to_owned(), n: Some(1) });
}

/// The error of a stream of a response that ends with this event, and the response it carries.
#[track_caller]
fn ends(last: Option<Value>) -> Error {
    let mut all = vec![
        json!({ "type": "response.created", "sequence_number": 0, "response": { "id": "r", "status": "in_progress" } }),
        json!({ "type": "response.output_item.added", "sequence_number": 1, "output_index": 1, "item": { "type": "message", "id": "m1", "content": [] } }),
        json!({ "type": "response.output_item.added", "sequence_number": 2, "output_index": 0, "item": { "type": "message", "id": "m0", "content": [] } }),
        json!({ "type": "response.output_text.delta", "sequence_number": 3, "output_index": 1, "content_index": 0, "delta": "b" }),
        json!({ "type": "response.output_text.delta", "sequence_number": 4, "output_index": 0, "content_index": 0, "delta": "a" }),
    ];
    all.extend(last);
    let (client, _) = client([events(&all)]);
    let error = client.responses().stream(question()).blocking().expect("a stream").final_response().blocking().expect_err("an error");
    assert_eq!(error.attachment::<Response>().expect("the response").id, "r", "{error}");
    error
}

#[test]
fn a_response_that_ends_otherwise_is_an_error_that_carries_it() {
    let end = |kind: &str, response: Value| Some(json!({ "type": kind, "sequence_number": 5, "response": response }));
    let failed = json!({ "id": "r", "status": "failed", "error": { "code": "server_error", "message": "boom" } });
    let error = ends(end("response.failed", failed));
    assert!(error.is_stream() && (error.code(), error.message()) == (Some("server_error"), "boom"), "{error}");
    let incomplete = |reason: &str| json!({ "id": "r", "status": "incomplete", "incomplete_details": { "reason": reason } });
    assert!(ends(end("response.incomplete", incomplete("max_output_tokens"))).is_length_finish_reason());
    assert!(ends(end("response.incomplete", incomplete("content_filter"))).is_content_filter());
    assert!(ends(end("response.incomplete", incomplete("other"))).message().contains("other"));
    let error = ends(Some(json!({ "type": "error", "sequence_number": 5, "code": "c", "message": "boom", "param": null })));
    assert!(error.is_stream() && (error.code(), error.message()) == (Some("c"), "boom"), "{error}");
    let error = ends(None);
    assert_eq!(error.attachment::<Response>().unwrap().output_text(), "ab");
}

#[test]
fn events_of_a_response_may_begin_in_the_middle() {
    let mut accumulator = ResponseAccumulator::new();
    for delta in ["Hel", "lo"] {
        let event = json!({ "type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": delta });
        accumulator.push(ResponseStreamEvent::from_value(event).unwrap());
    }
    assert_eq!(accumulator.response().output_text(), "Hello");
    assert!(accumulator.finish().unwrap_err().is_stream());
}

#[test]
fn a_response_that_exists_is_streamed_from_its_beginning() {
    let (client, transport) = client([events(&[
        json!({ "type": "response.created", "sequence_number": 0, "response": { "id": "r" } }),
        json!({ "type": "response.in_progress", "sequence_number": 1, "response": { "id": "r" } }),
        json!({ "type": "response.completed", "sequence_number": 2, "response": { "id": "r", "status": "completed" } }),
    ])]);
    let params = ResponseRetrieveParams::new().include(["file_search_call.results"]);
    let stream = client.responses().stream_existing("r", params).blocking().unwrap().starting_after(1);
    let mut stream = stream.blocking();
    let numbers: Vec<_> = stream.by_ref().map(|event| event.unwrap().to_value()["sequence_number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [2]);
    assert_eq!(stream.into_inner().final_response().blocking().unwrap().id, "r");
    assert!(
        transport.requests()[0].target().ends_with("/responses/r?include%5B%5D=file_search_call.results&stream=true"),
        "{}",
        transport.requests()[0].target()
    );
    let error = client.responses().stream_existing("r", ResponseRetrieveParams::new().starting_after(1)).blocking().unwrap_err();
    assert!(error.is_argument());
}

#[test]
fn a_stream_of_a_response_needs_something_to_answer() {
    let (client, transport) = client([]);
    for params in [ResponseCreateParams::new().input("x"), ResponseCreateParams::new().model("m")] {
        assert!(client.responses().stream(params).blocking().unwrap_err().is_argument());
    }
    assert!(transport.requests().is_empty());
}

#[test]
fn a_run_tells_what_its_events_mean() {
    let run = |status: &str| json!({ "id": "run_1", "object": "thread.run", "status": status });
    let message = |status: &str, content: Value| json!({ "id": "m", "object": "thread.message", "status": status, "content": content });
    let delta = |text: &str| json!({ "id": "m", "delta": { "content": [{ "index": 0, "type": "text", "text": { "value": text } }] } });
    let call = |call: Value| json!({ "id": "s", "delta": { "step_details": { "type": "tool_calls", "tool_calls": [call] } } });
    let step = |status: &str| json!({ "id": "s", "object": "thread.run.step", "status": status, "step_details": { "type": "tool_calls", "tool_calls": [] } });
    let text = json!([{ "type": "text", "text": { "value": "Hello", "annotations": [] } }]);
    let body: String = [
        ("thread.run.created", run("queued")),
        ("thread.run.step.created", step("in_progress")),
        (
            "thread.run.step.delta",
            call(json!({ "index": 0, "id": "c", "type": "function", "function": { "name": "f", "arguments": "{" } })),
        ),
        ("thread.run.step.delta", call(json!({ "index": 0, "type": "function", "function": { "arguments": "}" } }))),
        ("thread.run.step.completed", step("completed")),
        ("thread.message.created", message("in_progress", json!([]))),
        ("thread.message.delta", delta("Hel")),
        ("thread.message.delta", delta("lo")),
        ("thread.message.completed", message("completed", text)),
        ("thread.run.completed", run("completed")),
        ("done", json!("[DONE]")),
    ]
    .into_iter()
    .map(|(name, data)| format!("event: {name}\ndata: {}\n\n", data.as_str().map_or_else(|| data.to_string(), ToOwned::to_owned)))
    .collect();
    let (client, _) = client([Answer::events(body)]);
    let mut stream = client.beta().threads().runs().stream("t", ThreadRunCreateParams::new("a")).blocking().unwrap().blocking();
    let mut seen = Vec::new();
    for event in stream.by_ref() {
        seen.push(match event.unwrap() {
            Run::Event(_) => continue,
            Run::TextDelta(text) => format!("text {}", text.text.unwrap().value.unwrap()),
            Run::TextDone(text) => format!("text done {}", text.text.value),
            Run::ToolCallDone(call) => format!("call done {}", call.to_value()["function"]["arguments"]),
            other => format!("{other:?}").split('(').next().unwrap().to_owned(),
        });
    }
    let expected = [
        "RunStepCreated",
        "ToolCallCreated",
        "RunStepDelta",
        "ToolCallDelta",
        "RunStepDelta",
        "call done \"{}\"",
        "RunStepDone",
        "MessageCreated",
        "TextCreated",
        "text Hel",
        "MessageDelta",
        "text lo",
        "MessageDelta",
        "text done Hello",
        "MessageDone",
    ];
    assert_eq!(seen, expected);
    let mut stream = stream.into_inner();
    assert_eq!(stream.accumulated().steps()[0].to_value()["status"], "completed");
    assert_eq!(stream.accumulated().messages()[0].to_value()["content"][0]["text"]["value"], "Hello");
    assert_eq!(stream.final_run().blocking().unwrap().id, "run_1");
}

/// Seconds that it takes to read streams of so many pieces to their end, event by event, each with its snapshot: of a completion and of a response.
fn seconds(pieces: usize) -> (f64, f64) {
    let body = |piece: Value, last: Value| format!("data: {piece}\n\n").repeat(pieces) + &format!("data: {last}\n\n");
    let (client, _) = client([
        Answer::events(body(chunk(0, json!({ "content": "piece " }), None), chunk(0, json!({}), Some("stop")))),
        Answer::events(body(
            json!({ "type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "piece " }),
            json!({ "type": "response.completed", "response": { "id": "r" } }),
        )),
    ]);
    let start = Instant::now();
    let mut stream = client.chat().completions().stream(chat()).blocking().expect("a good stream").blocking();
    let snapshots = stream.by_ref().filter_map(|event| {
        if let ChatEvent::ContentDelta(text) = event.expect("a good stream") { Some(text.snapshot.len()) } else { None }
    });
    assert_eq!(snapshots.last(), Some(6 * pieces));
    let completion = stream.into_inner().final_completion().blocking().expect("a good stream");
    assert_eq!(completion.choices[0].message.content.as_ref().map(String::len), Some(6 * pieces));
    let of_completion = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let mut stream = client.responses().stream(question()).blocking().expect("a good stream").blocking();
    let snapshots = stream.by_ref().filter_map(|event| event.expect("a good stream").snapshot.map(|snapshot| snapshot.len()));
    assert_eq!(snapshots.last(), Some(6 * pieces));
    (of_completion, start.elapsed().as_secs_f64())
}

/// Prints the ratios; run it alone and optimised for numbers: `cargo test --release -p openai-tests --test helpers -- --ignored --nocapture`.
#[test]
#[ignore = "it measures time"]
fn ten_times_the_pieces_take_ten_times_as_long() {
    let best = |pieces: usize| {
        let runs: Vec<_> = (0..5).map(|_| seconds(pieces)).collect();
        let least = |of: fn(&(f64, f64)) -> f64| runs.iter().map(of).fold(f64::INFINITY, f64::min);
        (least(|run| run.0), least(|run| run.1))
    };
    let (few, many) = (best(10_000), best(100_000));
    let ratios = (many.0 / few.0, many.1 / few.1);
    println!(
        "100,000 pieces against 10,000: chat {:.4} s / {:.4} s = {:.1}, responses {:.4} s / {:.4} s = {:.1}",
        many.0, few.0, ratios.0, many.1, few.1, ratios.1
    );
    assert!(ratios.0 < 12.0 && ratios.1 < 12.0);
}

// Tools.

fn calls(calls: &[(&str, &str)]) -> Answer {
    let call = |(index, (name, arguments)): (usize, &(&str, &str))| json!({ "id": format!("t{index}"), "type": "function", "function": { "name": name, "arguments": arguments } });
    let calls: Value = calls.iter().enumerate().map(call).collect();
    completion(json!({ "role": "assistant", "content": null, "tool_calls": calls }), "tool_calls")
}

fn answer() -> Answer {
    completion(json!({ "role": "assistant", "content": "done" }), "stop")
}

fn places() -> Tools {
    Tools::new().function(|place: Place| async move {
        match place.n {
            Some(n) => Ok(json!({ "city": place.city, "n": n })),
            None => Err("no number".into()),
        }
    })
}

#[test]
fn tools_run_until_the_model_has_an_answer() {
    let (client, transport) =
        client([calls(&[("Place", r#"{"city":"P","n":1}"#), ("Place", r#"{"city":"Q","n":null}"#), ("Nope", "{}")]), answer()]);
    let forced = chat().tool_choice("required");
    let run = client.chat().completions().run_tools(forced, places()).blocking().unwrap();
    assert_eq!((run.choices[0].message.content.as_deref(), run.rounds, run.conversation.messages().len()), (Some("done"), 1, 6));
    let requests = transport.requests();
    assert_eq!((&requests[0].json()["tool_choice"], requests[1].json().get("tool_choice")), (&json!("required"), None));
    let told: Vec<Value> = requests[1].json()["messages"].as_array().unwrap()[2..].to_vec();
    let tool = |index: usize, content: &str| json!({ "role": "tool", "tool_call_id": format!("t{index}"), "content": content });
    assert_eq!(told, [tool(0, r#"{"city":"P","n":1}"#), tool(1, "error: no number"), tool(2, "error: there is no function `Nope`")]);
}

#[test]
fn errors_of_tools_are_for_the_caller_if_it_says_so() {
    let (client, _) = client([calls(&[("Place", r#"{"city":"Q","n":null}"#)])]);
    let error = client.chat().completions().run_tools(chat(), places().errors(ToolErrors::ToCaller)).blocking().unwrap_err();
    assert!(error.is_tool() && error.message() == "no number", "{error}");
    assert_eq!(error.attachment::<ToolCall>().unwrap().id, "t0");
}

#[test]
fn rounds_of_tools_are_limited() {
    let again = || calls(&[("Place", r#"{"city":"P","n":1}"#)]);
    let (client, transport) = client([again(), again(), again(), again()]);
    let error = client.chat().completions().run_tools(chat(), places().max_rounds(2)).blocking().unwrap_err();
    assert!(error.is_tool() && error.attachment::<ChatCompletion>().is_some(), "{error}");
    assert_eq!(transport.requests().len(), 3);
}

#[test]
fn tools_of_the_params_are_left_to_whoever_runs_them() {
    let own = json!({ "type": "function", "function": { "name": "mine" } });
    let (client, transport) = client([calls(&[("mine", "{}")])]);
    let params = chat().tools([ChatCompletionCreateParamsTool::from_value(&own).unwrap()]);
    let run = client.chat().completions().run_tools(params, places()).blocking().unwrap();
    assert_eq!((run.rounds, run.choices[0].message.tool_calls.as_ref().map(Vec::len)), (0, Some(1)));
    let sent = transport.requests()[0].json()["tools"].clone();
    assert_eq!((sent.as_array().unwrap().len(), &sent[0]), (2, &own));
}

#[test]
fn hosted_tools_of_a_response_pass_through() {
    let output = |items: Value| Answer::json(200, json!({ "id": "r", "output": items }).to_string());
    let call = json!({ "type": "function_call", "call_id": "c1", "name": "Place", "arguments": r#"{"city":"P","n":1}"# });
    let mcp = json!({ "type": "mcp_call", "id": "m", "name": "search", "server_label": "s", "arguments": "{}", "output": "found" });
    let approval = json!({ "type": "mcp_approval_request", "id": "a", "name": "search", "server_label": "s", "arguments": "{}" });
    let (client, transport) = client([output(json!([mcp, call])), output(json!([approval, call]))]);
    let server = json!({ "type": "mcp", "server_label": "s", "server_url": "https://example.com" });
    let params = question().tools([openai::types::responses::Tool::from_value(&server).unwrap()]);
    let run = client.responses().run_tools(params, places()).blocking().unwrap();
    // A server that wants approval is for the program to answer.
    assert_eq!((run.rounds, run.output.len()), (1, 2));
    let requests = transport.requests();
    assert_eq!(requests[0].json()["tools"][0], server);
    let input = requests[1].json()["input"].clone();
    assert_eq!((&input[0]["role"], &input[1], &input[2]["type"]), (&json!("user"), &mcp, &json!("function_call")));
    assert_eq!(input[3], json!({ "type": "function_call_output", "call_id": "c1", "output": r#"{"city":"P","n":1}"# }));
}

#[test]
fn a_run_of_tools_can_be_watched() {
    let stream = |chunks: &[Value]| events(chunks);
    let call = json!({ "tool_calls": [{ "index": 0, "id": "t", "type": "function", "function": { "name": "Place", "arguments": r#"{"city":"P","n":1}"# } }] });
    let (client, transport) = client([
        stream(&[chunk(0, call, None), chunk(0, json!({}), Some("tool_calls"))]),
        stream(&[chunk(0, json!({ "content": "done" }), Some("stop"))]),
    ]);
    let mut run = client.chat().completions().run_tools_stream(chat(), places()).blocking();
    let shown = |event: Result<ToolEvent<ChatEvent>>| match event.unwrap() {
        ToolEvent::Model(event) => event.event_type().to_owned(),
        ToolEvent::Called(call) => format!("called {}", call.name),
        ToolEvent::Done(_, output) => format!("done {output}"),
        _ => String::new(),
    };
    let seen: Vec<String> = run.by_ref().map(shown).collect();
    let (delta, done) = ("tool_calls.function.arguments.delta", "tool_calls.function.arguments.done");
    let expected = ["chunk", delta, "chunk", done, "called Place", r#"done {"city":"P","n":1}"#, "chunk", "content.delta", "content.done"];
    assert_eq!(seen, expected);
    let end = run.into_inner().finish().blocking().unwrap();
    assert_eq!((end.choices[0].message.content.as_deref(), end.rounds, transport.requests().len()), (Some("done"), 1, 2));
}

#[test]
fn a_tool_may_be_described_by_hand() {
    let tool =
        Tool::from_schema("look up", json!({ "type": "object", "properties": { "q": { "type": "string" } } }), |q: Value| async { Ok(q) });
    let tool = tool.unwrap().description("Looks up.");
    let sent = ChatCompletionCreateParamsTool::from(&tool).to_value();
    assert_eq!((&sent["function"]["name"], &sent["function"]["description"]), (&json!("look_up"), &json!("Looks up.")));
    assert_eq!(openai::types::responses::Tool::from(&tool).to_value()["parameters"]["required"], json!(["q"]));
}
