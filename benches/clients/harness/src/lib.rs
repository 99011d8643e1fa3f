//! What every measured client is asked to do, and how it is timed. Must not know any client.
//!
//! A client program is called with a task, a count and the address of the server, and prints the task's numbers on one line. `main-` before a task has
//! the runtime's main future do it in place of a task of the runtime.

use std::fs;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Calls before anything is timed: the connection is open then, and memory has been touched.
const WARM_UP: usize = 200;

/// Which operation streams.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Chat,
    Responses,
}

/// A client under measurement.
pub trait Client: Clone + Send + Sync + 'static {
    /// A client of the API at this base URL, as its users would set it up.
    fn new(base_url: &str) -> Self;

    /// Asks for a chat completion, decodes it and returns the length of its text.
    fn chat(&self) -> impl Future<Output = usize> + Send;

    /// Streams an answer and is told of each decoded event.
    fn stream(&self, stream: Stream, event: impl FnMut() + Send) -> impl Future<Output = ()> + Send;

    /// Downloads a file's content, without keeping it where the client allows that, and returns its length.
    fn download(&self) -> impl Future<Output = u64> + Send;
}

/// Runs the task that the program's arguments name, in one thread.
pub fn run<C: Client>() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [task, count, server] = <[String; 3]>::try_from(arguments).expect("usage: TASK COUNT SERVER");
    let count = count.parse().expect("a number");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let line = match task.strip_prefix("main-") {
        // A runtime's main future is woken in another way than a task, which asks the kernel for news each time.
        Some(task) => runtime.block_on(task_line::<C>(task, count, &server)),
        // In a task of its own, as a server's handlers are.
        None => runtime.block_on(runtime.spawn(async move { task_line::<C>(&task, count, &server).await })).expect("no panic"),
    };
    println!("{line}");
}

async fn task_line<C: Client>(task: &str, count: usize, server: &str) -> String {
    match task {
        "calls" => calls::<C>(count, server).await,
        "held" => held::<C>(count, server).await,
        "events-chat" => events::<C>(Stream::Chat, count, server).await,
        "events-responses" => events::<C>(Stream::Responses, count, server).await,
        "large-stream" => large_stream::<C>(count, server).await,
        "large-download" => large_download::<C>(count, server).await,
        "streams" => streams::<C>(count, server).await,
        "first-chat" => first::<C>(Stream::Chat, count, server).await,
        "first-responses" => first::<C>(Stream::Responses, count, server).await,
        other => panic!("no task {other}"),
    }
}

/// CPU and wall-clock microseconds per call, one call after the other.
async fn calls<C: Client>(count: usize, server: &str) -> String {
    let client = C::new(&format!("http://{server}/plain/v1"));
    for _ in 0..WARM_UP {
        client.chat().await;
    }
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    for _ in 0..count {
        assert!(client.chat().await > 0, "the completion has text");
    }
    per_item(cpu.elapsed(), wall.elapsed(), count)
}

/// Resident bytes per call while so many of them wait for their answers.
async fn held<C: Client>(count: usize, server: &str) -> String {
    let warm = C::new(&format!("http://{server}/plain/v1"));
    for _ in 0..WARM_UP {
        warm.chat().await;
    }
    let client = C::new(&format!("http://{server}/hold/v1"));
    let before = resident_bytes();
    let calls: Vec<_> = (0..count)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.chat().await })
        })
        .collect();
    while get(server, "/waiting").await != count.to_string() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let bytes = resident_bytes().saturating_sub(before);
    get(server, "/release").await;
    for call in calls {
        assert!(call.await.expect("no panic") > 0, "the completion has text");
    }
    format!("{:.0}", bytes as f64 / count as f64)
}

/// CPU and wall-clock microseconds per event.
async fn events<C: Client>(stream: Stream, count: usize, server: &str) -> String {
    let client = C::new(&format!("http://{server}/events/{count}/v1"));
    let mut seen = 0;
    client.stream(stream, || seen += 1).await;
    assert!(seen >= count, "{seen} of {count} events came");
    let (cpu, wall) = (ProcessTime::now(), Instant::now());
    let mut seen = 0;
    client.stream(stream, || seen += 1).await;
    per_item(cpu.elapsed(), wall.elapsed(), seen)
}

