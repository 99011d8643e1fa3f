//! The bridge for programs without an async runtime: futures are polled on the calling thread, while one background thread per
//! client, started on first use, drives sockets and timers.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use futures_core::Stream;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::call::Call;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::response::FromResponse;

/// The background thread of a client and of those made from it; it ends with the last of them.
#[derive(Default)]
pub(crate) struct Bridge(Mutex<Option<Background>>);

struct Background {
    runtime: Handle,
    /// Dropped to end the thread.
    _stop: oneshot::Sender<()>,
}

impl Bridge {
    fn runtime(&self) -> Result<Handle> {
        let failed =
            |e: std::io::Error| Error::new(ErrorKind::Connection, format!("the background thread cannot be started: {e}")).with_source(e);
        let mut background = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(background) = &*background {
            return Ok(background.runtime.clone());
        }
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("openai-blocking".to_owned());
        // The sender is never used: the wait ends when it is dropped.
        thread.spawn(move || drop(runtime.block_on(stopped))).map_err(failed)?;
        *background = Some(Background { runtime: handle.clone(), _stop: stop });
        Ok(handle)
    }
}

/// Polls the future on this thread until it is done.
fn block_on<F: Future>(client: &Client, future: F) -> Result<F::Output> {
    let runtime = client.shared().bridge.runtime()?;
    let _inside = runtime.enter();
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => return Ok(output),
            Poll::Pending => std::thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

impl<T: FromResponse> Call<T> {
    /// Makes the call and waits for its result, from a program without an async runtime.
    ///
    /// It holds up the thread it is called on. Inside an async runtime that holds up the other tasks of the thread, too: await the call
    /// there instead.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn blocking(self) -> Result<T> {
        let client = self.origin().client.clone();
        block_on(&client, self.send())?
    }
}

/// A stream as an iterator.
pub struct Blocking<S> {
    stream: S,
    client: Client,
}

impl<S> Blocking<S> {
    pub(crate) fn new(stream: S, client: Client) -> Self {
        Self { stream, client }
    }

    /// The stream underneath.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream underneath.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<T, S: Stream<Item = Result<T>> + Unpin> Iterator for Blocking<S> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { stream, client } = self;
        let next = std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx));
        block_on(client, next).unwrap_or_else(|error| Some(Err(error)))
    }
}

impl<S: fmt::Debug> fmt::Debug for Blocking<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Blocking").field(&self.stream).finish()
    }
}

/// The whole of a binary result, from a program without an async runtime.
impl Blocking<crate::Binary> {
    /// The whole body in memory.
    ///
    /// # Errors
    /// When the connection fails or stands still.
    pub fn bytes(self) -> Result<bytes::Bytes> {
        block_on(&self.client, self.stream.bytes())?
    }

    /// Writes the body to a file, which is made or overwritten. Returns the number of bytes.
    ///
    /// # Errors
    /// When the connection fails, or the file cannot be written.
    pub fn write_to_file(self, path: impl AsRef<std::path::Path>) -> Result<u64> {
        block_on(&self.client, self.stream.write_to_file(path))?
    }
}
