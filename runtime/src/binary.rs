//! Binary results: a body that is read as it arrives, into memory, a file or a writer, with constant memory where it need not be kept.

#[cfg(test)]
mod tests;

use std::fmt;
use std::future::poll_fn;
use std::io::{self, Write};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::{AsyncRead, ReadBuf};

use crate::call::{Origin, PacedBody, transport_error};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::response::{FromResponse, Reading, Received, ReceivedBody, ResponseMeta};

/// A body of bytes: a file, audio, an image. A `futures_core::Stream` of its chunks, and a `tokio::io::AsyncRead`.
///
/// It is read as it arrives; dropping it closes the connection. [`received`](Self::received) and [`expected`](Self::expected), or
/// [`on_progress`](Self::on_progress), make a progress bar.
#[must_use = "nothing of the body is read yet: `.bytes().await`, `.write_to_file(path).await` and others do that"]
pub struct Binary {
    body: PacedBody,
    meta: ResponseMeta,
    received: u64,
    /// What is left of a chunk that a reader had no room for.
    unread: Bytes,
    is_over: bool,
    observer: Option<Observer>,
}

/// Told how many bytes of how many were received.
type Observer = Box<dyn FnMut(u64, Option<u64>) + Send>;

impl FromResponse for Binary {
    const READING: Reading = Reading::Streaming;

    fn from_response(response: Received, _: &Origin) -> Result<Self> {
        match response.body {
            ReceivedBody::Streaming(body) => {
                Ok(Self { body, meta: response.meta, received: 0, unread: Bytes::new(), is_over: false, observer: None })
            }
            ReceivedBody::Whole(_) => Err(Error::decode("the body was read already").with_meta(response.meta)),
        }
    }
}

/// Reading it.
impl Binary {
    /// Calls this with the number of bytes that were received, and with the number that the server announced where it did: after every chunk,
    /// however the body is read.
    ///
    /// ```no_run
    /// # async fn save(binary: openai_runtime::Binary) -> openai_runtime::Result<()> {
    /// binary
    ///     .on_progress(|received, expected| match expected {
    ///         Some(expected) => eprintln!("{received} of {expected} bytes"),
    ///         None => eprintln!("{received} bytes"),
    ///     })
    ///     .write_to_file("speech.mp3")
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_progress(mut self, observer: impl FnMut(u64, Option<u64>) + Send + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// The rest of the body in memory.
    ///
    /// # Errors
    /// When the connection fails or stands still, or the body ends early.
    pub async fn bytes(mut self) -> Result<Bytes> {
        /// A server's word about the length is taken up to here.
        const MOST_RESERVED: u64 = 1 << 20;
        let Some(first) = self.try_next().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.try_next().await? else { return Ok(first) };
        let expected = self.expected().unwrap_or(0).min(MOST_RESERVED);
        let mut all = Vec::with_capacity(usize::try_from(expected).unwrap_or(0).max((first.len() + second.len()) * 2));
        all.extend_from_slice(&first);
        all.extend_from_slice(&second);
        while let Some(chunk) = self.try_next().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.into())
    }

    /// The rest of the body as text.
    ///
    /// # Errors
    /// When the connection fails, or the body is not UTF-8.
    pub async fn text(self) -> Result<String> {
        let meta = self.meta.clone();
        let bytes = self.bytes().await?;
        String::from_utf8(bytes.into()).map_err(|e| Error::decode("the body is not UTF-8").with_source(e).with_meta(meta))
    }

