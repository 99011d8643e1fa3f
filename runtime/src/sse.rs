//! A sans-IO decoder of server-sent events: bytes in, events out, in linear time and without a size limit (contract 4.2, 4.3).
//! Knows nothing of JSON, of `[DONE]` or of where the bytes come from.

use std::fmt;

use bytes::Bytes;

/// Decodes server-sent events from chunks cut anywhere.
///
/// Hand it chunks with [`push`](Self::push) and take events with [`next_event`](Self::next_event) until it has none. Lines may end in LF, CR or CRLF.
/// An event is dispatched at a blank line when it has any field; an event that the input breaks off in is never dispatched.
#[derive(Default)]
pub struct Decoder {
    chunk: Bytes,
    at: usize,
    /// The beginning of a line whose end has not arrived.
    partial: Vec<u8>,
    after_cr: bool,
    past_bom: bool,
    dispatched: bool,
    event: String,
    data: String,
    has_data: bool,
    id: String,
    retry: Option<u64>,
}

/// One event. It borrows from the decoder until the next one is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The `event` field, when it came and is not empty.
    pub event: Option<&'a str>,
    /// The `data` lines, joined with a line feed.
    pub data: &'a str,
    /// The last `id` of the stream so far.
    pub id: Option<&'a str>,
    /// The `retry` field of this event, in milliseconds.
    pub retry: Option<u64>,
}

/// A line that is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidUtf8;

impl fmt::Display for InvalidUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a line of the event stream is not valid UTF-8")
    }
}

