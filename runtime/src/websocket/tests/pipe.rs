//! A server in memory: each connection takes so many bytes, says so much, and ends as its script says.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::testing::FakeClock;
use crate::transport::{BoxFuture, Duplex, RequestBody, ResponseBody, Transport, TransportError, Upgrade};
use crate::websocket::socket::derive_accept_key;

/// What one connection does.
#[derive(Clone, Debug)]
pub(super) struct Script {
    takes: usize,
    /// How many bytes are taken or given at once.
    pace: usize,
    says: Vec<u8>,
    ending: Ending,
}

/// How a connection ends, when it has taken all that it takes and said all that it says.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    /// It does not, until it is closed.
    Never,
    /// The same, but it answers nothing.
    Deaf,
    /// With an error.
    Broken,
    /// Without a word.
    Hangup,
    /// With this closing frame.
    Frame(Vec<u8>),
}

impl Script {
    pub(super) fn new() -> Self {
        Self { takes: usize::MAX, pace: usize::MAX, says: Vec::new(), ending: Ending::Never }
    }

    pub(super) fn takes(self, takes: usize) -> Self {
        Self { takes, ..self }
    }

    pub(super) fn pace(self, pace: usize) -> Self {
        Self { pace, ..self }
    }

    pub(super) fn says(mut self, bytes: Vec<u8>) -> Self {
        self.says.extend(bytes);
        self
    }

    pub(super) fn ends(self, ending: Ending) -> Self {
        Self { ending, takes: if self.takes == usize::MAX { usize::MAX - 1 } else { self.takes }, ..self }
    }
}

pub(super) fn text_frame(text: &str) -> Vec<u8> {
    frame(0x81, text.as_bytes())
}

pub(super) fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    frame(0x88, &[&code.to_be_bytes(), reason.as_bytes()].concat())
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let len = payload.len();
    let mut bytes = match len {
        0..=125 => vec![first, len as u8],
        _ => vec![first, 126, (len >> 8) as u8, len as u8],
    };
    bytes.extend(payload);
    bytes
}

/// A transport whose connections follow scripts, one after the other; the last one repeats.
#[derive(Clone)]
pub(super) struct FakeServer {
    state: Arc<Mutex<State>>,
    pub(super) clock: FakeClock,
}

#[derive(Default)]
struct State {
    scripts: VecDeque<Script>,
    /// How many handshakes after the first are refused.
    refusals: usize,
    requests: Vec<Asked>,
    connections: Vec<Received>,
}

/// A handshake that was asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) uri: String,
    headers: http::HeaderMap,
}

impl Asked {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What arrived over one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    bytes: Vec<u8>,
    /// Messages that arrived as a whole.
    pub(super) messages: Vec<Vec<u8>>,
    pub(super) pings: Vec<String>,
    pub(super) pongs: Vec<String>,
    pub(super) close: Option<u16>,
    is_dropped: bool,
}

impl Received {
    pub(super) fn texts(&self) -> Vec<&str> {
        self.messages.iter().map(|message| std::str::from_utf8(message).unwrap()).collect()
    }

    /// Takes the frames that are complete. Returns what is answered.
    fn read(&mut self) -> Vec<u8> {
        let mut answers = Vec::new();
        while let Some((first, payload, len)) = unmask(&self.bytes) {
            self.bytes.drain(..len);
            let text = || String::from_utf8_lossy(&payload).into_owned();
            match first & 15 {
                1 | 2 => self.messages.push(payload),
                8 => {
                    self.close = payload.first_chunk().map(|code| u16::from_be_bytes(*code)).or(Some(1005));
                    answers.extend(frame(0x88, &payload));
                }
                9 => {
                    self.pings.push(text());
                    answers.extend(frame(0x8A, &payload));
                }
                _ => self.pongs.push(text()),
            }
        }
        answers
    }
}

/// The first frame of a client's bytes: its first byte, its payload, its length.
fn unmask(bytes: &[u8]) -> Option<(u8, Vec<u8>, usize)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (len, at) = match second & 127 {
        126 => (usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)), 4),
        127 => (u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?) as usize, 10),
        len => (usize::from(len), 2),
    };
    let mask = bytes.get(at..at + 4)?;
    let payload = bytes.get(at + 4..at + 4 + len)?;
    Some((first, payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect(), at + 4 + len))
}

