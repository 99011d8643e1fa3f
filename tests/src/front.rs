//! One address before two servers: connections that ask for a WebSocket go to one, all others to the other. Passes bytes on; of HTTP it knows the first line.

use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// The longest first line that is looked at.
const LINE: usize = 4096;

/// A running front. Dropping it takes no more connections.
pub struct Front {
    address: SocketAddr,
    over: Arc<AtomicBool>,
}

impl Front {
    /// Starts on a free port. Connections whose first request is for `path` go to `websocket`.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start(http: SocketAddr, websocket: SocketAddr, path: &'static str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let over = Arc::new(AtomicBool::new(false));
        let ended = over.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Acquire) {
                    return;
                }
                // A client that is gone is its own concern.
                let Ok(stream) = stream else { continue };
                thread::spawn(move || -> io::Result<()> {
                    let server = if asks_for(&stream, path)? { websocket } else { http };
                    pass(&stream, &TcpStream::connect(server)?)
                });
            }
        });
        Ok(Self { address, over })
    }

    /// The base URL of the API behind it.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        // Wakes the thread that waits for connections; when that fails it is gone already.
        let _ = TcpStream::connect(self.address);
    }
}

/// Whether the first request of a connection is for this path. Takes nothing from it.
fn asks_for(stream: &TcpStream, path: &str) -> io::Result<bool> {
    let mut seen = [0; LINE];
    loop {
        let length = stream.peek(&mut seen)?;
        if length == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&seen[..length]);
        if let Some((line, _)) = text.split_once("\r\n") {
            return Ok(line.split(' ').nth(1).is_some_and(|target| target.split('?').next() == Some(path)));
        }
        if length == LINE {
            return Ok(false);
        }
        thread::yield_now();
    }
}

/// Passes on what either side says until both have ended.
fn pass(client: &TcpStream, server: &TcpStream) -> io::Result<()> {
    thread::scope(|scope| {
        scope.spawn(|| one_way(server, client));
        one_way(client, server)
    })
}

fn one_way(mut from: &TcpStream, mut to: &TcpStream) -> io::Result<()> {
    let copied = io::copy(&mut from, &mut to);
    to.shutdown(Shutdown::Write)?;
    copied.map(drop)
}
