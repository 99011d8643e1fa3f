//! What is said over connections: lanes, errors, bytes, halves, and the end.

use futures_util::StreamExt;
use openai::types::realtime::{RealtimeConnectParams, RealtimeServerEvent};
use openai::types::responses::{ResponseCreateParams, ResponsesServerEvent};
use openai::websocket::{Closed, Incoming, Message};
use openai::{Error, JsonModel};
use openai_tests::websocket::{self, WebSocketServer};
use serde_json::{Value, json};

use super::{client, run};

#[test]
fn responses_of_several_lanes_are_told_apart() {
    let server = WebSocketServer::start(|mut session| {
        let mut lanes = Vec::new();
        for _ in 0..2 {
            let event: Value = serde_json::from_str(&session.hear_text().unwrap()).unwrap();
            assert_eq!((&event["type"], &event["model"]), (&json!("response.create"), &json!("gpt-5.2")));
            lanes.push(event["stream_id"].as_str().unwrap().to_owned());
        }
        for lane in lanes.iter().rev() {
            session.say(json!({ "type": "response.output_text.delta", "stream_id": lane, "delta": format!("of {lane}") }).to_string());
        }
        let error = json!({ "code": "websocket_stream_limit_reached", "message": "too many", "headers": { "retry-after": "3" } });
        session.say(json!({ "type": "error", "status": 429, "stream_id": "c", "error": error }).to_string());
        session.close(1000, "");
    })
    .unwrap();
    run(async {
        let mut connection = client(&server).responses().connect().await.unwrap();
        connection.response().create().with(|event| event.stream_id("a").model("gpt-5.2").input("one")).await.unwrap();
        let params = ResponseCreateParams::new().model("gpt-5.2").input("two").extra("stream_id", "b");
        connection.send(params).await.unwrap();
        let mut heard = Vec::new();
        while let Some(event) = connection.try_next().await.unwrap() {
            let lane = event.stream_id().map(|lane| lane.into_owned());
            match &event {
                ResponsesServerEvent::OutputTextDelta(delta) => heard.push((lane, delta.delta.clone())),
                other => {
                    let error = Error::of_event(other).unwrap();
                    assert!(error.is_rate_limit() && error.code() == Some("websocket_stream_limit_reached"), "{error:?}");
                    assert_eq!((lane.as_deref(), error.retry_after().unwrap().as_secs()), (Some("c"), 3));
                }
            }
        }
        let expect = [("b", "of b"), ("a", "of a")].map(|(lane, text)| (Some(lane.to_owned()), text.to_owned()));
        assert_eq!(heard, expect);
    });
}

#[test]
fn unknown_events_and_bytes_are_kept() {
    let server = WebSocketServer::start(|mut session| {
        session.say(r#"{"type":"brand.new","x":1}"#);
        session.send(websocket::Message::binary(vec![1, 2, 3]));
        let heard = session.hear().unwrap();
        assert_eq!(heard, websocket::Message::binary(vec![0xFF, 0]));
        session.close(4001, "bye");
    })
    .unwrap();
    run(async {
        let mut connection = client(&server).realtime().connect(RealtimeConnectParams::new()).await.unwrap();
        let Some(Incoming::Event(event)) = connection.recv().await.unwrap() else { panic!("an event") };
        assert!(matches!(event, RealtimeServerEvent::Unknown(_)));
        assert_eq!((event.tag().as_ref(), event.to_json().as_str()), ("brand.new", r#"{"type":"brand.new","x":1}"#));
        let Some(Incoming::Binary(bytes)) = connection.recv().await.unwrap() else { panic!("bytes") };
        assert_eq!(bytes.as_ref(), [1, 2, 3]);
        connection.send_raw(vec![0xFFu8, 0]).await.unwrap();
        let Some(Incoming::Closed(closed)) = connection.recv().await.unwrap() else { panic!("the end") };
        assert_eq!((closed.code, closed.reason.as_str()), (4001, "bye"));
        assert!(connection.recv().await.unwrap().is_none());
        let error = connection.response().cancel().await.unwrap_err();
        assert_eq!(error.attachment::<Message>().and_then(Message::as_text), Some(r#"{"type":"response.cancel"}"#));
        assert_eq!(connection.closed().map(|closed| closed.code), Some(4001));
    });
}

#[test]
fn halves_move_to_tasks() {
    let server = WebSocketServer::start(|mut session| {
        while let Some(text) = session.hear_text() {
            session.say(text);
        }
    })
    .unwrap();
    run(async {
        let connection = client(&server).realtime().connect(RealtimeConnectParams::new()).await.unwrap();
        let (sender, receiver) = connection.split();
        let writing = tokio::spawn(async move {
            for n in 0..100 {
                sender.conversation().item().delete(format!("item_{n}")).with(|event| event.event_id("e")).await.unwrap();
            }
            sender
        });
        let reading = tokio::spawn(async move { receiver.take(100).map(|event| event.unwrap().to_json()).collect::<Vec<_>>().await });
        let heard = reading.await.unwrap();
        assert_eq!(heard[99], r#"{"event_id":"e","type":"conversation.item.delete","item_id":"item_99"}"#);
        let closed: Closed = writing.await.unwrap().close().await;
        assert_eq!(closed.code, 1000);
    });
}

#[test]
fn a_program_without_a_runtime_talks_too() {
    let server = WebSocketServer::start(|mut session| {
        while let Some(text) = session.hear_text() {
            session.say(text);
        }
    })
    .unwrap();
    let mut connection = client(&server).realtime().connect(RealtimeConnectParams::new()).blocking().unwrap();
    connection.response().cancel().blocking().unwrap();
    connection.input_audio_buffer().clear().blocking().unwrap();
    assert_eq!(connection.next().unwrap().unwrap().tag(), "response.cancel");
    let Some(Incoming::Event(event)) = connection.recv().unwrap() else { panic!("an event") };
    assert_eq!(event.tag(), "input_audio_buffer.clear");
    assert_eq!(connection.close().unwrap().code, 1000);
    assert!(connection.next().is_none());
}
