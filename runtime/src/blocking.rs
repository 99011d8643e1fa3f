//! The bridge for programs without an async runtime: futures are polled on the calling thread, while one background thread per
//! client, started on first use, drives sockets and timers. It has connections of its own, so that a call made inside an async runtime,
//! which it holds up, never waits for a connection that this runtime would have to drive.

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{Thread, ThreadId};

use futures_core::Stream;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::runtime::{Builder, Handle, Id, RuntimeFlavor};
use tokio::sync::oneshot;

use crate::call::Call;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::response::FromResponse;
use crate::transport::Transport;

/// The background thread of a client and of those made from it, started on first use; it ends with the last of them.
#[derive(Default)]
pub(crate) struct Bridge {
    background: OnceLock<Background>,
    /// Held while the thread is started.
    starting: Mutex<()>,
}

struct Background {
    runtime: Handle,
    /// Its own connections; None: there are no others than the client's.
    transport: Option<Arc<dyn Transport>>,
    /// Dropped to end the thread.
    _stop: oneshot::Sender<()>,
}

impl Bridge {
    fn background(&self, transport: &dyn Transport) -> Result<&Background> {
        if let Some(background) = self.background.get() {
            return Ok(background);
        }
        let _starting = self.starting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match self.background.get() {
            Some(background) => Ok(background),
            None => {
                let background = Background::start(transport)?;
                Ok(self.background.get_or_init(|| background))
            }
        }
    }

    /// The transport for what runs here and now, when that is the background's own.
    pub(crate) fn transport(&self) -> Option<&dyn Transport> {
        let background = self.background.get()?;
        let transport = background.transport.as_deref()?;
        let here = Handle::try_current().ok()?;
        (here.id() == background.runtime.id()).then_some(transport)
    }
}

impl Background {
    fn start(transport: &dyn Transport) -> Result<Self> {
        let failed =
            |e: std::io::Error| Error::new(ErrorKind::Connection, format!("the background thread cannot be started: {e}")).with_source(e);
        let transport = transport.separate()?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new().name("openai-blocking".to_owned());
        // The sender is never used: the wait ends when it is dropped.
        thread.spawn(move || drop(runtime.block_on(stopped))).map_err(failed)?;
        Ok(Self { runtime: handle, transport, _stop: stop })
    }
}

/// Where something was begun: what drives it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home {
    runtime: Id,
    thread: ThreadId,
    task: Option<tokio::task::Id>,
}

impl Home {
    /// None outside of a runtime.
    pub(crate) fn here() -> Option<Self> {
        let runtime = Handle::try_current().ok()?.id();
        Some(Self { runtime, thread: std::thread::current().id(), task: tokio::task::try_id() })
    }

    /// Whether blocking here and now holds up what drives it: the one thread of its runtime, or the worker that its own task is on.
    fn would_be_held_up(self) -> bool {
        let Ok(here) = Handle::try_current() else { return false };
        here.id() == self.runtime
            && match here.runtime_flavor() {
                RuntimeFlavor::CurrentThread => self.thread == std::thread::current().id(),
                _ => self.task.is_some() && self.task == tokio::task::try_id(),
            }
    }
}

/// Polls the future on this thread until it is done. `home` is where what it waits for was begun, if it was.
pub(crate) fn block_on<F: Future>(client: &Client, home: Option<Home>, future: F) -> Result<F::Output> {
    if home.is_some_and(Home::would_be_held_up) {
        return Err(Error::argument(
            "this was begun with .await on the async runtime of this very thread, which .blocking() would hold up for ever: \
             go on with .await, or begin it with .blocking()",
        ));
    }
    let shared = client.shared();
    let background = shared.bridge.background(&*shared.transport)?;
    let _inside = background.runtime.enter();
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = Context::from_waker(&waker);
    // Inside a task of tokio, its budget would run out here and never be filled up again.
    let mut future = pin!(tokio::task::unconstrained(future));
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
    /// It holds up the thread it is called on. Inside an async runtime that works, but holds up the other tasks of the thread, too: await
    /// the call there instead. (With an `http_client` or a transport of your own, connections are shared with awaited calls; a
    /// current-thread runtime that is held up cannot drive those that it made.)
    ///
    /// # Errors
    /// See [`Error`].
    pub fn blocking(self) -> Result<T> {
        let client = self.origin().client.clone();
        block_on(&client, None, self.send())?
    }
}

/// A stream as an iterator.
#[must_use = "an iterator does nothing until it is asked: `for item in items { … }`"]
pub struct Blocking<S> {
    stream: S,
    client: Client,
    home: Option<Home>,
}

impl<S> Blocking<S> {
    /// `home` is where the stream was begun, if it was.
    pub(crate) fn new(stream: S, client: Client, home: Option<Home>) -> Self {
        Self { stream, client, home }
    }

    /// A stream that is made of another, as an iterator; `driver` is the other's.
    pub fn driven(stream: S, driver: &crate::Driver) -> Self {
        Self::new(stream, driver.client().clone(), driver.home())
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

#[cfg(feature = "websocket")]
impl<S> Blocking<S> {
    /// Waits for something that the stream does.
    pub(crate) fn wait<'s, T>(&'s mut self, what: impl FnOnce(&'s mut S) -> crate::transport::BoxFuture<'s, T>) -> Result<T> {
        block_on(&self.client, self.home, what(&mut self.stream))
    }
}

impl<T, S: Stream<Item = Result<T>> + Unpin> Iterator for Blocking<S> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { stream, client, home } = self;
        let next = std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx));
        block_on(client, *home, next).unwrap_or_else(|error| Some(Err(error)))
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
        block_on(&self.client, self.home, self.stream.bytes())?
    }

    /// The whole body as text.
    ///
    /// # Errors
    /// When the connection fails, or the body is not UTF-8.
    pub fn text(self) -> Result<String> {
        block_on(&self.client, self.home, self.stream.text())?
    }

    /// Writes the body to a file, which is made or overwritten. Returns the number of bytes.
    ///
    /// # Errors
    /// When the connection fails, or the file cannot be written.
    pub fn write_to_file(self, path: impl AsRef<std::path::Path>) -> Result<u64> {
        block_on(&self.client, self.home, self.stream.write_to_file(path))?
    }
}

impl std::io::Read for Blocking<crate::Binary> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Self { stream, client, home } = self;
        let mut buffer = ReadBuf::new(buffer);
        let read = std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut buffer));
        block_on(client, *home, read).map_err(std::io::Error::other)??;
        Ok(buffer.filled().len())
    }
}
