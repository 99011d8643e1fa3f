//! Connections over memory: what is sent, lost, restored and handed back, byte by byte. No socket is opened and nothing waits.

mod handlers;
mod pipe;
mod schedules;

use std::ops::Deref;
use std::time::Duration;

use super::{Connect, Connection, Incoming, Message, Protocol, Reconnect, Sender};
use crate::client::Client;
use crate::error::Error;
use crate::json::Json;
use crate::operation::{Operation, Security};
use crate::testing::FakeClock;
use pipe::{Ending, FakeServer, Script, close_frame, text_frame};

/// A protocol of any JSON.
#[derive(Clone, Debug)]
pub(crate) struct Anything(Sender<Json>);

impl Deref for Anything {
    type Target = Sender<Json>;

    fn deref(&self) -> &Sender<Json> {
        &self.0
    }
}

impl From<Sender<Json>> for Anything {
    fn from(sender: Sender<Json>) -> Self {
        Self(sender)
    }
}

impl Protocol for Anything {
    type Client = Json;
    type Server = Json;
    const CONFIGURATION: &'static [&'static str] = &["configure"];
}

static TALK: Operation = Operation { name: "talk", path: "/talk", security: &[Security::ApiKey], ..Operation::DEFAULT };

fn client(server: &FakeServer) -> Client {
    let builder = Client::builder().env(|_| None).api_key("k").base_url("http://test.invalid/v1");
    builder.transport(server.clone()).time(server.clock.clone()).build().unwrap()
}

async fn connect(server: &FakeServer) -> Connection<Anything> {
    Connect::new(&client(server), &TALK).await.unwrap()
}

