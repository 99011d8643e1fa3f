//! The helpers of the Responses API.

use openai::responses::ResponseEvent;
use openai::types::responses::{
    Response, ResponseCreateParams, ResponseOutputContent, ResponseOutputItem, ResponseRetrieveParams, ResponseStreamEvent,
};
use openai::{Client, JsonModel, OutputFormat};
use serde_json::{Map, Value};

use super::typed::format;
use super::{Outcome, Typed, params, parsed, strict_functions};
use crate::driver::Failure;

/// What events and results are shown by.
struct Shown {
    format: Option<OutputFormat<Typed>>,
    strict: Vec<String>,
}

/// Arguments without the format, and what is shown by it.
fn arguments(args: &Value) -> Result<(Map<String, Value>, Shown), Failure> {
    let mut args = args.as_object().cloned().unwrap_or_default();
    let format = args.shift_remove("text_format").map_or(Ok(None), |argument| format(&argument))?;
    let strict = strict_functions(args.get("tools").unwrap_or(&Value::Null));
    Ok((args, Shown { format, strict }))
}

fn create_params(args: Map<String, Value>) -> Result<ResponseCreateParams, Failure> {
    params(&Value::Object(args), |params: &ResponseCreateParams| &params.extra)
}

pub(super) fn stream(client: &Client, args: &Value, events: &mut Vec<Value>) -> Result<Outcome, Failure> {
    let (mut args, shown) = arguments(args)?;
    let stream = match args.shift_remove("response_id") {
        Some(id) => {
            // The tools are those of the response.
            args.shift_remove("tools");
            let after = args.shift_remove("starting_after").and_then(|after| after.as_i64());
            let params = params(&Value::Object(args), |params: &ResponseRetrieveParams| &params.extra)?;
            let stream = client.responses().stream_existing(id.as_str().unwrap_or_default(), params).blocking()?;
            match after {
                Some(after) => stream.starting_after(after),
                None => stream,
            }
        }
        None => {
            let mut params = create_params(args)?;
            if let Some(format) = &shown.format {
                let text = params.text.get_or_insert_default();
                if text.format.replace(format.clone().into()).is_some() {
                    return Err(Failure::argument("there is one format"));
                }
            }
            client.responses().stream(params).blocking()?
        }
    };
    let mut stream = stream.blocking();
    for event in &mut stream {
        events.push(shown.event(&event?)?);
    }
    shown.outcome(&stream.into_inner().final_response().blocking()?)
}

pub(super) fn parse(client: &Client, args: &Value, _: &mut Vec<Value>) -> Result<Outcome, Failure> {
    let (args, shown) = arguments(args)?;
    let params = create_params(args)?;
    let response = match &shown.format {
        Some(format) => client.responses().parse_as(params, format.clone()).blocking()?.response,
        None => client.responses().create(params).blocking()?,
    };
    shown.outcome(&response)
}

impl Shown {
    fn event(&self, event: &ResponseEvent) -> Result<Value, Failure> {
        let mut value = event.to_value();
        match &event.event {
            ResponseStreamEvent::OutputTextDelta(_) | ResponseStreamEvent::FunctionCallArgumentsDelta(_) => {
                value["snapshot"] = event.snapshot.as_ref().map(|snapshot| snapshot.as_str()).into();
            }
            ResponseStreamEvent::OutputTextDone(_) => {
                let parsed = self.format.as_ref().and_then(|_| event.parse::<Typed>()).transpose()?;
                value["parsed"] = parsed.map(|typed| typed.0).unwrap_or_default();
            }
            ResponseStreamEvent::Completed(event) => value["response"] = self.outcome(&event.response)?.value,
            _ => {}
        }
        Ok(value)
    }

    /// The response with the values that the official client puts into it.
    fn outcome(&self, response: &Response) -> Result<Outcome, Failure> {
        let mut value = response.to_value();
        let mut outputs = Vec::new();
        for (index, item) in response.output.iter().enumerate() {
            let shown = &mut value["output"][index];
            match item {
                ResponseOutputItem::Message(message) => {
                    for (index, content) in message.content.iter().enumerate() {
                        let ResponseOutputContent::OutputText(part) = content else { continue };
                        let parsed = match self.format {
                            Some(_) => serde_json::from_str::<Typed>(&part.text).map_err(|error| Failure::decode(error.to_string()))?.0,
                            None => Value::Null,
                        };
                        outputs.push(parsed.clone());
                        shown["content"][index]["parsed"] = parsed;
                    }
                }
                ResponseOutputItem::FunctionCall(call) => {
                    let is_strict = self.strict.contains(&call.name);
                    shown["parsed_arguments"] = if is_strict { parsed(&call.arguments)? } else { Value::Null };
                }
                _ => {}
            }
        }
        let output_parsed = outputs.into_iter().find(|output| !output.is_null()).unwrap_or_default();
        Ok(Outcome { value, output_text: Some(response.output_text()), output_parsed })
    }
}
