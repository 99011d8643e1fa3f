//! A large file in parts: cut, sent several at a time, taken up again where it broke off. Knows no operation.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use md5::{Digest, Md5};

use crate::binary::off_thread;
use crate::error::{Error, Result};
use crate::parallel::{OnFailure, in_parallel};
use crate::request::body::{BodyStream, RequestBody, Segment};
use crate::transport::BoxFuture;
use crate::upload::{Chunks, Observer, Upload};

/// A file that is cut into parts of one size; the last one is smaller.
///
/// What can be read from any place (bytes, a path, a seekable reader) is read while it is sent, and again if need be. What can be read once is read part by
/// part into memory.
#[derive(Clone)]
pub struct Parts(Arc<Inner>);

struct Inner {
    upload: Upload,
    total: u64,
    size: u64,
    /// What can be read once, and is read in order.
    once: Option<tokio::sync::Mutex<Once>>,
}

/// Reads something from its beginning to its end.
struct Once {
    chunks: BodyStream,
    /// What was read beyond the last part.
    left: Bytes,
    next: u64,
    digest: Md5,
}

impl Parts {
    /// Cuts a file into parts of this many bytes.
    ///
    /// # Errors
    /// When the size is zero, the file cannot be read, or its length is not known: [`Upload::length`] says it.
    pub fn of(upload: &Upload, size: u64) -> Result<Self> {
        if size == 0 {
            return Err(Error::argument("a part has at least one byte"));
        }
        let total = upload.measure().map_err(|e| Error::argument(e.to_string()).with_source(e))?;
        let total = total.ok_or_else(|| Error::argument("the number of bytes of a reader or a stream has to be said: Upload::length"))?;
        let once = if upload.section(0, total).is_some() { None } else { Some(tokio::sync::Mutex::new(Once::of(upload)?)) };
        Ok(Self(Arc::new(Inner { upload: upload.clone(), total, size, once })))
    }

    /// The number of bytes of the whole.
    pub fn total(&self) -> u64 {
        self.0.total
    }

    /// The number of parts.
    pub fn count(&self) -> u64 {
        self.0.total.div_ceil(self.0.size)
    }

    fn len_of(&self, index: u64) -> u64 {
        let Inner { total, size, .. } = *self.0;
        size.min(total.saturating_sub(index.saturating_mul(size)))
    }

    /// A part. Those of what can be read once have to be asked for in their order.
    async fn part(&self, index: u64) -> Result<Upload> {
        let (start, len) = (index.saturating_mul(self.0.size), self.len_of(index));
        match (&self.0.once, self.0.upload.section(start, len)) {
            (None, Some(section)) => Ok(section),
            (Some(once), _) => once.lock().await.read(index, len).await.map(Upload::unnamed),
            (None, None) => unreachable!("what has no sections is read once"),
        }
    }

