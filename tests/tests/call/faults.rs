//! Everything that can go wrong with a connection: each case ends in time, with the right kind of error, and leaves neither task nor socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};
use openai::types::files::FileCreateParams;
use openai::types::responses::ResponseCreateParams;
use openai::{Client, Error, Timeout, Upload};
use openai_tests::server::{Action, Answer, Position, Server};

use crate::world::{PATIENCE, all_closed, builder, eventually, run};

/// The limit of waits that shall end by it.
const LIMIT: Duration = Duration::from_millis(400);
/// What a test machine may need besides.
const SLACK: Duration = Duration::from_secs(5);
const MODEL: &str = r#"{"id":"m","object":"model"}"#;

fn client(server: &Server) -> Client {
    builder(server.url()).timeout(LIMIT).build().unwrap()
}

/// The outcome of one call to a server that gives these answers: `ok` or the error's kind, and its status.
#[track_caller]
fn check(answers: impl IntoIterator<Item = Answer>, kind: &str, status: Option<u16>) {
    // A machine that is busy must not turn another error into a timeout.
    check_within(if kind == "timeout" { LIMIT } else { PATIENCE }, answers, kind, status);
}

/// The same, with this limit for every wait.
#[track_caller]
fn check_within(limit: Duration, answers: impl IntoIterator<Item = Answer>, kind: &str, status: Option<u16>) {
    let server = Server::script(answers).unwrap();
    run(async || {
        let client = builder(server.url()).timeout(limit).build().unwrap();
        let start = Instant::now();
        let outcome = client.models().retrieve("m").await;
        assert_eq!(outcome.as_ref().map_or_else(Error::kind, |_| "ok"), kind, "{outcome:?}");
        assert_eq!(outcome.err().and_then(|error| error.status()).map(|status| status.as_u16()), status);
        assert!(start.elapsed() < SLACK, "it took {:?}", start.elapsed());
        drop(client);
        all_closed(&server).await;
    });
}

fn model() -> Answer {
    Answer::json(MODEL)
}

fn raw(text: &str) -> Answer {
    Answer::raw(text.as_bytes())
}

#[test]
fn no_answer_at_all() {
    check([Answer::close().at(Position::Start, Action::Reset)], "connection", None);
    check([Answer::close()], "connection", None);
    check([model().at(Position::Start, Action::Stall)], "timeout", None);
}

#[test]
fn a_head_that_breaks_off_or_stands_still() {
    check([raw("HTTP/1.1 200 OK\r\ncontent-le")], "connection", None);
    check([raw("HTTP/1.1 200 OK\r\ncontent-le").at(Position::End, Action::Reset)], "connection", None);
    check([raw("HTTP/1.1 200 OK\r\ncontent-le").at(Position::End, Action::Stall)], "timeout", None);
    // It never stands still, but never ends either.
    check([raw(&format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(10_000))).drip(1, LIMIT / 10)], "timeout", None);
}

#[test]
fn a_body_that_breaks_off_or_stands_still() {
    for answer in [model(), Answer::status(200).header("content-type", "application/json").chunks([MODEL])] {
        check([answer.clone().at(Position::Body(9), Action::Close)], "connection", Some(200));
        check([answer.clone().at(Position::Body(9), Action::Reset)], "connection", Some(200));
        check([answer.clone().at(Position::Body(9), Action::Stall)], "timeout", Some(200));
        check([answer], "ok", None);
    }
    check([Answer::status(200).chunks([MODEL]).at(Position::Chunks(1), Action::Close)], "connection", Some(200));
    check([model().until_close()], "ok", None);
}

/// Sends the body byte by byte, slowly enough to go past the limit as a whole, but never at once.
fn drip_body(answer: Answer, bytes: usize) -> Answer {
    (1..bytes).fold(answer, |answer, byte| answer.at(Position::Body(byte), Action::Pause(LIMIT / 8)))
}

#[test]
fn a_drip_is_no_standstill() {
    check_within(LIMIT, [drip_body(model(), MODEL.len())], "ok", None);
}

