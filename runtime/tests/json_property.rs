//! Properties of the JSON layer: arbitrary bytes never panic, what `serde_json` takes for JSON is what we take for JSON, and a decoded
//! value encodes back to the JSON that it came from.

#[path = "json/samples.rs"]
mod samples;

use std::fmt::Debug;

use openai_runtime::json::{self, Decode, Encode, Json, JsonModel, Map};
use proptest::prelude::*;
use samples::chat::{ChatChunk, ChatRequest, Logprobs};
use samples::files::FileList;
use samples::probe::{Constants, Filter, In, IntOrText, Letter, Node, Out, Shape};
use samples::responses::{Input, OutputItem, Response, StreamEvent};

/// Calls a macro's body for each of the sample types.
macro_rules! for_each_type {
    ($call:ident($($argument:expr),*)) => {
        $call::<Out>($($argument),*)?;
        $call::<In>($($argument),*)?;
        $call::<Constants>($($argument),*)?;
        $call::<Filter>($($argument),*)?;
        $call::<Node>($($argument),*)?;
        $call::<Shape>($($argument),*)?;
        $call::<ChatChunk>($($argument),*)?;
        $call::<ChatRequest>($($argument),*)?;
        $call::<Logprobs>($($argument),*)?;
        $call::<FileList>($($argument),*)?;
        $call::<Response>($($argument),*)?;
        $call::<StreamEvent>($($argument),*)?;
        $call::<OutputItem>($($argument),*)?;
        $call::<Input>($($argument),*)?;
        $call::<IntOrText>($($argument),*)?;
        $call::<Json>($($argument),*)?;
    };
}

/// Whether `serde_json` takes it for JSON.
fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// A number that the nesting does not exceed.
fn depth(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| matches!(byte, b'[' | b'{')).count()
}

/// Types that hold any JSON value take exactly what is JSON, and encode it back.
fn takes_json<T: Decode + Encode + Debug + PartialEq>(bytes: &[u8]) -> Result<(), TestCaseError> {
    let decoded = json::from_slice::<T>(bytes);
    _ = json::from_slice_strict::<T>(bytes);
    if depth(bytes) <= json::MAX_DEPTH {
        prop_assert_eq!(decoded.is_ok(), is_json(bytes), "{:?}: {:?}", String::from_utf8_lossy(bytes), decoded);
    }
    let Ok(value) = decoded else { return Ok(()) };
    let text = std::str::from_utf8(bytes).expect("decoded");
    let back = json::encode(&value).expect("decoded numbers are finite").json;
    prop_assert!(Json::from_text(&back).expect("encoded") == Json::from_text(text).expect("decoded"), "{text} became {back}");
    let again = T::from_json(&back).expect("encoded");
    // Of a tag that is repeated, the first one chooses the variant but only the last one is kept.
    if text.matches("\"type\"").count() <= 1 {
        prop_assert!(again == value, "{text} became {value:?} and then {again:?}");
    }
    prop_assert!(T::from_json(&again.to_json()).expect("encoded") == again, "{text} became {again:?}");
    prop_assert!(Json::from_text(&again.to_json()).expect("encoded") == Json::from_text(&back).expect("encoded"), "{text}");
    prop_assert_eq!(Json::from_text(&value.to_json_pretty()).expect("encoded"), Json::from_text(text).expect("decoded"));
    _ = value.to_value();
    Ok(())
}

fn takes_json_in_all_types(bytes: &[u8]) -> Result<(), TestCaseError> {
    for_each_type!(takes_json(bytes));
    // These cannot hold everything.
    _ = json::from_slice::<Vec<Vec<i64>>>(bytes);
    _ = json::from_slice::<Map<Vec<Letter>>>(bytes);
    Ok(())
}

