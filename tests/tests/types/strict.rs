//! Strict mode: every departure from the document at once, each with its path, what was expected and what was found; and nothing that is none.

use openai::JsonModel;
use openai::testing::{Answer, ScriptedTransport};
use openai::types::chat::ChatCompletion;
use openai::types::responses::{ResponseCreateParams, ResponseOutputItem, ResponseStreamEvent};

#[track_caller]
fn check<T: JsonModel>(json: &str, expect: &[(&str, &str, &str)]) {
    let error = T::from_json_strict(json).map(|_| ()).err();
    let departures = error.as_ref().map(|error| error.departures()).unwrap_or_default();
    assert_eq!(departures.iter().map(|d| (d.path(), d.expected(), d.found())).collect::<Vec<_>>(), expect);
    assert_eq!(error.is_none(), expect.is_empty());
}

#[test]
fn all_departures_are_told_at_once() {
    check::<ChatCompletion>(
        r#"{"id":5,"object":"chat.chunk","created":1.5,"choices":[{"finish_reason":"tired","index":"0","logprobs":null,
            "message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"type":"brand_new"}]}},7],"usage":null}"#,
        &[
            ("$.id", "a string", "number 5"),
            ("$.object", "\"chat.completion\"", "string \"chat.chunk\""),
            ("$.created", "a 64-bit integer", "number 1.5"),
            (
                "$.choices[0].finish_reason",
                r#"one of "stop", "length", "tool_calls", "content_filter", "function_call""#,
                "string \"tired\"",
            ),
            ("$.choices[0].index", "an integer", "string \"0\""),
            ("$.choices[0].message.tool_calls[0]", "a value that fits a variant", "an object"),
            ("$.choices[1]", "an object", "number 7"),
            ("$.usage", "a value other than null", "null"),
            ("$.model", "a required field", "nothing"),
        ],
    );
}

#[test]
fn what_follows_the_document_is_no_departure() {
    // Unknown fields are allowed, and nullable ones may be null.
    check::<ChatCompletion>(
        r#"{"id":"c","object":"chat.completion","created":1.0,"model":"m","new":1,"choices":[{"finish_reason":"stop","index":0,
            "logprobs":null,"message":{"role":"assistant","content":null,"refusal":null,"new":{}}}]}"#,
        &[],
    );
    check::<ResponseOutputItem>(r#"{"type":"brand_new"}"#, &[("$", "a value that fits a variant", "an object")]);
}

#[test]
fn the_option_of_the_client_reaches_results_and_events() {
    let answers = || [Answer::json(200, r#"{"id":1}"#), Answer::json(200, r#"{"id":1}"#)];
    let lenient = ScriptedTransport::new(answers()).client::<openai::Client>();
    assert_eq!(lenient.models().retrieve("m").blocking().expect("lenient").to_json(), r#"{"id":1}"#);
    let strict = lenient.with_options(openai::Options::strict);
    let error = strict.models().retrieve("m").blocking().expect_err("strict");
    assert!(error.is_decode(), "{error}");
    for part in ["$.id: expected a string, found number 1", "$.created", "$.object", "$.owned_by"] {
        assert!(error.message().contains(part), "{part} in {error}");
    }

    let events =
        "data: {\"type\":\"response.brand_new\"}\n\ndata: {\"type\":\"response.output_text.delta\",\"delta\":5}\n\ndata: [DONE]\n\n";
    let client = ScriptedTransport::new([Answer::events(events)]).client::<openai::Client>().with_options(openai::Options::strict);
    let stream = client.responses().create_stream(ResponseCreateParams::new()).blocking().expect("a stream");
    let events: Vec<openai::Result<ResponseStreamEvent>> = stream.blocking().collect();
    let [first, second] = events.as_slice() else { panic!("{events:?}") };
    assert!(first.as_ref().is_err_and(|error| error.is_decode() && error.message().contains("response.brand_new")), "{first:?}");
    assert!(second.as_ref().is_err_and(|error| error.is_decode() && error.message().contains("$.delta")), "{second:?}");
}
