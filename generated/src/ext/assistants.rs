//! Streams of the (deprecated) Assistants API: events told apart into messages, texts, steps and tool calls, and what they come to.

mod accumulate;
mod stream;

pub use accumulate::{AssistantAccumulator, AssistantEvent};
pub use stream::AssistantStream;
