//! The two halves of a connection and the whole of it, typed. Knows no socket.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use super::closing::{Closed, code, may_be_sent};
use super::driver::{Arrival, Reconnecting};
use super::handlers::Handlers;
use super::message::Message;
use super::queue::Attendance;
use super::shared::{Sending, Shared, refused};
#[cfg(feature = "blocking")]
use crate::blocking::Home;
#[cfg(feature = "blocking")]
use crate::client::Client;
use crate::codec::{self, Decoding};
use crate::error::{Error, Result};
use crate::json::{Decode, Encode};
use crate::response::ResponseMeta;
use crate::wakers::Waiter;

/// What a kind of connection speaks. Emitted for each.
pub trait Protocol: Deref<Target = Sender<Self::Client>> + From<Sender<Self::Client>> + Send + Unpin + 'static {
    /// The events that are sent.
    type Client: Encode;
    /// The events that are received.
    type Server: Decode;
    /// The types of the events that configure a session.
    const CONFIGURATION: &'static [&'static str];
}

/// An open connection over which events go both ways: it sends as a [`Sender`], and is a `futures_core::Stream` of the events that arrive.
///
/// Nothing runs in the background: whoever receives or sends moves the connection. It answers pings, restores itself and notices that the server is gone
/// while somebody waits for what arrives, so that a program should always do that. Nothing is read ahead: the reader's pace is the network's pace.
///
/// [`split`](Self::split) parts it for two tasks; senders can be cloned for more. Dropping all of them closes the connection at once;
/// [`close`](Sender::close) does it properly.
pub struct Connection<P: Protocol> {
    sender: P,
    receiver: Receiver<P::Server>,
}

/// The half that sends. Clones share the connection.
pub struct Sender<C> {
    shared: Arc<Shared>,
    sends: PhantomData<fn(C)>,
}

/// The half that receives: a `futures_core::Stream` of the events that arrive.
pub struct Receiver<S> {
    shared: Arc<Shared>,
    decoding: Decoding,
    error: Option<Error>,
    receives: PhantomData<fn() -> S>,
}

/// Something that arrived, or happened to the connection.
#[derive(Debug)]
#[non_exhaustive]
pub enum Incoming<S> {
    /// An event.
    Event(S),
    /// A message of bytes, as it came.
    Binary(Bytes),
    /// The answer to a [`ping`](Sender::ping), with what that carried.
    Pong(Bytes),
    /// The connection was lost, and an attempt to restore it is about to be made.
    Reconnecting(Reconnecting),
    /// It is restored: this is the response to the new handshake. The session is a new one.
    Reconnected(ResponseMeta),
    /// It is closed. Nothing comes after this.
    Closed(Closed),
}

impl<P: Protocol> Connection<P> {
    pub(super) fn new(shared: Arc<Shared>, decoding: Decoding) -> Self {
        let sender = Sender { shared: shared.clone(), sends: PhantomData };
        Self { sender: P::from(sender), receiver: Receiver { shared, decoding, error: None, receives: PhantomData } }
    }

    /// The half that sends, as a value of its own.
    pub fn sender(&self) -> P {
        P::from((*self.sender).clone())
    }

    /// Parts the connection in two.
    pub fn split(self) -> (P, Receiver<P::Server>) {
        (self.sender, self.receiver)
    }

    /// The next event; None when the connection is closed. What else happens to it is passed over: see [`recv`](Self::recv).
    ///
    /// Cancel safety: dropping the future loses no event.
    ///
    /// # Errors
    /// When an event cannot be decoded ([`is_decode`](Error::is_decode)), after which the connection goes on; and when it ended as nobody wanted: the error's
    /// [`attachment`](Error::attachment) is a [`Closed`], which has the code and what was not sent.
    pub async fn try_next(&mut self) -> Result<Option<P::Server>> {
        self.receiver.try_next().await
    }

    /// The next thing that arrives or happens, lost and restored connections included; None after it was closed.
    ///
    /// Cancel safety: dropping the future loses nothing.
    ///
    /// # Errors
    /// When an event cannot be decoded; the connection goes on.
    pub async fn recv(&mut self) -> Result<Option<Incoming<P::Server>>> {
        self.receiver.recv().await
    }

