//! Programs that wait, upload and serve.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use openai_tests::corpus::multipart;
use openai_tests::examples;
use openai_tests::server::{Answer, Request, Server};
use serde_json::{Value, json};
use sha2::Sha256;

/// What an example printed, and what it asked, when it was run against a server that answers like this.
#[track_caller]
fn run(name: &str, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> (String, Vec<Request>) {
    let server = Server::start(answer).expect("a free port");
    let folder = tempfile::tempdir().expect("a folder without an environment file");
    let mut command = examples::command(name);
    command.env_clear().current_dir(folder.path()).env("TMPDIR", folder.path()).env("OPENAI_API_KEY", "sk-test");
    let Output { status, stdout, stderr } = command.env("OPENAI_BASE_URL", server.url()).output().expect("the example starts");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    (String::from_utf8(stdout).expect("text"), server.requests())
}

fn ok(value: &Value) -> Answer {
    Answer::json(value.to_string())
}

/// What a request asks for: `POST /files`.
fn asked(request: &Request) -> String {
    format!("{} {}", request.method, request.path().trim_start_matches("/v1"))
}

fn message(text: &str) -> Value {
    json!([{ "type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [{ "type": "output_text", "text": text, "annotations": [] }] }])
}

#[test]
fn polling() {
    let times = AtomicUsize::new(0);
    let batch = |open: u64| json!({ "id": "b", "status": "in_progress", "file_counts": { "in_progress": open, "total": 2, "failed": 0 } });
    let soon = |value: &Value| ok(value).header("openai-poll-after-ms", "1");
    let (printed, _) = run("polling", move |request| match asked(request).as_str() {
        "POST /vector_stores" => ok(&json!({ "id": "vs" })),
        "POST /files" => ok(&json!({ "id": "f" })),
        "POST /vector_stores/vs/file_batches" => ok(&batch(2)),
        "GET /vector_stores/vs/file_batches/b" => soon(&batch(2 - times.fetch_add(1, Ordering::Relaxed).min(2) as u64)),
        "POST /responses" => ok(&json!({ "id": "r", "status": "queued" })),
        "GET /responses/r" if times.fetch_add(1, Ordering::Relaxed) == 3 => soon(&json!({ "id": "r", "status": "in_progress" })),
        "GET /responses/r" => ok(&json!({ "id": "r", "status": "completed", "output": message("Once upon a time") })),
        _ => Answer::status(404),
    });
    assert_eq!(printed, "2 files to go\n1 files to go\n2 files, 0 of them failed\nSome(InProgress)\nOnce upon a time\n");
}

#[test]
fn large_upload() {
    let parts = AtomicUsize::new(0);
    let (printed, requests) = run("large_upload", move |request| match asked(request).as_str() {
        "POST /uploads" => ok(&json!({ "id": "up" })),
        "POST /uploads/up/parts" => ok(&json!({ "id": format!("p{}", parts.fetch_add(1, Ordering::Relaxed)) })),
        "POST /uploads/up/complete" => ok(&json!({ "id": "up", "file": { "id": "file-1" } })),
        _ => Answer::status(404),
    });
    assert!(printed.ends_with("Some(\"file-1\")\n"), "{printed}");
    let sent = |path: &str| requests.iter().filter(|request| asked(request) == path).collect::<Vec<_>>();
    let bytes: usize = sent("POST /uploads/up/parts").iter().map(|request| content(request).len()).sum();
    assert_eq!((sent("POST /uploads/up/parts").len(), bytes), (4, 16 << 16));
    let complete: Value = serde_json::from_slice(&sent("POST /uploads/up/complete")[0].body).unwrap();
    assert_eq!(complete["md5"].as_str().map(str::len), Some(32));
}

/// The content of the last part of a form.
fn content(request: &Request) -> String {
    let parts = multipart::parts(request.header("content-type").unwrap_or_default(), &request.body).expect("a form");
    parts.as_array().and_then(|parts| parts.last()).and_then(|part| part["body"].as_str()).unwrap_or_default().to_owned()
}

#[test]
fn batch() {
    let (printed, _) = run("batch", |request| match asked(request).as_str() {
        "POST /files" => {
            assert_eq!(content(request).lines().count(), 2);
            ok(&json!({ "id": "in" }))
        }
        "POST /batches" => ok(&json!({ "id": "b", "status": "validating" })),
        "GET /batches/b" => ok(&json!({ "id": "b", "status": "completed", "output_file_id": "out" })),
        "GET /files/out/content" => {
            let line = |id: &str, word: &str| {
                json!({ "custom_id": id, "response": { "status_code": 200, "body": { "id": "r", "output": message(word) } } }).to_string()
            };
            Answer::status(200).body([line("dog", "chien"), line("cat", "chat")].join("\n"))
        }
        _ => Answer::status(404),
    });
    assert_eq!(printed, "dog: chien\ncat: chat\n");
}

/// Posts a body to the server of the example, and returns the status line.
fn post(address: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut connection = TcpStream::connect(address).expect("the server of the example");
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(
        connection,
        "POST /webhook HTTP/1.1\r\nhost: local\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("a request");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("an answer");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn webhooks() {
    let folder = tempfile::tempdir().expect("a folder without an environment file");
    let mut command = examples::command("webhooks");
    command
        .env_clear()
        .current_dir(folder.path())
        .env("OPENAI_API_KEY", "sk-test")
        .env("OPENAI_WEBHOOK_SECRET", "secret")
        .env("ADDRESS", "127.0.0.1:0");
    let mut server = command.stdout(Stdio::piped()).spawn().expect("the example starts");
    let mut printed = BufReader::new(server.stdout.take().expect("its output"));
    let mut line = || {
        let mut line = String::new();
        printed.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    };
    let address = line().trim_start_matches("http://").trim_end_matches("/webhook").to_owned();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs().to_string();
    let body = json!({ "id": "evt", "created_at": 1, "type": "response.completed", "data": { "id": "resp_1" } }).to_string();
    let mac = Hmac::<Sha256>::new_from_slice(b"secret").expect("a key").chain_update(format!("evt.{now}.{body}"));
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let headers = [("webhook-id", "evt"), ("webhook-timestamp", now.as_str()), ("webhook-signature", signature.as_str())];
    assert_eq!(post(&address, &headers, &body), "HTTP/1.1 200 OK");
    assert_eq!(line(), "evt: response resp_1 is complete");
    assert_eq!(post(&address, &headers, "{}"), "HTTP/1.1 400 Bad Request");
    assert_eq!(line(), "refused: no signature matches");
    server.kill().expect("the example ends");
    server.wait().expect("the example ended");
}
