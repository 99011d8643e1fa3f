//! What comes out of a stream, over a scripted transport and a clock that does not wait.

use std::time::Duration;

use serde_json::{Value, json};

use super::EventStream;
use crate::testing::{Answer, FakeClock, ScriptedTransport};
use crate::{Body, Call, Client, Error, Events, Method, Operation, StreamEnd, StreamFlag, Timeout};

static CHAT: Operation = Operation {
    name: "chat.create",
    method: Method::Post,
    path: "/chat",
    body: Body::Json,
    stream: Some(StreamFlag { field: "stream", value: "true" }),
    stream_end: StreamEnd::Field("finish"),
    ..Operation::DEFAULT
};
static ANY: Operation = Operation { stream_end: StreamEnd::Unknown, ..CHAT };
pub(super) static TYPED: Operation = Operation { events: Events::DataWithErrors, stream_end: StreamEnd::Types(&["done", "error"]), ..CHAT };
static NAMED: Operation = Operation { events: Events::Named, stream_end: StreamEnd::Types(&["error"]), ..CHAT };
pub(super) fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The outcome of reading a stream to its end, in words: an event is its number `a`, an error its kind, an end `end`.
pub(super) async fn read(stream: crate::Result<EventStream<Value>>) -> (String, Option<Error>) {
    let (mut words, mut last) = (Vec::new(), None);
    match stream {
        Err(error) => last = Some(error),
        Ok(mut stream) => loop {
            match stream.try_next().await {
                Ok(Some(event)) => words.push(event["a"].as_i64().map_or_else(|| event.to_string(), |a| a.to_string())),
                Ok(None) => break words.push("end".to_owned()),
                Err(error) => {
                    words.push(if error.is_truncated() { "truncated".to_owned() } else { error.kind().to_owned() });
                    last = Some(error);
                }
            }
        },
    }
    (words.join(" "), last)
}

fn outcome(operation: &'static Operation, answer: Answer) -> (String, Option<Error>) {
    let client: Client = ScriptedTransport::new([answer]).client();
    run(async { read(Call::new(&client, operation).params(&json!({})).streaming().await).await })
}

#[track_caller]
fn check(operation: &'static Operation, answer: Answer, expect: &str) {
    let (found, error) = outcome(operation, answer);
    assert_eq!(found, expect, "{error:?}");
}

#[track_caller]
fn check_text(operation: &'static Operation, text: &'static str, expect: &str) {
    check(operation, Answer::events(text), expect);
    check(operation, Answer::events("").chunks(text.as_bytes().chunks(1).map(<[u8]>::to_vec)), expect);
}

#[test]
fn a_stream_ends_properly_or_says_how_it_was_cut_off() {
    check_text(&CHAT, "data: {\"a\":1}\n\ndata: {\"a\":2}\n\ndata: [DONE]\n\ndata: {\"a\":3}\n\n", "1 2 end");
    check_text(&CHAT, "data: {\"a\":1}\n\ndata: [DONE] bye\n\n", "1 end");
    check_text(&CHAT, "data: {\"a\":1}\n\ndata: [DONE]", "1 end");
    check_text(&CHAT, "data: {\"a\":1}\n\ndata: [DONE]\n", "1 end");
    check_text(&CHAT, "data: {\"a\":1,\"x\":[{\"finish\":null}]}\n\n", "1 truncated end");
    check_text(&CHAT, "data: {\"a\":1,\"x\":\"\\\"finish\\\": 1\",\"y\":\"finish\"}\n\n", "1 truncated end");
    check_text(&CHAT, "data: {\"a\":1,\"x\":[{\"finish\" : \"stop\"}]}\n\ndata: {\"a\":2}\n\n", "1 2 end");
    check_text(&CHAT, "data: {\"a\":1}\n\ndata: {\"a\"", "1 truncated end");
    check_text(&CHAT, "", "truncated end");
    check_text(&ANY, "data: {\"a\":1}\n\n", "1 end");
    check_text(&ANY, "", "end");
    check_text(&ANY, "data: {\"a\":1}\n\ndata: {\"a\":2}\n", "1 truncated end");
    check_text(&TYPED, "data: {\"type\":\"x\",\"a\":1}\n\n", "1 truncated end");
    check_text(&TYPED, "data: {\"type\":\"done\",\"a\":1}\n\n", "1 end");
    check_text(&TYPED, "data: {\"a\":1, \"type\": \"done\"}\n\n", "1 end");
    check_text(&TYPED, "data: { \"type\" : \"done\", \"a\":1}\n\ndata: {\"a\"", "1 end");
    check_text(&NAMED, "event: done\ndata: [DONE]\n\n", "end");
    check_text(&NAMED, "event: error\ndata: {}\n\n", "{\"event\":\"error\",\"data\":{}} end");
    check_text(&NAMED, "event: x\ndata: {\"type\":\"error\"}\n\n", "{\"event\":\"x\",\"data\":{\"type\":\"error\"}} truncated end");
    check(&CHAT, Answer::events(b"data: {\"a\":1}\n\ndata: {\"b\":\"\xe2\x82".to_vec()), "1 truncated end");
    check(&CHAT, Answer::events("data: {\"a\":1}\n\n").then_connection_error(), "1 connection end");
    check(&CHAT, Answer::events("data: {\"a\":1}\n\n").then_timeout(), "1 timeout end");
}

