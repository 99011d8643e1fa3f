//! A sans-IO decoder of server-sent events: bytes in, events out, in linear time and without a size limit (contract 4.2, 4.3).
//! Knows nothing of JSON, of `[DONE]` or of where the bytes come from.
//!
//! A byte that lies in one chunk with the whole of its event is never copied: the event borrows from the chunk. Of an event that lies
//! in several chunks each byte is copied once.

mod text;

use std::fmt;
use std::ops::Range;

use bytes::Bytes;

use text::Text;

/// At most this much is kept of what stands outside of any field.
const MOST_STRAY: usize = 16 * 1024;

/// Decodes server-sent events from chunks cut anywhere.
///
/// Hand it chunks with [`push`](Self::push) and take events with [`next_event`](Self::next_event) until it has none. Lines may end in LF, CR or CRLF.
/// An event is dispatched at a blank line when it has any field; an event that the input breaks off in is dispatched by
/// [`finish`](Self::finish) only.
///
/// ```
/// let mut decoder = openai_runtime::sse::Decoder::new();
/// decoder.push(&b"event: greeting\nda"[..]);
/// assert_eq!(decoder.next_event()?, None);
/// decoder.push(&b"ta: hello\n\n"[..]);
/// let event = decoder.next_event()?.expect("a blank line ended it");
/// assert_eq!((event.event, event.data), (Some("greeting"), "hello"));
/// # Ok::<(), openai_runtime::sse::InvalidUtf8>(())
/// ```
#[derive(Default)]
pub struct Decoder {
    chunk: Bytes,
    at: usize,
    /// The beginning of a line whose end has not arrived.
    partial: Vec<u8>,
    after_cr: bool,
    past_bom: bool,
    dispatched: bool,
    event: Text,
    data: Text,
    id: String,
    retry: Option<u64>,
    stray: Vec<u8>,
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

/// An event that is not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidUtf8 {
    /// The `event` field, when it is UTF-8 itself.
    pub event: Option<String>,
    /// The data as it came.
    pub data: Vec<u8>,
}

impl fmt::Display for InvalidUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.event {
            Some(event) => write!(f, "the event `{event}` is not valid UTF-8"),
            None => f.write_str("an event is not valid UTF-8"),
        }
    }
}

impl std::error::Error for InvalidUtf8 {}

/// Where the value of a field lies.
enum Place {
    Chunk(Range<usize>),
    Partial(Range<usize>),
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hands in the next chunk. Take all events before handing in another: what is left of this one is kept, at the price of a copy.
    pub fn push(&mut self, chunk: impl Into<Bytes>) {
        let chunk = chunk.into();
        if self.at < self.chunk.len() {
            self.let_go_of_chunk();
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
    /// When the event is not UTF-8. It is dropped, and the decoder goes on with the next.
    pub fn next_event(&mut self) -> Result<Option<Event<'_>>, InvalidUtf8> {
        self.forget_dispatched();
        while let Some(end) = self.line_end() {
            if self.take_line(end) {
                return self.dispatch().map(Some);
            }
        }
        Ok(None)
    }

    /// Ends the input: the event that it breaks off in, as if its last line and a blank line had been there. A stream that is cut off
    /// ends in one as a rule, and then it is not to be trusted.
    ///
    /// # Errors
    /// When the event is not UTF-8.
    pub fn finish(&mut self) -> Result<Option<Event<'_>>, InvalidUtf8> {
        self.forget_dispatched();
        self.at = self.chunk.len();
        let is_fragment = |field: &&str| field.as_bytes().starts_with(&self.partial);
        if ["data", "event", "id", "retry"].iter().any(is_fragment) {
            self.partial.clear();
        } else {
            self.take_partial();
        }
        if self.data.is_none() && self.event.is_none() {
            return Ok(None);
        }
        self.dispatch().map(Some)
    }

    /// What stood outside of any field since the last event, cut where it gets long. In a body that is no event stream that is all of it.
    pub fn stray(&self) -> &[u8] {
        &self.stray
    }

    fn forget_dispatched(&mut self) {
        if self.dispatched {
            self.dispatched = false;
            self.event.clear();
            self.data.clear();
            self.retry = None;
        }
    }

