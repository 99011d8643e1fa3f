//! A server that answers every request at once with the same bytes, so that what is measured is the client.
//!
//! It prints its port and runs until its input ends. The first segments of the path say what to do:
//!
//! - `/plain/v1/chat/completions`: a chat completion.
//! - `/events/COUNT/v1/chat/completions`, `/events/COUNT/v1/responses`: a stream of about that many events, as fast as the client takes them.
//! - `/first/v1/…`: the same stream, which stops after its first event for [`PAUSE`].
//! - `/paced/COUNT/v1/…`: the same stream, one event every [`PACE`].
//! - `/download/BYTES/v1/files/…/content`: so many bytes.
//! - `/hold/v1/chat/completions`: no answer until `/release`; `/waiting` tells how many wait.

mod http;
mod samples;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use http::{Connection, Request};

/// How long a stream stops after its first event, where that event's latency is measured.
const PAUSE: Duration = Duration::from_millis(1);

/// Between two events of a paced stream.
const PACE: Duration = Duration::from_millis(100);

/// Requests that are held, and the number of the release that they wait for.
struct Held {
    waiting: AtomicUsize,
    releases: watch::Sender<usize>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let held = Arc::new(Held { waiting: AtomicUsize::new(0), releases: watch::Sender::new(0) });
    let serving = async {
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            tokio::spawn(serve(socket, held.clone()));
        }
    };
    let mut input = tokio::io::stdin();
    tokio::select! {
        ended = serving => ended,
        _ = input.read_u8() => Ok(()),
    }
}

/// Answers the requests of one connection until it is closed.
async fn serve(socket: TcpStream, held: Arc<Held>) -> std::io::Result<()> {
    let mut connection = Connection::new(socket);
    while let Some(request) = connection.request().await? {
        answer(&mut connection, &request, &held).await?;
    }
    Ok(())
}

async fn answer(connection: &mut Connection, request: &Request, held: &Held) -> std::io::Result<()> {
    let segments: Vec<&str> = request.path.trim_start_matches('/').split('/').collect();
    match segments.as_slice() {
        ["plain", ..] => connection.json(samples::COMPLETION).await,
        ["events", count, .., last] => {
            let count = count.parse().unwrap_or(0);
            connection.start_events().await?;
            connection.events(samples::stream(last, count)).await?;
            connection.end_events().await
        }
        ["first", .., last] => {
            let mut events = samples::stream(last, 10);
            connection.start_events().await?;
            connection.events(events.by_ref().take(1)).await?;
            tokio::time::sleep(PAUSE).await;
            connection.events(events).await?;
            connection.end_events().await
        }
        ["paced", count, .., last] => {
            let count = count.parse().unwrap_or(0);
            connection.start_events().await?;
            let mut ticks = tokio::time::interval(PACE);
            for event in samples::stream(last, count) {
                ticks.tick().await;
                connection.events(std::iter::once(event)).await?;
            }
            connection.end_events().await
        }
        ["download", length, ..] => connection.bytes(length.parse().unwrap_or(0)).await,
        ["hold", ..] => {
            let mut releases = held.releases.subscribe();
            held.waiting.fetch_add(1, Ordering::Relaxed);
            let released = releases.changed().await;
            held.waiting.fetch_sub(1, Ordering::Relaxed);
            debug_assert!(released.is_ok(), "the sender lives as long as the server");
            connection.json(samples::COMPLETION).await
        }
        ["waiting"] => connection.json(&held.waiting.load(Ordering::Relaxed).to_string()).await,
        ["release"] => {
            held.releases.send_modify(|number| *number += 1);
            connection.json("true").await
        }
        _ => connection.not_found().await,
    }
}
