//! The value of a field that may lie in the current chunk or in a buffer of its own. Knows nothing of lines.

use std::ops::Range;

use super::Place;

/// A buffer that grew beyond this for one event is given back.
const MOST_KEPT: usize = 64 * 1024;

/// The value of a field: nothing, a stretch of the chunk, or a stretch of `buffer`.
#[derive(Default)]
pub(super) struct Text {
    buffer: Vec<u8>,
    span: Span,
}

#[derive(Default)]
enum Span {
    #[default]
    None,
    Chunk(Range<usize>),
    Buffer(Range<usize>),
}

impl Text {
    /// Whether the field did not come.
    pub(super) fn is_none(&self) -> bool {
        matches!(self.span, Span::None)
    }

    /// Whether there is no text.
    pub(super) fn is_empty(&self) -> bool {
        match &self.span {
            Span::None => true,
            Span::Chunk(range) | Span::Buffer(range) => range.is_empty(),
        }
    }

    pub(super) fn get<'a>(&'a self, chunk: &'a [u8]) -> &'a [u8] {
        match &self.span {
            Span::None => &[],
            Span::Chunk(range) => &chunk[range.clone()],
            Span::Buffer(range) => &self.buffer[range.clone()],
        }
    }

    pub(super) fn clear(&mut self) {
        self.span = Span::None;
        self.buffer.clear();
        shrink(&mut self.buffer);
    }

    /// Sets the value, or adds it as a further line. A whole line in `partial` is taken over, not copied.
    pub(super) fn add(&mut self, chunk: &[u8], partial: &mut Vec<u8>, place: Place) {
        if self.is_none() {
            self.span = match place {
                Place::Chunk(range) => Span::Chunk(range),
                Place::Partial(range) => {
                    std::mem::swap(&mut self.buffer, partial);
                    Span::Buffer(range)
                }
            };
            return;
        }
        self.own(chunk);
        let Span::Buffer(range) = &mut self.span else { unreachable!("the text was just moved into the buffer") };
        self.buffer.truncate(range.end);
        self.buffer.push(b'\n');
        self.buffer.extend_from_slice(match place {
            Place::Chunk(range) => &chunk[range],
            Place::Partial(range) => &partial[range],
        });
        range.end = self.buffer.len();
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Moves what lies in the chunk into the buffer.
    pub(super) fn own(&mut self, chunk: &[u8]) {
        if let Span::Chunk(range) = &self.span {
            self.buffer.clear();
            self.buffer.extend_from_slice(&chunk[range.clone()]);
            self.span = Span::Buffer(0..self.buffer.len());
        }
    }
}

/// Gives memory back that an unusually long line took.
pub(super) fn shrink(buffer: &mut Vec<u8>) {
    if buffer.capacity() > MOST_KEPT {
        buffer.shrink_to(MOST_KEPT);
    }
}
