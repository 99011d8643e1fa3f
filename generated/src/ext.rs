//! Conveniences on generated types, written by hand: what a user would otherwise write again and again. Knows the emitted types; the generator does not know it.
//! What is public here is public at the root of the crate.
//!
//! Functions are `#[inline]`, as the emitted ones are: they are compiled in programs that call them, not in this crate, where they would bring along the
//! decoders and encoders of every type they touch.

#[cfg(feature = "beta")]
pub mod assistants;
#[cfg(feature = "audio")]
mod audio;
#[cfg(all(feature = "batches", feature = "files"))]
mod batches;
#[cfg(feature = "chat")]
pub mod chat;
// Its programs use whatever there is: they are compiled where everything is on, which is the case in `cargo test --workspace`.
#[cfg(any(not(doctest), all(feature = "full", feature = "blocking", feature = "schemars", feature = "testing", feature = "websocket")))]
pub mod guide;
#[cfg(feature = "images")]
mod images;
#[cfg(feature = "realtime")]
mod realtime;
#[cfg(feature = "responses")]
pub mod responses;
#[cfg(feature = "uploads")]
mod uploads;
#[cfg(all(feature = "vector-stores", feature = "files"))]
mod vector_stores;
#[cfg(feature = "webhooks")]
mod webhooks;

#[cfg(all(feature = "batches", feature = "files"))]
pub use batches::{BatchInput, BatchResult};
#[cfg(feature = "blocking")]
pub use openai_runtime::Blocking;
pub use openai_runtime::Pcm;
pub use openai_runtime::json::{Unfinished, partial};
pub use openai_runtime::{
    Deferred, OutputFormat, Snapshot, Tool, ToolCall, ToolError, ToolErrors, ToolEvent, ToolFailure, ToolOutcome, ToolRun, ToolStream,
    Tools, schema,
};
#[cfg(feature = "voice")]
pub use openai_runtime::{Microphone, Speaker};
#[cfg(feature = "uploads")]
pub use uploads::{ChunkedUpload, UploadCheckpoint, UploadFileChunkedParams};
#[cfg(all(feature = "vector-stores", feature = "files"))]
pub use vector_stores::{FileUpload, FileUploads, VectorStoreFileBatchUploadParams, VectorStoreFileUploadParams};
#[cfg(feature = "webhooks")]
pub use webhooks::{WebhookFault, WebhookHeaders, WebhookVerifier, Webhooks, webhook_id};
