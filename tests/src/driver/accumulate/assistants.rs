//! The helper of assistants: a log of what the official client's handlers are called with.

use openai::assistants::{AssistantEvent as Event, AssistantStream};
use openai::types::beta::ThreadRunCreateParams;
use openai::{Client, JsonModel};
use serde_json::{Value, json};

use super::{Outcome, params};
use crate::driver::Failure;

pub(super) fn stream(client: &Client, args: &Value, log: &mut Vec<Value>) -> Result<Outcome, Failure> {
    let mut args = args.as_object().cloned().unwrap_or_default();
    let thread = args.shift_remove("thread_id").unwrap_or_default();
    let params = params(&Value::Object(args), |params: &ThreadRunCreateParams| &params.extra)?;
    let stream = client.beta().threads().runs().stream(thread.as_str().unwrap_or_default(), params).blocking()?;
    let mut stream = stream.blocking();
    while let Some(event) = stream.next() {
        match event {
            Ok(event) => log.push(shown(&event, stream.get_ref())),
            Err(error) => {
                log.push(json!(["exception"]));
                log.push(json!(["end"]));
                return Err(error.into());
            }
        }
    }
    log.push(json!(["end"]));
    let accumulated = stream.get_ref().accumulated();
    let list = |values: Vec<Value>| (!values.is_empty()).then_some(values);
    let run = accumulated.run().map(JsonModel::to_value);
    let steps = list(accumulated.steps().iter().map(JsonModel::to_value).collect());
    let messages = list(accumulated.messages().iter().map(JsonModel::to_value).collect());
    let value = json!({ "final_run": run, "final_run_steps": steps, "final_messages": messages });
    Ok(Outcome { value, output_text: None, output_parsed: Value::Null })
}

fn shown(event: &Event, stream: &AssistantStream) -> Value {
    let accumulated = stream.accumulated();
    let message = || accumulated.messages().last().map(JsonModel::to_value);
    match event {
        Event::Event(event) => json!(["event", event.to_value()["event"]]),
        Event::MessageCreated(message) => json!(["message_created", message.id]),
        Event::MessageDelta(delta) => json!(["message_delta", delta.to_value(), message()]),
        Event::MessageDone(message) => json!(["message_done", message.to_value()]),
        Event::TextCreated(text) => json!(["text_created", text.text.to_value()]),
        Event::TextDelta(text) => {
            let block =
                message().and_then(|message| usize::try_from(text.index).ok().map(|index| message["content"][index]["text"].clone()));
            json!(["text_delta", text.text.as_ref().map(JsonModel::to_value), block])
        }
        Event::TextDone(text) => json!(["text_done", text.text.to_value()]),
        Event::ImageFileDone(image) => json!(["image_file_done", image.image_file.to_value()]),
        Event::RunStepCreated(step) => json!(["run_step_created", step.id]),
        Event::RunStepDelta(delta) => json!(["run_step_delta", delta.to_value(), accumulated.steps().last().map(JsonModel::to_value)]),
        Event::RunStepDone(step) => json!(["run_step_done", step.to_value()]),
        Event::ToolCallCreated(call) => json!(["tool_call_created", call.to_value()]),
        Event::ToolCallDelta(delta) => json!(["tool_call_delta", delta.to_value(), accumulated.tool_call().map(|call| call.to_value())]),
        Event::ToolCallDone(call) => json!(["tool_call_done", call.to_value()]),
        _ => json!(["unknown"]),
    }
}