/// The process's peak memory in megabytes, and CPU microseconds per event, over a stream of chat completion chunks.
async fn large_stream<C: Client>(count: usize, server: &str) -> String {
    let client = C::new(&format!("http://{server}/events/{count}/v1"));
    let cpu = ProcessTime::now();
    let mut seen = 0;
    client.stream(Stream::Chat, || seen += 1).await;
    assert!(seen >= count, "{seen} of {count} events came");
    format!("{:.1} {:.3}", peak_megabytes(), cpu.elapsed().as_secs_f64() * 1e6 / seen as f64)
}

/// The process's peak memory in megabytes, and CPU seconds, over a download of so many bytes.
async fn large_download<C: Client>(count: usize, server: &str) -> String {
    let client = C::new(&format!("http://{server}/download/{count}/v1"));
    let cpu = ProcessTime::now();
    assert_eq!(client.download().await, count as u64, "every byte came");
    format!("{:.1} {:.2}", peak_megabytes(), cpu.elapsed().as_secs_f64())
}

/// How many events a paced stream has.
const PACED: usize = 50;

/// So many streams at once, each with an event every 100 ms: resident bytes per stream when half of the events have come, CPU microseconds
/// per event, and the longest that any stream waited for an event, in milliseconds.
async fn streams<C: Client>(count: usize, server: &str) -> String {
    let warm = C::new(&format!("http://{server}/events/100/v1"));
    warm.stream(Stream::Chat, || ()).await;
    let client = C::new(&format!("http://{server}/paced/{PACED}/v1"));
    let before = resident_bytes();
    let cpu = ProcessTime::now();
    let seen = Arc::new(AtomicUsize::new(0));
    let streams: Vec<_> = (0..count)
        .map(|_| {
            let (client, seen) = (client.clone(), seen.clone());
            tokio::spawn(async move {
                let (mut last, mut longest) = (None, Duration::ZERO);
                let event = || {
                    let now = Instant::now();
                    longest = longest.max(last.replace(now).map_or(Duration::ZERO, |last| now - last));
                    seen.fetch_add(1, Ordering::Relaxed);
                };
                client.stream(Stream::Chat, event).await;
                longest
            })
        })
        .collect();
    while seen.load(Ordering::Relaxed) < count * PACED / 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let bytes = resident_bytes().saturating_sub(before);
    let mut longest = Duration::ZERO;
    for stream in streams {
        longest = longest.max(stream.await.expect("no panic"));
    }
    let seen = seen.load(Ordering::Relaxed);
    assert!(seen >= count * PACED, "{seen} events came");
    let cpu = cpu.elapsed().as_secs_f64() * 1e6 / seen as f64;
    format!("{:.0} {cpu:.2} {:.0}", bytes as f64 / count as f64, longest.as_secs_f64() * 1e3)
}

/// Wall-clock microseconds until the first event of a stream: the middle and the 95th of a hundred.
async fn first<C: Client>(stream: Stream, count: usize, server: &str) -> String {
    let client = C::new(&format!("http://{server}/first/v1"));
    let mut latencies = Vec::with_capacity(count);
    for number in 0..count + WARM_UP {
        let mut first = None;
        let start = Instant::now();
        client.stream(stream, || _ = first.get_or_insert_with(|| start.elapsed())).await;
        let first = first.expect("there are events");
        if number >= WARM_UP {
            latencies.push(first.as_secs_f64() * 1e6);
        }
    }
    latencies.sort_by(f64::total_cmp);
    format!("{:.1} {:.1}", latencies[count / 2], latencies[count * 95 / 100])
}

fn per_item(cpu: Duration, wall: Duration, count: usize) -> String {
    let per_item = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
    format!("{:.3} {:.3}", per_item(cpu), per_item(wall))
}

fn resident_bytes() -> usize {
    kilobytes("VmRSS:") * 1024
}

fn peak_megabytes() -> f64 {
    kilobytes("VmHWM:") as f64 / 1024.0
}

/// A line of what Linux tells about this process's memory.
fn kilobytes(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with(name)).expect("Linux says so");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a number")
}

/// The body of a GET, without any of the measured clients.
async fn get(server: &str, path: &str) -> String {
    let mut socket = TcpStream::connect(server).await.expect("the server runs");
    socket.write_all(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes()).await.expect("the server reads");
    let mut answer = [0; 1024];
    let length = socket.read(&mut answer).await.expect("the server answers");
    let answer = String::from_utf8_lossy(&answer[..length]);
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}
