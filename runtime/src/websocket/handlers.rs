//! Functions that are called when an event of some type arrives. Knows no event but by its type.

use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
///
/// Clones are the same handlers: with one, handlers are added and taken away while events are dispatched, from another task or from within a handler. One
/// that is added takes part from the next event on, and one that was taken away is not called any more. (A handler that keeps a clone keeps itself and all
/// others in memory until it is taken away.)
pub struct Handlers<S>(Arc<Mutex<Registry<S>>>);

struct Registry<S> {
    entries: Vec<Entry<S>>,
    other: Option<Call<Incoming<S>>>,
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
    call: Call<Arc<S>>,
}

/// What is called. It is locked while it makes its future, when nothing else is.
type Call<T> = Arc<Mutex<dyn FnMut(T) -> BoxFuture<'static, Result<()>> + Send>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Once,
    Always,
}

impl<S> Default for Handlers<S> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Registry { entries: Vec::new(), other: None, next: 0 })))
    }
}

impl<S> Clone for Handlers<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> Handlers<S> {
    /// No handlers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls a function for every event of a type: `response.done`, for instance.
    pub fn on<F, R>(&self, kind: impl Into<String>, handler: F) -> HandlerId
    where
        F: FnMut(Arc<S>) -> R + Send + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.add(Some(kind.into()), Times::Always, handler)
    }

    /// Calls a function for the next event of a type.
    pub fn once<F, R>(&self, kind: impl Into<String>, handler: F) -> HandlerId
    where
        F: FnMut(Arc<S>) -> R + Send + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.add(Some(kind.into()), Times::Once, handler)
    }

    /// Calls a function for every event.
    pub fn on_event<F, R>(&self, handler: F) -> HandlerId
    where
        F: FnMut(Arc<S>) -> R + Send + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.add(None, Times::Always, handler)
    }

    /// Calls a function for everything that is no event: messages of bytes, lost and restored connections, the end. There is one such function; another
    /// replaces it.
    pub fn on_other<F, R>(&self, mut handler: F)
    where
        F: FnMut(Incoming<S>) -> R + Send + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.lock().other = Some(Arc::new(Mutex::new(move |other| -> BoxFuture<'static, Result<()>> { Box::pin(handler(other)) })));
    }

    /// Takes a handler away. False: it is not there any more.
    pub fn off(&self, id: HandlerId) -> bool {
        let mut registry = self.lock();
        let index = registry.entries.iter().position(|entry| entry.id == id);
        let taken = index.map(|index| registry.entries.remove(index));
        drop(registry);
        // It goes when nothing is held any more: it may have handlers of its own.
        taken.is_some()
    }

    fn add<F, R>(&self, kind: Option<String>, times: Times, mut handler: F) -> HandlerId
    where
        F: FnMut(Arc<S>) -> R + Send + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        let call = Arc::new(Mutex::new(move |event| -> BoxFuture<'static, Result<()>> { Box::pin(handler(event)) }));
        let mut registry = self.lock();
        let id = HandlerId(registry.next);
        registry.next += 1;
        registry.entries.push(Entry { id, kind, times, call });
        id
    }

    /// The handlers for an event, in the order in which they are called.
    fn of(&self, kind: &str) -> Vec<HandlerId> {
        let registry = self.lock();
        let for_type = registry.entries.iter().filter(|entry| entry.kind.as_deref() == Some(kind));
        let for_all = registry.entries.iter().filter(|entry| entry.kind.is_none());
        for_type.chain(for_all).map(|entry| entry.id).collect()
    }

    /// What a handler calls, if it is still there. One that is called once is gone before it is, whatever becomes of the call.
    fn call(&self, id: HandlerId) -> Option<Call<Arc<S>>> {
        let mut registry = self.lock();
        let index = registry.entries.iter().position(|entry| entry.id == id)?;
        Some(match registry.entries[index].times {
            Times::Once => registry.entries.remove(index).call,
            Times::Always => registry.entries[index].call.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Registry<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Decode> Handlers<S> {
    pub(super) async fn dispatch(&self, receiver: &mut Receiver<S>) -> Result<()> {
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

    async fn dispatch_event(&self, kind: &str, text: &str, event: Result<S>) -> Result<()> {
        let handlers = self.of(kind);
        if handlers.is_empty() && kind == reported::ERROR {
            return Err(reported::in_text(text, std::time::SystemTime::now()));
        }
        let event = Arc::new(event?);
        for id in handlers {
            if let Some(call) = self.call(id) {
                called(&call, event.clone()).await?;
            }
        }
        Ok(())
    }

    async fn dispatch_other(&self, other: Incoming<S>) -> Result<()> {
        let call = self.lock().other.clone();
        match call {
            Some(call) => called(&call, other).await,
            None => Ok(()),
        }
    }
}

fn called<T>(call: &Call<T>, with: T) -> BoxFuture<'static, Result<()>> {
    (call.lock().unwrap_or_else(PoisonError::into_inner))(with)
}

/// The type of an event; empty if it has none.
fn kind_of(text: &str) -> String {
    let Node::Object(mut members) = Span::new(text).node() else { return String::new() };
    let kind = members.find(|member| member.key == "type").map(|member| member.value.node());
    if let Some(Node::String(kind)) = kind { kind.into_owned() } else { String::new() }
}

impl<S> fmt::Debug for Handlers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let registry = self.lock();
        let kinds = registry.entries.iter().map(|entry| entry.kind.as_deref().unwrap_or("every event"));
        f.debug_list().entries(kinds).finish()
    }
}
