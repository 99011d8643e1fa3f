//! A local stand-in for the API, for trying programs without a key: answers `GET /models` and `POST /responses`, the latter also as a stream.

use openai_tests::server::{Answer, Request, Server};

fn main() -> std::io::Result<()> {
    let server = Server::start_at("127.0.0.1:8089", answer)?;
    println!("export OPENAI_BASE_URL={} OPENAI_API_KEY=local", server.url());
    loop {
        std::thread::park();
    }
}

fn answer(request: &Request) -> Answer {
    let path = request.target.split('?').next().unwrap_or_default();
    let streams = String::from_utf8_lossy(&request.body).contains("\"stream\":true");
    match (request.method.as_str(), path) {
        ("GET", "/v1/models") => Answer::json(MODELS),
        ("POST", "/v1/responses") if streams => Answer::events(EVENTS),
        ("POST", "/v1/responses") => Answer::json(RESPONSE),
        _ => Answer::json(
            r#"{"error":{"message":"the local server knows only /models and /responses","type":"invalid_request_error","param":null,"code":null}}"#,
        )
        .with_status(404),
    }
}

const MODELS: &str = r#"{"object":"list","data":[
 {"id":"local-large","object":"model","created":1750000000,"owned_by":"you"},
 {"id":"local-small","object":"model","created":1750000000,"owned_by":"you"}]}"#;

const RESPONSE: &str = r#"{"id":"resp_local","object":"response","created_at":1750000000,"status":"completed","model":"local-large","output":[
 {"type":"message","id":"msg_local","status":"completed","role":"assistant","content":[
  {"type":"output_text","text":"Use `isinstance(value, Type)`.","annotations":[],"logprobs":[]}]}],
 "parallel_tool_calls":true,"tool_choice":"auto","tools":[],"temperature":1.0,"top_p":1.0,"metadata":{},"error":null,"incomplete_details":null,"instructions":null,
 "usage":{"input_tokens":12,"output_tokens":7,"total_tokens":19,"input_tokens_details":{"cached_tokens":0},"output_tokens_details":{"reasoning_tokens":0}}}"#;

const EVENTS: &str = "\
event: response.output_text.delta\n\
data: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg_local\",\"output_index\":0,\"content_index\":0,\"delta\":\"Use \",\"logprobs\":[],\"sequence_number\":1}\n\n\
event: response.output_text.delta\n\
data: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg_local\",\"output_index\":0,\"content_index\":0,\"delta\":\"`isinstance`.\",\"logprobs\":[],\"sequence_number\":2}\n\n\
event: response.completed\n\
data: {\"type\":\"response.completed\",\"sequence_number\":3,\"response\":{\"id\":\"resp_local\",\"object\":\"response\",\"status\":\"completed\",\"output\":[]}}\n\n";
