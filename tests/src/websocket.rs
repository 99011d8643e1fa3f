//! A scripted WebSocket server on the loopback interface: it answers each handshake as it is told, and hands the connection to a script. It keeps the
//! handshakes. Owns sockets and threads; knows nothing of the API, nor of what may lie between a socket and its frames ([`Wire`]).

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::{CloseFrame, Role, WebSocket, WebSocketConfig};

pub use tungstenite::Message;

/// A running server. Dropping it ends its connections.
pub struct WebSocketServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    wrap: Box<dyn Fn(TcpStream) -> io::Result<Box<dyn Wire>> + Send + Sync>,
    reply: Box<dyn Fn(&Handshake) -> Reply + Send + Sync>,
    talk: Box<dyn Fn(Session) + Send + Sync>,
    handshakes: Mutex<Vec<Handshake>>,
    connections: Mutex<Vec<TcpStream>>,
    over: AtomicBool,
}

/// What a session talks over: a socket, or TLS over one.
pub trait Wire: Read + Write + Send {
    /// Says that nothing more is written.
    ///
    /// # Errors
    /// When the client is gone.
    fn finish(&mut self) -> io::Result<()>;
}

impl Wire for TcpStream {
    fn finish(&mut self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// A request to speak WebSocket.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// How many came before.
    pub number: usize,
    /// Path and query.
    pub target: String,
    headers: Vec<(String, String)>,
}

impl Handshake {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What a handshake is answered with.
#[derive(Clone, Debug)]
pub enum Reply {
    /// The server agrees.
    Accept,
    /// The server agrees, with this in place of the key that proves it.
    AcceptAs(&'static str),
    /// Nothing, until the client is gone.
    Never,
    /// A response of HTTP: status, headers, body.
    Http(u16, Vec<(&'static str, String)>, &'static str),
}

/// One connection, as the server sees it.
pub struct Session {
    /// How it began.
    pub handshake: Handshake,
    socket: WebSocket<Box<dyn Wire>>,
    tcp: TcpStream,
}

impl Session {
    /// Sends a message of text. A client that is gone is not the script's concern.
    pub fn say(&mut self, text: impl Into<String>) {
        let _ = self.socket.send(Message::text(text.into()));
    }

    /// Sends any message.
    pub fn send(&mut self, message: Message) {
        let _ = self.socket.send(message);
    }

    /// Sends a message with those that follow.
    pub fn write(&mut self, message: Message) {
        let _ = self.socket.write(message);
    }

    /// Sends what was written.
    pub fn flush(&mut self) {
        let _ = self.socket.flush();
    }

    /// The next message of text or bytes; none when the client is gone or has closed.
    pub fn hear(&mut self) -> Option<Message> {
        loop {
            match self.socket.read() {
                Ok(message @ (Message::Text(_) | Message::Binary(_))) => return Some(message),
                Ok(Message::Close(_)) => {
                    // The answer to it.
                    let _ = self.socket.flush();
                    return None;
                }
                Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next message of text; none when there is no more.
    pub fn hear_text(&mut self) -> Option<String> {
        self.hear().and_then(|message| message.into_text().ok()).map(|text| text.to_string())
    }

    /// Says why the connection is over. What the client sent before it agrees can still be heard.
    pub fn say_close(&mut self, code: u16, reason: &str) {
        let _ = self.socket.close(Some(CloseFrame { code: code.into(), reason: reason.into() }));
    }

    /// Says why the connection is over, and waits for the client to agree.
    pub fn close(&mut self, code: u16, reason: &str) {
        self.say_close(code, reason);
        while self.hear().is_some() {}
    }

    /// Ends the connection without a word.
    pub fn drop_connection(self) {
        let _ = self.tcp.shutdown(Shutdown::Both);
    }

    /// The connection itself.
    pub fn wire(&mut self) -> &mut dyn Wire {
        &mut **self.socket.get_mut()
    }

    /// Waits until the client is gone.
    pub fn wait_for_the_end(&mut self) {
        while self.hear().is_some() {}
        let _ = self.wire().read_to_end(&mut Vec::new());
    }
}

impl WebSocketServer {
    /// A server that agrees to every handshake.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn start(talk: impl Fn(Session) + Send + Sync + 'static) -> io::Result<Self> {
        Self::answering(|_| Reply::Accept, talk)
    }

    /// A server that answers handshakes as it is told.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn answering(
        reply: impl Fn(&Handshake) -> Reply + Send + Sync + 'static,
        talk: impl Fn(Session) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        Self::over(|stream| Ok(Box::new(stream)), reply, talk)
    }

    /// A server whose connections are wrapped into something first, TLS for instance. One for which that fails is closed.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn over(
        wrap: impl Fn(TcpStream) -> io::Result<Box<dyn Wire>> + Send + Sync + 'static,
        reply: impl Fn(&Handshake) -> Reply + Send + Sync + 'static,
        talk: impl Fn(Session) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            wrap: Box::new(wrap),
            reply: Box::new(reply),
            talk: Box::new(talk),
            handshakes: Mutex::default(),
            connections: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let accepting = shared.clone();
        thread::Builder::new().name("websocket-server".to_owned()).spawn(move || {
            for stream in listener.incoming().flatten() {
                if accepting.over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = accepting.clone();
                // A connection that breaks ends itself alone.
                thread::spawn(move || shared.serve(stream).ok());
            }
        })?;
        Ok(Self { address, shared })
    }

    /// The base URL.
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The handshakes so far.
    pub fn handshakes(&self) -> Vec<Handshake> {
        self.shared.handshakes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for WebSocketServer {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // The thread that accepts looks up.
        let _ = TcpStream::connect(self.address);
        for connection in self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Shared {
    fn serve(&self, tcp: TcpStream) -> io::Result<()> {
        tcp.set_nodelay(true)?;
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).push(tcp.try_clone()?);
        let mut wire = (self.wrap)(tcp.try_clone()?)?;
        let Some(handshake) = self.read(&mut *wire)? else { return Ok(()) };
        let key = match (self.reply)(&handshake) {
            Reply::Accept => derive_accept_key(handshake.header("sec-websocket-key").unwrap_or_default().as_bytes()),
            Reply::AcceptAs(key) => key.to_owned(),
            Reply::Never => return wire.read_to_end(&mut Vec::new()).map(drop),
            Reply::Http(status, headers, body) => {
                write!(wire, "HTTP/1.1 {status} Answer\r\ncontent-length: {}\r\nconnection: close\r\n", body.len())?;
                for (name, value) in headers {
                    write!(wire, "{name}: {value}\r\n")?;
                }
                write!(wire, "\r\n{body}")?;
                return wire.finish();
            }
        };
        write!(wire, "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n")?;
        write!(wire, "sec-websocket-accept: {key}\r\nx-request-id: req_{}\r\n\r\n", handshake.number)?;
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let socket = WebSocket::from_raw_socket(wire, Role::Server, Some(config));
        (self.talk)(Session { handshake, socket, tcp });
        Ok(())
    }

    fn read(&self, wire: &mut dyn Wire) -> io::Result<Option<Handshake>> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            if wire.read(&mut byte)? == 0 {
                return Ok(None);
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head);
        let mut lines = head.lines();
        let target = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
        let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut handshakes = self.handshakes.lock().unwrap_or_else(PoisonError::into_inner);
        let handshake = Handshake { number: handshakes.len(), target, headers };
        handshakes.push(handshake.clone());
        Ok(Some(handshake))
    }
}

/// What was said last arrives, and then the end.
impl Drop for Session {
    fn drop(&mut self) {
        // Who is gone does not need to be told.
        let _ = self.wire().finish();
    }
}
