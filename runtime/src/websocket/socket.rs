//! Frames over a connection: the only place that imports `tungstenite`. Knows when a message is in the connection as a whole; knows no queue and no event.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tungstenite::error::{CapacityError, Error as Fault, ProtocolError};
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::frame::{CloseFrame, Frame};
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};
use tungstenite::{Message as Received, Utf8Bytes};

use super::closing::{Cause, code};
use super::message::{Form, Message};
use crate::transport::Duplex;
use crate::wakers::Wakers;

pub(super) use tungstenite::handshake::client::generate_key;
pub(super) use tungstenite::handshake::derive_accept_key;

/// How large what arrives may be, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) message: usize,
    pub(super) frame: usize,
}

/// A connection that speaks in frames. Dropping it closes the connection.
pub(super) struct Socket {
    inner: WebSocket<Bridge>,
    /// The number of bytes after which the message in flight is written.
    end: Option<u64>,
    /// Whether anything may wait to be written.
    is_dirty: bool,
}

/// What arrived.
#[derive(Debug)]
pub(super) enum Incoming {
    Text(Text),
    Binary(Bytes),
    Ping,
    Pong(Bytes),
    Closed(Cause),
}

/// Text that shares the buffer it was read into.
#[derive(Debug)]
pub(super) struct Text(Utf8Bytes);

impl Text {
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Whether what the connection has taken is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Buffering {
    /// It is handed to the system at once.
    Through,
    /// It may be held back, by TLS, until it is flushed.
    Held,
}

impl Socket {
    /// `readers` wait for what arrives, `writers` for room to send.
    pub(super) fn new(io: Duplex, buffering: Buffering, limits: Limits, readers: &Arc<Wakers>, writers: &Arc<Wakers>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(64 * 1024)
            .max_message_size(Some(limits.message))
            .max_frame_size(Some(limits.frame));
        let bridge = Bridge { io, buffering, written: 0, readers: Waker::from(readers.clone()), writers: Waker::from(writers.clone()) };
        Self { inner: WebSocket::from_raw_socket(bridge, Role::Client, Some(config)), end: None, is_dirty: false }
    }

    /// Begins to write a message. Everything before it has to be flushed, so that it is known when this one is written.
    pub(super) fn start(&mut self, message: &Message) -> Result<(), Cause> {
        const MASK: u64 = 4;
        let opcode = match message.form() {
            Form::Text => Data::Text,
            Form::Binary => Data::Binary,
        };
        let len = message.len() as u64;
        let header = match len {
            0..=125 => 2,
            126..=0xFFFF => 4,
            _ => 10,
        };
        self.end = Some(self.inner.get_ref().written + header + MASK + len);
        self.push(Received::Frame(Frame::message(message.payload(), OpCode::Data(opcode), true)))
    }

    /// Begins to write a ping.
    pub(super) fn ping(&mut self, payload: Bytes) -> Result<(), Cause> {
        self.push(Received::Ping(payload))
    }

    /// Begins to write the frame that closes the connection.
    pub(super) fn close(&mut self, code: u16, reason: &str) -> Result<(), Cause> {
        let frame = CloseFrame { code: code.into(), reason: reason.into() };
        self.is_dirty = true;
        settled(self.inner.close(Some(frame)))
    }

    fn push(&mut self, frame: Received) -> Result<(), Cause> {
        self.is_dirty = true;
        settled(self.inner.write(frame))
    }

    /// Writes what was begun. Ready: nothing is left of it.
    pub(super) fn poll_flush(&mut self) -> Poll<Result<(), Cause>> {
        if !self.is_dirty {
            return Poll::Ready(Ok(()));
        }
        match self.inner.flush() {
            Ok(()) | Err(Fault::ConnectionClosed) => {
                self.is_dirty = false;
                Poll::Ready(Ok(()))
            }
            Err(fault) if would_block(&fault) => Poll::Pending,
            Err(fault) => Poll::Ready(Err(cause(fault))),
        }
    }

    /// Whether anything waits to be written.
    pub(super) fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Whether the message in flight went out as a whole before the connection was lost.
    pub(super) fn is_written(&self) -> bool {
        let bridge = self.inner.get_ref();
        bridge.buffering == Buffering::Through && self.end.is_some_and(|end| bridge.written >= end)
    }

    /// What arrives next. What it asks to be answered (a ping, a close) is written by and by.
    pub(super) fn poll_incoming(&mut self) -> Poll<Incoming> {
        loop {
            return Poll::Ready(match self.inner.read() {
                Ok(Received::Text(text)) => Incoming::Text(Text(text)),
                Ok(Received::Binary(bytes)) => Incoming::Binary(bytes),
                Ok(Received::Ping(_)) => {
                    self.is_dirty = true;
                    Incoming::Ping
                }
                Ok(Received::Pong(payload)) => Incoming::Pong(payload),
                Ok(Received::Close(frame)) => {
                    self.is_dirty = true;
                    Incoming::Closed(match frame {
                        None => Cause::new(code::NONE_RECEIVED, ""),
                        Some(frame) => Cause::new(frame.code.into(), frame.reason.as_str()),
                    })
                }
                Ok(Received::Frame(_)) => continue,
                Err(fault) if would_block(&fault) => return Poll::Pending,
                Err(fault) => Incoming::Closed(self.refuse(fault)),
            });
        }
    }

    /// Tells the server what is wrong with what it sent, as far as that can be said at once.
    fn refuse(&mut self, fault: Fault) -> Cause {
        let cause = cause(fault);
        if !matches!(cause.code, code::ABNORMAL | code::NONE_RECEIVED) {
            // The connection is given up either way.
            _ = self.close(cause.code, "");
        }
        cause
    }
}

/// A frame that does not fit into the connection now is taken all the same.
fn settled(result: Result<(), Fault>) -> Result<(), Cause> {
    match result {
        Ok(()) | Err(Fault::ConnectionClosed) => Ok(()),
        Err(fault) if would_block(&fault) => Ok(()),
        Err(fault) => Err(cause(fault)),
    }
}

fn would_block(fault: &Fault) -> bool {
    matches!(fault, Fault::Io(error) if error.kind() == io::ErrorKind::WouldBlock)
}

fn cause(fault: Fault) -> Cause {
    match fault {
        Fault::Io(error) => Cause::broken(error),
        Fault::ConnectionClosed | Fault::AlreadyClosed | Fault::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            Cause::new(code::ABNORMAL, "the connection ended without a closing frame")
        }
        Fault::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
            Cause::new(code::TOO_BIG, format!("a message of {size} bytes arrived, the limit is {max_size}: raise max_message_size"))
        }
        Fault::Utf8(_) => Cause::new(code::INVALID, "text that is not UTF-8 arrived"),
        fault => Cause::new(code::PROTOCOL, fault.to_string()),
    }
}

/// The connection as `tungstenite` wants it: calls that would have to wait fail, and the right tasks are woken when they would not.
struct Bridge {
    io: Duplex,
    buffering: Buffering,
    written: u64,
    readers: Waker,
    writers: Waker,
}

impl Read for Bridge {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        let read = Pin::new(&mut self.io).poll_read(&mut Context::from_waker(&self.readers), &mut buffer);
        ready(read).map(|()| buffer.filled().len())
    }
}

impl Write for Bridge {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = ready(Pin::new(&mut self.io).poll_write(&mut Context::from_waker(&self.writers), bytes))?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        ready(Pin::new(&mut self.io).poll_flush(&mut Context::from_waker(&self.writers)))
    }
}

fn ready<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}