async fn connect_for_good(server: &FakeServer, reconnect: Reconnect) -> Connection<Anything> {
    Connect::new(&client(server), &TALK).reconnect(reconnect).await.unwrap()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// What arrives, in short.
async fn story(connection: &mut Connection<Anything>) -> Vec<String> {
    let mut story = Vec::new();
    while let Some(incoming) = connection.recv().await.unwrap() {
        story.push(match incoming {
            Incoming::Event(event) => event.as_str().to_owned(),
            Incoming::Binary(bytes) => format!("{} bytes", bytes.len()),
            Incoming::Pong(payload) => format!("pong {}", String::from_utf8_lossy(&payload)),
            Incoming::Reconnecting(r) => format!("attempt {}/{} after {:?} because of {}", r.attempt, r.max_attempts, r.delay, r.code),
            Incoming::Reconnected(_) => "restored".to_owned(),
            Incoming::Closed(closed) => format!("closed {} {:?} {}", closed.code, closed.reason, closed.unsent.len()),
        });
    }
    story
}

fn closing(code: u16) -> Script {
    Script::new().says(text_frame("1")).ends(Ending::Frame(close_frame(code, "why")))
}

/// The close-code table of contract 9.10: what the reader gets, without and with reconnection, and the codes that it was restored after.
#[track_caller]
fn check(script: Script, plain: Result<(), u16>, restored: Option<u16>) {
    run(async {
        let server = FakeServer::new([script.clone()]);
        let mut connection = connect(&server).await;
        assert_eq!(connection.try_next().await.unwrap().unwrap().as_str(), "1");
        let end = connection.try_next().await;
        let code = |error: &Error| error.attachment::<super::Closed>().map(|closed| closed.code);
        match (plain, end) {
            (Ok(()), Ok(None)) => {}
            (Err(expect), Err(error)) => assert!(error.is_websocket() && code(&error) == Some(expect), "{error:?}"),
            (_, end) => panic!("{plain:?}: {end:?}"),
        }
        assert!(connection.try_next().await.unwrap().is_none(), "it is over");

        let server = FakeServer::new([script, closing(1000)]);
        let mut connection = connect_for_good(&server, Reconnect::new()).await;
        let story = story(&mut connection).await;
        match restored {
            Some(code) => {
                let reconnecting = format!("attempt 1/5 after 500ms because of {code}");
                assert_eq!(story, ["1", &reconnecting, "restored", "1", "closed 1000 \"why\" 0"]);
            }
            None => assert_eq!(story.len(), 2, "{story:?}"),
        }
    });
}

#[test]
fn the_code_decides_whether_it_is_an_error_and_whether_it_is_restored() {
    check(closing(1000), Ok(()), None);
    check(closing(1001), Ok(()), Some(1001));
    for code in [1011, 1012, 1013] {
        check(closing(code), Err(code), Some(code));
    }
    for code in [1002, 1003, 1007, 1008, 1009, 1010, 3000, 4000, 4999] {
        check(closing(code), Err(code), None);
    }
    check(Script::new().says(text_frame("1")).ends(Ending::Frame(vec![0x88, 0])), Ok(()), Some(1005));
    check(Script::new().says(text_frame("1")).ends(Ending::Broken), Err(1006), Some(1006));
    check(Script::new().says(text_frame("1")).ends(Ending::Hangup), Err(1006), Some(1006));
}

#[test]
fn what_breaks_the_protocol_ends_the_connection_with_its_code() {
    check(Script::new().says(text_frame("1")).says(vec![0x83, 0]).ends(Ending::Never), Err(1002), None);
    check(Script::new().says(text_frame("1")).says(vec![0x81, 1, 0xFF]).ends(Ending::Never), Err(1007), None);
    run(async {
        let server = FakeServer::new([Script::new().says(text_frame(&"1".repeat(101)))]);
        let mut connection = Connect::<Anything>::new(&client(&server), &TALK).max_message_size(100).await.unwrap();
        let error = connection.try_next().await.unwrap_err();
        assert_eq!(error.attachment::<super::Closed>().unwrap().code, 1009, "{error}");
        assert_eq!(server.received()[0].close, Some(1009), "the server is told");
    });
}

#[test]
fn attempts_are_made_until_there_are_no_more() {
    run(async {
        let server = FakeServer::new([closing(1011)]);
        server.refuse(7);
        let mut connection = connect_for_good(&server, Reconnect::new()).await;
        assert_eq!(connection.try_next().await.unwrap().unwrap().as_str(), "1");
        let error = connection.try_next().await.unwrap_err();
        assert!(error.to_string().contains("code 1011, why; it could not be restored"), "{error}");
        let seconds: Vec<f64> = server.clock.sleeps().iter().map(Duration::as_secs_f64).collect();
        assert_eq!(seconds, [0.5, 1.0, 2.0, 4.0, 8.0]);
        assert_eq!(server.requests().len(), 6);
    });
}

#[test]
fn the_hook_changes_the_request_or_gives_up() {
    run(async {
        let server = FakeServer::new([closing(1006), closing(1011), closing(1012)]);
        let reconnect = Reconnect::new().before_attempt(|attempt| match attempt.close_code() {
            1012 => attempt.give_up(),
            code => {
                attempt.query("code", i64::from(code));
                attempt.header("x-code", code.to_string());
                attempt.set_delay(Duration::from_secs(attempt.number().into()));
            }
        });
        let broken = Script::new().ends(Ending::Broken);
        let server = FakeServer::new([broken, closing(1011), closing(1012)]).at(server.clock.clone());
        let mut connection = connect_for_good(&server, reconnect).await;
        let story = story(&mut connection).await;
        assert_eq!(story.last().unwrap(), "closed 1012 \"why\" 0");
        let requests = server.requests();
        let seen: Vec<_> = requests.iter().map(|request| (request.uri.as_str(), request.header("x-code"))).collect();
        assert_eq!(
            seen,
            [
                ("http://test.invalid/v1/talk", None),
                ("http://test.invalid/v1/talk?code=1006", Some("1006")),
                ("http://test.invalid/v1/talk?code=1011", Some("1011")),
            ]
        );
    });
}

#[test]
fn a_hook_with_a_bad_header_ends_it_with_that_error() {
    run(async {
        let server = FakeServer::new([Script::new().ends(Ending::Broken)]);
        let reconnect = Reconnect::new().before_attempt(|attempt| attempt.header("a b", "1"));
        let mut connection = connect_for_good(&server, reconnect).await;
        let error = connection.try_next().await.unwrap_err();
        assert!(error.to_string().contains("is not a header name"), "{error}");
    });
}

#[test]
fn a_new_session_is_configured_as_the_one_before() {
    run(async {
        let server = FakeServer::new([Script::new().takes(3 * 31 + 5).ends(Ending::Broken), Script::new()]);
        let mut connection = connect_for_good(&server, Reconnect::new().repeat_configuration()).await;
        for text in
            [r#"{"type":"configure","a":1}"#, r#"{"type":"configure","b":2}"#, r#"{"type":"ask","n":1234}"#, r#"{"type":"ask","n":5678}"#]
        {
            connection.send_raw(text).await.unwrap();
        }
        connection.flush().await.unwrap();
        connection.close().await;
        assert!(connection.recv().await.is_ok());
        let received = server.received();
        assert_eq!(received[0].texts(), [r#"{"type":"configure","a":1}"#, r#"{"type":"configure","b":2}"#, r#"{"type":"ask","n":1234}"#]);
        assert_eq!(received[1].texts(), [r#"{"type":"configure","a":1}"#, r#"{"type":"configure","b":2}"#, r#"{"type":"ask","n":5678}"#]);
    });
}

#[test]
fn what_is_not_sent_is_handed_back() {
    run(async {
        // Without reconnection a waiting send gets its message back.
        let server = FakeServer::new([Script::new().takes(3).ends(Ending::Broken)]);
        let connection = connect(&server).await;
        let error = connection.send_raw("hello").await.unwrap_err();
        assert_eq!(error.attachment::<Message>().and_then(Message::as_text), Some("hello"));
        assert!(connection.closed().unwrap().unsent.is_empty());
        let error = connection.send_raw("again").await.unwrap_err();
        assert_eq!(error.attachment::<Message>().and_then(Message::as_text), Some("again"));

        // What nobody waits for is in the end of the connection, bytes as bytes.
        let server = FakeServer::new([Script::new().takes(3).ends(Ending::Broken)]);
        let mut connection = connect(&server).await;
        assert!(connection.try_send_raw("hello").is_ok());
        let error = connection.try_next().await.unwrap_err();
        let unsent = &error.attachment::<super::Closed>().unwrap().unsent;
        assert_eq!(unsent, &[Message::text("hello")]);
        let error = connection.try_send_raw(vec![1u8, 2]).unwrap_err();
        assert_eq!(error.attachment::<Message>(), Some(&Message::binary(vec![1u8, 2])));
    });
}

#[test]
fn a_full_queue_hands_the_message_back() {
    run(async {
        let server = FakeServer::new([Script::new().takes(0).ends(Ending::Never)]);
        let connection = Connect::<Anything>::new(&client(&server), &TALK).max_queue_size(8).await.unwrap();
        connection.try_send_raw("12345678").unwrap();
        let error = connection.try_send_raw("9").unwrap_err();
        assert!(error.to_string().contains("queue of messages is full"), "{error}");
        assert_eq!(error.attachment::<Message>().and_then(Message::as_text), Some("9"));
        assert_eq!(connection.queued_bytes(), 8);
    });
}

#[test]
fn closing_sends_what_waits_and_tells_why() {
    run(async {
        let server = FakeServer::new([Script::new()]);
        let connection = connect(&server).await;
        connection.try_send_raw("a").unwrap();
        let closed = connection.close_with(4001, "enough").await.unwrap();
        assert_eq!((closed.code, closed.reason.as_str(), closed.unsent.len()), (4001, "enough", 0));
        let received = server.received();
        assert_eq!((received[0].texts(), received[0].close), (vec!["a"], Some(4001)));
        assert!(server.are_all_dropped(), "the connection is not held any longer");
        for (code, reason) in [(1005, String::new()), (999, String::new()), (5000, String::new()), (1000, "r".repeat(124))] {
            assert!(connection.close_with(code, reason).await.unwrap_err().is_argument());
        }
    });
}

#[test]
fn a_server_that_does_not_answer_the_close_is_left() {
    run(async {
        let server = FakeServer::new([Script::new().ends(Ending::Deaf)]).at(FakeClock::default().ringing());
        let mut connection = connect(&server).await;
        let closed = connection.close().await;
        assert_eq!(closed.code, 1006);
        assert!(connection.try_next().await.unwrap().is_none(), "the caller wanted it");
        assert!(server.are_all_dropped());
    });
}

#[test]
fn closing_stops_the_attempts() {
    run(async {
        let server = FakeServer::new([Script::new().takes(0).ends(Ending::Broken)]);
        server.hang();
        let mut connection = connect_for_good(&server, Reconnect::new()).await;
        connection.send_raw("a").await.unwrap();
        let closed = connection.close().await;
        assert_eq!((closed.code, closed.unsent.len()), (1000, 1));
        assert!(connection.try_next().await.unwrap().is_none());
    });
}

#[test]
fn silence_is_asked_about_and_then_taken_for_the_end() {
    run(async {
        let server = FakeServer::new([Script::new().ends(Ending::Deaf)]).at(FakeClock::default().ringing());
        let mut connection = Connect::<Anything>::new(&client(&server), &TALK).keep_alive(Duration::from_secs(3)).await.unwrap();
        let error = connection.try_next().await.unwrap_err();
        assert!(error.to_string().contains("no answer to a ping within 3s"), "{error}");
        assert_eq!(server.received()[0].pings, ["keep-alive"]);
    });
}

#[test]
fn pings_are_answered_and_asked() {
    run(async {
        let server = FakeServer::new([Script::new().says(vec![0x89, 1, b'x']).says(text_frame("1"))]);
        let mut connection = connect(&server).await;
        connection.ping("hello").unwrap();
        let first = connection.recv().await.unwrap().unwrap();
        assert!(matches!(first, Incoming::Event(_)), "{first:?}");
        let second = connection.recv().await.unwrap().unwrap();
        assert!(matches!(&second, Incoming::Pong(payload) if payload == "hello"), "{second:?}");
        assert_eq!(server.received()[0].pongs, ["x"]);
        assert!(connection.ping(vec![0; 126]).unwrap_err().is_argument());
    });
}

#[test]
fn an_event_that_cannot_be_decoded_ends_nothing() {
    run(async {
        let server = FakeServer::new([Script::new().says(text_frame("{")).says(text_frame("2"))]);
        let mut connection = connect(&server).await;
        let error = connection.try_next().await.unwrap_err();
        assert!(error.is_decode() && error.body_text() == Some("{"), "{error}");
        assert_eq!(connection.try_next().await.unwrap().unwrap().as_str(), "2");
    });
}

/// An event that the server says, cut off after so many bytes, is none: what came before it arrives, and the connection is restored or reported lost.
#[test]
fn an_event_that_breaks_off_does_not_arrive() {
    let event = text_frame(&format!("\"{}\"", "x".repeat(200)));
    for cut in 0..event.len() {
        for ending in [Ending::Broken, Ending::Hangup] {
            let script = Script::new().says(text_frame("1")).says(event[..cut].to_vec()).ends(ending);
            check(script, Err(1006), Some(1006));
        }
    }
}

#[test]
fn a_region_is_that_of_connections_too() {
    let region = crate::DataResidency::Eu;
    let client: Client = Client::builder().env(|_| None).api_key("k").data_residency(region).build().unwrap();
    let request = Connect::<Anything>::new(&client, &TALK).request().unwrap();
    assert_eq!(request.url(), "wss://eu.api.openai.com/v1/talk");
}

#[test]
fn a_server_that_is_silent_is_taken_for_lost_and_the_connection_restored() {
    run(async {
        let silent = Script::new().ends(Ending::Deaf);
        let server = FakeServer::new([silent, closing(1000)]).at(FakeClock::default().ringing());
        let connect = Connect::<Anything>::new(&client(&server), &TALK).keep_alive(Duration::from_secs(3));
        let mut connection = connect.reconnect(Reconnect::new()).await.unwrap();
        let story = story(&mut connection).await;
        assert_eq!(story, ["attempt 1/5 after 500ms because of 1006", "restored", "1", "closed 1000 \"why\" 0"]);
        assert_eq!(server.received()[0].pings, ["keep-alive"]);
    });
}
