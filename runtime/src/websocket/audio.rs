//! Audio in pieces, each in base64. Knows no event and no format.

use tokio::io::{AsyncRead, ReadBuf};

use crate::base64_text::to_base64;
use crate::error::{Error, Result};

/// How much goes into a piece: a sixth of a second of PCM at 24 kHz, and a whole number of samples.
const PIECE: usize = 8 * 1024;

/// Reads audio in pieces of 8 KiB and gives each in base64.
#[derive(Debug)]
pub struct AudioChunks<R> {
    reader: R,
    buffer: Vec<u8>,
    bytes: u64,
}

impl<R: AsyncRead + Unpin> AudioChunks<R> {
    /// The audio that a reader gives.
    pub fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; PIECE], bytes: 0 }
    }

    /// The next piece, which is full unless it is the last one.
    ///
    /// Cancel safety: what was read for a piece that is not full yet is lost when the future is dropped.
    ///
    /// # Errors
    /// When reading fails.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let mut piece = ReadBuf::new(&mut self.buffer);
        while piece.remaining() > 0 {
            let before = piece.filled().len();
            let read = std::future::poll_fn(|cx| std::pin::Pin::new(&mut self.reader).poll_read(cx, &mut piece)).await;
            read.map_err(|error| Error::argument(format!("the audio cannot be read: {error}")).with_source(error))?;
            if piece.filled().len() == before {
                break;
            }
        }
        self.bytes += piece.filled().len() as u64;
        Ok((!piece.filled().is_empty()).then(|| to_base64(piece.filled())))
    }

    /// How many bytes were read so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}