#[test]
fn keep_alives_and_empty_events_are_skipped() {
    check_text(
        &ANY,
        ": ping\n\nevent: keepalive\ndata: {}\n\ndata:\n\ndata: \n\nevent: ping\n\nid: 7\n\nretry: 5\n\ndata: {\"a\":1}\n\n\n\n",
        "1 end",
    );
    check_text(&TYPED, "data: {\"type\":\"keepalive\"}\n\ndata: {\"n\":1,\"type\":\"ping\"}\n\ndata: ping\n\ndata: [DONE]\n\n", "end");
    check_text(&TYPED, "data: {\"type\":\"new\"}\n\ndata: [DONE]\n\n", "{\"type\":\"new\"} end");
}

#[test]
fn an_event_that_cannot_be_decoded_is_named_and_the_stream_goes_on() {
    check_text(&CHAT, "data: nonsense\n\ndata: {\"a\":2}\n\ndata: [DONE]\n\n", "decode 2 end");
    check(
        &CHAT,
        Answer::events(&b"data: {\"a\":1}\n\nevent: e\ndata: \"\xff\"\n\ndata: {\"a\":2}\n\ndata: [DONE]\n\n"[..]),
        "1 decode 2 end",
    );
    let named = |text: &'static [u8]| outcome(&ANY, Answer::events(text)).1.unwrap().message().to_owned();
    assert!(named(b"event: thing\ndata: {\"a\":\n\n").starts_with("the event `thing` cannot be decoded: "));
    assert!(named(b"data: {\"type\":\"kind\",\"a\":}\n\n").starts_with("the event `kind` cannot be decoded: "));
    assert_eq!(named(b"event: thing\ndata: \xff\n\n"), "the event `thing` is not valid UTF-8");
}

/// Message, code, and the body's text.
#[track_caller]
fn check_error(operation: &'static Operation, text: &'static str, message: &str, code: Option<&str>) {
    let (words, error) = outcome(operation, Answer::events(text));
    let error = error.unwrap();
    assert_eq!(words, "stream end", "{text}");
    assert_eq!((error.message(), error.code(), error.is_truncated()), (message, code, false), "{text}");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
}

#[test]
fn errors_in_a_stream_have_many_shapes() {
    const UNSAID: &str = "An error occurred during streaming";
    check_error(&CHAT, "data: {\"error\":{\"message\":\"m\",\"code\":\"c\"}}\n\ndata: [DONE]\n\n", "m", Some("c"));
    check_error(&CHAT, "data: {\"id\":\"x\",\"error\":{\"message\":\"m\",\"code\":500}}\n\n", "m", Some("500"));
    check_error(&CHAT, "event: error\ndata: {\"message\":\"m\",\"code\":\"c\"}\n\n", "m", Some("c"));
    check_error(&CHAT, "event: error\ndata: {\"error\":{\"message\":\"m\"}}\n\n", "m", None);
    check_error(&CHAT, "data: {\"type\":\"error\",\"message\":\"m\"}\n\n", "m", None);
    check_error(&CHAT, "data: {\"object\":\"error\",\"message\":\"m\",\"code\":40001}\n\n", "m", Some("40001"));
    check_error(&CHAT, "data: {\"type\":\"error\",\"error\":{\"type\":\"overloaded\",\"message\":\"m\"}}\n\n", "m", None);
    check_error(&CHAT, "data: {\"error\":\"boom\"}\n\n", UNSAID, None);
    check_error(&CHAT, "data: {\"error\":true}\n\n", UNSAID, None);
    check_error(&CHAT, "event: error\ndata: plain words\n\n", UNSAID, None);
    check_error(&CHAT, "event: error\ndata: \"words\"\n\n", UNSAID, None);
    check_error(&CHAT, "event: error\n\n", UNSAID, None);
    check_error(&CHAT, "{\"error\":{\"message\":\"m\"}}", "m", None);
    check_error(&TYPED, "data: {\"type\":\"error\",\"error\":{\"message\":\"m\",\"code\":\"c\"},\"n\":2}\n\n", "m", Some("c"));
    check_error(&NAMED, "event: error\ndata: {\"error\":{\"message\":\"m\"}}\n\n", "m", None);
    check_error(&NAMED, "event: error\ndata: words\n\n", UNSAID, None);
    check_text(&CHAT, "data: {\"error\":null,\"a\":1}\n\ndata: {\"a\":2,\"b\":{\"error\":\"inner\"}}\n\ndata: [DONE]\n\n", "1 2 end");
    check_text(&CHAT, "data: {\"a\":1}\n\n{\"error\":{\"message\":\"m\"}}\n\n", "1 stream end");
    check_text(&TYPED, "event: error\ndata: {\"type\":\"error\",\"a\":1}\n\n", "1 end");
    let named = r#"{"event":"error","data":{"message":"m"}}"#;
    check_text(&NAMED, "event: error\ndata: {\"message\":\"m\"}\n\ndata: [DONE]\n\n", &format!("{named} end"));
    let thread = r#"{"event":"thread.run.failed","data":{"error":{"message":"inner"}}}"#;
    check_text(&NAMED, "event: thread.run.failed\ndata: {\"error\":{\"message\":\"inner\"}}\n\ndata: [DONE]\n\n", &format!("{thread} end"));
}