    fn dispatch(&mut self) -> Result<Event<'_>, InvalidUtf8> {
        self.dispatched = true;
        self.stray.clear();
        let (event, data) = (self.event.get(&self.chunk), self.data.get(&self.chunk));
        match (simdutf8::basic::from_utf8(event), simdutf8::basic::from_utf8(data)) {
            (Ok(event), Ok(data)) => Ok(Event {
                event: Some(event).filter(|event| !event.is_empty()),
                data,
                id: Some(self.id.as_str()).filter(|id| !id.is_empty()),
                retry: self.retry,
            }),
            (event, _) => {
                let event = event.ok().filter(|event| !event.is_empty()).map(ToOwned::to_owned);
                Err(InvalidUtf8 { event, data: data.to_vec() })
            }
        }
    }

    /// The position of the next line end in the chunk. Without one, the rest of the chunk is put by.
    fn line_end(&mut self) -> Option<usize> {
        if self.after_cr && self.at < self.chunk.len() {
            self.after_cr = false;
            self.at += usize::from(self.chunk[self.at] == b'\n');
        }
        let rest = &self.chunk[self.at..];
        if let Some(length) = memchr::memchr2(b'\n', b'\r', rest) {
            return Some(self.at + length);
        }
        self.partial.extend_from_slice(rest);
        self.let_go_of_chunk();
        self.at = 0;
        self.chunk = Bytes::new();
        None
    }

    /// Keeps what an unfinished event has in the chunk, which goes away.
    fn let_go_of_chunk(&mut self) {
        self.event.own(&self.chunk);
        self.data.own(&self.chunk);
    }

    /// Takes the line that ends at `end`; true when it completes an event.
    fn take_line(&mut self, end: usize) -> bool {
        let start = std::mem::replace(&mut self.at, end + 1);
        self.after_cr = self.chunk[end] == b'\r';
        if !self.partial.is_empty() {
            self.partial.extend_from_slice(&self.chunk[start..end]);
            self.take_partial();
            return false;
        }
        if start == end {
            self.past_bom = true;
            return !self.data.is_none() || !self.event.is_empty() || !self.id.is_empty() || self.retry.is_some();
        }
        let start = start + bom(&mut self.past_bom, &self.chunk[start..end]);
        let (field, value) = Field::of(&self.chunk[start..end]);
        self.apply(field, start, Place::Chunk(start + value..end));
        false
    }

    fn take_partial(&mut self) {
        let start = bom(&mut self.past_bom, &self.partial);
        let (field, value) = Field::of(&self.partial[start..]);
        self.apply(field, start, Place::Partial(start + value..self.partial.len()));
        self.partial.clear();
        text::shrink(&mut self.partial);
    }

    /// Applies a field whose line begins at `start` and whose value lies at `place`.
    fn apply(&mut self, field: Field, start: usize, place: Place) {
        match field {
            Field::Data => self.data.add(&self.chunk, &mut self.partial, place),
            Field::Event => {
                self.event.clear();
                self.event.add(&self.chunk, &mut self.partial, place);
            }
            Field::Id => {
                if let Ok(id) = std::str::from_utf8(self.value(&place))
                    && !id.contains('\0')
                {
                    self.id = id.to_owned();
                }
            }
            Field::Retry => {
                let value = std::str::from_utf8(self.value(&place)).ok().and_then(|value| value.trim().parse().ok());
                self.retry = value.or(self.retry);
            }
            Field::Comment => {}
            Field::Unknown => {
                let line = match place {
                    Place::Chunk(value) => &self.chunk[start..value.end],
                    Place::Partial(value) => &self.partial[start..value.end],
                };
                let room = MOST_STRAY.saturating_sub(self.stray.len());
                if room > 0 {
                    self.stray.extend_from_slice(&line[..line.len().min(room)]);
                    self.stray.push(b'\n');
                }
            }
        }
    }

    fn value(&self, place: &Place) -> &[u8] {
        match place {
            Place::Chunk(value) => &self.chunk[value.clone()],
            Place::Partial(value) => &self.partial[value.clone()],
        }
    }
}

/// The length of the byte order mark that the first line may begin with.
fn bom(past_bom: &mut bool, line: &[u8]) -> usize {
    let is_first = !std::mem::replace(past_bom, true);
    if is_first && line.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 }
}

#[derive(Clone, Copy)]
enum Field {
    Data,
    Event,
    Id,
    Retry,
    Comment,
    Unknown,
}

