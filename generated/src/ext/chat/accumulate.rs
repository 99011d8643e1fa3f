//! Chunks of a chat completion, taken in one by one: the events they mean, and the completion they come to (contract 5.5). Waits for
//! nothing and knows no stream; what one choice has come to is in `choice`.

use std::collections::{BTreeMap, VecDeque};

use openai_runtime::json::{Object, StringEnum};
use openai_runtime::{Accumulate, Error, Result};

use super::choice::Choice;
use super::events::ChatCompletionStreamEvent as Event;
use super::output::cut;
use crate::types::chat::{ChatCompletion, ChatCompletionChunk};

/// What is done about an answer that ends before it is complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cuts {
    /// It is an error of the whole completion only.
    #[default]
    Pass,
    /// It is an error at once: what was to be read from the answer is not there.
    Fail,
}

/// Takes in the chunks of one chat completion, from a stream or from where they were saved.
///
/// The time this takes grows with the length of the chunks, not with what came before them.
///
/// ```
/// # use openai::JsonModel;
/// use openai::chat::ChatCompletionAccumulator;
/// use openai::types::chat::ChatCompletionChunk;
///
/// # fn main() -> openai::Result<()> {
/// let mut accumulator = ChatCompletionAccumulator::new();
/// for chunk in [
///     r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"}}]}"#,
///     r#"{"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}"#,
/// ] {
///     for event in accumulator.push(ChatCompletionChunk::from_json(chunk)?)? {
///         println!("{}", event.event_type());
///     }
/// }
/// let completion = accumulator.completion();
/// assert_eq!(completion.choices[0].message.content.as_deref(), Some("Hello"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ChatCompletionAccumulator {
    /// What is said of the completion as a whole; None before the first chunk.
    head: Option<ChatCompletion>,
    choices: BTreeMap<i64, Choice>,
    cuts: Cuts,
}

impl ChatCompletionAccumulator {
    /// Nothing yet.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    #[inline]
    pub(super) fn with_cuts(cuts: Cuts) -> Self {
        Self { cuts, ..Self::default() }
    }

    /// Takes in a chunk, and says what it means. What is not a chunk of a completion means nothing.
    ///
    /// # Errors
    /// When structured output or arguments of a strict function were cut short or withheld.
    #[inline]
    pub fn push(&mut self, chunk: ChatCompletionChunk) -> Result<Vec<Event>> {
        let mut events = VecDeque::new();
        self.accumulate(chunk, &mut events)?;
        Ok(events.into())
    }

    /// Whether a chunk was taken in.
    #[inline]
    pub fn has_begun(&self) -> bool {
        self.head.is_some()
    }

    /// The completion as far as it is known. It is put together anew each time.
    #[inline]
    pub fn completion(&self) -> ChatCompletion {
        let mut completion = self.head.clone().unwrap_or_default();
        completion.choices = self.choices.iter().map(|(index, choice)| choice.complete(*index)).collect();
        completion
    }

    /// The completion, at the end of its chunks.
    ///
    /// # Errors
    /// When there was no chunk, and when the answer was cut short or withheld; the error carries the completion then.
    #[inline]
    pub fn finish(&self) -> Result<ChatCompletion> {
        if !self.has_begun() {
            return Err(Error::decode("the stream ended without a chunk of a completion"));
        }
        let completion = self.completion();
        match completion.choices.iter().find_map(|choice| cut(&choice.finish_reason)) {
            Some(error) => Err(error.with_attachment(completion)),
            None => Ok(completion),
        }
    }

    #[inline]
    fn begin_or_go_on(&mut self, chunk: &ChatCompletionChunk) {
        let head = self.head.get_or_insert_with(|| ChatCompletion {
            id: chunk.id.clone(),
            created: chunk.created,
            model: chunk.model.clone(),
            extra: {
                let mut extra = chunk.extra.clone();
                extra.remove("obfuscation");
                extra
            },
            ..ChatCompletion::default()
        });
        if head.service_tier.is_none() {
            head.service_tier.clone_from(&chunk.service_tier);
        }
        // What is only known at the end comes with the last chunks; that others lack it does not take it back.
        if chunk.system_fingerprint.is_some() {
            head.system_fingerprint.clone_from(&chunk.system_fingerprint);
        }
        if chunk.usage.is_some() {
            head.usage.clone_from(&chunk.usage);
        }
        if chunk.moderation.is_some() {
            head.moderation.clone_from(&chunk.moderation);
        }
    }
}

impl Accumulate for ChatCompletionAccumulator {
    type Event = ChatCompletionChunk;
    type Item = Event;

    #[inline]
    fn accumulate(&mut self, chunk: ChatCompletionChunk, events: &mut VecDeque<Event>) -> Result<()> {
        if !is_chunk(&chunk) {
            return Ok(());
        }
        self.begin_or_go_on(&chunk);
        for choice in &chunk.choices {
            self.choices.entry(choice.index).or_default().merge(choice);
        }
        if self.cuts == Cuts::Fail {
            let reasons = chunk.choices.iter().filter_map(|choice| choice.finish_reason.as_ref());
            if let Some(error) = reasons.map(|reason| reason.as_str().into()).find_map(|reason| cut(&reason)) {
                return Err(error);
            }
        }
        let at = events.len();
        for choice in &chunk.choices {
            if let Some(state) = self.choices.get_mut(&choice.index) {
                state.tell(choice, events);
            }
        }
        events.insert(at, Event::Chunk(Box::new(chunk)));
        Ok(())
    }

    #[inline]
    fn attach(&self, error: Error) -> Error {
        if error.attachment::<ChatCompletion>().is_some() || !self.has_begun() {
            return error;
        }
        error.with_attachment(self.completion())
    }
}

/// Whether this is part of a completion. Some servers send notes in between.
#[inline]
fn is_chunk(chunk: &ChatCompletionChunk) -> bool {
    match chunk.extra.get("object") {
        // The type writes the right one itself, and keeps any other.
        Some(_) => false,
        None if chunk.extra.is_missing(ChatCompletionChunk::FIELDS, "object") => !chunk.choices.is_empty() || chunk.usage.is_some(),
        None => chunk.extra.whole().is_none(),
    }
}
