//! What one choice of a completion has come to. Owns the order of its events (contract 5.5); must not know the other choices.

use std::collections::{BTreeMap, VecDeque};

use openai_runtime::Snapshot;
use openai_runtime::json::{Extra, Object, StringEnum, merge};
use serde_json::{Map, Value};

use super::call::Call;
use super::events::{
    ChatCompletionStreamEvent as Event, LogprobsDelta, LogprobsDone, TextDelta, TextDone, ToolArgumentsDelta, ToolArgumentsDone,
};
use crate::JsonModel;
use crate::types::chat::{
    ChatCompletionChoice, ChatCompletionChoiceFinishReason, ChatCompletionChoiceLogprobs, ChatCompletionChunkChoice, ChatCompletionMessage,
    ChatCompletionMessageFunctionCall, ChatCompletionStreamResponseDelta, ChatCompletionTokenLogprob,
};

type Logprobs = Option<Snapshot<Vec<ChatCompletionTokenLogprob>>>;

/// One choice so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    content: Option<Snapshot>,
    refusal: Option<Snapshot>,
    calls: BTreeMap<i64, Call>,
    function_call: Option<ChatCompletionMessageFunctionCall>,
    /// Fields of the message that deltas do not name.
    fields: Map<String, Value>,
    finish_reason: Option<ChatCompletionChoiceFinishReason>,
    has_logprobs: bool,
    content_logprobs: Logprobs,
    refusal_logprobs: Logprobs,
    extra: Extra,
    told: Told,
}

/// What need not be told again.
#[derive(Clone, Debug, Default)]
struct Told {
    content: bool,
    refusal: bool,
    content_logprobs: bool,
    refusal_logprobs: bool,
    /// The call that the last delta of a call belonged to.
    call: Option<i64>,
}

impl Choice {
    /// Takes in what a chunk says of the choice.
    #[inline]
    pub(super) fn merge(&mut self, chunk: &ChatCompletionChunkChoice) {
        self.merge_delta(&chunk.delta);
        if let Some(reason) = chunk.finish_reason.as_ref().filter(|reason| !reason.as_str().is_empty()) {
            self.finish_reason = Some(reason.as_str().into());
        }
        if let Some(logprobs) = &chunk.logprobs {
            self.has_logprobs = true;
            append(&mut self.content_logprobs, logprobs.content.as_deref());
            append(&mut self.refusal_logprobs, logprobs.refusal.as_deref());
        }
        for (name, value) in chunk.extra.iter() {
            self.extra.insert(name, value.clone());
        }
    }

    #[inline]
    fn merge_delta(&mut self, delta: &ChatCompletionStreamResponseDelta) {
        push(&mut self.content, delta.content.as_deref());
        push(&mut self.refusal, delta.refusal.as_deref());
        if let Some(call) = &delta.function_call {
            let function_call = self.function_call.get_or_insert_default();
            function_call.arguments.push_str(call.arguments.as_deref().unwrap_or_default());
            if let Some(name) = call.name.as_ref().filter(|name| !name.is_empty()) {
                function_call.name.clone_from(name);
            }
        }
        for call in delta.tool_calls.iter().flatten() {
            let index = Call::index(call, &self.calls);
            self.calls.entry(index).or_default().merge(call);
        }
        if !delta.extra.is_empty() {
            let fields = delta.extra.iter().map(|(name, value)| (name.to_owned(), value.to_value()));
            merge(&mut self.fields, fields.collect());
        }
    }

    /// Tells what a chunk that was taken in means.
    #[inline]
    pub(super) fn tell(&mut self, chunk: &ChatCompletionChunkChoice, events: &mut VecDeque<Event>) {
        let (choice, delta) = (chunk.index, &chunk.delta);
        if let Some((delta, snapshot)) = delta.content.as_deref().zip(self.content.as_ref()) {
            events.push_back(Event::ContentDelta(TextDelta::new(choice, delta, snapshot)));
        }
        if let Some((delta, snapshot)) = delta.refusal.as_deref().zip(self.refusal.as_ref()) {
            events.push_back(Event::RefusalDelta(TextDelta::new(choice, delta, snapshot)));
        }
        let indices: Vec<i64> = delta.tool_calls.iter().flatten().map(|call| Call::index(call, &self.calls)).collect();
        for (call, index) in delta.tool_calls.iter().flatten().zip(&indices) {
            let Some(state) = self.calls.get(index).filter(|state| state.is_function()) else { continue };
            let delta = call.function.as_ref().and_then(|function| function.arguments.clone()).unwrap_or_default();
            let (name, arguments) = (state.name.clone(), state.arguments.clone());
            events.push_back(Event::ToolArgumentsDelta(ToolArgumentsDelta { choice, index: *index, name, delta, arguments }));
        }
        if let Some(logprobs) = &chunk.logprobs {
            let delta = |new: &Option<Vec<_>>, all: &Logprobs| {
                let (delta, snapshot) = (new.clone().filter(|new| !new.is_empty())?, all.clone()?);
                Some(LogprobsDelta { choice, delta, snapshot })
            };
            events.extend(delta(&logprobs.content, &self.content_logprobs).map(Event::LogprobsContentDelta));
            events.extend(delta(&logprobs.refusal, &self.refusal_logprobs).map(Event::LogprobsRefusalDelta));
        }
        self.tell_what_is_done(choice, &indices, events);
    }

