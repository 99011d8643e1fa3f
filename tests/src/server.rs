//! A scripted HTTP/1.1 server on the loopback interface, with every way in which a connection can go wrong. It keeps the requests it saw byte for byte.
//! Owns sockets and threads; knows nothing of the API.
//!
//! [`Server::start`] answers by looking at the request, [`Server::script`] one answer a request, the last one again and again. [`Answer`] says what is sent
//! and where it breaks:
//!
//! ```
//! use std::time::Duration;
//! use openai_tests::server::{Action, Answer, Position, Server};
//!
//! # fn main() -> std::io::Result<()> {
//! let server = Server::script([
//!     Answer::close().at(Position::Start, Action::Reset),
//!     Answer::json(r#"{"id":"m"}"#).at(Position::Body(3), Action::Close),
//!     Answer::events("data: {}\n\n").drip(4, Duration::from_millis(1)),
//! ])?;
//! assert!(server.url().ends_with("/v1"));
//! # Ok(())
//! # }
//! ```
//!
//! Nothing waits longer than its client: a pause ends when the client goes away or the server is dropped, which also ends all its connections.

mod answer;
mod connection;
mod request;
mod script;

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

pub use answer::{Action, Answer, Position};
pub use request::Request;

type Handler = dyn Fn(&Request) -> Answer + Send + Sync;

/// A running server. It ends with its last clone.
#[derive(Clone)]
pub struct Server(Arc<Running>);

struct Running {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// What the threads share.
struct Shared {
    handler: Box<Handler>,
    requests: Mutex<Vec<Request>>,
    connections: Mutex<HashMap<usize, TcpStream>>,
    over: AtomicBool,
}

impl Server {
    /// Starts a server that answers what `answer` says.
    ///
    /// # Errors
    /// When no port can be bound.
    pub fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> io::Result<Self> {
        Self::start_at("127.0.0.1:0", answer)
    }

    /// Starts a server at an address.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub fn start_at(address: &str, answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            handler: Box::new(answer),
            requests: Mutex::default(),
            connections: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accept(&listener, &accepting));
        Ok(Self(Arc::new(Running { address, shared })))
    }

    /// Starts a server that gives these answers, one a request; the last one repeats.
    ///
    /// # Errors
    /// When no port can be bound.
    pub fn script(answers: impl IntoIterator<Item = Answer>) -> io::Result<Self> {
        let answers: Mutex<VecDeque<Answer>> = Mutex::new(answers.into_iter().collect());
        Self::start(move |_| {
            let mut answers = lock(&answers);
            let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
            next.unwrap_or_else(Answer::close)
        })
    }

    /// The base URL for a client.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.0.address)
    }

    /// Host and port.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// The requests so far, in the order in which they were complete.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.0.shared.requests).clone()
    }

    /// The requests since the last time, which are then forgotten.
    pub fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut *lock(&self.0.shared.requests))
    }

    /// The number of connections that are open now.
    pub fn open_connections(&self) -> usize {
        lock(&self.0.shared.connections).len()
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.0.address).finish_non_exhaustive()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Release);
        for connection in lock(&self.shared.connections).values() {
            // It may have been closed by the client already.
            let _ = connection.shutdown(Shutdown::Both);
        }
        // Wakes the thread that waits for connections.
        let _ = TcpStream::connect(self.address);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for (index, connection) in listener.incoming().enumerate() {
        if shared.over.load(Ordering::Acquire) {
            return;
        }
        let Ok(connection) = connection else { continue };
        let Ok(kept) = connection.try_clone() else { continue };
        lock(&shared.connections).insert(index, kept);
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A connection that breaks ends itself alone.
            let _ = connection::serve(&connection, index, &shared.over, |request| {
                let answer = (shared.handler)(&request);
                lock(&shared.requests).push(request);
                answer
            });
            lock(&shared.connections).remove(&index);
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
