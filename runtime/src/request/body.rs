//! Request bodies: replayable data, streamed in chunks when it has files, with a count of what was handed out. The only place that
//! reads uploads; knows nothing of HTTP.

mod pass;
mod stream;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use futures_core::Stream;

use crate::error::{Error, Result};
pub(crate) use crate::upload::CHUNK;
use crate::upload::Upload;
pub use stream::BodyStream;

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
        segments: Arc<[Measured]>,
        len: Option<u64>,
    },
}

/// A stretch with its length, where that is known.
#[derive(Clone, Debug)]
struct Measured {
    segment: Segment,
    len: Option<u64>,
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

    /// A body that is a file, a reader or a stream, read while it is sent.
    ///
    /// # Errors
    /// When a path leads to nothing that can be read.
    pub fn upload(upload: impl Into<Upload>) -> Result<Self> {
        Self::segments(vec![Segment::File(upload.into())])
    }

    /// A body made of stretches of text and of files.
    pub(crate) fn segments(segments: Vec<Segment>) -> Result<Self> {
        let measure = |segment| {
            let len = match &segment {
                Segment::Bytes(bytes) => Some(bytes.len() as u64),
                Segment::File(upload) => upload.measure().map_err(|e| Error::argument(e.to_string()).with_source(e))?,
            };
            Ok(Measured { segment, len })
        };
        let segments = segments.into_iter().map(measure).collect::<Result<Arc<[Measured]>>>()?;
        let len = segments.iter().try_fold(0u64, |sum, measured| Some(sum.saturating_add(measured.len?)));
        Ok(Self { content: Content::Segments { segments, len }, progress: Arc::default() })
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
            Content::Bytes(bytes) => Arc::from([Measured { len: Some(bytes.len() as u64), segment: Segment::Bytes(bytes) }]),
            Content::Segments { segments, .. } => segments,
        };
        BodyStream::new(segments, self.progress)
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

    /// Whether it can be read again and again.
    #[cfg(feature = "bedrock")]
    pub(crate) fn is_replayable(&self) -> bool {
        let Content::Segments { segments, .. } = &self.content else { return true };
        segments.iter().all(|measured| !matches!(&measured.segment, Segment::File(upload) if !upload.is_replayable()))
    }

    /// The same content, to be read without telling anybody.
    #[cfg(feature = "bedrock")]
    pub(crate) fn unobserved(&self) -> Self {
        let Content::Segments { segments, len } = &self.content else { return self.again() };
        let quiet = |measured: &Measured| {
            let segment = match &measured.segment {
                Segment::File(upload) => Segment::File(upload.unobserved()),
                bytes => bytes.clone(),
            };
            Measured { segment, len: measured.len }
        };
        let segments = segments.iter().map(quiet).collect();
        Self { content: Content::Segments { segments, len: *len }, progress: Arc::default() }
    }

    /// Whether it has a reader that can be read once only, and was.
    pub(crate) fn is_spent(&self) -> bool {
        let Content::Segments { segments, .. } = &self.content else { return false };
        segments.iter().any(|measured| matches!(&measured.segment, Segment::File(upload) if upload.is_spent()))
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::task::{Context, Poll};

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

    /// What observers are told while the body is read, `sent/total`, and what became of it.
    #[track_caller]
    fn check(upload: Upload, expect: &str, outcome: Result<usize, &str>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let teller = told.clone();
        let upload = upload.on_progress(move |sent, total| {
            teller.lock().unwrap().push(format!("{sent}/{}", total.map_or_else(|| "?".to_owned(), |total| total.to_string())));
        });
        let body = RequestBody::segments(vec![Segment::Bytes("<".into()), Segment::File(upload), Segment::Bytes(">".into())]).unwrap();
        let found = collect(body);
        assert_eq!(told.lock().unwrap().join(" "), expect);
        match (found, outcome) {
            (Ok(found), Ok(len)) => assert_eq!((found[0], found.len(), found.last()), (b'<', len + 2, Some(&b'>'))),
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (found, outcome) => panic!("{found:?} instead of {outcome:?}"),
        }
    }

    #[test]
    fn observers_are_told_and_lengths_are_kept() {
        let reader = |len: usize| Upload::reader("a", io::Cursor::new(vec![7u8; len]));
        let chunks = |sizes: &'static [usize]| Upload::stream("a", Pieces(sizes.iter()));
        check(Upload::bytes("a", vec![7u8; 100_000]), "0/100000 65536/100000 100000/100000", Ok(100_000));
        check(Upload::bytes("a", ""), "0/0", Ok(0));
        check(Upload::seekable("a", io::Cursor::new(vec![7u8; 70_000])).unwrap(), "0/70000 65536/70000 70000/70000", Ok(70_000));
        check(reader(5), "0/? 5/?", Ok(5));
        check(chunks(&[3, 0, 4]), "0/? 3/? 7/?", Ok(7));
        check(Upload::async_reader("a", &b"12345"[..]), "0/? 5/?", Ok(5));
        check(reader(5).length(5), "0/5 5/5", Ok(5));
        check(chunks(&[3, 4]).length(7), "0/7 3/7 7/7", Ok(7));
        check(chunks(&[3, 4]).length(6), "0/6 3/6", Err("the upload `a` has more bytes than the 6 that were announced"));
        check(chunks(&[3, 4]).length(8), "0/8 3/8 7/8", Err("the upload `a` has fewer bytes than the 8 that were announced"));
    }

    #[test]
    fn a_file_that_changes_after_it_was_measured_is_sent_as_it_was_or_not_at_all() {
        let folder = std::env::temp_dir().join(format!("openai-runtime-body-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("growing.log");
        std::fs::write(&path, "12345").unwrap();
        let body = RequestBody::segments(vec![Segment::File(Upload::path(&path)), Segment::Bytes(">".into())]).unwrap();
        std::fs::write(&path, "1234567").unwrap();
        assert_eq!(collect(body.again()).unwrap(), "12345>");
        std::fs::write(&path, "123").unwrap();
        assert!(collect(body.again()).unwrap_err().to_string().contains("fewer bytes than the 5"));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// Chunks of these sizes.
    struct Pieces(std::slice::Iter<'static, usize>);

    impl Stream for Pieces {
        type Item = io::Result<Bytes>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Ready(self.0.next().map(|size| Ok(vec![7; *size].into())))
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_is_an_argument_error() {
        let error = RequestBody::segments(vec![Segment::File(Upload::path("/no/such/file"))]).unwrap_err();
        assert!(error.is_argument() && error.message().contains("/no/such/file"), "{error}");
    }
}