#[test]
fn lengths_that_lie() {
    check([model().claiming(1000).at(Position::End, Action::Close)], "connection", Some(200));
    check([model().claiming(1000)], "timeout", Some(200));
    check([model().claiming(3)], "decode", Some(200));
    check([model().claiming(u64::MAX)], "connection", None);
    for length in ["abc", "-1", "5, 6", "99999999999999999999999"] {
        check([raw(&format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{{}}"))], "connection", None);
    }
    check([raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")], "connection", Some(200));
    check([raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}x0\r\n\r\n")], "connection", Some(200));
    check([raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{}")], "connection", Some(200));
}

#[test]
fn what_is_no_http() {
    for garbage in
        ["garbage\r\n\r\n", "\0\0\0\0", "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "\r\n\r\n\r\n"]
    {
        check([raw(garbage)], "connection", None);
    }
    check([Answer::raw([0x15, 3, 1, 0, 2, 2, 0x46])], "connection", None);
    check([raw("HTTP/1.1 200 OK\r\nbad header\r\n\r\n")], "connection", None);
    check([raw(&format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(1 << 20)))], "connection", None);
}

#[test]
fn answers_that_are_odd_but_clear() {
    check([raw(&format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{MODEL}", MODEL.len()))], "ok", None);
    check([raw(&format!("HTTP/1.0 200 OK\r\n\r\n{MODEL}"))], "ok", None);
    check([Answer::raw([b"HTTP/1.1 200 OK\r\nx: \xFF\xFE\r\n\r\n", MODEL.as_bytes()].concat())], "ok", None);
    check([Answer::status(299).body(MODEL)], "ok", None);
    check([model().with_status(302)], "status", Some(302));
}

#[test]
fn an_error_keeps_its_status_whatever_becomes_of_its_body() {
    let refused = |status: u16| Answer::json(r#"{"error":{"message":"no"}}"#).with_status(status);
    check([refused(404)], "not_found", Some(404));
    check([refused(503).at(Position::Body(5), Action::Close)], "internal_server", Some(503));
    check([refused(429).at(Position::Body(5), Action::Reset)], "rate_limit", Some(429));
    check_within(LIMIT, [refused(401).at(Position::Body(5), Action::Stall)], "authentication", Some(401));
    check_within(LIMIT, [drip_body(refused(400).body("x".repeat(2000)), 2000)], "bad_request", Some(400));
    check_within(LIMIT, [refused(422).claiming(u64::MAX / 2)], "unprocessable_entity", Some(422));
    check([refused(403).header("content-type", "text/html").body("<html>")], "permission_denied", Some(403));
    check([Answer::status(500)], "internal_server", Some(500));
}

#[test]
fn nobody_listens() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    run(async || {
        let error = builder(format!("http://{address}")).build().unwrap().models().list().await.unwrap_err();
        assert!(error.is_connection() && error.message().contains("refused"), "{error}");
    });
}

#[test]
fn a_handshake_that_stands_still_is_limited_as_connecting_is() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    run(async || {
        let url = format!("https://{}", server.local_addr().unwrap());
        let client = builder(url).timeout(Timeout::default().connect(LIMIT)).build().unwrap();
        let error = client.models().list().await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
    });
}

#[test]
fn retries_get_over_what_passes() {
    let server = Server::script([
        Answer::close().at(Position::Start, Action::Reset),
        model().at(Position::Body(9), Action::Close),
        raw("garbage\r\n\r\n"),
        model().at(Position::Start, Action::Stall),
        model(),
    ]);
    let server = server.unwrap();
    run(async || {
        let client = builder(server.url()).timeout(LIMIT).max_retries(4).time(Impatient).build().unwrap();
        let model = client.models().retrieve("m").with_response().await.unwrap();
        assert_eq!((model.id.as_str(), model.retries()), ("m", 4));
        let counts: Vec<_> = server.requests().iter().map(|r| r.header("x-stainless-retry-count").unwrap().to_owned()).collect();
        assert_eq!(counts, ["0", "1", "2", "3", "4"]);
        drop(client);
        all_closed(&server).await;
    });
}

#[test]
fn a_connection_that_was_closed_while_idle_costs_nothing() {
    // Each of them ends its connection after the answer.
    let server = Server::script([model().at(Position::End, Action::Close)]).unwrap();
    run(async || {
        let client = client(&server);
        for _ in 0..5 {
            client.models().retrieve("m").await.unwrap();
            all_closed(&server).await;
        }
        assert_eq!(server.requests().iter().map(|request| request.connection).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    });
}

#[test]
fn a_connection_that_is_closed_by_the_next_request_is_retried() {
    let server = Server::script([model(), Answer::close(), model()]).unwrap();
    run(async || {
        let client = builder(server.url()).max_retries(1).time(Impatient).build().unwrap();
        client.models().retrieve("m").await.unwrap();
        client.models().retrieve("m").await.unwrap();
        assert_eq!(server.requests().iter().map(|request| request.connection).collect::<Vec<_>>(), [0, 0, 1]);
    });
}

#[test]
fn what_follows_an_answer_is_not_taken_for_the_next() {
    let evil = r#"HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{"id":"evil"}"#;
    let server = Server::script([
        Answer::raw(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{MODEL}{evil}", MODEL.len())).at(Position::End, Action::Stall),
        model(),
    ]);
    let server = server.unwrap();
    run(async || {
        let client = builder(server.url()).max_retries(1).time(Impatient).build().unwrap();
        assert_eq!(client.models().retrieve("m").await.unwrap().id, "m");
        assert_eq!(client.models().retrieve("m").await.unwrap().id, "m");
    });
}

#[test]
fn a_deadline_ends_everything() {
    for answer in [
        model().drip(1, LIMIT / 3),
        model().at(Position::Start, Action::Stall),
        model().at(Position::Body(9), Action::Stall),
        model().with_status(500).drip(1, LIMIT / 3),
    ] {
        let server = Server::script([answer]).unwrap();
        run(async || {
            let client = builder(server.url()).timeout(Timeout::none()).max_retries(100).build().unwrap();
            let start = Instant::now();
            let error = client.models().retrieve("m").deadline(LIMIT).await.unwrap_err();
            assert!(error.is_timeout() && error.message().contains("deadline"), "{error:?}");
            assert!((LIMIT..SLACK).contains(&start.elapsed()));
            all_closed(&server).await;
        });
    }
}

/// Drops the future as soon as the server has that many requests. The connection must be gone, and no other request may follow.
#[track_caller]
fn check_drop(answer: Answer, change: impl FnOnce(Client) -> Client) {
    let server = Server::script([answer]).unwrap();
    run(async || {
        let client = change(builder(server.url()).max_retries(5).build().unwrap());
        let seen = server.clone();
        tokio::select! {
            outcome = client.models().retrieve("m") => panic!("{outcome:?}"),
            () = eventually("a request", move || seen.requests().len() == 1) => {}
        }
        all_closed(&server).await;
        assert_eq!(server.requests().len(), 1);
    });
}

#[test]
fn dropping_a_call_stops_it_at_once() {
    check_drop(model().at(Position::Start, Action::Stall), |client| client);
    check_drop(model().at(Position::Body(3), Action::Stall), |client| client);
    // While it waits for its retry.
    check_drop(Answer::status(500).header("retry-after", "60").at(Position::End, Action::Close), |client| client);
}

#[test]
fn dropping_a_stream_closes_its_connection() {
    let event = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n";
    let server = Server::script([Answer::events(event.repeat(3)).at(Position::Body(event.len() * 2), Action::Stall)]).unwrap();
    run(async || {
        let client = client(&server);
        let mut stream = client.responses().create_stream(ResponseCreateParams::new().model("m").input("x")).await.unwrap();
        assert!(stream.try_next().await.unwrap().is_some());
        assert_eq!(server.open_connections(), 1);
        drop(stream);
        all_closed(&server).await;
    });
}

/// A stream whose first event comes and which then breaks: the kind of its error, whether it was cut off, and nothing more after it.
#[track_caller]
fn check_stream(limit: Duration, answer: Answer, kind: &str, is_truncated: bool) {
    let server = Server::script([answer]).unwrap();
    run(async || {
        let client = builder(server.url()).timeout(limit).build().unwrap();
        let mut stream = client.responses().create_stream(ResponseCreateParams::new().model("m").input("x")).await.unwrap();
        assert!(stream.try_next().await.unwrap().is_some());
        let error = stream.try_next().await.unwrap_err();
        assert_eq!((error.kind(), error.is_truncated()), (kind, is_truncated), "{error:?}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(200), "{error:?}");
        assert!(stream.try_next().await.unwrap().is_none());
        drop((stream, client));
        all_closed(&server).await;
    });
}

#[test]
fn a_stream_that_stands_still_or_breaks_is_an_error_of_its_own_kind() {
    let event = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"€\"}\n\n";
    let (whole, euro) = (event.len(), event.find('€').unwrap());
    let events = || Answer::events(event.repeat(3));
    let raw_chunks = |rest: &[u8]| {
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n{whole:x}\r\n{event}\r\n");
        Answer::raw([head.as_bytes(), rest].concat())
    };
    // Stands still between events, within one, and within a character.
    for at in [whole, whole + 10, whole + euro + 1] {
        check_stream(LIMIT, events().at(Position::Body(at), Action::Stall), "timeout", false);
        check_stream(PATIENCE, events().at(Position::Body(at), Action::Reset), "connection", false);
        // Fewer bytes than were announced.
        check_stream(PATIENCE, events().at(Position::Body(at), Action::Close), "connection", false);
        // As many as were announced, in chunks or to the end of the connection, but not what ends a stream.
        check_stream(PATIENCE, Answer::events("").chunks([&event.repeat(2).as_bytes()[..at]]), "stream", true);
        check_stream(PATIENCE, events().until_close().at(Position::Body(at), Action::Close), "stream", true);
    }
    // Chunks that are none.
    for rest in [&b"zz\r\n{}\r\n"[..], b"5\r\ndata:xx", b"ffffffffffffffffff\r\n", b"-1\r\n", b""] {
        check_stream(PATIENCE, raw_chunks(rest), "connection", false);
    }
}

#[test]
fn a_page_in_place_of_a_stream_is_no_stream() {
    for answer in [
        Answer::status(200).header("content-type", "text/html").body("<html>down</html>"),
        Answer::events("<html>down</html>"),
        Answer::json(r#"{"id":"resp_1"}"#),
    ] {
        let server = Server::script([answer]).unwrap();
        run(async || {
            let client = client(&server);
            let mut stream = client.responses().create_stream(ResponseCreateParams::new().model("m")).await.unwrap();
            let error = stream.try_next().await.unwrap_err();
            assert!(error.is_decode() && !error.is_truncated(), "{error:?}");
            assert!(error.body_text().is_some_and(|body| body.contains("down") || body.contains("resp_1")), "{error:?}");
            assert!(stream.try_next().await.unwrap().is_none());
        });
    }
}

#[test]
fn many_at_once_end_and_leave_nothing() {
    let server = Server::script([model().at(Position::Start, Action::Stall)]).unwrap();
    run(async || {
        let client = client(&server);
        let calls: Vec<_> = (0..50).map(|_| tokio::spawn(client.models().retrieve("m").into_future())).collect();
        for call in calls {
            assert!(call.await.unwrap().unwrap_err().is_timeout());
        }
        all_closed(&server).await;
    });
}

/// Answers the first connection's first request as soon as its head is there, and reads no more; the body is left where it is.
fn deaf_server(answer: &'static str) -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut reader = BufReader::with_capacity(64, connection.try_clone().unwrap());
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 2 {
            line.clear();
        }
        connection.write_all(answer.as_bytes()).unwrap();
        connection.set_read_timeout(Some(PATIENCE)).unwrap();
        let _ = reader.read_to_end(&mut Vec::new());
    });
    (url, thread)
}

#[test]
fn an_answer_that_comes_before_the_body_is_sent_counts() {
    let (url, thread) = deaf_server("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    run(async || {
        let client = builder(url).build().unwrap();
        let upload = Upload::bytes("a.bin", vec![0; 32 << 20]);
        let error = client.files().create(FileCreateParams::new(upload, "batch")).await.unwrap_err();
        assert_eq!(error.status().map(|status| status.as_u16()), Some(413), "{error:?}");
    });
    thread.join().unwrap();
}

#[test]
fn sending_that_stands_still_is_limited() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    run(async || {
        let client = builder(url).timeout(Timeout::none().write(LIMIT)).build().unwrap();
        let upload = Upload::bytes("a.bin", vec![0; 32 << 20]);
        let error = client.files().create(FileCreateParams::new(upload, "batch")).await.unwrap_err();
        assert!(error.is_timeout() && error.message().contains("sending"), "{error:?}");
        let long = "x".repeat(32 << 20);
        let params = ChatCompletionCreateParams::new("m", [ChatMessage::user(long)]);
        let error = client.chat().completions().create(params).await.unwrap_err();
        assert!(error.is_timeout() && error.message().contains("sending"), "{error:?}");
        // What the kernel has not sent yet, it goes on trying to send (on Linux for 30 seconds) for as long as there is somebody.
        drop(listener);
    });
}

/// The system's clock, but the pauses between attempts take no time.
struct Impatient;

impl openai::Time for Impatient {
    fn sleep(&self, _: Duration) -> openai::transport::BoxFuture<'static, ()> {
        Box::pin(async {})
    }

    fn timer(&self, duration: Duration) -> openai::transport::BoxFuture<'static, ()> {
        openai::SystemClock.timer(duration)
    }

    fn now(&self) -> std::time::SystemTime {
        openai::SystemClock.now()
    }

    fn monotonic(&self) -> Duration {
        openai::SystemClock.monotonic()
    }

    fn jitter(&self) -> f64 {
        0.0
    }
}