#[test]
fn a_body_that_is_no_event_stream_is_reported_as_what_it_is() {
    let json = |body: &'static str| Answer::json(200, body);
    check(&CHAT, json(r#"{"error":{"message":"m"}}"#), "stream end");
    check(&CHAT, json(r#"{"id":"x"}"#), "decode end");
    check(&CHAT, json("data: {\"a\":1}\n\ndata: [DONE]\n\n"), "1 end");
    check(&CHAT, json("  \n").then_connection_error(), "connection end");
    for content_type in ["text/html; charset=utf-8", "text/plain", "text/event-stream"] {
        let (words, error) = outcome(&ANY, Answer::body(200, content_type, "<html>\n<b>down</b>\n</html>"));
        let error = error.unwrap();
        assert_eq!((words.as_str(), error.is_truncated()), ("decode end", false), "{content_type}");
        assert!(error.body_text().unwrap().contains("<b>down</b>"), "{error:?}");
    }
    check_text(&CHAT, "upstream connect error\n", "decode end");
    check_text(&CHAT, "data: {\"a\":1}\n\nupstream connect error\n", "1 truncated end");
}

#[test]
fn a_stream_may_not_be_silent_for_longer_than_the_limit() {
    let limit = |timeout: Timeout| {
        let transport = ScriptedTransport::new([Answer::events(": ping\n\ndata: {\"a\":1}\n\n: ping\n\n").then_never()]);
        let client: Client = transport.builder().time(FakeClock::default().ringing()).timeout(timeout).build().unwrap();
        run(async { read(Call::new(&client, &CHAT).params(&json!({})).streaming().await).await })
    };
    let (words, error) = limit(Timeout::none().read(Duration::from_secs(9)));
    assert_eq!(words, "1 timeout end");
    assert_eq!(error.unwrap().message(), "the response stood still for 9s");
    let (words, error) = limit(Timeout::none().event(Duration::from_secs(7)));
    assert_eq!(words, "1 timeout end");
    assert_eq!(error.unwrap().message(), "the stream brought no event for 7s");
}

#[test]
fn the_flag_is_forced_by_the_streaming_call_and_refused_by_the_other() {
    let transport = ScriptedTransport::new([Answer::events("data: [DONE]\n\n")]);
    let client: Client = transport.client();
    let call = || Call::<EventStream<Value>>::new(&client, &CHAT);
    run(async {
        for call in [
            call().params(&json!({"b": 1})),
            call().params(&json!({"stream": false})),
            call().params(&json!({"stream": null})).body_field("stream", false),
        ] {
            drop(call.streaming().await.unwrap());
        }
        for call in [call().params(&json!({"stream": true})), call().params(&json!({})).body_field("stream", true)] {
            let error = call.await.unwrap_err();
            assert!(error.is_argument() && error.message().contains("use chat.create_stream"), "{error}");
        }
    });
    let sent: Vec<String> = transport.requests().iter().map(|request| request.text()).collect();
    assert_eq!(sent, [r#"{"b":1,"stream":true}"#, r#"{"stream":true}"#, r#"{"stream":true}"#]);
}

#[test]
fn status_and_headers_are_known_before_the_first_event() {
    let client: Client =
        ScriptedTransport::new([Answer::events("data: {\"a\":1}\n\ndata: [DONE]\n\n").header("x-request-id", "req_1")]).client();
    let call = Call::<EventStream<Value>>::new(&client, &CHAT).params(&json!({})).streaming();
    run(async {
        let mut stream = call.with_response().await.unwrap();
        assert_eq!((stream.request_id(), stream.status().as_u16()), (Some("req_1"), 200));
        assert_eq!(stream.value.response().request_id(), Some("req_1"));
        assert_eq!(stream.try_next().await.unwrap(), Some(json!({"a": 1})));
        assert_eq!(stream.into_value().try_next().await.unwrap(), None);
    });
}