    /// Calls the handlers for every event until the connection is closed. See [`Handlers`].
    ///
    /// # Errors
    /// See [`try_next`](Self::try_next); also what a handler returns, and an event of the type `error` that no handler takes.
    pub async fn dispatch_events(&mut self, handlers: &Handlers<P::Server>) -> Result<()> {
        self.receiver.dispatch_events(handlers).await
    }
}

impl<P: Protocol> Deref for Connection<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.sender
    }
}

impl<P: Protocol> Stream for Connection<P> {
    type Item = Result<P::Server>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().receiver.poll_event(cx)
    }
}

impl<P: Protocol> fmt::Debug for Connection<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.receiver.shared.fmt(f)
    }
}

impl<C: Encode> Sender<C> {
    /// Sends an event. It is done when the event is handed to the system as a whole, or, while the connection is being restored, when it is in the queue for the
    /// new one. While the server is slow to read and the queue is full, it waits.
    ///
    /// # Errors
    /// When the event cannot be encoded, the connection is closed, or it is being restored and the queue is full. The message that was not taken is the error's
    /// [`attachment`](Error::attachment), a [`Message`].
    pub fn send(&self, event: impl Into<C>) -> Sending<'_> {
        Sending::new(&self.shared, encode(&event.into()))
    }

    /// Sends an event without waiting: it is written at once or put into the queue, from where it is written while anything else is sent or received.
    ///
    /// # Errors
    /// As for [`send`](Self::send); and when the queue is full.
    pub fn try_send(&self, event: impl Into<C>) -> Result<()> {
        self.try_send_raw(encode(&event.into())?)
    }
}

impl<C> Sender<C> {
    /// Sends a message as it is: text, or bytes in a binary frame.
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    pub fn send_raw(&self, message: impl Into<Message>) -> Sending<'_> {
        Sending::new(&self.shared, Ok(message.into()))
    }

    /// Sends a message as it is, without waiting.
    ///
    /// # Errors
    /// As for [`try_send`](Self::try_send).
    pub fn try_send_raw(&self, message: impl Into<Message>) -> Result<()> {
        let mut driver = self.shared.lock();
        match driver.offer(message.into(), Attendance::Left) {
            Ok(_) => Ok(()),
            Err((refusal, message)) => Err(refused(refusal, message, driver.closed())),
        }
    }

    /// Waits until nothing is in the queue any more, also while the connection is being restored.
    ///
    /// # Errors
    /// When the connection is closed.
    pub async fn flush(&self) -> Result<()> {
        let waiter = Waiter::new();
        std::future::poll_fn(|cx| self.shared.lock().poll_flush(waiter, cx)).await
    }

    /// Asks the server for a sign of life, which arrives as [`Incoming::Pong`] with the same payload of at most 125 bytes. The connection does that by itself
    /// when it has been silent, see [`Connect::keep_alive`](super::Connect::keep_alive).
    ///
    /// # Errors
    /// When the payload is too long, or the connection is not open.
    pub fn ping(&self, payload: impl Into<Bytes>) -> Result<()> {
        let payload = payload.into();
        if payload.len() > 125 {
            return Err(Error::argument("a ping carries at most 125 bytes"));
        }
        self.shared.lock().ping(payload)
    }

    /// Sends what is in the queue, closes the connection with code 1000, and waits for the server to do the same. Events that arrive meanwhile are dropped.
    pub async fn close(&self) -> Closed {
        self.finish(code::NORMAL, String::new()).await
    }

    /// The same with another code (1000 to 1003, 1007 to 1014, 3000 to 4999) and a reason of at most 123 bytes.
    ///
    /// # Errors
    /// When a connection cannot be closed with this code or reason.
    pub async fn close_with(&self, code: u16, reason: impl Into<String>) -> Result<Closed> {
        let reason = reason.into();
        if !may_be_sent(code) {
            return Err(Error::argument(format!("{code} is no code to close a connection with")));
        }
        if reason.len() > 123 {
            return Err(Error::argument("the reason of a close has at most 123 bytes"));
        }
        Ok(self.finish(code, reason).await)
    }

    async fn finish(&self, code: u16, reason: String) -> Closed {
        self.shared.lock().close(code, reason);
        let waiter = Waiter::new();
        std::future::poll_fn(|cx| self.shared.lock().poll_closed(waiter, cx)).await
    }

    /// Whether the connection is there: neither closed nor being restored.
    pub fn is_open(&self) -> bool {
        self.shared.lock().is_open()
    }

    /// How many bytes of messages wait to be written.
    pub fn queued_bytes(&self) -> usize {
        self.shared.lock().queued_bytes()
    }

    /// How the connection ended; None while it has not.
    pub fn closed(&self) -> Option<Closed> {
        self.shared.lock().closed()
    }

    /// The response to the handshake, the last one: its headers and the request id.
    pub fn handshake(&self) -> ResponseMeta {
        self.shared.lock().meta().clone()
    }
}

