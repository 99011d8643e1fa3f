//! What a stream of a chat completion tells, piece by piece. Knows nothing of how it is accumulated.

use openai_runtime::json::{Unfinished, partial};
use openai_runtime::{Result, Snapshot, read_output};
use serde_core::de::DeserializeOwned;
use serde_json::Value;

use crate::types::chat::{ChatCompletionChunk, ChatCompletionTokenLogprob};

/// What a stream of a chat completion tells. Every chunk is one event, followed by what it means.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChatCompletionStreamEvent {
    /// A chunk, as it came.
    Chunk(Box<ChatCompletionChunk>),
    /// Text was added.
    ContentDelta(TextDelta),
    /// A choice's text is complete.
    ContentDone(TextDone),
    /// The model refuses; text was added to what it says.
    RefusalDelta(TextDelta),
    /// What the model says in refusal is complete.
    RefusalDone(TextDone),
    /// Arguments of a function call were added.
    ToolArgumentsDelta(ToolArgumentsDelta),
    /// The arguments of a function call are complete.
    ToolArgumentsDone(ToolArgumentsDone),
    /// Log probabilities of text were added.
    LogprobsContentDelta(LogprobsDelta),
    /// The log probabilities of a choice's text are complete.
    LogprobsContentDone(LogprobsDone),
    /// Log probabilities of a refusal were added.
    LogprobsRefusalDelta(LogprobsDelta),
    /// The log probabilities of a refusal are complete.
    LogprobsRefusalDone(LogprobsDone),
}

impl ChatCompletionStreamEvent {
    /// What kind of event it is, by the name that the official SDKs give it: `content.delta`.
    #[inline]
    pub fn event_type(&self) -> &'static str {
        match self {
            Self::Chunk(_) => "chunk",
            Self::ContentDelta(_) => "content.delta",
            Self::ContentDone(_) => "content.done",
            Self::RefusalDelta(_) => "refusal.delta",
            Self::RefusalDone(_) => "refusal.done",
            Self::ToolArgumentsDelta(_) => "tool_calls.function.arguments.delta",
            Self::ToolArgumentsDone(_) => "tool_calls.function.arguments.done",
            Self::LogprobsContentDelta(_) => "logprobs.content.delta",
            Self::LogprobsContentDone(_) => "logprobs.content.done",
            Self::LogprobsRefusalDelta(_) => "logprobs.refusal.delta",
            Self::LogprobsRefusalDone(_) => "logprobs.refusal.done",
        }
    }
}

/// Text that was added.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TextDelta {
    /// The choice it belongs to.
    pub choice: i64,
    /// What was added.
    pub delta: String,
    /// All of the text so far.
    pub snapshot: Snapshot,
}

impl TextDelta {
    #[inline]
    pub(super) fn new(choice: i64, delta: &str, snapshot: &Snapshot) -> Self {
        Self { choice, delta: delta.to_owned(), snapshot: snapshot.clone() }
    }

    /// What is known of structured output that is not complete yet; a string that is not finished is left out or kept as it is.
    /// None when there is nothing yet. It reads the text from the start.
    #[inline]
    pub fn partial(&self, unfinished: Unfinished) -> Option<Value> {
        partial(&self.snapshot, unfinished)
    }
}

/// Text that is complete.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TextDone {
    /// The choice it belongs to.
    pub choice: i64,
    /// The text.
    pub text: Snapshot,
}

impl TextDone {
    /// Structured output as a value of its type.
    ///
    /// # Errors
    /// When the text is not JSON, or not of the type.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        read_output(&self.text)
    }
}

/// Arguments that were added to a function call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolArgumentsDelta {
    /// The choice it belongs to.
    pub choice: i64,
    /// The call's index among the calls of the choice.
    pub index: i64,
    /// The function.
    pub name: String,
    /// What was added; the first piece may be empty.
    pub delta: String,
    /// All of the arguments so far.
    pub arguments: Snapshot,
}

impl ToolArgumentsDelta {
    /// What is known of the arguments so far; a string that is not finished is left out or kept as it is. It reads them from the start.
    #[inline]
    pub fn partial(&self, unfinished: Unfinished) -> Option<Value> {
        partial(&self.arguments, unfinished)
    }
}

/// A function call whose arguments are complete.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ToolArgumentsDone {
    /// The choice it belongs to.
    pub choice: i64,
    /// The call's index among the calls of the choice.
    pub index: i64,
    /// What the model calls this call; the answer names it.
    pub id: String,
    /// The function.
    pub name: String,
    /// The arguments, as JSON text.
    pub arguments: Snapshot,
}

impl ToolArgumentsDone {
    /// The arguments as a value of their type.
    ///
    /// # Errors
    /// When they are not JSON, or not of the type.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        read_output(&self.arguments)
    }
}

/// Log probabilities that were added.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LogprobsDelta {
    /// The choice they belong to.
    pub choice: i64,
    /// Those that were added.
    pub delta: Vec<ChatCompletionTokenLogprob>,
    /// All of them so far.
    pub snapshot: Snapshot<Vec<ChatCompletionTokenLogprob>>,
}

/// Log probabilities that are complete.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LogprobsDone {
    /// The choice they belong to.
    pub choice: i64,
    /// All of them.
    pub logprobs: Snapshot<Vec<ChatCompletionTokenLogprob>>,
}
