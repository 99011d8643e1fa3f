//! Binary results: a body that is read as it arrives, into memory, a file or a writer, with constant memory where it need not be kept.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::call::{Origin, PacedBody, transport_error};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::response::{FromResponse, Reading, Received, ReceivedBody, ResponseMeta};

/// A body of bytes: a file, audio, an image. A `futures_core::Stream` of its chunks.
///
/// It is read as it arrives; dropping it closes the connection. [`received`](Self::received) and [`expected`](Self::expected) make a progress bar.
pub struct Binary {
    body: PacedBody,
    client: Client,
    meta: ResponseMeta,
    received: u64,
}

impl FromResponse for Binary {
    const READING: Reading = Reading::Streaming;

    fn from_response(response: Received, _: &Origin) -> Result<Self> {
        match response.body {
            ReceivedBody::Streaming(body) => Ok(Self { client: body.client().clone(), body, meta: response.meta, received: 0 }),
            ReceivedBody::Whole(_) => Err(Error::decode("the body was read already").with_meta(response.meta)),
        }
    }
}

impl Binary {
    /// The whole body in memory.
    ///
    /// # Errors
    /// When the connection fails or stands still.
    pub async fn bytes(mut self) -> Result<Bytes> {
        let expected = self.expected();
        let bytes = self.body.read(expected).await;
        bytes.map_err(|error| transport_error(error).with_meta(self.meta))
    }

    /// The whole body as text.
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
    /// # Errors
    /// When the connection fails or stands still.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>> {
        std::future::poll_fn(|cx| self.poll_chunk(cx)).await.transpose()
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

    /// Writes the rest of the body to a writer, on a blocking thread. Returns the number of bytes.
    ///
    /// # Errors
    /// When the connection fails, or the writer does.
    pub async fn write_to(mut self, writer: impl Write + Send + 'static) -> Result<u64> {
        let failed = |e: io::Error| Error::new(ErrorKind::Connection, format!("the body cannot be written: {e}")).with_source(e);
        let mut writer = writer;
        let mut written = 0;
        while let Some(chunk) = self.try_next().await? {
            written += chunk.len() as u64;
            writer = off_thread(move || writer.write_all(&chunk).map(|()| writer)).await.map_err(failed)?;
        }
        off_thread(move || writer.flush()).await.map_err(failed)?;
        Ok(written)
    }

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

    /// The chunks for a program without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> crate::blocking::Blocking<Self> {
        let client = self.client.clone();
        let home = self.body.home();
        crate::blocking::Blocking::new(self, client, home)
    }

    /// The client that the body came from.
    pub fn client(&self) -> &Client {
        &self.client
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        self.body.poll_chunk(cx).map(|item| match item? {
            Ok(chunk) => {
                self.received += chunk.len() as u64;
                Some(Ok(chunk))
            }
            Err(error) => Some(Err(transport_error(error).with_meta(self.meta.clone()))),
        })
    }
}

impl Stream for Binary {
    type Item = Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_chunk(cx)
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
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await.unwrap_or_else(|e| Err(io::Error::other(e))),
        Err(_) => work(),
    }
}
