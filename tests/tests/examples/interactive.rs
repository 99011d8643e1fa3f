//! Examples that are talked to while they run: what is dropped when somebody leaves, or presses Ctrl-C.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::process::Command;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
#[cfg(unix)]
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use openai_tests::examples;
use openai_tests::server::{Action, Answer, Position, Request, Server};

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// One word, and then nothing, for as long as somebody listens.
fn one_word(_: &Request) -> Answer {
    let event = "data: {\"type\":\"response.output_text.delta\",\"sequence_number\":0,\"delta\":\"Once\"}\n\n";
    Answer::events(event).until_close().at(Position::End, Action::Stall)
}

/// No test takes longer: a program that says nothing more is ended then, and whoever reads from it sees the end.
#[cfg(unix)]
const LONGEST: Duration = Duration::from_secs(180);

/// A program that ends with its test, however that ends.
struct Program(Child, #[expect(dead_code, reason = "that it ends is what is heard")] Sender<()>);

impl Program {
    /// Waits for it to end by itself.
    #[track_caller]
    fn expect_end(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().expect("its state") {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the program goes on");
            std::thread::yield_now();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(name: &str, server: &Server) -> (Program, BufReader<ChildStdout>) {
    let folder = std::env::temp_dir();
    let mut command = examples::command(name);
    command
        .env_clear()
        .current_dir(folder)
        .env("OPENAI_API_KEY", "sk-test")
        .env("OPENAI_BASE_URL", server.url())
        .env("ADDRESS", "127.0.0.1:0");
    let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the example starts");
    let printed = BufReader::new(program.stdout.take().expect("its output"));
    let (end, ended) = channel();
    let program = Program(program, end);
    #[cfg(unix)]
    watch(&program, ended);
    #[cfg(not(unix))]
    drop(ended);
    (program, printed)
}

/// Ends the program when its test has not after the longest time.
#[cfg(unix)]
fn watch(Program(program, _): &Program, ended: Receiver<()>) {
    let id = program.id();
    std::thread::spawn(move || {
        if ended.recv_timeout(LONGEST) == Err(RecvTimeoutError::Timeout) {
            signal("-KILL", id);
        }
    });
}

#[track_caller]
fn read_until(reader: &mut impl Read, end: &str) -> String {
    let (mut seen, mut byte) = (Vec::new(), [0]);
    while !seen.ends_with(end.as_bytes()) {
        assert_eq!(reader.read(&mut byte).expect("text"), 1, "{:?} ended without {end:?}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
    String::from_utf8(seen).expect("text")
}

/// Waits for the connections from the example to the API to be closed.
#[track_caller]
fn expect_dropped(server: &Server) {
    let start = Instant::now();
    while server.open_connections() > 0 {
        assert!(start.elapsed() < PATIENCE, "the stream from the API is still open");
        std::thread::yield_now();
    }
}

#[test]
fn a_browser_that_leaves_ends_its_stream_from_the_api() {
    let server = Server::start(one_word).expect("a free port");
    let (_program, mut printed) = start("stream_server", &server);
    let mut line = String::new();
    printed.read_line(&mut line).expect("a line");
    let address = line.trim().trim_start_matches("http://").to_owned();
    let mut browser = TcpStream::connect(&address).expect("the example's server");
    browser.write_all(b"GET /ask/A%20story%3F HTTP/1.1\r\nhost: local\r\n\r\n").expect("a question");
    let seen = read_until(&mut browser, "data: \"Once\"\n");
    assert!(seen.contains("text/event-stream") && seen.contains("event: message\n"), "{seen}");
    assert!(String::from_utf8_lossy(&server.requests()[0].body).contains("A story?"));
    assert_eq!(server.open_connections(), 1);
    drop(browser);
    expect_dropped(&server);
}

#[test]
fn a_refusal_is_told_to_the_browser_as_a_status() {
    let server =
        Server::start(|_| Answer::json(r#"{"error":{"message":"no","code":"invalid_api_key"}}"#).with_status(401)).expect("a free port");
    let (_program, mut printed) = start("stream_server", &server);
    let mut line = String::new();
    printed.read_line(&mut line).expect("a line");
    let mut browser = TcpStream::connect(line.trim().trim_start_matches("http://")).expect("the example's server");
    browser.write_all(b"GET /ask/x HTTP/1.1\r\nhost: local\r\nconnection: close\r\n\r\n").expect("a question");
    assert!(read_until(&mut browser, "\r\n").starts_with("HTTP/1.1 502"));
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_the_answer_and_not_the_chat() {
    let server = Server::start(one_word).expect("a free port");
    let (mut program, mut printed) = start("terminal_chat", &server);
    let mut keys = program.0.stdin.take().expect("its input");
    read_until(&mut printed, "> ");
    writeln!(keys, "A story?").expect("a question");
    read_until(&mut printed, "Once");
    interrupt(&program);
    assert_eq!(read_until(&mut printed, "> "), " [stopped]\n> ");
    expect_dropped(&server);
    // What was said so far is part of the conversation.
    writeln!(keys, "Go on.").expect("a question");
    read_until(&mut printed, "Once");
    assert!(String::from_utf8_lossy(&server.requests()[1].body).contains(r#""content":"Once""#));
    interrupt(&program);
    read_until(&mut printed, " [stopped]\n> ");
    // Where nothing is answered it ends the program, although that waits for a line.
    interrupt(&program);
    assert!(program.expect_end().success());
}

#[cfg(unix)]
fn interrupt(Program(program, _): &Program) {
    signal("-INT", program.id());
}

#[cfg(unix)]
fn signal(name: &str, id: u32) {
    let sent = Command::new("kill").args([name, &id.to_string()]).status().expect("kill");
    assert!(sent.success());
}
