//! The HTTP client alone, with JSON trees: what a program does that uses no SDK.

use client_harness::{Client, Stream};
use memchr::memmem;
use serde_json::{Value, json};

#[derive(Clone)]
struct Floor {
    http: reqwest::Client,
    base_url: String,
}

impl Client for Floor {
    fn new(base_url: &str) -> Self {
        Self { http: reqwest::Client::new(), base_url: base_url.to_owned() }
    }

    async fn chat(&self) -> usize {
        let answer = self.send("chat/completions", &question(false)).await;
        let completion: Value = answer.json().await.expect("JSON");
        completion["choices"][0]["message"]["content"].as_str().map_or(0, str::len)
    }

    async fn stream(&self, stream: Stream, mut event: impl FnMut() + Send) {
        let mut answer = match stream {
            Stream::Chat => self.send("chat/completions", &question(true)).await,
            Stream::Responses => {
                let body = json!({"model": "gpt-5.2", "input": "How do I check a value's type?", "stream": true});
                self.send("responses", &body).await
            }
        };
        let mut buffer: Vec<u8> = Vec::new();
        while let Some(chunk) = answer.chunk().await.expect("a chunk") {
            buffer.extend_from_slice(&chunk);
            let mut start = 0;
            while let Some(length) = memmem::find(&buffer[start..], b"\n\n") {
                event_of(&buffer[start..start + length], &mut event);
                start += length + 2;
            }
            buffer.drain(..start);
        }
    }

    async fn download(&self) -> u64 {
        let request = self.http.get(format!("{}/files/file-1/content", self.base_url)).bearer_auth("sk-test");
        let mut answer = request.send().await.expect("an answer");
        let mut length = 0;
        while let Some(chunk) = answer.chunk().await.expect("a chunk") {
            length += chunk.len() as u64;
        }
        length
    }
}

impl Floor {
    async fn send(&self, path: &str, body: &Value) -> reqwest::Response {
        let request = self.http.post(format!("{}/{path}", self.base_url)).bearer_auth("sk-test").json(body);
        request.send().await.expect("an answer").error_for_status().expect("a good answer")
    }
}

/// Decodes the data of one event.
fn event_of(lines: &[u8], event: &mut impl FnMut()) {
    let data = match memmem::find(lines, b"data: ") {
        Some(at) => &lines[at + 6..],
        None => return,
    };
    if data != b"[DONE]" {
        let value: Value = serde_json::from_slice(data).expect("JSON");
        assert!(value.is_object());
        event();
    }
}

fn question(stream: bool) -> Value {
    json!({
        "model": "gpt-5.2",
        "messages": [
            {"role": "developer", "content": "Talk like a pirate."},
            {"role": "user", "content": "How do I check a value's type?"},
        ],
        "temperature": 0.2,
        "stream": stream,
    })
}

fn main() {
    client_harness::run::<Floor>();
}
