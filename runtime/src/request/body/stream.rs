//! The chunks of a request body, read as the transport takes them: files on a blocking thread, one chunk at a time.

use std::fmt;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use super::pass::Pass;
use super::{Measured, Progress, Segment};
use crate::upload::{CHUNK, ChunkStream, Chunks, Upload};

/// The chunks of a request body. Files are opened when their turn comes and read on a blocking thread.
pub struct BodyStream {
    segments: Arc<[Measured]>,
    next: usize,
    state: State,
    /// What is left of a stretch in memory.
    left: Bytes,
    /// The pass over the file that is being sent.
    pass: Option<Pass>,
    progress: Arc<Progress>,
}

enum State {
    /// What is left in memory comes next, or the next stretch.
    Between,
    /// A file that is opened when it is asked for.
    Closed(Upload),
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

impl BodyStream {
    pub(super) fn new(segments: Arc<[Measured]>, progress: Arc<Progress>) -> Self {
        Self { segments, next: 0, state: State::Between, left: Bytes::new(), pass: None, progress }
    }
}

impl Stream for BodyStream {
    type Item = io::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let item = ready!(this.poll_chunk(cx)).transpose();
        match &item {
            Ok(Some(chunk)) => _ = this.progress.taken.fetch_add(chunk.len() as u64, Ordering::Relaxed),
            _ => this.progress.ended.store(true, Ordering::Relaxed),
        }
        if item.is_err() {
            (this.next, this.state, this.pass) = (this.segments.len(), State::Between, None);
        }
        Poll::Ready(item.transpose())
    }
}

impl BodyStream {
    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            let chunk = match ready!(self.poll_segment(cx)) {
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(chunk)) if chunk.is_empty() => continue,
                Some(Ok(chunk)) => match &mut self.pass {
                    None => chunk,
                    Some(pass) => match pass.take(chunk) {
                        Ok(Some(chunk)) => chunk,
                        Ok(None) => {
                            self.state = State::Between;
                            continue;
                        }
                        Err(error) => return Poll::Ready(Some(Err(error))),
                    },
                },
                None => match self.next_segment() {
                    Some(Ok(())) => continue,
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    None => return Poll::Ready(None),
                },
            };
            return Poll::Ready(Some(Ok(chunk)));
        }
    }

    /// Goes over to the next stretch; None after the last.
    fn next_segment(&mut self) -> Option<io::Result<()>> {
        if let Some(Err(error)) = self.pass.take().map(Pass::end) {
            return Some(Err(error));
        }
        let Measured { segment, len } = self.segments.get(self.next)?.clone();
        self.next += 1;
        match segment {
            Segment::Bytes(bytes) => self.left = bytes,
            Segment::File(upload) => {
                self.pass = Some(Pass::begin(&upload, len));
                match upload.as_bytes() {
                    Some(bytes) => self.left = bytes.clone(),
                    None => self.state = State::Closed(upload),
                }
            }
        }
        Some(Ok(()))
    }

    /// The next chunk of the stretch that is being sent; None after its last.
    fn poll_segment(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Between) {
                State::Between if self.left.is_empty() => return Poll::Ready(None),
                State::Between => {
                    let most = self.left.len().min(CHUNK);
                    return Poll::Ready(Some(Ok(self.left.split_to(most))));
                }
                State::Closed(upload) => {
                    if let Some(item) = self.advance(move || open(&upload)) {
                        return Poll::Ready(Some(item));
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
                State::Stream(mut stream) => {
                    let item = stream.as_mut().poll_next(cx);
                    if !matches!(item, Poll::Ready(None)) {
                        self.state = State::Stream(stream);
                    }
                    return item;
                }
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
            Err(error) => Some(Err(error)),
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