/// Keys that sample types declare, and some that they do not.
fn key() -> impl Strategy<Value = String> {
    const DECLARED: &[&str] = &[
        "i",
        "f",
        "s",
        "e",
        "l",
        "m",
        "d",
        "u",
        "o",
        "df",
        "a",
        "b",
        "type",
        "text",
        "rate",
        "flag",
        "filters",
        "key",
        "value",
        "next",
        "side",
        "height",
        "unit",
        "id",
        "choices",
        "delta",
        "content",
        "logprobs",
        "finish_reason",
        "index",
        "usage",
        "object",
        "data",
        "output",
        "item",
        "response",
        "annotations",
        "status",
        "tools",
        "metadata",
        "instructions",
        "role",
        "token",
        "logprob",
        "bytes",
    ];
    let declared = proptest::sample::select(DECLARED).prop_map(|key| format!("\"{key}\""));
    prop_oneof![8 => declared, 1 => Just(r#""\u0069""#.to_owned()), 1 => string()]
}

/// The JSON text of a string, escapes and lone surrogates included.
fn string() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "message",
        "function_call",
        "response.completed",
        "response.output_item.added",
        "and",
        "eq",
        "list",
        "output_text",
        "stop",
        "x",
        "cm",
        "",
        "5",
        "json_schema",
        "chat.completion.chunk",
    ];
    let known = proptest::sample::select(KNOWN).prop_map(|text| format!("\"{text}\""));
    const ODD: &[&str] =
        &[r#""\ud800""#, r#""\udc00x""#, r#""\ud83d\ude00""#, r#""\u0000\n\"\\\/""#, "\"é€𝄞\"", r#""\uD83D\u0041""#, "\"\u{7f}\u{2028}\""];
    let any = any::<String>().prop_map(|text| serde_json::to_string(&text).expect("a string"));
    prop_oneof![4 => known, 2 => proptest::sample::select(ODD).prop_map(str::to_owned), 2 => any]
}

fn scalar() -> impl Strategy<Value = String> {
    const NUMBERS: &[&str] = &[
        "0",
        "-0",
        "1",
        "1.0",
        "-1e3",
        "1.5",
        "24000",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "123456789012345678901234567890",
        "1e999",
        "-1e999",
        "1e-999",
        "0.1",
        "9007199254740993",
        "1E+2",
        "0.30000000000000004",
    ];
    prop_oneof![
        3 => proptest::sample::select(NUMBERS).prop_map(str::to_owned),
        1 => any::<i64>().prop_map(|n| n.to_string()),
        1 => any::<f64>().prop_filter("JSON has finite numbers only", |n| n.is_finite()).prop_map(|n| serde_json::to_string(&n).expect("finite")),
        2 => Just("null".to_owned()),
        1 => any::<bool>().prop_map(|b| b.to_string()),
        5 => string(),
    ]
}

/// JSON text of any value, with space here and there, and keys that come twice.
fn value() -> impl Strategy<Value = String> {
    scalar().prop_recursive(6, 64, 8, |inner| {
        let array = proptest::collection::vec(inner.clone(), 0..5).prop_map(|values| format!("[{}]", values.join(",")));
        let object = (proptest::collection::vec((key(), inner), 0..8), any::<bool>()).prop_map(|(members, has_space)| {
            let (colon, comma) = if has_space { (" :\n\t", " , ") } else { (":", ",") };
            let members: Vec<String> = members.into_iter().map(|(key, value)| format!("{key}{colon}{value}")).collect();
            format!("{{{}}}", members.join(comma))
        });
        prop_oneof![1 => array, 3 => object]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_encodes_back(text in value()) {
        takes_json_in_all_types(text.as_bytes())?;
    }

    #[test]
    fn almost_json_does_not_panic(text in value(), at in any::<proptest::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        takes_json_in_all_types(&bytes)?;
    }

    #[test]
    fn json_soup_does_not_panic(pieces in proptest::collection::vec(proptest::sample::select(&[
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d800", "null", "true", "fals", "1", "-", ".", "e", "0", " ", "\n", "\"a\"", "\"type\"",
        "\"i\":", "\"l\":[", "é", "\u{1}",
    ][..]), 0..20)) {
        takes_json_in_all_types(pieces.concat().as_bytes())?;
    }

    #[test]
    fn bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        takes_json_in_all_types(&bytes)?;
    }

    #[test]
    fn floats_come_back(value in any::<f64>()) {
        prop_assume!(value.is_finite());
        let text = value.to_json();
        prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
        prop_assert_eq!(f64::from_json(&text).unwrap().to_bits(), value.to_bits());
    }

    #[test]
    fn strings_come_back(value in any::<String>()) {
        prop_assert_eq!(String::from_json(&value.to_json()).unwrap(), value.clone());
        prop_assert_eq!(serde_json::from_str::<String>(&value.to_json()).unwrap(), value);
    }
}
