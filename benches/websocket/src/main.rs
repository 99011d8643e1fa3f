//! Events over a WebSocket on the loopback interface: ours, typed, against `tokio-tungstenite` alone, which looks at none of them, in turns.
//!
//! `flood`: the server says all events at once; time an event. `turns`: it says one for each message that it hears; time a turn.

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
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..ROUNDS {
        times[0].push(runtime.block_on(bare_flood(address))? / FLOOD);
        times[1].push(runtime.block_on(our_flood(&client))? / FLOOD);
        times[2].push(runtime.block_on(bare_turns(address))? / TURNS);
        times[3].push(runtime.block_on(our_turns(&client))? / TURNS);
    }
    let [bare_flood, our_flood, bare_turns, our_turns] = times.map(middle);
    println!("{} bytes an event, middle of {ROUNDS} rounds in turns", EVENT.len());
    row("flood", bare_flood, our_flood);
    row("turns", bare_turns, our_turns);
    Ok(())
}

fn row(what: &str, bare: Duration, ours: Duration) {
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    println!("{what}: bare {:.2} µs, ours {:.2} µs, added {:.2} µs", micros(bare), micros(ours), micros(ours) - micros(bare));
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
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

async fn bare_flood(address: SocketAddr) -> Result<Duration> {
    let mut socket = bare(address).await?;
    let start = Instant::now();
    socket.send(Message::text("flood")).await?;
    for _ in 0..FLOOD {
        socket.next().await.ok_or("an event")??;
    }
    Ok(start.elapsed())
}

async fn our_flood(client: &Client) -> Result<Duration> {
    let mut connection = client.realtime().connect(RealtimeConnectParams::new()).await?;
    let start = Instant::now();
    connection.send_raw("flood").await?;
    for _ in 0..FLOOD {
        check(connection.try_next().await?)?;
    }
    Ok(start.elapsed())
}

async fn bare_turns(address: SocketAddr) -> Result<Duration> {
    let mut socket = bare(address).await?;
    let start = Instant::now();
    for _ in 0..TURNS {
        socket.send(Message::text("turn")).await?;
        socket.next().await.ok_or("an event")??;
    }
    Ok(start.elapsed())
}

async fn our_turns(client: &Client) -> Result<Duration> {
    let mut connection = client.realtime().connect(RealtimeConnectParams::new()).await?;
    let start = Instant::now();
    for _ in 0..TURNS {
        connection.send_raw("turn").await?;
        check(connection.try_next().await?)?;
    }
    Ok(start.elapsed())
}

fn check(event: Option<RealtimeServerEvent>) -> Result<()> {
    match event {
        Some(RealtimeServerEvent::ResponseOutputTextDelta(delta)) if delta.delta.len() == 13 => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}
