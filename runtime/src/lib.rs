//! The hand-written half of the SDK: JSON, requests, the call loop, streams, pages.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "a library is silent")]

pub mod json;

mod binary;
#[cfg(feature = "blocking")]
mod blocking;
mod call;
mod client;
#[cfg(feature = "dynamic")]
pub mod dynamic;
mod page;
mod parallel;
#[cfg(feature = "parts")]
mod parts;
mod poll;
mod stream;
mod task;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

mod credential;
mod time;
pub mod transport;
#[cfg(feature = "voice")]
mod voice;

mod codec;
mod error;
mod operation;
mod pcm;
mod request;
mod response;
mod retry;
pub mod sse;
mod timeout;
mod trace;
mod upload;
#[cfg(feature = "webhooks")]
mod webhook;

pub use binary::Binary;
#[cfg(feature = "blocking")]
pub use blocking::Blocking;
pub use call::{Call, Origin};
pub use client::{Client, ClientBuilder, DataResidency, Options, RawCall};
pub use codec::decode_base64;
pub use credential::{KeyProvider, Provider};
pub use error::{Error, ErrorKind, Result};
pub use operation::{Body, Events, GenAi, Method, Operation, Paging, PollStart, Polling, Resume, Security, StreamEnd, StreamFlag, Unready};
pub use page::{Items, Page, Paged, Pages, cursor_of};
pub use parallel::{OnFailure, in_parallel};
#[cfg(feature = "parts")]
pub use parts::{Checksum, Parts, Sending, Sent, send_parts};
pub use pcm::Pcm;
pub use poll::Poll;
pub use request::PreparedRequest;
pub use response::{FromResponse, RateLimits, RawResponse, Reading, Received, ResponseMeta, Text, WithResponse};
pub use stream::EventStream;
pub use task::Task;
pub use time::{SystemClock, Time};
pub use timeout::Timeout;
#[cfg(feature = "log")]
pub use trace::init_logging;
pub use transport::{RequestBody, ResponseBody, Transport, TransportError};
pub use upload::Upload;
#[cfg(feature = "voice")]
pub use voice::{Microphone, Speaker};
#[cfg(feature = "webhooks")]
pub use webhook::{WebhookFault, WebhookHeaders, WebhookVerifier, webhook_id};
