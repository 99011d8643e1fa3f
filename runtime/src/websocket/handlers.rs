//! Functions that are called when an event of some type arrives. Knows no event but by its type.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use super::connection::{Incoming, Receiver, decode};
use super::driver::Arrival;
use super::reported;
use crate::error::Result;
use crate::json::Decode;
use crate::request::scan::{Node, Span};
use crate::transport::BoxFuture;

/// Functions that are called when an event of some type arrives, in the order in which they were added: first those for its type, then those for every event.
///
/// A handler is an async closure that takes the event in an `Arc` and returns a `Result`. One is called after the other, and the next event waits until all
/// are done; an error ends the [dispatch](super::Connection::dispatch_events). To send from a handler, give it a clone of the
/// [sender](super::Connection::sender).
pub struct Handlers<S> {
    entries: Vec<Entry<S>>,
    other: Option<Other<S>>,
    next: u64,
}

/// A handler that was added, to [take it away](Handlers::off) again. The same function added twice is two handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HandlerId(u64);

struct Entry<S> {
    id: HandlerId,
    /// None: every event.
    kind: Option<String>,
    times: Times,
    call: Box<dyn FnMut(Arc<S>) -> BoxFuture<'static, Result<()>> + Send>,
}

type Other<S> = Box<dyn FnMut(Incoming<S>) -> BoxFuture<'static, Result<()>> + Send>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Once,
    Always,
}

impl<S> Default for Handlers<S> {
    fn default() -> Self {
        Self { entries: Vec::new(), other: None, next: 0 }
    }
}

impl<S> Handlers<S> {
    /// No handlers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls a function for every event of a type: `response.done`, for instance.
    pub fn on<F, R>(&mut self, kind: impl Into<String>, handler: F) -> HandlerId
    where
        F: FnMut(Arc<S>) -> R + Send + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.add(Some(kind.into()), Times::Always, handler)
    }

    /// Calls a function for the next event of a type.
    pub fn once<F, R>(&mut self, kind: impl Into<String>, handler: F) -> HandlerId
    where
        F: FnMut(Arc<S>) -> R + Send + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.add(Some(kind.into()), Times::Once, handler)
    }

    /// Calls a function for every event.
    pub fn on_event<F, R>(&mut self, handler: F) -> HandlerId
    where
        F: FnMut(Arc<S>) -> R + Send + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.add(None, Times::Always, handler)
    }

    /// Calls a function for everything that is no event: messages of bytes, lost and restored connections, the end. There is one such function; another
    /// replaces it.
    pub fn on_other<F, R>(&mut self, mut handler: F)
    where
        F: FnMut(Incoming<S>) -> R + Send + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.other = Some(Box::new(move |other| Box::pin(handler(other))));
    }

    /// Takes a handler away. False: it is not there any more.
    pub fn off(&mut self, id: HandlerId) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.id != id);
        self.entries.len() < before
    }

    fn add<F, R>(&mut self, kind: Option<String>, times: Times, mut handler: F) -> HandlerId
    where
        F: FnMut(Arc<S>) -> R + Send + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        let id = HandlerId(self.next);
        self.next += 1;
        self.entries.push(Entry { id, kind, times, call: Box::new(move |event| Box::pin(handler(event))) });
        id
    }

    /// The handlers for an event, in the order in which they are called.
    fn of(&self, kind: &str) -> Vec<HandlerId> {
        let for_type = self.entries.iter().filter(|entry| entry.kind.as_deref() == Some(kind));
        let for_all = self.entries.iter().filter(|entry| entry.kind.is_none());
        for_type.chain(for_all).map(|entry| entry.id).collect()
    }
}

impl<S: Decode> Handlers<S> {
    pub(super) async fn dispatch(&mut self, receiver: &mut Receiver<S>) -> Result<()> {
        while let Some(arrival) = poll_fn(|cx| receiver.poll_arrival(cx)).await {
            let other = match arrival {
                Arrival::Text(text) => {
                    let (kind, decoding) = (kind_of(text.as_str()), receiver.decoding());
                    self.dispatch_event(&kind, text.as_str(), decode::<S>(text.as_str(), decoding)).await?;
                    continue;
                }
                Arrival::Binary(bytes) => Incoming::Binary(bytes),
                Arrival::Pong(payload) => Incoming::Pong(payload),
                Arrival::Reconnecting(reconnecting) => Incoming::Reconnecting(reconnecting),
                Arrival::Reconnected(meta) => Incoming::Reconnected(meta),
                Arrival::Closed(closed, error) => {
                    self.dispatch_other(Incoming::Closed(closed)).await?;
                    return error.map_or(Ok(()), Err);
                }
            };
            self.dispatch_other(other).await?;
        }
        Ok(())
    }

    async fn dispatch_event(&mut self, kind: &str, text: &str, event: Result<S>) -> Result<()> {
        let handlers = self.of(kind);
        if handlers.is_empty() && kind == reported::ERROR {
            return Err(reported::in_text(text, std::time::SystemTime::now()));
        }
        let event = Arc::new(event?);
        for id in handlers {
            let Some(index) = self.entries.iter().position(|entry| entry.id == id) else { continue };
            // It is gone before it is called, whatever becomes of the call.
            let called = match self.entries[index].times {
                Times::Once => (self.entries.remove(index).call)(event.clone()),
                Times::Always => (self.entries[index].call)(event.clone()),
            };
            called.await?;
        }
        Ok(())
    }

    async fn dispatch_other(&mut self, other: Incoming<S>) -> Result<()> {
        match &mut self.other {
            Some(handler) => handler(other).await,
            None => Ok(()),
        }
    }
}

/// The type of an event; empty if it has none.
fn kind_of(text: &str) -> String {
    let Node::Object(mut members) = Span::new(text).node() else { return String::new() };
    let kind = members.find(|member| member.key == "type").map(|member| member.value.node());
    if let Some(Node::String(kind)) = kind { kind.into_owned() } else { String::new() }
}

impl<S> fmt::Debug for Handlers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.entries.iter().map(|entry| entry.kind.as_deref().unwrap_or("every event"));
        f.debug_list().entries(kinds).finish()
    }
}
