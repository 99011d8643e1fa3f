//! Structured outputs, streams with snapshots, tools and the canonical tasks.

use std::process::Output;

use openai_tests::examples;
use openai_tests::front::Front;
use openai_tests::server::{Answer, Request, Server};
use openai_tests::websocket::WebSocketServer;
use serde_json::{Value, json};

/// Runs an example against a server that answers like this, and shows what it printed and what it asked.
#[track_caller]
fn run(name: &str, answer: impl Fn(&Request, &Value) -> Answer + Send + Sync + 'static) -> (String, Vec<Request>) {
    let server = serve(answer);
    (printed(name, &server.url()), server.requests())
}

fn serve(answer: impl Fn(&Request, &Value) -> Answer + Send + Sync + 'static) -> Server {
    let server = Server::start(move |request| {
        let body = serde_json::from_slice(&request.body).unwrap_or_default();
        answer(request, &body)
    });
    server.expect("a free port")
}

/// What an example prints when the API is there.
#[track_caller]
fn printed(name: &str, url: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder without an environment file");
    let mut command = examples::command(name);
    command.env_clear().current_dir(folder.path()).env("OPENAI_API_KEY", "sk-test").env("OPENAI_BASE_URL", url);
    let Output { status, stdout, stderr } = command.output().expect("the example starts");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("text")
}

