//! Request bodies: replayable data, streamed in chunks when it has files, with a count of what was handed out. The only place that
//! reads uploads; knows nothing of HTTP.

use std::fmt;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::error::{Error, Result};
use crate::upload::{ChunkStream, Chunks, Upload};

/// Files are read and sent in chunks of this size, and so are large bodies in memory.
pub(crate) const CHUNK: usize = 64 * 1024;

/// The body of a request. Cheap to clone; a clone yields the same bytes, unless it has a reader that can be read once.
#[derive(Clone, Default)]
pub struct RequestBody {
    content: Content,
    progress: Arc<Progress>,
}

/// How much of a body was handed to the transport.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    taken: AtomicU64,
    ended: AtomicBool,
}

impl Progress {
    /// The number of bytes.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether that is all.
    pub(crate) fn is_complete(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

#[derive(Clone, Default)]
enum Content {
    #[default]
    Empty,
    Bytes(Bytes),
    Segments {
        segments: Arc<[Segment]>,
        len: Option<u64>,
    },
}

/// A stretch of a body.
#[derive(Clone, Debug)]
pub(crate) enum Segment {
    Bytes(Bytes),
    File(Upload),
}

impl RequestBody {
    /// No body.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A body in memory.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self { content: Content::Bytes(bytes.into()), progress: Arc::default() }
    }

    /// A body made of stretches of text and of files.
    pub(crate) fn segments(segments: Vec<Segment>) -> Result<Self> {
        let mut len = Some(0u64);
        for segment in &segments {
            let part = match segment {
                Segment::Bytes(bytes) => Some(bytes.len() as u64),
                Segment::File(upload) => upload.measure().map_err(|e| Error::argument(e.to_string()).with_source(e))?,
            };
            len = len.zip(part).map(|(len, part)| len.saturating_add(part));
        }
        Ok(Self { content: Content::Segments { segments: segments.into(), len }, progress: Arc::default() })
    }

    /// The number of bytes, when it is known.
    pub fn len(&self) -> Option<u64> {
        match &self.content {
            Content::Empty => Some(0),
            Content::Bytes(bytes) => Some(bytes.len() as u64),
            Content::Segments { len, .. } => *len,
        }
    }

    /// Whether there is no body at all, which is not the same as a body of no bytes.
    pub fn is_empty(&self) -> bool {
        matches!(self.content, Content::Empty)
    }

    /// The bytes, when they are in memory as one piece.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The body in chunks, read as it goes.
    pub fn into_stream(self) -> BodyStream {
        let segments = match self.content {
            Content::Empty => Arc::from([]),
            Content::Bytes(bytes) => Arc::from([Segment::Bytes(bytes)]),
            Content::Segments { segments, .. } => segments,
        };
        BodyStream { segments, next: 0, state: State::Between, left: Bytes::new(), progress: self.progress }
    }

    /// The whole body in memory, for tests.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub async fn collect(self) -> io::Result<Bytes> {
        if let Content::Bytes(bytes) = self.content {
            return Ok(bytes);
        }
        let mut stream = self.into_stream();
        let mut all = Vec::new();
        while let Some(chunk) = std::future::poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await {
            all.extend_from_slice(&chunk?);
        }
        Ok(all.into())
    }

    /// Whether it has a reader that can be read once only, and was.
    pub(crate) fn is_spent(&self) -> bool {
        let Content::Segments { segments, .. } = &self.content else { return false };
        segments.iter().any(|segment| matches!(segment, Segment::File(upload) if upload.is_spent()))
    }

    /// The same content, to be sent from its beginning.
    pub(crate) fn again(&self) -> Self {
        Self { content: self.content.clone(), progress: Arc::default() }
    }

    /// How much of it is handed to the transport, to be watched while it is sent.
    pub(crate) fn progress(&self) -> Arc<Progress> {
        // What fits into one chunk is taken as a whole.
        if self.is_empty() || self.as_bytes().is_some_and(|bytes| bytes.len() <= CHUNK) {
            self.progress.ended.store(true, Ordering::Relaxed);
        }
        self.progress.clone()
    }
}

/// Shows the length only.
impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len() {
            Some(len) => write!(f, "RequestBody({len} bytes)"),
            None => f.write_str("RequestBody(unknown length)"),
        }
    }
}

impl<T: Into<Bytes>> From<T> for RequestBody {
    fn from(bytes: T) -> Self {
        Self::bytes(bytes)
    }
}

/// The chunks of a [`RequestBody`]. Files are opened when their turn comes and read on a blocking thread.
pub struct BodyStream {
    segments: Arc<[Segment]>,
    next: usize,
    state: State,
    /// What is left of a stretch in memory.
    left: Bytes,
    progress: Arc<Progress>,
}

enum State {
    Between,
    Reading(Job),
    Reader(Box<dyn Read + Send>),
    Stream(ChunkStream),
}

/// A blocking read on its way, or done.
type Job = tokio::task::JoinHandle<io::Result<Step>>;

/// What one blocking step brings.
enum Step {
    Chunk(Bytes, Box<dyn Read + Send>),
    Stream(ChunkStream),
    End,
}

