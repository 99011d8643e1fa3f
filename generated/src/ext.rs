//! Conveniences on generated types, written by hand: what a user would otherwise write again and again. Knows the emitted types; the generator does not know it.
//!
//! Functions are `#[inline]`, as the emitted ones are: they are compiled in programs that call them, not in this crate, where they would bring along the
//! decoders and encoders of every type they touch.

#[cfg(feature = "beta")]
pub mod assistants;
#[cfg(feature = "chat")]
pub mod chat;
#[cfg(feature = "responses")]
pub mod responses;

#[cfg(feature = "blocking")]
pub use openai_runtime::Blocking;
pub use openai_runtime::json::{Unfinished, partial};
pub use openai_runtime::{
    Deferred, OutputFormat, Snapshot, Tool, ToolCall, ToolError, ToolErrors, ToolEvent, ToolFailure, ToolOutcome, ToolRun, ToolStream,
    Tools, schema,
};
