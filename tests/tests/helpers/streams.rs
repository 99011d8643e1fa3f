//! Streams that accumulate.

use std::time::Instant;

use openai::assistants::AssistantEvent as Run;
use openai::responses::ResponseAccumulator;
use openai::types::beta::ThreadRunCreateParams;
use openai::types::chat::{ChatCompletion, ChatCompletionCreateParams, ChatCompletionMessageToolCallsItem};
use openai::types::responses::{Response, ResponseCreateParams, ResponseRetrieveParams, ResponseStreamEvent};
use openai::{Error, JsonModel, OutputFormat, Unfinished};
use serde_json::{Value, json};

use crate::{Answer, ChatEvent, Place, accumulate, chat, chunk, client, events, question};

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
fn calls_without_an_index_are_told_apart_by_their_ids() {
    let call = |id: &str, arguments: &str| json!({ "tool_calls": [{ "id": id, "function": { "name": "f", "arguments": arguments } }] });
    let go_on = json!({ "tool_calls": [{ "function": { "arguments": "2}" } }] });
    let (_, completion) =
        accumulate(&[chunk(0, call("a", "{}"), None), chunk(0, call("b", r#"{"q":"#), None), chunk(0, go_on, Some("tool_calls"))]);
    let calls: Vec<_> =
        completion.choices[0].message.tool_calls.iter().flatten().map(|call| call.to_value()["function"]["arguments"].clone()).collect();
    assert_eq!(calls, ["{}", r#"{"q":2}"#]);
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
    // As much is read in both, by turns, so that whatever else the machine does falls on both; the quickest of a few rounds counts.
    let (mut few, mut many) = ((f64::INFINITY, f64::INFINITY), (f64::INFINITY, f64::INFINITY));
    let least = |least: &mut (f64, f64), new: (f64, f64)| *least = (least.0.min(new.0), least.1.min(new.1));
    for _ in 0..5 {
        least(&mut many, seconds(100_000));
        let tenth = (0..10).map(|_| seconds(10_000)).fold((0.0, 0.0), |sum, run| (sum.0 + run.0 / 10.0, sum.1 + run.1 / 10.0));
        least(&mut few, tenth);
    }
    let ratios = (many.0 / few.0, many.1 / few.1);
    println!(
        "100,000 pieces against 10,000: chat {:.4} s / {:.4} s = {:.1}, responses {:.4} s / {:.4} s = {:.1}",
        many.0, few.0, ratios.0, many.1, few.1, ratios.1
    );
    assert!(ratios.0 < 12.0 && ratios.1 < 12.0);
}
