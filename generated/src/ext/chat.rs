//! Chat completions beyond one call: structured output, streams that accumulate, tools that run by themselves.
//!
//! ```no_run
//! # #[derive(serde::Deserialize, schemars::JsonSchema)]
//! # struct CalendarEvent { name: String, date: String }
//! # async fn example(client: openai::Client) -> openai::Result<()> {
//! use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};
//!
//! let params = ChatCompletionCreateParams::new("gpt-5.2", [ChatMessage::user("Alice and Bob go to a science fair on Friday.")]);
//! let event: CalendarEvent = client.chat().completions().parse(params).await?.into_output()?;
//! # Ok(())
//! # }
//! ```

mod accumulate;
mod call;
mod choice;
mod events;
mod output;
mod stream;
mod tools;

pub use accumulate::ChatCompletionAccumulator;
pub use events::{ChatCompletionStreamEvent, LogprobsDelta, LogprobsDone, TextDelta, TextDone, ToolArgumentsDelta, ToolArgumentsDone};
pub use output::ParsedChatCompletion;
pub use stream::ChatCompletionStream;
pub use tools::{ChatConversation, ChatToolRun, ChatToolStream};