impl Field {
    /// The field of a line, and where its value begins.
    fn of(line: &[u8]) -> (Self, usize) {
        // Most lines are these two, and longer than one would want to look for a colon in.
        let (field, name) = if line.starts_with(b"data:") {
            (Self::Data, 4)
        } else if line.starts_with(b"event:") {
            (Self::Event, 5)
        } else {
            let name = memchr::memchr(b':', line).unwrap_or(line.len());
            let field = match &line[..name] {
                b"" => Self::Comment,
                b"data" => Self::Data,
                b"event" => Self::Event,
                b"id" => Self::Id,
                b"retry" => Self::Retry,
                _ => Self::Unknown,
            };
            (field, name)
        };
        let value = (name + 1).min(line.len());
        (field, value + usize::from(line.get(value) == Some(&b' ')))
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pending = self.partial.len() + self.chunk.len().saturating_sub(self.at);
        f.debug_struct("Decoder").field("pending", &pending).finish_non_exhaustive()
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
    fn a_time_to_wait_is_a_number_of_digits_that_fits() {
        for (text, expect) in
            [("1500", Some(1500)), (" 5 ", Some(5)), ("1_000", None), ("1.5", None), ("-1", None), ("١٢", None), (&"9".repeat(23), None)]
        {
            let events = decode([format!("retry: {text}\ndata: x\n\n").as_bytes()]).unwrap();
            assert_eq!(events[0].3, expect, "{text}");
        }
    }

    #[test]
    fn an_event_that_is_not_utf8_is_an_error_and_the_next_one_comes() {
        for size in [1, 3, 100] {
            let mut decoder = Decoder::new();
            let mut found = Vec::new();
            for chunk in b": \xff\nevent: e\ndata: a\xff\ndata: b\n\ndata: \xe2\x82\xac\n\n".chunks(size) {
                decoder.push(chunk.to_vec());
                loop {
                    match decoder.next_event() {
                        Ok(None) => break,
                        Ok(Some(event)) => found.push(Ok(event.data.to_owned())),
                        Err(error) => found.push(Err(error)),
                    }
                }
            }
            let error = InvalidUtf8 { event: Some("e".into()), data: b"a\xff\nb".to_vec() };
            assert_eq!(found, [Err(error), Ok("€".into())], "in chunks of {size}");
        }
    }

    #[test]
    fn an_event_that_breaks_off_comes_at_the_end_only() {
        for (input, expect) in [
            ("data: 1\n\n", None),
            ("data: 1\n", Some("1")),
            ("data: 1\n\ndata: 2", Some("2")),
            ("data: 1\ndata: 2", Some("1\n2")),
            ("data: 1\n\nda", None),
            ("data: 1\n\ndata", None),
            ("", None),
            (": c\n", None),
            ("event: e", Some("")),
        ] {
            let mut decoder = Decoder::new();
            decoder.push(input.as_bytes().to_vec());
            while decoder.next_event().unwrap().is_some() {}
            assert_eq!(decoder.finish().unwrap().map(|event| event.data), expect, "{input:?}");
            assert_eq!(decoder.finish(), Ok(None), "{input:?}");
        }
    }

    #[test]
    fn what_is_no_field_is_kept_up_to_a_limit() {
        let stray = |input: &str| {
            let mut decoder = Decoder::new();
            for chunk in input.as_bytes().chunks(7) {
                decoder.push(chunk.to_vec());
                while decoder.next_event().unwrap().is_some() {}
            }
            let _ = decoder.finish();
            String::from_utf8(decoder.stray().to_vec()).unwrap()
        };
        assert_eq!(stray("<html>\n<body style=\"a:b\">no</body>\n</html>"), "<html>\n<body style=\"a:b\">no</body>\n</html>\n");
        assert_eq!(stray("even"), "");
        assert_eq!(stray("{\"a\": 1}\ndata: 1\n\n: c\nretry: 5\nid: 7\nfoo: bar"), "foo: bar\n");
        assert_eq!(stray(&"x".repeat(MOST_STRAY * 2)).len(), MOST_STRAY + 1);
        assert_eq!(stray(&"xy\n".repeat(MOST_STRAY)).len(), MOST_STRAY + 1);
    }

    #[test]
    fn events_that_lie_in_one_chunk_are_not_copied() {
        let chunk = Bytes::from_static(b"event: e\ndata: 1\n\ndata: 2\n\n");
        let inside = chunk.as_ptr_range();
        let mut decoder = Decoder::new();
        decoder.push(chunk);
        for _ in 0..2 {
            let event = decoder.next_event().unwrap().unwrap();
            assert!(inside.contains(&event.data.as_ptr()));
        }
    }

    #[test]
    fn memory_that_an_unusual_event_took_is_given_back() {
        let mut decoder = Decoder::new();
        for piece in [&b"data: "[..], &[b'x'; 1 << 20], b"\n\ndata: 1\n\n: c\n"] {
            decoder.push(piece.to_vec());
            while decoder.next_event().unwrap().is_some() {}
        }
        let kept = decoder.partial.capacity() + decoder.data.capacity() + decoder.chunk.len();
        assert!(kept <= 3 * 64 * 1024, "{kept} bytes");
    }

    #[test]
    fn a_line_takes_time_in_proportion_to_its_length() {
        // Were any byte looked at or moved once for each chunk, this would take hours.
        for (length, size) in [(50_000_000, 16 * 1024), (5_000_000, 1)] {
            let mut decoder = Decoder::new();
            decoder.push(&b"data: "[..]);
            let chunk = Bytes::from(vec![b'x'; size]);
            for at in (0..length).step_by(size) {
                assert_eq!(decoder.next_event(), Ok(None));
                decoder.push(chunk.slice(..size.min(length - at)));
            }
            assert_eq!(decoder.next_event(), Ok(None));
            decoder.push(&b"\n\n"[..]);
            assert_eq!(decoder.next_event().unwrap().unwrap().data.len(), length);
        }
    }
}