impl Stream for BodyStream {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let item = ready!(this.poll_chunk(cx));
        match &item {
            Some(Ok(chunk)) => _ = this.progress.taken.fetch_add(chunk.len() as u64, Ordering::Relaxed),
            _ => this.progress.ended.store(true, Ordering::Relaxed),
        }
        Poll::Ready(item)
    }
}

impl BodyStream {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Between) {
                State::Between if !self.left.is_empty() => {
                    let most = self.left.len().min(CHUNK);
                    return Poll::Ready(Some(Ok(self.left.split_to(most))));
                }
                State::Between => {
                    let Some(segment) = self.segments.get(self.next) else { return Poll::Ready(None) };
                    self.next += 1;
                    match segment {
                        Segment::Bytes(bytes) => self.left = bytes.clone(),
                        Segment::File(upload) => match upload.as_bytes() {
                            Some(bytes) => self.left = bytes.clone(),
                            None => {
                                let upload = upload.clone();
                                if let Some(item) = self.advance(move || open(&upload)) {
                                    return Poll::Ready(Some(item));
                                }
                            }
                        },
                    }
                }
                State::Reader(reader) => {
                    if let Some(item) = self.advance(move || read(reader)) {
                        return Poll::Ready(Some(item));
                    }
                }
                State::Reading(mut job) => match Pin::new(&mut job).poll(cx) {
                    Poll::Pending => {
                        self.state = State::Reading(job);
                        return Poll::Pending;
                    }
                    Poll::Ready(step) => {
                        if let Some(item) = self.take(step.unwrap_or_else(|e| Err(io::Error::other(e)))) {
                            return Poll::Ready(Some(item));
                        }
                    }
                },
                State::Stream(mut stream) => match stream.as_mut().poll_next(cx) {
                    Poll::Ready(None) => {}
                    item => {
                        self.state = State::Stream(stream);
                        return item;
                    }
                },
            }
        }
    }

    /// Starts a blocking step; without a tokio runtime it is done at once.
    fn advance(&mut self, step: impl FnOnce() -> io::Result<Step> + Send + 'static) -> Option<io::Result<Bytes>> {
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                self.state = State::Reading(runtime.spawn_blocking(step));
                None
            }
            Err(_) => self.take(step()),
        }
    }

    fn take(&mut self, step: io::Result<Step>) -> Option<io::Result<Bytes>> {
        match step {
            Err(error) => {
                self.next = self.segments.len();
                Some(Err(error))
            }
            Ok(Step::End) => None,
            Ok(Step::Stream(stream)) => {
                self.state = State::Stream(stream);
                None
            }
            Ok(Step::Chunk(chunk, reader)) => {
                self.state = State::Reader(reader);
                Some(Ok(chunk))
            }
        }
    }
}

fn open(upload: &Upload) -> io::Result<Step> {
    match upload.open()? {
        Chunks::Stream(stream) => Ok(Step::Stream(stream)),
        Chunks::Reader(reader) => read(reader),
    }
}

fn read(mut reader: Box<dyn Read + Send>) -> io::Result<Step> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(Step::End),
            Ok(length) => {
                chunk.truncate(length);
                return Ok(Step::Chunk(chunk.into(), reader));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl fmt::Debug for BodyStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyStream").field("segments", &self.segments.len()).field("next", &self.next).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(body: RequestBody) -> io::Result<Bytes> {
        let mut future = Box::pin(body.collect());
        let mut cx = Context::from_waker(std::task::Waker::noop());
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(bytes) => bytes,
            Poll::Pending => panic!("reading without a runtime never waits"),
        }
    }

    #[test]
    fn files_are_read_again_for_every_attempt() {
        let reader = io::Cursor::new(vec![7u8; CHUNK + 1]);
        let segments = vec![
            Segment::Bytes("<".into()),
            Segment::File(Upload::seekable("a", reader).unwrap()),
            Segment::File(Upload::bytes("b", "!")),
            Segment::Bytes(">".into()),
        ];
        let body = RequestBody::segments(segments).unwrap();
        assert_eq!(body.len(), Some(CHUNK as u64 + 4));
        let first = collect(body.clone()).unwrap();
        assert_eq!(first.len() as u64, body.len().unwrap());
        assert_eq!((body.progress().taken(), body.progress().is_complete()), (first.len() as u64, true));
        assert!(!body.is_spent());
        assert_eq!(body.again().progress().taken(), 0);
        assert_eq!(collect(body.again()).unwrap(), first);
    }

    #[test]
    fn a_plain_reader_has_no_length_and_is_read_once() {
        let body = RequestBody::segments(vec![Segment::File(Upload::reader("a", io::Cursor::new(b"x".to_vec())))]).unwrap();
        assert_eq!((body.len(), body.is_spent()), (None, false));
        assert_eq!(collect(body.clone()).unwrap(), "x");
        assert!(body.is_spent() && collect(body).is_err());
    }

    #[test]
    fn a_path_that_leads_nowhere_is_an_argument_error() {
        let error = RequestBody::segments(vec![Segment::File(Upload::path("/no/such/file"))]).unwrap_err();
        assert!(error.is_argument() && error.message().contains("/no/such/file"), "{error}");
    }
}