fn message(text: &str) -> Value {
    json!({ "type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [{ "type": "output_text", "text": text, "annotations": [] }] })
}

fn response(output: &[Value]) -> Value {
    json!({ "id": "resp_1", "object": "response", "status": "completed", "output": output })
}

fn completion(message: Value, reason: &str) -> Answer {
    let choice = json!({ "index": 0, "finish_reason": reason, "message": message });
    Answer::json(json!({ "id": "c", "object": "chat.completion", "model": "m", "choices": [choice] }).to_string())
}

fn events(events: &[Value]) -> Answer {
    Answer::events(events.iter().map(|event| format!("data: {event}\n\n")).collect::<String>() + "data: [DONE]\n\n")
}

fn chunk(delta: Value, reason: Option<&str>) -> Value {
    json!({ "id": "c", "object": "chat.completion.chunk", "model": "m", "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }] })
}

#[test]
fn parse() {
    let (printed, requests) = run("parse", |_, _| {
        let event = r#"{"name":"science fair","date":"Friday","participants":["Alice","Bob"],"place":null}"#;
        Answer::json(response(&[message(event)]).to_string())
    });
    assert_eq!(printed, "science fair on Friday, [\"Alice\", \"Bob\"] at None\n");
    let sent: Value = serde_json::from_slice(&requests[0].body).unwrap();
    let format = &sent["text"]["format"];
    assert_eq!((&format["type"], &format["name"], &format["strict"]), (&"json_schema".into(), &"CalendarEvent".into(), &true.into()));
    assert_eq!(format["description"], "An appointment.");
    let schema = &format["schema"];
    assert_eq!(schema["required"], json!(["name", "date", "participants", "place"]));
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["place"]["type"], json!(["string", "null"]));
    assert_eq!(schema["properties"]["date"]["description"], "As the text says it.");
}

#[test]
fn stream() {
    let (printed, _) = run("stream", |_, body| {
        assert_eq!((&body["stream"], &body["response_format"]["json_schema"]["name"]), (&true.into(), &"Recipe".into()));
        events(&[
            chunk(json!({ "role": "assistant", "content": "" }), None),
            chunk(json!({ "content": r#"{"title":"Bread","steps":["mix"#  }), None),
            chunk(json!({ "content": r#"","bake"]}"# }), None),
            chunk(json!({}), Some("stop")),
        ])
    });
    let lines: Vec<&str> = printed.lines().collect();
    let recipe = r#"Recipe { title: "Bread", steps: ["mix", "bake"] }"#;
    assert_eq!(lines, ["0 steps so far", "0 steps so far", "2 steps so far", recipe, "Bread in 2 steps, None tokens"]);
}

/// A model that asks for the weather, for degrees, and then has an answer.
fn weather(request: &Request, body: &Value) -> Answer {
    if request.path().ends_with("/chat/completions") {
        let last = body["messages"].as_array().and_then(|messages| messages.last()).cloned().unwrap_or_default();
        return match last["content"].as_str() {
            Some(content) if last["role"] == "tool" => {
                completion(json!({ "role": "assistant", "content": format!("It is {content}.") }), "stop")
            }
            _ => {
                let call =
                    json!({ "id": "t1", "type": "function", "function": { "name": "GetWeather", "arguments": "{\"city\":\"Paris\"}" } });
                completion(json!({ "role": "assistant", "content": null, "tool_calls": [call] }), "tool_calls")
            }
        };
    }
    let outputs: Vec<&str> = body["input"].as_array().into_iter().flatten().filter_map(|item| item["output"].as_str()).collect();
    let call =
        |id: &str, name: &str, arguments: &str| json!({ "type": "function_call", "call_id": id, "name": name, "arguments": arguments });
    let output = match outputs.len() {
        0 => vec![call("1", "GetWeather", r#"{"city":"Paris"}"#), call("2", "GetWeather", r#"{"city":"Rome"}"#)],
        2 => vec![call("3", "ToFahrenheit", r#"{"celsius":21}"#)],
        _ => vec![message(&outputs.join(", "))],
    };
    events(&[
        json!({ "type": "response.created", "response": response(&[]) }),
        json!({ "type": "response.completed", "response": response(&output) }),
    ])
}

#[test]
fn run_tools() {
    let (printed, requests) = run("run_tools", weather);
    let expected = [
        r#"It is {"city":"Paris","celsius":21}."#,
        "4 messages, 1 rounds",
        r#"GetWeather({"city":"Paris"})"#,
        r#"GetWeather({"city":"Rome"})"#,
        r#"GetWeather returned {"city":"Paris","celsius":21}"#,
        "GetWeather returned error: there is no weather station in Rome",
        r#"ToFahrenheit({"celsius":21})"#,
        "ToFahrenheit returned 69.80000000000001",
        r#"{"city":"Paris","celsius":21}, error: there is no weather station in Rome, 69.80000000000001"#,
    ];
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected);
    assert_eq!(requests.len(), 5);
    let sent: Value = serde_json::from_slice(&requests[0].body).unwrap();
    let function = &sent["tools"][0]["function"];
    assert_eq!(
        (&function["name"], &function["description"], &function["strict"]),
        (&"GetWeather".into(), &"Current weather of a city.".into(), &true.into())
    );
}

#[test]
fn canonical() {
    let server = serve(|request, body| match request.path() {
        "/v1/responses" if body["text"].is_object() => Answer::json(response(&[message(r#"{"name":"fair","date":"Friday"}"#)]).to_string()),
        "/v1/responses" => Answer::json(response(&[message("isinstance")]).to_string()),
        "/v1/chat/completions" if body["stream"] == true => events(&[
            chunk(json!({ "role": "assistant", "content": "Arr" }), Some("stop")),
            json!({ "id": "c", "object": "chat.completion.chunk", "choices": [], "usage": { "prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3 } }),
        ]),
        "/v1/chat/completions" if body["tools"].is_array() => weather(request, body),
        "/v1/chat/completions" => completion(json!({ "role": "assistant", "content": "Ahoy" }), "stop"),
        "/v1/images/edits" => Answer::json(r#"{"created":1,"data":[{"b64_json":"AA=="}]}"#),
        // The WebSocket gets a connection of its own, which leads elsewhere.
        _ => Answer::json(r#"{"object":"list","data":[{"id":"job_1"}],"has_more":false}"#).header("connection", "close"),
    });
    let realtime = WebSocketServer::start(|mut session| {
        for expected in ["session.update", "conversation.item.create", "response.create"] {
            let event: Value = serde_json::from_str(&session.hear_text().expect("an event")).expect("JSON");
            assert_eq!(event["type"], expected);
        }
        session.say(json!({ "type": "response.output_text.delta", "delta": "Hello!" }).to_string());
        session.say(json!({ "type": "response.done", "response": { "id": "r" } }).to_string());
        session.wait_for_the_end();
    });
    let realtime = realtime.expect("a free port");
    let front = Front::start(server.address(), realtime.address(), "/v1/realtime").expect("a free port");
    let printed = printed("canonical", &front.url());
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[..2], ["isinstance", "Ahoy"]);
    assert!(lines[2].starts_with("Arr Some(") && lines[2].contains("total_tokens: 3"), "{}", lines[2]);
    assert_eq!(lines[3..], ["fair on Friday", "It is 21 °C in Paris.", "1 images", "job_1", "Hello!"]);
}

#[test]
fn the_canonical_tasks_take_at_most_a_hundred_lines() {
    let lines = include_str!("../../../generated/examples/canonical.rs").lines().filter(|line| !line.trim().is_empty());
    assert!(lines.count() <= 100);
}
