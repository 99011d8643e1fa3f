//! What a call tells whoever listens: a span for the call, one for each attempt, and a line for each thing worth knowing. Metadata only:
//! never a body, a header, a query or an error's words, any of which may hold secrets. Without the feature `tracing` all of it is nothing.
//!
//! All of it has the target `openai`. The call's span carries the attributes of OpenTelemetry's conventions for HTTP clients and, where the
//! operation says so ([`GenAi`](crate::GenAi)), those for generative AI; what its attributes are and where they are found is data of the
//! operation.

#[cfg(feature = "tracing")]
mod attributes;
#[cfg(feature = "tracing")]
mod spans;
#[cfg(feature = "tracing")]
pub(crate) use spans::{AttemptSpan, CallSpan};

#[cfg(not(feature = "tracing"))]
mod silent;
#[cfg(not(feature = "tracing"))]
pub(crate) use silent::{AttemptSpan, CallSpan};

#[cfg(feature = "log")]
mod log;
#[cfg(feature = "log")]
pub use log::init_logging;
