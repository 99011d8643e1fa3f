//! What is decoded and encoded by both sides: the documents, and the types that hold them. Knows nothing of how that is timed.
//!
//! The serde side is given every advantage: closed enums, no unknown fields kept, nothing remembered; only its internally tagged unions are as
//! serde makes them.

#[path = "../../tests/json/derived.rs"]
mod derived;
#[path = "../../tests/json/samples.rs"]
mod samples;

use openai_runtime::json::{Decode, Encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What is done with each case.
pub(crate) trait Visit {
    /// A document, and its types on both sides.
    fn case<Ours: Decode + Encode, Derived: DeserializeOwned + Serialize>(&mut self, name: &str, text: &str);
}

/// Goes through all cases.
pub(crate) fn visit(v: &mut impl Visit) {
    v.case::<samples::chat::ChatChunk, derived::ChatChunk>("chunk", CHUNK);
    v.case::<samples::responses::StreamEvent, derived::StreamEvent>("event", EVENT);
    v.case::<samples::responses::StreamEvent, derived::StreamEvent>("event_tag_last", TAG_LAST);
    v.case::<samples::responses::Response, derived::Response>("response_50k", &response(110));
    v.case::<samples::files::FileList, derived::FileList>("list_100", &page(100));
    v.case::<samples::chat::Logprobs, derived::Logprobs>("logprobs_2000", &logprobs(2000));
    v.case::<samples::chat::ChatRequest, derived::ChatRequest>("request_200", &request(200));
}

const CHUNK: &str = r#"{"id":"chatcmpl-9lMgfRSWPHcw51s6wxKT1YEO2CKpd","object":"chat.completion.chunk","created":1721075653,"model":"gpt-4o-2024-05-13","service_tier":"default","system_fingerprint":"fp_c4e5b6fa31","choices":[{"index":0,"delta":{"content":" Antarctica"},"logprobs":null,"finish_reason":null}],"usage":null}"#;
const EVENT: &str = r#"{"type":"response.output_text.delta","sequence_number":12,"item_id":"msg_68a2f1c3d2ac8190a5f0f1a2b3c4d5e6","output_index":0,"content_index":0,"delta":" world","logprobs":[]}"#;
const TAG_LAST: &str = r#"{"sequence_number":12,"item_id":"msg_68a2f1c3d2ac8190a5f0f1a2b3c4d5e6","output_index":0,"content_index":0,"delta":" world","logprobs":[],"type":"response.output_text.delta"}"#;

fn response(items: usize) -> String {
    let message = |n: usize| {
        format!(
            r#"{{"id":"msg_{n:048}","type":"message","status":"completed","content":[{{"type":"output_text","annotations":[{{"type":"url_citation","start_index":{n},"end_index":{},"url":"https://example.org/{n}?utm_source=openai","title":"A title of page {n}"}}],"logprobs":[],"text":"{}"}}],"role":"assistant"}}"#,
            n + 40,
            "Some words of an answer, with a \\\"quote\\\" and a line break.\\n".repeat(6)
        )
    };
    let call = |n: usize| {
        format!(
            r#"{{"id":"fc_{n:048}","type":"function_call","status":"completed","arguments":"{{\"city\":\"Paris\",\"unit\":\"celsius\",\"days\":{n}}}","call_id":"call_{n:024}","name":"get_weather"}}"#
        )
    };
    let reasoning = |n: usize| {
        format!(
            r#"{{"id":"rs_{n:048}","type":"reasoning","summary":[{{"type":"summary_text","text":"Thinking about the question, step {n}."}}]}}"#
        )
    };
    let search = |n: usize| format!(r#"{{"id":"ws_{n:048}","type":"web_search_call","status":"completed"}}"#);
    let output: Vec<String> = (0..items)
        .map(|n| match n % 4 {
            0 => message(n),
            1 => call(n),
            2 => reasoning(n),
            _ => search(n),
        })
        .collect();
    format!(
        r#"{{"id":"resp_68a2f1c3d2ac8190","object":"response","created_at":1755509187,"status":"completed","error":null,"incomplete_details":null,"instructions":"Be brief.","max_output_tokens":null,"model":"gpt-5.2","output":[{}],"parallel_tool_calls":true,"temperature":1.0,"text":{{"format":{{"type":"text"}},"verbosity":"medium"}},"tools":[],"usage":{{"input_tokens":36,"output_tokens":87,"total_tokens":123}},"metadata":{{"user":"u_123","run":"nightly"}}}}"#,
        output.join(",")
    )
}

fn page(items: usize) -> String {
    let file = |n: usize| {
        format!(
            r#"{{"object":"file","id":"file-{n:024}","purpose":"fine-tune","filename":"training-{n}.jsonl","bytes":{},"created_at":{},"expires_at":null,"status":"processed","status_details":null}}"#,
            1000 * n,
            1_700_000_000 + n
        )
    };
    let data: Vec<String> = (0..items).map(file).collect();
    format!(
        r#"{{"object":"list","data":[{}],"has_more":true,"first_id":"file-{:024}","last_id":"file-{:024}"}}"#,
        data.join(","),
        0,
        items - 1
    )
}

fn logprobs(tokens: usize) -> String {
    let top =
        |n: usize| format!(r#"{{"token":" w{n}","logprob":-{}.{:06},"bytes":[32,119,{}]}}"#, n % 17, n * 7919 % 1_000_000, 48 + n % 10);
    let token = |n: usize| {
        format!(
            r#"{{"token":" w{n}","logprob":-0.{:06},"bytes":[32,119,{}],"top_logprobs":[{},{}]}}"#,
            n * 104_729 % 1_000_000,
            48 + n % 10,
            top(n),
            top(n + 1)
        )
    };
    format!(r#"{{"content":[{}],"refusal":null}}"#, (0..tokens).map(token).collect::<Vec<_>>().join(","))
}

fn request(messages: usize) -> String {
    let message = |n: usize| {
        format!(
            r#"{{"role":"{}","content":"{}"}}"#,
            if n.is_multiple_of(2) { "user" } else { "assistant" },
            format!("Message {n}: what is the weather in Zürich, and is it \\\"good\\\"?\\n").repeat(3)
        )
    };
    format!(
        r#"{{"model":"gpt-5.2","messages":[{}],"temperature":0.7,"stream":true,"metadata":{{"a":"b"}}}}"#,
        (0..messages).map(message).collect::<Vec<_>>().join(",")
    )
}
