//! Events of a run, taken in one by one (contract 5.9): what they mean, in the order in which the official client calls its handlers.
//! Waits for nothing and knows no stream.

use std::collections::VecDeque;

use openai_runtime::json::merge;
use openai_runtime::{Accumulate, Error, ErrorKind, Result};
use serde_json::{Map, Value};

use crate::JsonModel;
use crate::types::beta::{
    MessageContentImageFileObject, MessageContentTextObject, MessageDeltaContentTextObject, MessageDeltaObjectDelta, RunStep,
    RunStepDeltaObjectDelta, RunStepDeltaStepDetailsToolCallsObjectToolCall, RunStepDetailsToolCallsObjectToolCall,
};
use crate::types::shared::{AssistantStreamEvent, Run, ThreadMessage};

/// What a stream of a run tells. Every event comes as it is, followed by what it means.
///
/// Pieces come without what they have come to: [`AssistantAccumulator`] has that, when it is asked for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AssistantEvent {
    /// An event, as it came.
    Event(Box<AssistantStreamEvent>),
    /// A message was begun.
    MessageCreated(Box<ThreadMessage>),
    /// A message grew.
    MessageDelta(Box<MessageDeltaObjectDelta>),
    /// A message is complete, or will not be.
    MessageDone(Box<ThreadMessage>),
    /// A text of a message was begun.
    TextCreated(Box<MessageContentTextObject>),
    /// A text of a message grew.
    TextDelta(Box<MessageDeltaContentTextObject>),
    /// A text of a message is complete.
    TextDone(Box<MessageContentTextObject>),
    /// An image of a message is complete.
    ImageFileDone(Box<MessageContentImageFileObject>),
    /// A step was begun.
    RunStepCreated(Box<RunStep>),
    /// A step grew.
    RunStepDelta(Box<RunStepDeltaObjectDelta>),
    /// A step has ended.
    RunStepDone(Box<RunStep>),
    /// A tool call was begun.
    ToolCallCreated(Box<RunStepDetailsToolCallsObjectToolCall>),
    /// A tool call grew.
    ToolCallDelta(Box<RunStepDeltaStepDetailsToolCallsObjectToolCall>),
    /// A tool call is complete.
    ToolCallDone(Box<RunStepDetailsToolCallsObjectToolCall>),
}

/// Takes in the events of one run, from a stream or from where they were saved.
#[derive(Clone, Debug, Default)]
pub struct AssistantAccumulator {
    run: Option<Run>,
    messages: Vec<Part>,
    steps: Vec<Part>,
}

/// A message or a step so far.
#[derive(Clone, Debug)]
struct Part {
    id: String,
    fields: Map<String, Value>,
    /// The block of content, or the tool call, that grew last and is not complete.
    open: Option<i64>,
}

impl AssistantAccumulator {
    /// Nothing yet.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in an event, and says what it means.
    ///
    /// # Errors
    /// When a piece comes of a message or step that was not begun.
    #[inline]
    pub fn push(&mut self, event: AssistantStreamEvent) -> Result<Vec<AssistantEvent>> {
        let mut events = VecDeque::new();
        self.accumulate(event, &mut events)?;
        Ok(events.into())
    }

    /// The run, as it was last sent.
    #[inline]
    pub fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// The messages as far as they are known, in order.
    #[inline]
    pub fn messages(&self) -> Vec<ThreadMessage> {
        self.messages.iter().map(|part| typed(&Value::Object(part.fields.clone()))).collect()
    }

    /// The steps as far as they are known, in order.
    #[inline]
    pub fn steps(&self) -> Vec<RunStep> {
        self.steps.iter().map(|part| typed(&Value::Object(part.fields.clone()))).collect()
    }

    /// The tool call at hand as far as it is known.
    #[inline]
    pub fn tool_call(&self) -> Option<RunStepDetailsToolCallsObjectToolCall> {
        let step = self.steps.last()?;
        Some(typed(step.tool_call(step.open?)?))
    }

    #[inline]
    fn take_in(&mut self, name: &str, data: Value, events: &mut VecDeque<AssistantEvent>) -> Result<()> {
        match name {
            "thread.message.delta" => return self.message_delta(&data, events),
            "thread.run.step.delta" => return self.step_delta(&data, events),
            "thread.message.created" => {
                events.push_back(AssistantEvent::MessageCreated(boxed(&data)));
                self.messages.push(Part::new(data));
            }
            "thread.message.completed" | "thread.message.incomplete" => self.message_done(data, events),
            "thread.run.step.created" => {
                events.push_back(AssistantEvent::RunStepCreated(boxed(&data)));
                self.steps.push(Part::new(data));
            }
            "thread.run.step.completed" | "thread.run.step.cancelled" | "thread.run.step.expired" | "thread.run.step.failed" => {
                self.close_call(events);
                events.push_back(AssistantEvent::RunStepDone(boxed(&data)));
                replace(&mut self.steps, data);
            }
            "thread.message.in_progress" => replace(&mut self.messages, data),
            "thread.run.step.in_progress" => replace(&mut self.steps, data),
            _ if name.starts_with("thread.run.") => {
                let ends = ["completed", "cancelled", "expired", "failed", "requires_action", "incomplete"];
                if ends.iter().any(|end| name.strip_prefix("thread.run.") == Some(end)) {
                    self.close_call(events);
                }
                self.run = Some(typed(&data));
            }
            _ => {}
        }
        Ok(())
    }

