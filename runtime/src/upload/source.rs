//! Where the bytes of an upload come from, and how they are read, again and again where that is possible. Knows nothing of names and types.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_core::Stream;

/// A stream of chunks that an upload can be read from.
pub(crate) type ChunkStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

#[derive(Clone)]
pub(super) enum Source {
    Bytes(Bytes),
    Path(Arc<Path>),
    Once(Arc<Mutex<Option<Chunks>>>),
    Seekable(Arc<SeekableSource>),
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

impl Source {
    /// Whether it can be sent once only, and its reading has begun.
    pub(super) fn is_spent(&self) -> bool {
        match self {
            Self::Once(chunks) => chunks.lock().map_or(true, |chunks| chunks.is_none()),
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
            Self::Once(_) => None,
        })
    }

    /// Starts reading from the beginning. May block on the file system.
    pub(super) fn open(&self) -> io::Result<Chunks> {
        match self {
            Self::Bytes(bytes) => Ok(Chunks::Reader(Box::new(io::Cursor::new(bytes.clone())))),
            Self::Path(path) => {
                let file = std::fs::File::open(path).map_err(|e| at_path(path, &e))?;
                Ok(Chunks::Reader(Box::new(file)))
            }
            Self::Once(chunks) => {
                let taken = chunks.lock().ok().and_then(|mut chunks| chunks.take());
                taken.ok_or_else(|| io::Error::other("the reader of this upload was already used; it can be sent once"))
            }
            Self::Seekable(source) => {
                source.lock()?.seek(SeekFrom::Start(source.start))?;
                Ok(Chunks::Reader(Box::new(SeekableReader { source: source.clone(), at: source.start })))
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
