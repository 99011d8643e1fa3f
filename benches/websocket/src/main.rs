//! Events over a WebSocket on the loopback interface: ours, typed, against `tokio-tungstenite` alone, which looks at none of them, in turns.
//!
//! `flood`: the server says all events at once; time an event. `turns`: it says one for each message that it hears; time a turn. Both as time on the clock,
//! and as time of the client's thread on a processor, which other work on the machine hardly changes.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use openai::Client;
use openai::types::realtime::{RealtimeConnectParams, RealtimeServerEvent};
use tungstenite::Message;

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const FLOOD: u32 = 100_000;
const TURNS: u32 = 10_000;
const ROUNDS: usize = 7;
const EVENT: &str = r#"{"type":"response.output_text.delta","event_id":"event_4950","response_id":"resp_001","item_id":"msg_008","output_index":0,"content_index":0,"delta":"Sure, I can h"}"#;

fn main() -> Result<()> {
    let address = serve()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = Client::builder().env(|_| None).api_key("k").base_url(format!("http://{address}/v1")).build()?;
    let mut times: [Vec<Taken>; 4] = Default::default();
    for _ in 0..ROUNDS {
        times[0].push(runtime.block_on(bare_flood(address))?.each(FLOOD));
        times[1].push(runtime.block_on(our_flood(&client))?.each(FLOOD));
        times[2].push(runtime.block_on(bare_turns(address))?.each(TURNS));
        times[3].push(runtime.block_on(our_turns(&client))?.each(TURNS));
    }
    println!("{} bytes an event, middle of {ROUNDS} rounds in turns", EVENT.len());
    let [bare_flood, our_flood, bare_turns, our_turns] = &times;
    for (what, bare, ours) in [("flood", bare_flood, our_flood), ("turns", bare_turns, our_turns)] {
        row(what, "clock", bare.iter().map(|taken| taken.clock), ours.iter().map(|taken| taken.clock));
        row(what, "processor", bare.iter().map(|taken| taken.processor), ours.iter().map(|taken| taken.processor));
    }
    Ok(())
}

/// The time that something took.
struct Taken {
    clock: Duration,
    processor: Duration,
}

/// When something began.
struct Begun {
    clock: Instant,
    processor: Duration,
}

impl Taken {
    fn each(self, count: u32) -> Self {
        Self { clock: self.clock / count, processor: self.processor / count }
    }
}

impl Begun {
    fn now() -> Result<Self> {
        Ok(Self { clock: Instant::now(), processor: on_processor()? })
    }

    fn taken(self) -> Result<Taken> {
        Ok(Taken { clock: self.clock.elapsed(), processor: on_processor()? - self.processor })
    }
}

/// The time that this thread was on a processor, as Linux knows it.
fn on_processor() -> Result<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(text.split_whitespace().next().ok_or("no time")?.parse()?))
}

fn row(what: &str, unit: &str, bare: impl Iterator<Item = Duration>, ours: impl Iterator<Item = Duration>) {
    let (bare, ours) = (middle(bare.collect()), middle(ours.collect()));
    println!("{what}, {unit}: bare {bare:.2} µs, ours {ours:.2} µs, added {:.2} µs", ours - bare);
}

/// In microseconds.
fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

/// A server that says as many events as it is told to, at once or one for each message.
fn serve() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that is gone ends its own connection.
            std::thread::spawn(move || talk(stream).ok());
        }
    });
    Ok(address)
}

fn talk(stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut socket = tungstenite::accept(stream)?;
    loop {
        match socket.read()? {
            Message::Text(text) if text.as_str() == "flood" => {
                for _ in 0..FLOOD {
                    socket.write(Message::text(EVENT))?;
                }
                socket.flush()?;
            }
            Message::Text(_) => socket.send(Message::text(EVENT))?,
            Message::Close(_) => return Ok(socket.flush()?),
            _ => {}
        }
    }
}

async fn bare(address: SocketAddr) -> Result<tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>> {
    let stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(tokio_tungstenite::client_async(format!("ws://{address}/v1/realtime"), stream).await?.0)
}

async fn bare_flood(address: SocketAddr) -> Result<Taken> {
    let mut socket = bare(address).await?;
    let begun = Begun::now()?;
    socket.send(Message::text("flood")).await?;
    for _ in 0..FLOOD {
        socket.next().await.ok_or("an event")??;
    }
    begun.taken()
}

async fn our_flood(client: &Client) -> Result<Taken> {
    let mut connection = client.realtime().connect(RealtimeConnectParams::new()).await?;
    let begun = Begun::now()?;
    connection.send_raw("flood").await?;
    for _ in 0..FLOOD {
        check(connection.try_next().await?)?;
    }
    begun.taken()
}

async fn bare_turns(address: SocketAddr) -> Result<Taken> {
    let mut socket = bare(address).await?;
    let begun = Begun::now()?;
    for _ in 0..TURNS {
        socket.send(Message::text("turn")).await?;
        socket.next().await.ok_or("an event")??;
    }
    begun.taken()
}

async fn our_turns(client: &Client) -> Result<Taken> {
    let mut connection = client.realtime().connect(RealtimeConnectParams::new()).await?;
    let begun = Begun::now()?;
    for _ in 0..TURNS {
        connection.send_raw("turn").await?;
        check(connection.try_next().await?)?;
    }
    begun.taken()
}

fn check(event: Option<RealtimeServerEvent>) -> Result<()> {
    match event {
        Some(RealtimeServerEvent::ResponseOutputTextDelta(delta)) if delta.delta.len() == 13 => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}