    #[inline]
    fn message_delta(&mut self, data: &Value, events: &mut VecDeque<AssistantEvent>) -> Result<()> {
        let message = part(&mut self.messages, data, "message")?;
        let blocks = data["delta"]["content"].as_array().cloned().unwrap_or_default();
        let known: Vec<i64> = message.blocks().filter_map(index_of).collect();
        if let Value::Object(delta) = data["delta"].clone() {
            merge(&mut message.fields, delta);
        }
        for block in blocks.iter().filter(|block| block["type"] == "text") {
            if let Some(index) = index_of(block).filter(|index| !known.contains(index))
                && let Some(block) = message.block(index)
            {
                events.push_back(AssistantEvent::TextCreated(boxed(block)));
            }
        }
        for block in &blocks {
            if block["type"] == "text" {
                events.push_back(AssistantEvent::TextDelta(boxed(block)));
            }
            let index = index_of(block);
            if message.open != index {
                message.close_block(events);
                message.open = index;
            }
        }
        events.push_back(AssistantEvent::MessageDelta(boxed(&data["delta"])));
        Ok(())
    }

    #[inline]
    fn message_done(&mut self, data: Value, events: &mut VecDeque<AssistantEvent>) {
        if let Some(message) = self.messages.iter_mut().find(|part| Some(part.id.as_str()) == data["id"].as_str()) {
            message.close_block(events);
        }
        events.push_back(AssistantEvent::MessageDone(boxed(&data)));
        replace(&mut self.messages, data);
    }

    #[inline]
    fn step_delta(&mut self, data: &Value, events: &mut VecDeque<AssistantEvent>) -> Result<()> {
        let step = part(&mut self.steps, data, "run step")?;
        if let Value::Object(delta) = data["delta"].clone() {
            merge(&mut step.fields, delta);
        }
        for call in data["delta"]["step_details"]["tool_calls"].as_array().into_iter().flatten() {
            let index = index_of(call);
            if step.open.is_some() && step.open == index {
                events.push_back(AssistantEvent::ToolCallDelta(boxed(call)));
                continue;
            }
            step.close_call(events);
            step.open = index;
            if let Some(call) = index.and_then(|index| step.tool_call(index)) {
                events.push_back(AssistantEvent::ToolCallCreated(boxed(call)));
            }
        }
        events.push_back(AssistantEvent::RunStepDelta(boxed(&data["delta"])));
        Ok(())
    }

    #[inline]
    fn close_call(&mut self, events: &mut VecDeque<AssistantEvent>) {
        for step in &mut self.steps {
            step.close_call(events);
        }
    }
}

impl Part {
    #[inline]
    fn new(data: Value) -> Self {
        let id = data["id"].as_str().unwrap_or_default().to_owned();
        Self { id, fields: if let Value::Object(fields) = data { fields } else { Map::new() }, open: None }
    }

    #[inline]
    fn blocks(&self) -> impl Iterator<Item = &Value> {
        self.fields.get("content").and_then(Value::as_array).into_iter().flatten()
    }

    #[inline]
    fn block(&self, index: i64) -> Option<&Value> {
        self.blocks().find(|block| index_of(block) == Some(index))
    }

    #[inline]
    fn tool_call(&self, index: i64) -> Option<&Value> {
        let calls = self.fields.get("step_details")?.get("tool_calls")?.as_array()?;
        calls.iter().find(|call| index_of(call) == Some(index))
    }

    #[inline]
    fn close_block(&mut self, events: &mut VecDeque<AssistantEvent>) {
        let Some(block) = self.open.take().and_then(|index| self.block(index)) else { return };
        match block["type"].as_str() {
            Some("text") => events.push_back(AssistantEvent::TextDone(boxed(block))),
            Some("image_file") => events.push_back(AssistantEvent::ImageFileDone(boxed(block))),
            _ => {}
        }
    }

    #[inline]
    fn close_call(&mut self, events: &mut VecDeque<AssistantEvent>) {
        if let Some(call) = self.open.take().and_then(|index| self.tool_call(index)) {
            events.push_back(AssistantEvent::ToolCallDone(boxed(call)));
        }
    }
}

/// The message or step that a piece belongs to.
#[inline]
fn part<'a>(parts: &'a mut [Part], data: &Value, what: &str) -> Result<&'a mut Part> {
    let id = data["id"].as_str().unwrap_or_default();
    let found = parts.iter_mut().find(|part| part.id == id);
    found.ok_or_else(|| Error::new(ErrorKind::Stream, format!("a piece of the {what} `{id}` came before it was created")))
}

/// What is sent as a whole takes the place of what was put together.
#[inline]
fn replace(parts: &mut Vec<Part>, data: Value) {
    let new = Part::new(data);
    match parts.iter_mut().find(|part| part.id == new.id) {
        Some(part) => *part = Part { open: part.open, ..new },
        None => parts.push(new),
    }
}

#[inline]
fn index_of(block: &Value) -> Option<i64> {
    block.get("index")?.as_i64()
}

/// Emitted types hold whatever comes.
fn typed<T: JsonModel + Default>(value: &Value) -> T {
    T::from_value(value).unwrap_or_default()
}

fn boxed<T: JsonModel + Default>(value: &Value) -> Box<T> {
    Box::new(typed(value))
}

impl Accumulate for AssistantAccumulator {
    type Event = AssistantStreamEvent;
    type Item = AssistantEvent;

    #[inline]
    fn accumulate(&mut self, event: AssistantStreamEvent, events: &mut VecDeque<AssistantEvent>) -> Result<()> {
        let mut value = event.to_value();
        let name = value["event"].as_str().unwrap_or_default().to_owned();
        events.push_back(AssistantEvent::Event(Box::new(event)));
        self.take_in(&name, value["data"].take(), events)
    }

    #[inline]
    fn attach(&self, error: Error) -> Error {
        match &self.run {
            Some(run) => error.with_attachment(run.clone()),
            None => error,
        }
    }
}