    /// The MD5 checksum of the whole, as hexadecimal digits. Of what can be read once, after all of its parts were sent.
    async fn md5(&self) -> Result<String> {
        let digest = match &self.0.once {
            Some(once) => once.lock().await.digest.clone(),
            None => {
                let upload = self.0.upload.clone();
                let hashed = off_thread(move || match upload.open()? {
                    Chunks::Reader(reader) => hash(reader),
                    Chunks::Stream(_) => unreachable!("a stream is read once"),
                });
                hashed.await.map_err(|e| Error::argument(format!("the checksum cannot be made: {e}")).with_source(e))?
            }
        };
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

fn hash(mut reader: Box<dyn Read + Send>) -> std::io::Result<Md5> {
    let mut digest = Md5::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return Ok(digest),
            Ok(length) => digest.update(&buffer[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl Once {
    fn of(upload: &Upload) -> Result<Self> {
        let chunks = RequestBody::segments(vec![Segment::File(upload.unobserved())])?.into_stream();
        Ok(Self { chunks, left: Bytes::new(), next: 0, digest: Md5::new() })
    }

    async fn read(&mut self, index: u64, len: u64) -> Result<Bytes> {
        if index != self.next {
            return Err(Error::argument("a reader that can be read once was read before"));
        }
        let wanted = usize::try_from(len).map_err(|_| Error::argument("the part does not fit into memory"))?;
        let mut part = BytesMut::with_capacity(wanted);
        while part.len() < wanted {
            if self.left.is_empty() {
                let chunk = poll_fn(|cx| Pin::new(&mut self.chunks).poll_next(cx)).await;
                let chunk = chunk.ok_or_else(|| Error::argument("the upload ended early"))?;
                self.left = chunk.map_err(|e| Error::argument(format!("the upload cannot be read: {e}")).with_source(e))?;
            }
            part.extend_from_slice(&self.left.split_to(self.left.len().min(wanted - part.len())));
        }
        self.next += 1;
        self.digest.update(&part);
        Ok(part.freeze())
    }
}

/// How parts are sent.
pub struct Sending {
    /// How many at the same time.
    pub most: usize,
    /// The ids of those that were sent before, by their numbers.
    pub done: BTreeMap<u64, String>,
    /// Whom to tell how many bytes of all were sent.
    pub observer: Option<Arc<dyn Fn(u64, u64) + Send + Sync>>,
    /// Whether a checksum is made.
    pub checksum: Checksum,
}

/// Whether a checksum is made of what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// No.
    None,
    /// MD5.
    Md5,
}

/// What came of sending parts.
pub struct Sent {
    /// The ids of the parts that were sent, those before included.
    pub done: BTreeMap<u64, String>,
    /// The checksum of the whole, if it was asked for; or what went wrong.
    pub outcome: Result<Option<String>>,
}

/// Sends all parts that were not sent before: `send` makes the work that sends one and returns its id. The first failure ends it.
pub async fn send_parts<F>(parts: &Parts, sending: Sending, send: F) -> Sent
where
    F: Fn(Upload) -> BoxFuture<'static, Result<String>> + Send + Sync + 'static,
{
    let Sending { most, done, observer, checksum } = sending;
    let (send, progress) = (Arc::new(send), Arc::new(Progress::new(parts, &done, observer)));
    let (known, whole) = (done.clone(), parts.clone());
    let work = (0..parts.count()).map(move |index| {
        let (parts, send, progress, known) = (whole.clone(), send.clone(), progress.clone(), known.get(&index).cloned());
        Box::pin(async move {
            // What can be read once is read past those that were sent before.
            let part = parts.part(index).await?;
            match known {
                Some(id) => Ok(id),
                None => send(part.observed(progress.of(index))).await,
            }
        }) as BoxFuture<'static, Result<String>>
    });
    // The checksum of what can be read from any place is made meanwhile, and that of what is read once when it was read.
    let is_early = checksum == Checksum::Md5 && parts.0.once.is_none();
    let mut hashing = if is_early { Hashing::begin(parts) } else { Hashing::None };
    let mut sends = in_parallel(work, most, OnFailure::Stop);
    let outcomes = poll_fn(|cx| {
        hashing.advance(cx);
        sends.as_mut().poll(cx)
    })
    .await;
    let mut sent = Sent { done, outcome: Ok(None) };
    for (index, outcome) in (0..).zip(outcomes) {
        match outcome {
            Some(Ok(id)) => _ = sent.done.insert(index, id),
            Some(Err(error)) if sent.outcome.is_ok() => sent.outcome = Err(error),
            Some(Err(_)) | None => {}
        }
    }
    if sent.outcome.is_ok() && checksum == Checksum::Md5 {
        sent.outcome = if is_early { hashing.finish().await } else { parts.md5().await.map(Some) };
    }
    sent
}

/// A checksum that is made while something else goes on.
enum Hashing {
    None,
    Begun(BoxFuture<'static, Result<String>>),
    Done(Result<String>),
}

impl Hashing {
    fn begin(parts: &Parts) -> Self {
        let parts = parts.clone();
        Self::Begun(Box::pin(async move { parts.md5().await }))
    }

    fn advance(&mut self, cx: &mut Context<'_>) {
        if let Self::Begun(future) = self
            && let Poll::Ready(digest) = future.as_mut().poll(cx)
        {
            *self = Self::Done(digest);
        }
    }

    async fn finish(self) -> Result<Option<String>> {
        match self {
            Self::None => Ok(None),
            Self::Begun(future) => future.await.map(Some),
            Self::Done(digest) => digest.map(Some),
        }
    }
}

/// How much of each part was sent.
struct Progress {
    sent: Mutex<Vec<u64>>,
    total: u64,
    observer: Option<Arc<dyn Fn(u64, u64) + Send + Sync>>,
}

impl Progress {
    fn new(parts: &Parts, done: &BTreeMap<u64, String>, observer: Option<Arc<dyn Fn(u64, u64) + Send + Sync>>) -> Self {
        let sent = (0..parts.count()).map(|index| if done.contains_key(&index) { parts.len_of(index) } else { 0 }).collect();
        Self { sent: Mutex::new(sent), total: parts.total(), observer }
    }

    /// The observer of one part.
    fn of(self: &Arc<Self>, index: u64) -> Option<Observer> {
        let (this, index) = (self.clone(), usize::try_from(index).ok()?);
        self.observer.as_ref()?;
        Some(Arc::new(move |part, _| {
            let mut sent = this.sent.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = sent.get_mut(index) {
                *known = part;
            }
            let sum = sent.iter().sum();
            drop(sent);
            if let Some(observer) = &this.observer {
                observer(sum, this.total);
            }
        }))
    }
}
