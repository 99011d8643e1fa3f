//! Tools.

use openai::types::chat::{ChatCompletion, ChatCompletionCreateParams, ChatCompletionCreateParamsTool};
use openai::types::responses::Tool as ResponseTool;
use openai::{JsonModel, Result, Tool, ToolCall, ToolErrors, ToolEvent, Tools};
use serde_json::{Value, json};

use crate::{Answer, ChatEvent, Place, chat, chunk, client, completion, events, question};

fn calls(calls: &[(&str, &str)]) -> Answer {
    let call = |(index, (name, arguments)): (usize, &(&str, &str))| json!({ "id": format!("t{index}"), "type": "function", "function": { "name": name, "arguments": arguments } });
    let calls: Value = calls.iter().enumerate().map(call).collect();
    completion(json!({ "role": "assistant", "content": null, "tool_calls": calls }), "tool_calls")
}

fn answer() -> Answer {
    completion(json!({ "role": "assistant", "content": "done" }), "stop")
}

fn places() -> Tools {
    Tools::new().function(|place: Place| async move {
        match place.n {
            Some(n) => Ok(json!({ "city": place.city, "n": n })),
            None => Err("no number".into()),
        }
    })
}

#[test]
fn tools_run_until_the_model_has_an_answer() {
    let (client, transport) =
        client([calls(&[("Place", r#"{"city":"P","n":1}"#), ("Place", r#"{"city":"Q","n":null}"#), ("Nope", "{}")]), answer()]);
    let forced = chat().tool_choice("required");
    let run = client.chat().completions().run_tools(forced, places()).blocking().unwrap();
    assert_eq!((run.choices[0].message.content.as_deref(), run.rounds, run.conversation.messages().len()), (Some("done"), 1, 6));
    let requests = transport.requests();
    assert_eq!((&requests[0].json()["tool_choice"], requests[1].json().get("tool_choice")), (&json!("required"), None));
    let told: Vec<Value> = requests[1].json()["messages"].as_array().unwrap()[2..].to_vec();
    let tool = |index: usize, content: &str| json!({ "role": "tool", "tool_call_id": format!("t{index}"), "content": content });
    assert_eq!(told, [tool(0, r#"{"city":"P","n":1}"#), tool(1, "error: no number"), tool(2, "error: there is no function `Nope`")]);
}

#[test]
fn errors_of_tools_are_for_the_caller_if_it_says_so() {
    let (client, _) = client([calls(&[("Place", r#"{"city":"Q","n":null}"#)])]);
    let error = client.chat().completions().run_tools(chat(), places().errors(ToolErrors::ToCaller)).blocking().unwrap_err();
    assert!(error.is_tool() && error.message() == "no number", "{error}");
    assert_eq!(error.attachment::<ToolCall>().unwrap().id, "t0");
}

#[test]
fn rounds_of_tools_are_limited() {
    let again = || calls(&[("Place", r#"{"city":"P","n":1}"#)]);
    let (client, transport) = client([again(), again(), again(), again()]);
    let error = client.chat().completions().run_tools(chat(), places().max_rounds(2)).blocking().unwrap_err();
    assert!(error.is_tool() && error.attachment::<ChatCompletion>().is_some(), "{error}");
    assert_eq!(transport.requests().len(), 3);
}

#[test]
fn tools_of_the_params_are_left_to_whoever_runs_them() {
    let own = json!({ "type": "function", "function": { "name": "mine" } });
    let (client, transport) = client([calls(&[("mine", "{}")])]);
    let params = chat().tools([ChatCompletionCreateParamsTool::from_value(&own).unwrap()]);
    let run = client.chat().completions().run_tools(params, places()).blocking().unwrap();
    assert_eq!((run.rounds, run.choices[0].message.tool_calls.as_ref().map(Vec::len)), (0, Some(1)));
    let sent = transport.requests()[0].json()["tools"].clone();
    assert_eq!((sent.as_array().unwrap().len(), &sent[0]), (2, &own));
}

#[test]
fn hosted_tools_of_a_response_pass_through() {
    let output = |items: Value| Answer::json(200, json!({ "id": "r", "output": items }).to_string());
    let call = json!({ "type": "function_call", "call_id": "c1", "name": "Place", "arguments": r#"{"city":"P","n":1}"# });
    let mcp = json!({ "type": "mcp_call", "id": "m", "name": "search", "server_label": "s", "arguments": "{}", "output": "found" });
    let approval = json!({ "type": "mcp_approval_request", "id": "a", "name": "search", "server_label": "s", "arguments": "{}" });
    let (client, transport) = client([output(json!([mcp, call])), output(json!([approval, call]))]);
    let server = json!({ "type": "mcp", "server_label": "s", "server_url": "https://example.com" });
    let params = question().tools([ResponseTool::from_value(&server).unwrap()]);
    let run = client.responses().run_tools(params, places()).blocking().unwrap();
    // A server that wants approval is for the program to answer.
    assert_eq!((run.rounds, run.output.len()), (1, 2));
    let requests = transport.requests();
    assert_eq!(requests[0].json()["tools"][0], server);
    let input = requests[1].json()["input"].clone();
    assert_eq!((&input[0]["role"], &input[1], &input[2]["type"]), (&json!("user"), &mcp, &json!("function_call")));
    assert_eq!(input[3], json!({ "type": "function_call_output", "call_id": "c1", "output": r#"{"city":"P","n":1}"# }));
}

#[test]
fn a_run_of_tools_can_be_watched() {
    let stream = |chunks: &[Value]| events(chunks);
    let call = json!({ "tool_calls": [{ "index": 0, "id": "t", "type": "function", "function": { "name": "Place", "arguments": r#"{"city":"P","n":1}"# } }] });
    let (client, transport) = client([
        stream(&[chunk(0, call, None), chunk(0, json!({}), Some("tool_calls"))]),
        stream(&[chunk(0, json!({ "content": "done" }), Some("stop"))]),
    ]);
    let mut run = client.chat().completions().run_tools_stream(chat(), places()).blocking();
    let shown = |event: Result<ToolEvent<ChatEvent>>| match event.unwrap() {
        ToolEvent::Model(event) => event.event_type().to_owned(),
        ToolEvent::Called(call) => format!("called {}", call.name),
        ToolEvent::Done(_, output) => format!("done {output}"),
        _ => String::new(),
    };
    let seen: Vec<String> = run.by_ref().map(shown).collect();
    let (delta, done) = ("tool_calls.function.arguments.delta", "tool_calls.function.arguments.done");
    let expected = ["chunk", delta, "chunk", done, "called Place", r#"done {"city":"P","n":1}"#, "chunk", "content.delta", "content.done"];
    assert_eq!(seen, expected);
    let end = run.into_inner().finish().blocking().unwrap();
    assert_eq!((end.choices[0].message.content.as_deref(), end.rounds, transport.requests().len()), (Some("done"), 1, 2));
}

#[tokio::test]
async fn runs_of_tools_can_be_moved_into_tasks() {
    let (client, _) = client([
        calls(&[("Place", r#"{"city":"P","n":1}"#)]),
        answer(),
        completion(json!({ "content": "{\"city\":\"P\",\"n\":1}" }), "stop"),
    ]);
    let completions = client.chat().completions();
    let run = tokio::spawn(async move {
        let run = completions.run_tools(chat(), places()).await?;
        let parsed = completions.parse::<Place>(ChatCompletionCreateParams::new("m", run.conversation.into_messages())).await?;
        parsed.into_output()
    });
    assert_eq!(run.await.expect("the task").expect("a place").city, "P");
    fn movable<T: Send + 'static>() {}
    movable::<openai::chat::ChatCompletionStream>();
    movable::<openai::chat::ChatToolStream>();
    movable::<openai::responses::ResponseStream>();
    movable::<openai::responses::ResponseToolStream>();
    movable::<openai::assistants::AssistantStream>();
}

#[test]
fn a_tool_may_be_described_by_hand() {
    let tool =
        Tool::from_schema("look up", json!({ "type": "object", "properties": { "q": { "type": "string" } } }), |q: Value| async { Ok(q) });
    let tool = tool.unwrap().described("Looks up.");
    let sent = ChatCompletionCreateParamsTool::from(&tool).to_value();
    assert_eq!((&sent["function"]["name"], &sent["function"]["description"]), (&json!("look_up"), &json!("Looks up.")));
    assert_eq!(ResponseTool::from(&tool).to_value()["parameters"]["required"], json!(["q"]));
}
