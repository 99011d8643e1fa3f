//! Where the bytes of an upload come from, and how they are read, again and again where that is possible. Knows nothing of names and types.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::io::{AsyncRead, ReadBuf};

/// Files are read and sent in chunks of this size, and so are large bodies in memory.
pub(crate) const CHUNK: usize = 64 * 1024;

/// A stream of chunks that an upload can be read from.
pub(crate) type ChunkStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

#[derive(Clone)]
pub(super) enum Source {
    Bytes(Bytes),
    Path(Arc<Path>),
    Once {
        chunks: Arc<Mutex<Option<Chunks>>>,
        /// The number of bytes that somebody promised.
        len: Option<u64>,
    },
    Seekable(Arc<SeekableSource>),
    /// A stretch of a path or of a seekable reader.
    #[cfg(feature = "parts")]
    Section {
        of: Arc<Source>,
        start: u64,
        len: u64,
    },
}

/// Where the chunks of a source that was opened come from.
pub(crate) enum Chunks {
    Reader(Box<dyn Read + Send>),
    Stream(ChunkStream),
}

pub(super) struct SeekableSource {
    reader: Mutex<Box<dyn ReadSeek + Send>>,
    start: u64,
    len: u64,
}

trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// What to do about bytes beyond those that were announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// They came to a file after it was measured: it is sent as it was.
    Leave,
    /// The number was wrong.
    Refuse,
}

impl Source {
    pub(super) fn once(chunks: Chunks) -> Self {
        Self::Once { chunks: Arc::new(Mutex::new(Some(chunks))), len: None }
    }

    /// A stretch of it, where it can be read from any place.
    #[cfg(feature = "parts")]
    pub(super) fn section(&self, start: u64, len: u64) -> Option<Self> {
        match self {
            Self::Bytes(bytes) => {
                let bound = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                Some(Self::Bytes(bytes.slice(bound(start)..bound(start.saturating_add(len)))))
            }
            Self::Path(_) | Self::Seekable(_) => Some(Self::Section { of: Arc::new(self.clone()), start, len }),
            Self::Section { .. } | Self::Once { .. } => None,
        }
    }

    /// Takes somebody's word for the number of bytes, where it cannot be measured.
    pub(super) fn announce(&mut self, bytes: u64) {
        if let Self::Once { len, .. } = self {
            *len = Some(bytes);
        }
    }

    pub(super) fn excess(&self) -> Excess {
        match self {
            Self::Once { .. } => Excess::Refuse,
            _ => Excess::Leave,
        }
    }

    /// Whether it can be read again and again.
    #[cfg(feature = "bedrock")]
    pub(super) fn is_replayable(&self) -> bool {
        !matches!(self, Self::Once { .. })
    }

    /// Whether it can be sent once only, and its reading has begun.
    pub(super) fn is_spent(&self) -> bool {
        match self {
            Self::Once { chunks, .. } => chunks.lock().map_or(true, |chunks| chunks.is_none()),
            _ => false,
        }
    }

    /// The number of bytes, where it can be known without reading. Fails when a path leads to nothing that can be read.
    pub(super) fn measure(&self) -> io::Result<Option<u64>> {
        Ok(match self {
            Self::Bytes(bytes) => Some(bytes.len() as u64),
            Self::Path(path) => {
                let metadata = std::fs::metadata(path).map_err(|e| at_path(path, &e))?;
                if metadata.is_dir() {
                    return Err(at_path(path, &io::ErrorKind::IsADirectory.into()));
                }
                if metadata.is_file() { Some(metadata.len()) } else { None }
            }
            Self::Seekable(source) => Some(source.len),
            #[cfg(feature = "parts")]
            Self::Section { len, .. } => Some(*len),
            Self::Once { len, .. } => *len,
        })
    }

    /// Starts reading from the beginning. May block on the file system.
    pub(super) fn open(&self) -> io::Result<Chunks> {
        self.open_at(0)
    }

    /// Starts reading at a place. (Who reads a stretch stops at its end.)
    fn open_at(&self, start: u64) -> io::Result<Chunks> {
        match self {
            Self::Bytes(bytes) => Ok(Chunks::Reader(Box::new(io::Cursor::new(bytes.clone())))),
            Self::Path(path) => {
                let mut file = std::fs::File::open(path).map_err(|e| at_path(path, &e))?;
                if start > 0 {
                    file.seek(SeekFrom::Start(start)).map_err(|e| at_path(path, &e))?;
                }
                Ok(Chunks::Reader(Box::new(file)))
            }
            #[cfg(feature = "parts")]
            Self::Section { of, start, .. } => of.open_at(*start),
            Self::Once { chunks, .. } => {
                let taken = chunks.lock().ok().and_then(|mut chunks| chunks.take());
                taken.ok_or_else(|| io::Error::other("the reader of this upload was already used; it can be sent once"))
            }
            Self::Seekable(source) => {
                let at = source.start.saturating_add(start);
                source.lock()?.seek(SeekFrom::Start(at))?;
                Ok(Chunks::Reader(Box::new(SeekableReader { source: source.clone(), at })))
            }
        }
    }
}

fn at_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot read {}: {error}", path.display()))
}

impl SeekableSource {
    pub(super) fn new(reader: impl Read + Seek + Send + 'static, start: u64, len: u64) -> Self {
        Self { reader: Mutex::new(Box::new(reader)), start, len }
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    fn lock(&self) -> io::Result<std::sync::MutexGuard<'_, Box<dyn ReadSeek + Send>>> {
        self.reader.lock().map_err(|_| io::Error::other("the reader of this upload panicked"))
    }
}

/// One pass over a shared seekable reader. It keeps its own position, so that two passes do not disturb each other.
struct SeekableReader {
    source: Arc<SeekableSource>,
    at: u64,
}

impl Read for SeekableReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut reader = self.source.lock()?;
        reader.seek(SeekFrom::Start(self.at))?;
        let read = reader.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// The chunks of an asynchronous reader.
pub(super) struct AsyncChunks<R> {
    reader: Pin<Box<R>>,
    buffer: Box<[u8]>,
}

impl<R> AsyncChunks<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader: Box::pin(reader), buffer: vec![0; CHUNK].into() }
    }
}

impl<R: AsyncRead> Stream for AsyncChunks<R> {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { reader, buffer } = &mut *self;
        let mut chunk = ReadBuf::new(buffer);
        Poll::Ready(match ready!(reader.as_mut().poll_read(cx, &mut chunk)) {
            Err(error) => Some(Err(error)),
            Ok(()) if chunk.filled().is_empty() => None,
            Ok(()) => Some(Ok(Bytes::copy_from_slice(chunk.filled()))),
        })
    }
}
