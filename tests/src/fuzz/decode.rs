//! Decoding: nothing is lost, nothing panics, and strict decoding takes no more than lenient decoding.

use std::path::Path;
use std::sync::OnceLock;

use openai::Json;
use openai::dynamic::{self, NamedType};
use openai_generator::diagnostics::Diagnostics;
use openai_generator::{load, lower as stage, parse};
use serde_json::Value;

use crate::synthesis::{Choice, Dice, Synthesis};

/// The types with the most in them, as the document calls them.
const LARGEST: &[&str] = &[
    "Response",
    "ResponseStreamEvent",
    "CreateResponse",
    "CreateChatCompletionRequest",
    "CreateChatCompletionResponse",
    "CreateChatCompletionStreamResponse",
    "RealtimeServerEvent",
    "RunObject",
    "FineTuningJob",
    "EvalRun",
];

fn largest(number: u8) -> &'static NamedType {
    dynamic::type_named(LARGEST[usize::from(number) % LARGEST.len()]).expect("a type of the document")
}

/// Any text as one of the largest types: the first byte says which.
pub(super) fn json(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let named = largest(*first);
    let lenient = named.from_json(text);
    let strict = named.from_json_strict(text);
    match (&lenient, Json::from_text(text)) {
        (Ok(value), Ok(json)) => {
            let again = value.to_json();
            let encoded = Json::from_text(&again).expect("what is encoded is JSON");
            // Objects whose keys have halves of surrogates are compared by their text, whose space is not kept.
            assert!(encoded == json || text.to_ascii_lowercase().contains("\\ud"), "{} loses something", named.name());
            let rest = named.from_json(&again).expect("what is encoded decodes").to_json();
            assert!(rest == again, "{} does not come to rest", named.name());
        }
        (Ok(_), Err(error)) => panic!("{} takes what is no JSON: {error}", named.name()),
        (Err(error), Ok(_)) => panic!("{} refuses JSON: {error}", named.name()),
        (Err(_), Err(_)) => {}
    }
    if let Ok(strict) = strict {
        let lenient = lenient.expect("lenient decoding takes what strict decoding takes");
        assert!(strict.to_json() == lenient.to_json(), "{} is another when decoded strictly", named.name());
    }
}

/// A value that the document allows, by chance from the input: decoding and encoding gives it back.
pub(super) fn identity(input: &[u8]) {
    let mut bytes = [0; 8];
    input.iter().take(8).zip(&mut bytes).for_each(|(from, to)| *to = *from);
    let seed = u64::from_le_bytes(bytes);
    let name = LARGEST[usize::from(bytes[0]) % LARGEST.len()];
    let Some(value) = Synthesis::new(document(), Choice::Random(Dice::new(seed))).component(name) else { return };
    let named = dynamic::type_named(name).expect("a type of the document");
    let decoded = named.from_json(&value.to_string()).expect("a value of the type").to_json();
    assert!(Json::from_text(&decoded).expect("JSON") == Json::from(&value), "{name} with seed {seed}");
}

/// The document, read once.
fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/openapi.yaml");
        load::load(&mut Diagnostics::default(), &spec).expect("the document of the repository").root
    })
}

/// Any bytes as a document: what the generator cannot use is a diagnostic, and what it rewrites is a document still.
pub(super) fn lower(input: &[u8]) {
    let mut diagnostics = Diagnostics::default();
    let Ok(document) = load::parse(&mut diagnostics, "fuzz.yaml".to_owned(), input.to_vec()) else { return };
    let Ok(lowered) = stage::lower(&mut diagnostics, &document) else { return };
    // It fails with a diagnostic or not at all.
    let _ = parse::parse(&mut diagnostics, lowered);
}
