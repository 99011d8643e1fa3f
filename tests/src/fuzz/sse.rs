//! Server-sent events: however the bytes are cut, the same events come out.

use openai_runtime::sse::Decoder;

/// The events of an input that arrives in pieces, and whether it ended in an error.
fn events<'i>(pieces: impl Iterator<Item = &'i [u8]>) -> (Vec<String>, bool) {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece.to_vec());
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => events.push(format!("{event:?}")),
                Ok(None) => break,
                Err(_) => return (events, true),
            }
        }
    }
    (events, false)
}

pub(super) fn sse(input: &[u8]) {
    let whole = events([input].into_iter());
    assert_eq!(events(input.chunks(1)), whole, "byte by byte");
    let cut = input.first().map_or(0, |first| usize::from(*first) % input.len());
    let (before, after) = input.split_at(cut);
    assert_eq!(events([before, b"", after].into_iter()), whole, "cut at {cut}");
}
