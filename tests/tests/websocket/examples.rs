//! The examples, against a server that plays the other part.

use openai::types::realtime::RealtimeConnectParams;
use openai_tests::websocket::{Session, WebSocketServer};
use serde_json::{Value, json};

use super::{client, run};

#[path = "../../../generated/examples/realtime.rs"]
#[allow(dead_code, reason = "its main is not called")]
mod realtime;

#[path = "../../../generated/examples/push_to_talk.rs"]
#[allow(dead_code, reason = "its main is not called")]
mod push_to_talk;

/// Hears an event of this type, and the rest of it.
fn hear(session: &mut Session, kind: &str) -> Value {
    let event: Value = serde_json::from_str(&session.hear_text().unwrap()).unwrap();
    assert_eq!(event["type"], kind);
    event
}

fn say(session: &mut Session, event: Value) {
    session.say(event.to_string());
}

#[test]
fn a_conversation_in_writing() {
    let server = WebSocketServer::start(|mut session| {
        say(&mut session, json!({ "type": "session.created", "event_id": "e1", "session": { "type": "realtime" } }));
        let update = hear(&mut session, "session.update");
        assert_eq!(update["session"], json!({ "type": "realtime", "output_modalities": ["text"] }));
        let item = hear(&mut session, "conversation.item.create");
        assert_eq!(item["item"], json!({ "object": "realtime.item", "type": "message", "role": "user", "content": [{ "type": "input_text", "text": "Say hello!" }] }));
        assert_eq!(hear(&mut session, "response.create"), json!({ "type": "response.create" }));
        for delta in ["Hel", "lo."] {
            say(&mut session, json!({ "type": "response.output_text.delta", "event_id": "e", "delta": delta }));
        }
        say(&mut session, json!({ "type": "something.new", "x": 1 }));
        say(&mut session, json!({ "type": "response.done", "event_id": "e", "response": { "id": "r" } }));
        session.wait_for_the_end();
    })
    .unwrap();
    let answer = run(async { realtime::talk(&client(&server), "Say hello!").await.unwrap() });
    assert_eq!(answer, "Hello.");
    assert_eq!(server.handshakes()[0].target, "/v1/realtime?model=gpt-realtime-2");
}

#[test]
fn an_error_in_a_conversation_is_one_of_the_program() {
    let server = WebSocketServer::start(|mut session| {
        hear(&mut session, "session.update");
        say(
            &mut session,
            json!({ "type": "error", "event_id": "e", "error": { "type": "invalid_request_error", "message": "no", "code": "c" } }),
        );
        session.wait_for_the_end();
    })
    .unwrap();
    let error = run(async { realtime::talk(&client(&server), "Hi").await.unwrap_err().to_string() });
    assert!(error.contains("no (code c)"), "{error}");
}

#[test]
fn sound_goes_out_in_pieces_and_comes_back_decoded() {
    let server = WebSocketServer::start(|mut session| {
        let mut sound = Vec::new();
        for expect in [8192, 8192, 3616] {
            let event = hear(&mut session, "input_audio_buffer.append");
            let piece = openai_runtime::from_base64(event["audio"].as_str().unwrap()).unwrap();
            assert_eq!(piece.len(), expect);
            sound.extend(piece);
        }
        for half in sound.chunks(10_000) {
            let delta = openai_runtime::to_base64(half);
            say(&mut session, json!({ "type": "response.output_audio.delta", "event_id": "e", "delta": delta }));
        }
        say(&mut session, json!({ "type": "response.output_audio_transcript.delta", "event_id": "e", "delta": "An echo." }));
        say(&mut session, json!({ "type": "response.done", "event_id": "e", "response": { "id": "r" } }));
        session.wait_for_the_end();
    })
    .unwrap();
    run(async {
        let mut connection = client(&server).realtime().connect(RealtimeConnectParams::new()).await.unwrap();
        let sound: Vec<u8> = (0..20_000u32).map(|n| n.to_le_bytes()[0]).collect();
        push_to_talk::ask(&connection, sound.as_slice()).await.unwrap();
        let mut heard = Vec::new();
        let words = push_to_talk::listen(&mut connection, &mut heard).await.unwrap();
        assert_eq!((words.as_str(), heard == sound), ("An echo.", true));
    });
}