impl std::error::Error for InvalidUtf8 {}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands in the next chunk. Take all events before handing in another: what is left of this one is kept, at the price of a copy.
    pub fn push(&mut self, chunk: impl Into<Bytes>) {
        let chunk = chunk.into();
        if self.at < self.chunk.len() {
            let mut joined = self.chunk.split_off(self.at).to_vec();
            joined.extend_from_slice(&chunk);
            self.chunk = joined.into();
        } else {
            self.chunk = chunk;
        }
        self.at = 0;
    }

    /// The next event that is complete.
    ///
    /// # Errors
    /// When a line is not UTF-8. The line is dropped; the decoder can go on.
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, InvalidUtf8> {
        if self.dispatched {
            self.dispatched = false;
            self.event.clear();
            self.data.clear();
            (self.has_data, self.retry) = (false, None);
        }
        while let Some(end) = self.line_end() {
            if self.take_line(end)? {
                self.dispatched = true;
                return Ok(Some(Event {
                    event: Some(self.event.as_str()).filter(|event| !event.is_empty()),
                    data: &self.data,
                    id: Some(self.id.as_str()).filter(|id| !id.is_empty()),
                    retry: self.retry,
                }));
            }
        }
        Ok(None)
    }

    /// Whether the input so far ends inside an event: bytes or fields are waiting that no blank line completed.
    pub fn is_mid_event(&self) -> bool {
        let pending = !self.dispatched && (self.has_data || !self.event.is_empty());
        pending || self.partial.iter().any(|byte| !byte.is_ascii_whitespace())
    }

    /// The position of the next line end in the chunk. Without one, the rest of the chunk is put by.
    fn line_end(&mut self) -> Option<usize> {
        if self.after_cr && self.at < self.chunk.len() {
            self.after_cr = false;
            self.at += usize::from(self.chunk[self.at] == b'\n');
        }
        let rest = &self.chunk[self.at..];
        match memchr::memchr2(b'\n', b'\r', rest) {
            Some(length) => Some(self.at + length),
            None => {
                self.partial.extend_from_slice(rest);
                self.at = self.chunk.len();
                None
            }
        }
    }

    /// Takes the line that ends at `end`; true when it completes an event.
    fn take_line(&mut self, end: usize) -> Result<bool, InvalidUtf8> {
        let chunk = self.chunk.clone();
        let start = std::mem::replace(&mut self.at, end + 1);
        self.after_cr = chunk[end] == b'\r';
        if self.partial.is_empty() {
            return self.line(&chunk[start..end]);
        }
        let mut line = std::mem::take(&mut self.partial);
        line.extend_from_slice(&chunk[start..end]);
        let complete = self.line(&line);
        line.clear();
        self.partial = line;
        complete
    }

    fn line(&mut self, mut line: &[u8]) -> Result<bool, InvalidUtf8> {
        if !std::mem::replace(&mut self.past_bom, true) {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            return Ok(self.has_data || !self.event.is_empty() || !self.id.is_empty() || self.retry.is_some());
        }
        let line = std::str::from_utf8(line).map_err(|_| InvalidUtf8)?;
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            "event" => value.clone_into(&mut self.event),
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" => self.retry = value.trim().parse().ok().or(self.retry),
            _ => {}
        }
        Ok(false)
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("mid_event", &self.is_mid_event()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Found = Vec<(Option<String>, String, Option<String>, Option<u64>)>;

    fn decode<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Found, InvalidUtf8> {
        let mut decoder = Decoder::new();
        let mut events = Vec::new();
        for chunk in chunks {
            decoder.push(Bytes::copy_from_slice(chunk));
            while let Some(event) = decoder.next_event()? {
                events.push((event.event.map(Into::into), event.data.into(), event.id.map(Into::into), event.retry));
            }
        }
        Ok(events)
    }

    /// The same events come out however the bytes are cut.
    #[track_caller]
    fn check(input: &str, expect: &[&str]) {
        let bytes = input.as_bytes();
        let whole = decode([bytes]).unwrap();
        assert_eq!(whole.iter().map(|event| event.1.as_str()).collect::<Vec<_>>(), expect, "{input:?}");
        assert_eq!(decode(bytes.chunks(1)).unwrap(), whole, "{input:?} byte by byte");
        for at in 0..bytes.len() {
            assert_eq!(decode([&bytes[..at], b"", &bytes[at..]]).unwrap(), whole, "{input:?} cut at {at}");
        }
    }

    #[test]
    fn events_end_at_blank_lines_of_any_kind() {
        check("data: 1\n\ndata: 2\n\n", &["1", "2"]);
        check("data: 1\r\n\r\ndata: 2\r\n\r\n", &["1", "2"]);
        check("data: 1\r\rdata: 2\r\r", &["1", "2"]);
        check("data: 1\n\r\ndata: 2\r\n\n", &["1", "2"]);
        check("data: {\"a\":\ndata: 1}\n\n", &["{\"a\":\n1}"]);
        check("data: a\u{2028}b\u{85}c\u{b}d\n\n", &["a\u{2028}b\u{85}c\u{b}d"]);
        check("data\ndata\n\n", &["\n"]);
        check(": ping\n\n\n\n", &[]);
        check("data: 1\n\ndata: lost", &["1"]);
        check("data:  two\n\ndata:one\n\n", &[" two", "one"]);
        check("\u{feff}data: 1\n\n", &["1"]);
        check("event: ping\n\n", &[""]);
    }

    #[test]
    fn the_id_persists_and_the_other_fields_do_not() {
        let events = decode([&b"id:one\r\nevent: e\nretry: 5\r\ndata:x\r\n\ndata:two\n\nid: a\0b\ndata: 3\n\n"[..]]).unwrap();
        let one = || Some("one".to_owned());
        assert_eq!(
            events,
            [(Some("e".into()), "x".into(), one(), Some(5)), (None, "two".into(), one(), None), (None, "3".into(), one(), None)]
        );
    }

    #[test]
    fn a_line_that_is_not_utf8_is_an_error() {
        assert_eq!(decode([&b"data: \xff\n\n"[..]]), Err(InvalidUtf8));
    }

    #[test]
    fn an_event_that_breaks_off_is_noticed() {
        for (input, expect) in [("data: 1\n\n", false), ("data: 1\n", true), ("data: 1\n\nda", true), ("", false), (": c\n", false)] {
            let mut decoder = Decoder::new();
            decoder.push(input.as_bytes().to_vec());
            while decoder.next_event().unwrap().is_some() {}
            assert_eq!(decoder.is_mid_event(), expect, "{input:?}");
        }
    }

    #[test]
    fn a_long_line_in_many_chunks_takes_linear_time() {
        let mut decoder = Decoder::new();
        decoder.push(&b"data: "[..]);
        for _ in 0..50_000 {
            assert_eq!(decoder.next_event(), Ok(None));
            decoder.push(vec![b'x'; 200]);
        }
        assert_eq!(decoder.next_event(), Ok(None));
        decoder.push(&b"\n\n"[..]);
        assert_eq!(decoder.next_event().unwrap().unwrap().data.len(), 10_000_000);
    }
}
