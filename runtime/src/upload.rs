//! A file to be sent: what it is called and where its bytes come from. Knows nothing of multipart syntax or of requests.

mod source;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_core::Stream;

use source::{AsyncChunks, SeekableSource, Source};
pub(crate) use source::{CHUNK, ChunkStream, Chunks, Excess};

/// A file to send: bytes in memory, a path, or anything that reads.
///
/// Cheap to clone. A path is opened when the request is sent and read in chunks, never as a whole. Bytes, paths and seekable
/// readers can be sent again on a retry; a plain reader or stream can be sent once.
#[derive(Clone)]
pub struct Upload {
    name: Option<Arc<str>>,
    content_type: Option<Arc<str>>,
    /// Sent as a plain field: without a file name, and without a content type unless one is set.
    plain: bool,
    headers: Arc<[(Box<str>, Box<str>)]>,
    source: Source,
    observer: Option<Observer>,
}

/// Told how many bytes of how many were sent.
pub(crate) type Observer = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

impl Upload {
    /// A file made of bytes in memory.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::new(Some(name.into()), Source::Bytes(bytes.into()))
    }

    /// Bytes without a file name of their own; they are sent under the name `upload`.
    pub fn unnamed(bytes: impl Into<Bytes>) -> Self {
        Self::new(None, Source::Bytes(bytes.into()))
    }

    /// A file on disk, sent under its own base name. It is opened when the request is sent.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Self::new(name, Source::Path(path.into()))
    }

    /// Anything that reads. It can be sent once: a request that carries it is not retried after the reading began.
    pub fn reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        Self::once(name, Chunks::Reader(Box::new(reader)))
    }

    /// Anything that reads asynchronously: a file or a socket of tokio, a child's output. It can be sent once, as with [`Upload::reader`].
    pub fn async_reader(name: impl Into<String>, reader: impl tokio::io::AsyncRead + Send + 'static) -> Self {
        Self::once(name, Chunks::Stream(Box::pin(AsyncChunks::new(reader))))
    }

    /// Chunks that arrive asynchronously. It can be sent once, as with [`Upload::reader`].
    pub fn stream(name: impl Into<String>, chunks: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self::once(name, Chunks::Stream(Box::pin(chunks)))
    }

    /// A reader that can be rewound, read from where it stands now. It is sent again on a retry.
    ///
    /// # Errors
    /// When the reader cannot tell its position or its end.
    pub fn seekable(name: impl Into<String>, mut reader: impl Read + Seek + Send + 'static) -> io::Result<Self> {
        let start = reader.stream_position()?;
        let end = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(start))?;
        let source = SeekableSource::new(reader, start, end.saturating_sub(start));
        Ok(Self::new(Some(name.into()), Source::Seekable(Arc::new(source))))
    }

    /// Says how many bytes a reader or a stream has, so that the request can say its length, which some servers ask for. When it has another
    /// number, the request fails. Of bytes, paths and seekable readers the number is known.
    #[must_use]
    pub fn length(mut self, bytes: u64) -> Self {
        self.source.announce(bytes);
        self
    }

    /// Calls this with the number of bytes that were sent, and with the number that there are where that is known: once at the beginning
    /// and after every chunk. A retry begins again with zero. It is called while the request is being sent, and so should not take long.
    ///
    /// ```no_run
    /// # use openai_runtime::Upload;
    /// let upload = Upload::path("big.jsonl").on_progress(|sent, total| match total {
    ///     Some(total) => eprintln!("{sent} of {total} bytes"),
    ///     None => eprintln!("{sent} bytes"),
    /// });
    /// ```
    #[must_use]
    pub fn on_progress(mut self, observer: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Replaces the file name. It may contain `/`.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        (self.name, self.plain) = (Some(name.into().into()), false);
        self
    }

    /// Sets the content type, which is otherwise guessed from the name's extension.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into().into());
        self
    }

    /// Sends no file name at all, as if it were a plain field of the form.
    #[must_use]
    pub fn without_file_name(mut self) -> Self {
        (self.name, self.plain) = (None, true);
        self
    }

    /// Adds a header to the file's part of a multipart body. Line breaks in it become spaces.
    #[must_use]
    pub fn part_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let one_line = |text: &str| text.replace(['\r', '\n'], " ").into_boxed_str();
        let (name, value) = (one_line(name.as_ref()), one_line(value.as_ref()));
        if name.eq_ignore_ascii_case("content-type") {
            return self.content_type(value);
        }
        self.headers = self.headers.iter().cloned().chain([(name, value)]).collect();
        self
    }

    /// The file name, if there is one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The content type that was set, if any.
    pub fn declared_content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The bytes, when they are in memory.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.source {
            Source::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// A stretch of it as an upload without a name; None where it can be read from its beginning only.
    #[cfg(feature = "parts")]
    pub(crate) fn section(&self, start: u64, len: u64) -> Option<Self> {
        Some(Self::new(None, self.source.section(start, len)?))
    }

    /// The same, with somebody else told about its sending.
    #[cfg(feature = "parts")]
    pub(crate) fn observed(mut self, observer: Option<Observer>) -> Self {
        self.observer = observer;
        self
    }

    fn once(name: impl Into<String>, chunks: Chunks) -> Self {
        Self::new(Some(name.into()), Source::once(chunks))
    }

    fn new(name: Option<String>, source: Source) -> Self {
        Self { name: name.map(Into::into), content_type: None, plain: false, headers: Arc::new([]), source, observer: None }
    }

    /// The name that the part is sent under, if any.
    pub(crate) fn part_name(&self) -> Option<&str> {
        if self.plain { None } else { Some(self.name().unwrap_or("upload")) }
    }

    /// The part's further headers.
    pub(crate) fn part_headers(&self) -> &[(Box<str>, Box<str>)] {
        &self.headers
    }

    /// What to tell about the sending of it.
    pub(crate) fn observer(&self) -> Option<Observer> {
        self.observer.clone()
    }

    /// What to do about bytes beyond those that were announced.
    pub(crate) fn excess(&self) -> Excess {
        self.source.excess()
    }

    /// Whether it can be read again and again.
    #[cfg(feature = "bedrock")]
    pub(crate) fn is_replayable(&self) -> bool {
        self.source.is_replayable()
    }

    /// The same upload without its observer.
    #[cfg(any(feature = "bedrock", feature = "parts"))]
    pub(crate) fn unobserved(&self) -> Self {
        Self { observer: None, ..self.clone() }
    }

    /// Whether it can be sent once only, and its reading has begun.
    pub(crate) fn is_spent(&self) -> bool {
        self.source.is_spent()
    }

    /// The number of bytes, where it can be known without reading. Fails when a path leads to nothing that can be read.
    pub(crate) fn measure(&self) -> io::Result<Option<u64>> {
        self.source.measure()
    }

    /// Starts reading from the beginning. May block on the file system.
    pub(crate) fn open(&self) -> io::Result<Chunks> {
        self.source.open()
    }
}

