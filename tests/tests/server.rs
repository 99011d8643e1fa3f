//! The scripted server does what its scripts say.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use openai_tests::server::{Action, Answer, Position, Server};
use serde_json::json;

/// What a client reads until the end of the connection, and how it ended.
#[track_caller]
fn read(server: &Server) -> (String, Option<ErrorKind>) {
    let mut connection = TcpStream::connect(server.address()).expect("the server listens");
    connection
        .write_all(b"POST /v1/x?a=%20 HTTP/1.1\r\nHost: h\r\nX-Odd:  v \r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        .expect("the request is sent");
    let mut answer = Vec::new();
    let end = loop {
        let mut piece = [0; 512];
        match connection.read(&mut piece) {
            Ok(0) => break None,
            Ok(read) => answer.extend_from_slice(&piece[..read]),
            Err(error) => break Some(error.kind()),
        }
    };
    (String::from_utf8(answer).expect("an answer in UTF-8"), end)
}

#[track_caller]
fn check(script: serde_json::Value, expect: &str, end: Option<ErrorKind>) {
    let server = Server::script([Answer::from_script(&script).expect("a script")]).expect("a free port");
    assert_eq!(read(&server), (expect.to_owned(), end), "{script}");
    let request = &server.requests()[0];
    assert_eq!((request.method.as_str(), request.path(), request.query()), ("POST", "/v1/x", Some("a=%20")));
    assert_eq!((request.header("x-odd"), request.body.as_slice()), (Some("v"), b"hi".as_slice()));
    assert!(request.head.windows(13).any(|w| w == b"X-Odd:  v \r\nC"), "the head is kept byte for byte");
}

#[test]
fn answers_break_where_the_script_says() {
    let reset = Some(ErrorKind::ConnectionReset);
    check(json!({"close_before": true}), "", None);
    check(json!({"reset_before": true}), "", reset);
    check(json!({"raw_b64": "U1NI"}), "SSH", None);
    check(json!({"raw": "HTTP/1.1 200 OK\r\n", "then": "reset"}), "HTTP/1.1 200 OK\r\n", reset);
    let head = "HTTP/1.1 500 Scripted\r\nx-request-id: r\r\ncontent-length: 4\r\n\r\n";
    let script = |extra: serde_json::Value| {
        let mut script = json!({"status": 500, "headers": [["x-request-id", "r"]], "body": "abcd"});
        script.as_object_mut().unwrap().extend(extra.as_object().cloned().unwrap_or_default());
        script
    };
    check(script(json!({"close_after": 2})), &format!("{head}ab"), None);
    check(script(json!({"close_after": 4, "hang": 0.001})), &format!("{head}abcd"), None);
    check(script(json!({"close_after": 4, "hang_after": 1, "hang": 0.001})), &format!("{head}abcd"), None);
}

#[test]
fn chunks_break_where_the_script_says() {
    let head = "HTTP/1.1 200 Scripted\r\ntransfer-encoding: chunked\r\n\r\n";
    check(json!({"chunks_b64": ["YWI=", "Yw=="], "close_after_chunks": 1}), &format!("{head}2\r\nab\r\n"), None);
    check(json!({"chunks_b64": ["YWI=", "Yw=="], "close_after_chunks": 2}), &format!("{head}2\r\nab\r\n1\r\nc\r\n"), None);
}

#[test]
fn a_script_with_an_unknown_key_is_refused() {
    let error = Answer::from_script(&json!({"status": 200, "explode_after": 3})).unwrap_err();
    assert!(error.contains("explode_after"), "{error}");
}

#[test]
fn the_last_answer_repeats_and_a_dropped_server_lets_go() {
    let server = Server::script([Answer::status(200).at(Position::End, Action::Close), Answer::status(404).until_close()]).unwrap();
    assert!(read(&server).0.starts_with("HTTP/1.1 200"));
    assert!(read(&server).0.starts_with("HTTP/1.1 404"));
    assert!(read(&server).0.starts_with("HTTP/1.1 404"));
    assert_eq!(server.requests().iter().map(|r| r.connection).collect::<Vec<_>>(), [0, 1, 2]);
    let stalling = Server::script([Answer::json("{}").at(Position::Body(1), Action::Stall)]).unwrap();
    let mut connection = TcpStream::connect(stalling.address()).unwrap();
    connection.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n{") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    drop(stalling);
    assert_eq!(connection.read_to_end(&mut answer).unwrap(), 0);
}

#[test]
fn a_body_in_chunks_is_put_together_and_kept() {
    let server = Server::script([Answer::status(200).until_close()]).unwrap();
    let mut connection = TcpStream::connect(server.address()).unwrap();
    connection.write_all(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n").unwrap();
    connection.read_to_end(&mut Vec::new()).unwrap();
    let request = &server.requests()[0];
    assert_eq!((request.body.as_slice(), request.raw_body.len()), (b"abc".as_slice(), 22));
}