    /// Text is complete when a call begins or the choice ends; a call when another begins or the choice ends, and not before its
    /// arguments are: the calls of some models come interleaved.
    #[inline]
    fn tell_what_is_done(&mut self, choice: i64, calls: &[i64], events: &mut VecDeque<Event>) {
        let is_over = self.finish_reason.is_some();
        if is_over {
            self.tell_texts(choice, events);
        }
        for index in calls {
            if self.told.call != Some(*index) {
                self.tell_texts(choice, events);
                if let Some(call) = self.told.call.replace(*index) {
                    self.tell_call(choice, call, events);
                }
            }
        }
        if is_over {
            let open: Vec<i64> = self.calls.keys().copied().collect();
            for index in open {
                if let Some(call) = self.calls.get_mut(&index) {
                    call.is_over = true;
                }
                self.tell_call(choice, index, events);
            }
        }
    }

    #[inline]
    fn tell_texts(&mut self, choice: i64, events: &mut VecDeque<Event>) {
        let done = |told: &mut bool, text: Option<&Snapshot>| {
            let text = text.filter(|_| !*told)?.clone();
            *told = true;
            Some(TextDone { choice, text })
        };
        let content = self.content.as_ref().filter(|text| !text.is_empty());
        events.extend(done(&mut self.told.content, content).map(Event::ContentDone));
        events.extend(done(&mut self.told.refusal, self.refusal.as_ref()).map(Event::RefusalDone));
        let done = |told: &mut bool, logprobs: &Logprobs| {
            let logprobs = logprobs.clone().filter(|_| !*told)?;
            *told = true;
            Some(LogprobsDone { choice, logprobs })
        };
        events.extend(done(&mut self.told.content_logprobs, &self.content_logprobs).map(Event::LogprobsContentDone));
        events.extend(done(&mut self.told.refusal_logprobs, &self.refusal_logprobs).map(Event::LogprobsRefusalDone));
    }

    #[inline]
    fn tell_call(&mut self, choice: i64, index: i64, events: &mut VecDeque<Event>) {
        let Some(call) = self.calls.get_mut(&index).filter(|call| call.is_function() && call.is_complete() && !call.is_told) else {
            return;
        };
        call.is_told = true;
        let (id, name, arguments) = (call.id.clone(), call.name.clone(), call.arguments.clone());
        events.push_back(Event::ToolArgumentsDone(ToolArgumentsDone { choice, index, id, name, arguments }));
    }

    /// The choice as far as it is known.
    #[inline]
    pub(super) fn complete(&self, index: i64) -> ChatCompletionChoice {
        let text = |text: &Option<Snapshot>| text.as_ref().map(|text| text.as_str().to_owned());
        let mut message = match ChatCompletionMessage::from_value(Value::Object(self.fields.clone())) {
            Ok(message) if !self.fields.is_empty() => message,
            _ => ChatCompletionMessage::default(),
        };
        // The role is the type's, whatever the fields lacked.
        message.extra = message.extra.iter().fold(Extra::default(), |mut extra, (name, value)| {
            extra.insert(name, value.clone());
            extra
        });
        message.content = text(&self.content);
        message.refusal = text(&self.refusal);
        message.function_call.clone_from(&self.function_call);
        message.tool_calls = Some(self.calls.values().map(Call::complete).collect::<Vec<_>>()).filter(|calls| !calls.is_empty());
        let list = |logprobs: &Logprobs| logprobs.as_ref().map(|logprobs| logprobs.to_vec());
        let mut choice = ChatCompletionChoice { index, message, extra: self.extra.clone(), ..ChatCompletionChoice::default() };
        match &self.finish_reason {
            Some(reason) => choice.finish_reason = reason.clone(),
            None => choice.extra.set_null(ChatCompletionChoice::FIELDS, "finish_reason"),
        }
        choice.logprobs = self.has_logprobs.then(|| ChatCompletionChoiceLogprobs {
            content: list(&self.content_logprobs),
            refusal: list(&self.refusal_logprobs),
            ..ChatCompletionChoiceLogprobs::default()
        });
        choice
    }
}

#[inline]
fn push(text: &mut Option<Snapshot>, delta: Option<&str>) {
    if let Some(delta) = delta {
        text.get_or_insert_default().make_mut().push_str(delta);
    }
}

#[inline]
fn append(logprobs: &mut Logprobs, delta: Option<&[ChatCompletionTokenLogprob]>) {
    if let Some(delta) = delta {
        logprobs.get_or_insert_default().make_mut().extend_from_slice(delta);
    }
}