impl Default for Upload {
    fn default() -> Self {
        Self::unnamed(Bytes::new())
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source: Cow<'_, str> = match &self.source {
            Source::Bytes(bytes) => format!("{} bytes", bytes.len()).into(),
            Source::Path(path) => path.to_string_lossy(),
            Source::Once { .. } => "reader".into(),
            Source::Seekable(source) => format!("{} bytes, seekable", source.len()).into(),
            #[cfg(feature = "parts")]
            Source::Section { start, len, .. } => format!("{len} bytes from {start} on").into(),
        };
        let mut debug = f.debug_struct("Upload");
        debug.field("name", &self.name);
        if let Some(content_type) = &self.content_type {
            debug.field("content_type", content_type);
        }
        debug.field("source", &format_args!("{source}")).finish()
    }
}

/// Equal when the names and types are and the bytes are the same, the paths are the same, or the readers are one and the same.
impl PartialEq for Upload {
    fn eq(&self, other: &Self) -> bool {
        let same_source = match (&self.source, &other.source) {
            (Source::Bytes(a), Source::Bytes(b)) => a == b,
            (Source::Path(a), Source::Path(b)) => a == b,
            (Source::Once { chunks: a, .. }, Source::Once { chunks: b, .. }) => Arc::ptr_eq(a, b),
            (Source::Seekable(a), Source::Seekable(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        let described = |upload: &Self| (upload.name.clone(), upload.content_type.clone(), upload.plain, upload.headers.clone());
        same_source && described(self) == described(other)
    }
}

impl From<PathBuf> for Upload {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

impl From<&Path> for Upload {
    fn from(path: &Path) -> Self {
        Self::path(path)
    }
}

impl From<Vec<u8>> for Upload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::unnamed(bytes)
    }
}

impl From<Bytes> for Upload {
    fn from(bytes: Bytes) -> Self {
        Self::unnamed(bytes)
    }
}

impl<N: Into<String>, B: Into<Bytes>> From<(N, B)> for Upload {
    fn from((name, bytes): (N, B)) -> Self {
        Self::bytes(name, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(upload: &Upload) -> String {
        let Chunks::Reader(mut reader) = upload.open().unwrap() else { panic!("not a reader") };
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_seekable_reader_is_read_from_where_it_stood_every_time() {
        let mut cursor = io::Cursor::new(b"skip-body".to_vec());
        cursor.set_position(5);
        let upload = Upload::seekable("a", cursor).unwrap();
        assert_eq!(upload.measure().unwrap(), Some(4));
        assert_eq!((read(&upload), read(&upload)), ("body".into(), "body".into()));
    }

    #[test]
    fn a_plain_reader_can_be_opened_once() {
        let upload = Upload::reader("a", io::Cursor::new(b"x".to_vec()));
        assert!(!upload.is_spent());
        assert_eq!(read(&upload), "x");
        assert!(upload.is_spent() && upload.open().is_err());
    }

    #[test]
    fn debug_shows_no_content() {
        let upload = Upload::bytes("a.txt", "secret words").content_type("text/plain");
        let text = format!("{upload:?}");
        assert!(!text.contains("secret"), "{text}");
        assert!(text.contains("12 bytes") && text.contains("a.txt"), "{text}");
    }
}
