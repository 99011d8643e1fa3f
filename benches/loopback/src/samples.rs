//! The bytes of the answers: what the API sends, with every field that the strictest client requires.

pub const COMPLETION: &str = r#"{"id":"chatcmpl-9lMgfRSWPHcw51s6wxKT1YEO2CKpd","object":"chat.completion","created":1721075653,"model":"gpt-5.2","choices":[{"index":0,"message":{"role":"assistant","content":"Arr, matey! To check a value's type, ye use the type operator of yer language, and ye mind the subclasses.","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":29,"completion_tokens":26,"total_tokens":55,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_c4e5b6fa31"}"#;

const WORDS: [&str; 8] = [" In", " a", " shimmering", " forest", " under", " a", " sky", " full of stars,"];

const ITEM: &str = "msg_68a2f1c3d2ac8190a5f0f1a2b3c4d5e6";

/// The events of a streamed answer with about `count` of them, as server-sent events: of chat completions, or of responses.
pub fn stream(resource: &str, count: usize) -> Box<dyn Iterator<Item = String> + Send> {
    match resource {
        "completions" => Box::new(chat(count)),
        _ => Box::new(responses(count)),
    }
}

fn word(number: usize) -> &'static str {
    WORDS[number % WORDS.len()]
}

fn chat(count: usize) -> impl Iterator<Item = String> + Send {
    let chunk = |choices: &str, usage: &str| {
        format!(
            r#"data: {{"id":"chatcmpl-9lMgfRSWPHcw51s6wxKT1YEO2CKpd","object":"chat.completion.chunk","created":1721075653,"model":"gpt-5.2","service_tier":"default","system_fingerprint":"fp_c4e5b6fa31","choices":[{choices}],"usage":{usage}}}"#
        ) + "\n\n"
    };
    let choice = |delta: &str, reason: &str| format!(r#"{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":{reason}}}"#);
    let first = chunk(&choice(r#"{"role":"assistant","content":"","refusal":null}"#, "null"), "null");
    let words = (0..count).map(move |number| chunk(&choice(&format!(r#"{{"content":"{}"}}"#, word(number)), "null"), "null"));
    let end = chunk(&choice("{}", r#""stop""#), "null");
    let usage = chunk("", r#"{"prompt_tokens":29,"completion_tokens":26,"total_tokens":55}"#);
    std::iter::once(first).chain(words).chain([end, usage, "data: [DONE]\n\n".to_owned()])
}

fn responses(count: usize) -> impl Iterator<Item = String> + Send {
    let event = |kind: &str, number: usize, rest: &str| {
        format!("event: {kind}\ndata: ") + &format!(r#"{{"type":"{kind}","sequence_number":{number},{rest}}}"#) + "\n\n"
    };
    let part = format!(r#""item_id":"{ITEM}","output_index":0,"content_index":0"#);
    let start = [
        event("response.created", 0, &response("in_progress", "null")),
        event("response.in_progress", 1, &response("in_progress", "null")),
        event("response.output_item.added", 2, &format!(r#""output_index":0,"item":{}"#, message("in_progress", ""))),
        event("response.content_part.added", 3, &format!(r#"{part},"part":{}"#, text(""))),
    ];
    let end = [
        event("response.output_text.done", count + 4, &format!(r#"{part},"text":"In a forest","logprobs":[]"#)),
        event("response.content_part.done", count + 5, &format!(r#"{part},"part":{}"#, text("In a forest"))),
        event(
            "response.output_item.done",
            count + 6,
            &format!(r#""output_index":0,"item":{}"#, message("completed", &text("In a forest"))),
        ),
        event("response.completed", count + 7, &response("completed", USAGE)),
    ];
    let words = (0..count)
        .map(move |number| event("response.output_text.delta", number + 4, &format!(r#"{part},"delta":"{}","logprobs":[]"#, word(number))));
    start.into_iter().chain(words).chain(end)
}

const USAGE: &str = r#"{"input_tokens":37,"input_tokens_details":{"cached_tokens":0},"output_tokens":11,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":48}"#;

fn text(words: &str) -> String {
    format!(r#"{{"type":"output_text","text":"{words}","annotations":[],"logprobs":[]}}"#)
}

fn message(status: &str, content: &str) -> String {
    format!(r#"{{"id":"{ITEM}","type":"message","status":"{status}","role":"assistant","content":[{content}]}}"#)
}

fn response(status: &str, usage: &str) -> String {
    format!(
        r#""response":{{"id":"resp_67c9fdcecf488190bdd9a0409de3a1ec07b8b0ad4e5eb654","object":"response","created_at":1741290958,"status":"{status}","error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"model":"gpt-5.2","output":[],"parallel_tool_calls":true,"previous_response_id":null,"reasoning":{{"effort":null,"summary":null}},"store":true,"temperature":1.0,"text":{{"format":{{"type":"text"}}}},"tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","usage":{usage},"metadata":{{}}}}"#
    )
}