    /// The next chunk as it arrives; None at the end.
    ///
    /// Cancel safety: dropping the future loses no byte.
    ///
    /// # Errors
    /// When the connection fails or stands still, or the body ends before as many bytes arrived as were announced.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>> {
        poll_fn(|cx| self.poll_chunk(cx)).await.transpose()
    }

    /// Writes the rest of the body to a file, which is made or overwritten. Returns the number of bytes.
    ///
    /// # Errors
    /// When the connection fails, or the file cannot be written; a file that was begun stays.
    pub async fn write_to_file(self, path: impl AsRef<Path>) -> Result<u64> {
        let path = path.as_ref().to_owned();
        let at = path.display().to_string();
        let file = off_thread(move || std::fs::File::create(path)).await;
        let file = file.map_err(|e| Error::argument(format!("cannot write {at}: {e}")).with_source(e))?;
        self.write_to(file).await
    }

    /// Writes the rest of the body to a writer, on a blocking thread. Returns the number of bytes. For an asynchronous writer, there is
    /// `tokio::io::copy`.
    ///
    /// # Errors
    /// When the connection fails, or the writer does.
    pub async fn write_to(mut self, writer: impl Write + Send + 'static) -> Result<u64> {
        let failed = |e: io::Error| Error::argument(format!("the body cannot be written: {e}")).with_source(e);
        let mut writer = writer;
        let mut written = 0;
        loop {
            let (batch, end) = self.batch().await;
            written += batch.iter().map(|chunk| chunk.len() as u64).sum::<u64>();
            let write_all = move || batch.iter().try_for_each(|chunk| writer.write_all(chunk)).map(|()| writer);
            writer = off_thread(write_all).await.map_err(failed)?;
            match end {
                None => {}
                Some(Err(error)) => return Err(error),
                Some(Ok(())) => break,
            }
        }
        off_thread(move || writer.flush()).await.map_err(failed)?;
        Ok(written)
    }

    /// The next chunk and those that are there already, up to a limit, so that a blocking thread is not asked for each; and the end, if
    /// they are followed by it.
    async fn batch(&mut self) -> (Vec<Bytes>, Option<Result<()>>) {
        const ENOUGH: usize = 512 * 1024;
        let mut batch = Vec::new();
        let mut size = 0;
        let mut next = poll_fn(|cx| self.poll_chunk(cx)).await;
        loop {
            match next {
                None => return (batch, Some(Ok(()))),
                Some(Err(error)) => return (batch, Some(Err(error))),
                Some(Ok(chunk)) => {
                    size += chunk.len();
                    batch.push(chunk);
                }
            }
            if size >= ENOUGH {
                return (batch, None);
            }
            match poll_fn(|cx| Poll::Ready(self.poll_chunk(cx))).await {
                Poll::Ready(item) => next = item,
                Poll::Pending => return (batch, None),
            }
        }
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if !self.unread.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.unread))));
        }
        while !self.is_over {
            let end = match ready!(self.body.poll_chunk(cx)) {
                Some(Ok(chunk)) if chunk.is_empty() => continue,
                Some(Ok(chunk)) => {
                    self.received += chunk.len() as u64;
                    let expected = self.expected();
                    if let Some(observer) = &mut self.observer {
                        observer(self.received, expected);
                    }
                    return Poll::Ready(Some(Ok(chunk)));
                }
                Some(Err(error)) => Some(transport_error(error)),
                None => self.missing(),
            };
            self.is_over = true;
            if let Some(error) = end {
                return Poll::Ready(Some(Err(error.with_meta(self.meta.clone()))));
            }
        }
        Poll::Ready(None)
    }

    /// The error for a body that ended although more was announced. HTTP clients notice that themselves; other transports need not.
    fn missing(&self) -> Option<Error> {
        let expected = self.expected().filter(|expected| self.received < *expected && self.meta.header("content-encoding").is_none())?;
        Some(Error::cut_short(self.received, expected))
    }
}

/// What is known of it.
impl Binary {
    /// Status, headers and request id.
    pub fn response(&self) -> &ResponseMeta {
        &self.meta
    }

    /// The number of bytes received so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The number of bytes that the server announced.
    pub fn expected(&self) -> Option<u64> {
        self.meta.content_length()
    }

    /// The content type that the server named.
    pub fn content_type(&self) -> Option<&str> {
        self.meta.header("content-type")
    }

    /// The chunks for a program without an async runtime. It is a `std::io::Read`, too.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> crate::blocking::Blocking<Self> {
        let client = self.client().clone();
        let home = self.body.home();
        crate::blocking::Blocking::new(self, client, home)
    }

    /// The client that the body came from.
    pub fn client(&self) -> &Client {
        self.body.client()
    }
}

impl Stream for Binary {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_chunk(cx)
    }
}

/// Errors are those of the body, as `std::io::Error`s that hold them.
impl AsyncRead for Binary {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match ready!(this.poll_chunk(cx)) {
            None => Poll::Ready(Ok(())),
            Some(Err(error)) => {
                let kind = if error.is_timeout() { io::ErrorKind::TimedOut } else { io::ErrorKind::ConnectionAborted };
                Poll::Ready(Err(io::Error::new(kind, error)))
            }
            Some(Ok(mut chunk)) => {
                buffer.put_slice(&chunk.split_to(chunk.len().min(buffer.remaining())));
                this.unread = chunk;
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binary")
            .field("response", &self.meta)
            .field("received", &self.received)
            .field("expected", &self.expected())
            .finish_non_exhaustive()
    }
}

/// Does something that may block without holding up the runtime; without one it is done at once.
pub(crate) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.unwrap_or_else(|e| Err(io::Error::other(e))),
        Err(_) => work(),
    }
}