#[cfg(feature = "blocking")]
impl<C> Sender<C> {
    pub(super) fn client(&self) -> Client {
        self.shared.lock().client().clone()
    }

    /// Where the connection was opened.
    pub(super) fn home(&self) -> Option<Home> {
        self.shared.home()
    }
}

fn encode(event: &impl Encode) -> Result<Message> {
    let encoded = codec::encode(event)?;
    if encoded.uploads.is_empty() { Ok(Message::encoded(encoded.text)) } else { Err(Error::argument("an event carries no files")) }
}

impl<C> Clone for Sender<C> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), sends: PhantomData }
    }
}

impl<C> fmt::Debug for Sender<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}

impl<S> Receiver<S> {
    /// What arrives next, as it came.
    pub(super) fn poll_arrival(&mut self, cx: &mut Context<'_>) -> Poll<Option<Arrival>> {
        self.shared.lock().poll_arrival(cx)
    }

    pub(super) fn decoding(&self) -> Decoding {
        self.decoding
    }
}

impl<S: Decode> Receiver<S> {
    /// The next event. See [`Connection::try_next`].
    ///
    /// # Errors
    /// See [`Connection::try_next`].
    pub async fn try_next(&mut self) -> Result<Option<S>> {
        std::future::poll_fn(|cx| self.poll_event(cx)).await.transpose()
    }

    /// The next thing that arrives or happens. See [`Connection::recv`].
    ///
    /// # Errors
    /// See [`Connection::recv`].
    pub async fn recv(&mut self) -> Result<Option<Incoming<S>>> {
        std::future::poll_fn(|cx| self.poll_incoming(cx)).await.transpose()
    }

    /// Calls the handlers for every event. See [`Connection::dispatch_events`].
    ///
    /// # Errors
    /// See [`Connection::dispatch_events`].
    pub async fn dispatch_events(&mut self, handlers: &Handlers<S>) -> Result<()> {
        handlers.dispatch(self).await
    }

    pub(super) fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<S>>> {
        loop {
            match std::task::ready!(self.poll_incoming(cx)) {
                Some(Ok(Incoming::Event(event))) => return Poll::Ready(Some(Ok(event))),
                Some(Ok(Incoming::Closed(_))) => return Poll::Ready(self.error.take().map(Err)),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn poll_incoming(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Incoming<S>>>> {
        let Some(arrival) = std::task::ready!(self.poll_arrival(cx)) else { return Poll::Ready(None) };
        Poll::Ready(Some(Ok(match arrival {
            Arrival::Text(text) => match decode(text.as_str(), self.decoding) {
                Ok(event) => Incoming::Event(event),
                Err(error) => return Poll::Ready(Some(Err(error))),
            },
            Arrival::Binary(bytes) => Incoming::Binary(bytes),
            Arrival::Pong(payload) => Incoming::Pong(payload),
            Arrival::Reconnecting(reconnecting) => Incoming::Reconnecting(reconnecting),
            Arrival::Reconnected(meta) => Incoming::Reconnected(meta),
            Arrival::Closed(closed, error) => {
                self.error = error;
                Incoming::Closed(closed)
            }
        })))
    }
}

/// Decodes an event.
pub(super) fn decode<S: Decode>(text: &str, decoding: Decoding) -> Result<S> {
    codec::decode_text(text, decoding).map_err(|error| error.with_body(text.as_bytes()))
}

impl<S: Decode> Stream for Receiver<S> {
    type Item = Result<S>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(cx)
    }
}

impl<S> fmt::Debug for Receiver<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
