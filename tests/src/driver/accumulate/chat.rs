//! The helpers of chat completions.

use openai::chat::{ChatCompletionStreamEvent as Event, LogprobsDelta, LogprobsDone};
use openai::types::chat::{ChatCompletion, ChatCompletionCreateParams};
use openai::{Client, JsonModel, OutputFormat, Unfinished};
use serde_json::{Value, json};

use super::typed::format;
use super::{Outcome, Typed, params, parsed, strict_functions};
use crate::driver::Failure;

/// What events and results are shown by.
struct Shown {
    format: Option<OutputFormat<Typed>>,
    strict: Vec<String>,
}

fn arguments(args: &Value) -> Result<(ChatCompletionCreateParams, Shown), Failure> {
    let mut args = args.clone();
    let format = format(&args["response_format"])?;
    if let (Some(_), Some(args)) = (&format, args.as_object_mut()) {
        args.shift_remove("response_format");
    }
    let strict = strict_functions(&args["tools"]);
    Ok((params(&args, |params: &ChatCompletionCreateParams| &params.extra)?, Shown { format, strict }))
}

pub(super) fn stream(client: &Client, args: &Value, events: &mut Vec<Value>) -> Result<Outcome, Failure> {
    let (mut params, shown) = arguments(args)?;
    if let Some(format) = &shown.format {
        params.response_format = Some(format.clone().into());
    }
    let mut stream = client.chat().completions().stream(params).blocking()?.blocking();
    let mut chunks = 0;
    // The official client hands out what a chunk means when it knows all of it.
    let mut of_chunk = Vec::new();
    for event in stream.by_ref() {
        let event = event.inspect_err(|_| events.append(&mut of_chunk))?;
        if matches!(event, Event::Chunk(_)) {
            chunks += 1;
            events.append(&mut of_chunk);
        }
        of_chunk.push(shown.event(&event, chunks)?);
    }
    events.append(&mut of_chunk);
    let completion = stream.into_inner().final_completion().blocking()?;
    shown.outcome(&completion)
}

pub(super) fn parse(client: &Client, args: &Value, _: &mut Vec<Value>) -> Result<Outcome, Failure> {
    let (params, shown) = arguments(args)?;
    let completions = client.chat().completions();
    let completion = match &shown.format {
        Some(format) => completions.parse_as(params, format.clone()).blocking()?.completion,
        None => completions.create(params).blocking()?,
    };
    shown.outcome(&completion)
}

impl Shown {
    fn event(&self, event: &Event, chunks: usize) -> Result<Value, Failure> {
        let kind = event.event_type();
        Ok(match event {
            Event::ContentDelta(text) => {
                // A first chunk is not looked into.
                let is_parsed = self.format.is_some() && chunks > 1;
                let parsed = is_parsed.then(|| text.partial(Unfinished::Omit)).flatten();
                json!({ "type": kind, "delta": text.delta, "snapshot": text.snapshot.as_str(), "parsed": parsed })
            }
            Event::ContentDone(text) => {
                let parsed = match self.format {
                    Some(_) => text.parse::<Typed>()?.0,
                    None => Value::Null,
                };
                json!({ "type": kind, "content": text.text.as_str(), "parsed": parsed })
            }
            Event::RefusalDelta(text) => json!({ "type": kind, "delta": text.delta, "snapshot": text.snapshot.as_str() }),
            Event::RefusalDone(text) => json!({ "type": kind, "refusal": text.text.as_str() }),
            Event::ToolArgumentsDelta(call) => {
                let is_parsed = self.is_strict(&call.name) && chunks > 1;
                let parsed = is_parsed.then(|| call.partial(Unfinished::Omit)).flatten();
                let (arguments, delta) = (call.arguments.as_str(), &call.delta);
                json!({ "type": kind, "name": call.name, "index": call.index, "arguments": arguments, "arguments_delta": delta, "parsed_arguments": parsed })
            }
            Event::ToolArgumentsDone(call) => {
                let parsed = self.arguments(&call.name, &call.arguments)?;
                json!({ "type": kind, "name": call.name, "index": call.index, "arguments": call.arguments.as_str(), "parsed_arguments": parsed })
            }
            Event::LogprobsContentDelta(LogprobsDelta { delta, .. }) => json!({ "type": kind, "content": list(delta) }),
            Event::LogprobsRefusalDelta(LogprobsDelta { delta, .. }) => json!({ "type": kind, "refusal": list(delta) }),
            Event::LogprobsContentDone(LogprobsDone { logprobs, .. }) => json!({ "type": kind, "content": list(logprobs) }),
            Event::LogprobsRefusalDone(LogprobsDone { logprobs, .. }) => json!({ "type": kind, "refusal": list(logprobs) }),
            _ => json!({ "type": kind }),
        })
    }

    fn is_strict(&self, name: &str) -> bool {
        self.strict.iter().any(|strict| strict == name)
    }

    fn arguments(&self, name: &str, arguments: &str) -> Result<Value, Failure> {
        if self.is_strict(name) { parsed(arguments) } else { Ok(Value::Null) }
    }

    /// The completion with the values that the official client puts into it.
    fn outcome(&self, completion: &ChatCompletion) -> Result<Outcome, Failure> {
        let mut value = completion.to_value();
        for (index, choice) in completion.choices.iter().enumerate() {
            let parsed = match self.format {
                Some(_) => choice.output::<Typed>()?.map(|typed| typed.0),
                None => None,
            };
            let message = &mut value["choices"][index]["message"];
            message["parsed"] = parsed.unwrap_or_default();
            for call in message["tool_calls"].as_array_mut().into_iter().flatten() {
                if let (Some(name), Some(arguments)) = (call["function"]["name"].as_str(), call["function"]["arguments"].as_str()) {
                    call["function"]["parsed_arguments"] = self.arguments(name, arguments)?;
                }
            }
        }
        Ok(Outcome { value, output_text: None, output_parsed: Value::Null })
    }
}

fn list(logprobs: &[impl JsonModel]) -> Value {
    logprobs.iter().map(JsonModel::to_value).collect()
}
