//! Streams over a transport in memory: the decoder alone, the whole way to typed events, and a floor to compare with: lines cut out of the same
//! bytes and read into `serde_json::Value`.
#![allow(missing_docs, reason = "criterion's macros emit undocumented items")]
#![allow(clippy::unwrap_used, reason = "a bench is a test")]

#[path = "../tests/json/samples.rs"]
mod samples;

use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use openai_runtime::json::Decode;
use openai_runtime::sse::Decoder;
use openai_runtime::transport::BoxFuture;
use openai_runtime::{
    Body, Call, Client, EventStream, Events, Method, Operation, RequestBody, ResponseBody, StreamEnd, StreamFlag, Timeout, Transport,
    TransportError,
};

/// Events in one stream.
const EVENTS: usize = 2000;

/// What a server's socket hands over at a time.
const CHUNK: usize = 16 * 1024;

static CHAT: Operation = Operation {
    name: "chat",
    method: Method::Post,
    path: "/chat",
    body: Body::Json,
    stream: Some(StreamFlag { field: "stream", value: "true" }),
    stream_end: StreamEnd::Field("finish_reason"),
    ..Operation::DEFAULT
};
static RESPONSES: Operation = Operation {
    events: Events::DataWithErrors,
    stream_end: StreamEnd::Types(&["response.completed", "response.failed", "response.incomplete", "error"]),
    ..CHAT
};

fn chat() -> String {
    let event = |n: usize| {
        format!(
            "data: {{\"id\":\"chatcmpl-9lMgfRSWPHcw51s6wxKT1YEO2CKpd\",\"object\":\"chat.completion.chunk\",\"created\":1721075653,\"model\":\"gpt-4o-2024-05-13\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_c4e5b6fa31\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" word{n}\"}},\"logprobs\":null,\"finish_reason\":null}}],\"usage\":null}}\n\n"
        )
    };
    (0..EVENTS).map(event).chain(["data: [DONE]\n\n".to_owned()]).collect()
}

fn responses() -> String {
    let event = |n: usize| {
        format!(
            "event: response.output_text.delta\ndata: {{\"type\":\"response.output_text.delta\",\"sequence_number\":{n},\"item_id\":\"msg_68a2f1c3d2ac8190a5f0f1a2b3c4d5e6\",\"output_index\":0,\"content_index\":0,\"delta\":\" word{n}\",\"logprobs\":[],\"obfuscation\":\"Zq3vX0aB\"}}\n\n"
        )
    };
    let last = "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":2000,\"response\":{\"id\":\"r\",\"object\":\"response\",\"status\":\"completed\",\"output\":[],\"error\":null}}\n\n";
    (0..EVENTS).map(event).chain([last.to_owned()]).collect()
}

/// Answers every request with the same chunks.
struct Replay(Vec<Bytes>);

impl Transport for Replay {
    fn send(&self, _: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        let body = ResponseBody::stream(Chunks(self.0.clone().into_iter()));
        Box::pin(async move {
            let mut response = http::Response::new(body);
            response.headers_mut().insert("content-type", http::HeaderValue::from_static("text/event-stream"));
            Ok(response)
        })
    }
}

struct Chunks(std::vec::IntoIter<Bytes>);

impl futures_core::Stream for Chunks {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

fn chunks(text: &str, size: usize) -> Vec<Bytes> {
    let text = Bytes::copy_from_slice(text.as_bytes());
    (0..text.len()).step_by(size).map(|at| text.slice(at..(at + size).min(text.len()))).collect()
}

/// A future over the transport in memory is done when it is first polled.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing waits here"),
    }
}

fn typed<T: Decode + 'static>(client: &Client, operation: &'static Operation) -> usize {
    run(async {
        let mut stream = Call::<EventStream<T>>::new(client, operation).streaming().await.unwrap();
        let mut count = 0;
        while let Some(event) = stream.try_next().await.unwrap() {
            black_box(event);
            count += 1;
        }
        count
    })
}

fn decoder_alone(chunks: &[Bytes]) -> usize {
    let mut decoder = Decoder::new();
    let mut count = 0;
    for chunk in chunks {
        decoder.push(chunk.clone());
        while let Some(event) = decoder.next_event().unwrap() {
            black_box(event.data);
            count += 1;
        }
    }
    count
}

fn floor(chunks: &[Bytes]) -> usize {
    let mut line = Vec::new();
    let mut count = 0;
    for chunk in chunks {
        for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(piece);
            if line.last() != Some(&b'\n') {
                continue;
            }
            if let Some(data) = line.strip_prefix(b"data: ")
                && let Ok(value) = serde_json::from_slice::<serde_json::Value>(data)
            {
                black_box(value);
                count += 1;
            }
            line.clear();
        }
    }
    count
}

fn bench<T: Decode + 'static>(c: &mut Criterion, name: &str, text: &str, operation: &'static Operation) {
    let mut group = c.benchmark_group(format!("stream/{name}"));
    group.throughput(Throughput::Elements(EVENTS as u64));
    for (label, size) in [("16k", CHUNK), ("one_event", text.len().div_ceil(EVENTS)), ("100b", 100)] {
        let chunks = chunks(text, size);
        let client =
            Client::builder().env(|_| None).api_key("k").timeout(Timeout::none()).transport(Replay(chunks.clone())).build().unwrap();
        assert!(typed::<T>(&client, operation) >= EVENTS);
        group.bench_function(BenchmarkId::new("decoder", label), |b| b.iter(|| decoder_alone(black_box(&chunks))));
        group.bench_function(BenchmarkId::new("typed", label), |b| b.iter(|| typed::<T>(&client, operation)));
        group.bench_function(BenchmarkId::new("floor", label), |b| b.iter(|| floor(black_box(&chunks))));
    }
    group.finish();
}

fn benches(c: &mut Criterion) {
    bench::<samples::chat::ChatChunk>(c, "chat", &chat(), &CHAT);
    bench::<samples::responses::StreamEvent>(c, "responses", &responses(), &RESPONSES);
}

criterion_group! {
    name = streams;
    config = Criterion::default().warm_up_time(std::time::Duration::from_millis(500)).measurement_time(std::time::Duration::from_secs(2)).sample_size(30);
    targets = benches
}
criterion_main!(streams);
