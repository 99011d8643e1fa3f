//! `sse`: bytes in chunks, decoded into events.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openai_runtime::sse::{Decoder, Event};
use serde_json::{Value, json};

use super::{Answer, Failure};

/// The events of chunks in base64, and what ended them, if that was an error.
pub(super) fn sse(line: &Value) -> Result<Answer, Failure> {
    let chunks = line.get("chunks_b64").and_then(Value::as_array).ok_or_else(|| Failure::driver("`chunks_b64` is needed, as a list"))?;
    let decode = |chunk: &Value| chunk.as_str().and_then(|text| STANDARD.decode(text).ok());
    let chunks: Option<Vec<Vec<u8>>> = chunks.iter().map(decode).collect();
    let chunks = chunks.ok_or_else(|| Failure::driver("`chunks_b64` has a chunk that is not base64"))?;
    Ok(decoded(chunks))
}

/// The same for chunks of bytes. An event that the bytes end in is none, but it can be an error.
pub(crate) fn decoded(chunks: impl IntoIterator<Item = Vec<u8>>) -> Answer {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    let mut error = None;
    for chunk in chunks {
        decoder.push(chunk);
        loop {
            match decoder.next_event() {
                Ok(Some(event)) => events.push(described(event)),
                Ok(None) => break,
                Err(found) => {
                    error = Some(found);
                    break;
                }
            }
        }
        if error.is_some() {
            break;
        }
    }
    let error = error.or_else(|| decoder.finish().err());
    let mut answer: Answer = [("events".to_owned(), events.into())].into_iter().collect();
    if let Some(error) = error {
        answer.insert("error".to_owned(), json!({ "kind": "decode", "message": error.to_string() }));
    }
    answer
}

fn described(event: Event<'_>) -> Value {
    json!({ "event": event.event, "data": event.data, "id": event.id, "retry": event.retry })
}