impl FakeServer {
    pub(super) fn new(scripts: impl IntoIterator<Item = Script>) -> Self {
        let state = State { scripts: scripts.into_iter().collect(), ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), clock: FakeClock::default() }
    }

    pub(super) fn at(self, clock: FakeClock) -> Self {
        Self { clock, ..self }
    }

    /// Refuses so many handshakes after the first.
    pub(super) fn refuse(&self, times: usize) {
        self.lock().refusals = times;
    }

    /// Answers no handshake after the first.
    pub(super) fn hang(&self) {
        self.refuse(usize::MAX);
    }

    pub(super) fn requests(&self) -> Vec<Asked> {
        self.lock().requests.clone()
    }

    /// What arrived, by connection.
    pub(super) fn received(&self) -> Vec<Received> {
        self.lock().connections.clone()
    }

    pub(super) fn are_all_dropped(&self) -> bool {
        self.lock().connections.iter().all(|connection| connection.is_dropped)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Transport for FakeServer {
    fn send(&self, _: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(std::future::ready(Err(TransportError::request("there are only WebSockets here"))))
    }

    fn upgrade(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<Upgrade>, TransportError>> {
        let mut state = self.lock();
        let asked = Asked { uri: request.uri().to_string(), headers: request.headers().clone() };
        let key = derive_accept_key(asked.header("sec-websocket-key").unwrap().as_bytes());
        state.requests.push(asked);
        if state.requests.len() > 1 && state.refusals > 0 {
            if state.refusals == usize::MAX {
                return Box::pin(std::future::pending());
            }
            state.refusals -= 1;
            let mut refused = http::Response::new(Upgrade::Refused(ResponseBody::bytes("no")));
            *refused.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
            return Box::pin(std::future::ready(Ok(refused)));
        }
        let script = if state.scripts.len() > 1 { state.scripts.pop_front() } else { state.scripts.front().cloned() };
        let index = state.connections.len();
        state.connections.push(Received::default());
        let script = script.unwrap();
        let pipe = Pipe {
            server: self.clone(),
            index,
            outgoing: script.says.iter().copied().collect(),
            script,
            reader: None,
            is_over: false,
            gasp: Gasp::None,
        };
        let mut switched = http::Response::new(Upgrade::Switched(Duplex::new(pipe)));
        *switched.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
        switched.headers_mut().insert("upgrade", http::HeaderValue::from_static("websocket"));
        switched.headers_mut().insert("sec-websocket-accept", key.parse().unwrap());
        Box::pin(std::future::ready(Ok(switched)))
    }
}

/// The client's end of a connection.
struct Pipe {
    server: FakeServer,
    index: usize,
    script: Script,
    outgoing: VecDeque<u8>,
    reader: Option<Waker>,
    is_over: bool,
    gasp: Gasp,
}

/// Whether the pipe makes the client wait every other time.
#[derive(Clone, Copy, PartialEq)]
enum Gasp {
    None,
    Due,
}

impl Pipe {
    /// Whether everything that the script asks for has happened.
    fn is_done(&self) -> bool {
        match self.script.takes {
            // A connection that takes anything ends when it has said everything.
            takes if takes >= usize::MAX / 2 => true,
            takes => takes == 0,
        }
    }

    /// With a pace, every other call has to wait.
    fn gasps(&mut self, cx: &Context<'_>) -> bool {
        if self.script.pace == usize::MAX {
            return false;
        }
        self.gasp = if self.gasp == Gasp::None { Gasp::Due } else { Gasp::None };
        if self.gasp == Gasp::Due {
            cx.waker().wake_by_ref();
        }
        self.gasp == Gasp::Due
    }

    fn end(&mut self) -> Poll<io::Result<()>> {
        match std::mem::replace(&mut self.script.ending, Ending::Hangup) {
            ending @ (Ending::Never | Ending::Deaf) => {
                self.script.ending = ending;
                Poll::Pending
            }
            Ending::Hangup => {
                self.is_over = true;
                Poll::Ready(Ok(()))
            }
            Ending::Broken => {
                self.is_over = true;
                self.script.ending = Ending::Broken;
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            Ending::Frame(frame) => {
                self.outgoing.extend(frame);
                // It listens no more, but it does not break either.
                self.script.takes = 0;
                self.script.ending = Ending::Hangup;
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl AsyncRead for Pipe {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.gasps(cx) {
            return Poll::Pending;
        }
        if self.outgoing.is_empty() && self.is_done() {
            let ended = self.end();
            if ended.is_pending() || self.outgoing.is_empty() {
                self.reader = Some(cx.waker().clone());
                return ended;
            }
        }
        if self.outgoing.is_empty() {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let most = self.script.pace.min(buffer.remaining());
        let len = most.min(self.outgoing.len());
        let bytes: Vec<u8> = self.outgoing.drain(..len).collect();
        buffer.put_slice(&bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.gasps(cx) {
            return Poll::Pending;
        }
        if self.script.takes == 0 {
            return match self.script.ending {
                Ending::Broken => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
                // Nothing is taken any more; what ends it is read.
                _ => Poll::Pending,
            };
        }
        let len = bytes.len().min(self.script.takes).min(self.script.pace);
        if self.script.takes < usize::MAX / 2 {
            self.script.takes -= len;
        }
        let (server, index) = (self.server.clone(), self.index);
        let mut state = server.lock();
        let received = &mut state.connections[index];
        received.bytes.extend(&bytes[..len]);
        let answers = received.read();
        let is_closed = received.close.is_some();
        drop(state);
        if !matches!(self.script.ending, Ending::Deaf) {
            self.outgoing.extend(answers);
            if is_closed {
                self.script.ending = Ending::Hangup;
            }
        }
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(len))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.server.lock().connections[self.index].is_dropped = true;
    }
}
