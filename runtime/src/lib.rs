//! The hand-written half of the SDK: JSON, requests, the call loop, streams, pages.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "a library is silent")]

pub mod json;

mod base64_text;
mod binary;
#[cfg(feature = "blocking")]
mod blocking;
mod call;
mod client;
mod deferred;
#[cfg(feature = "dynamic")]
pub mod dynamic;
#[cfg(not(feature = "blocking"))]
#[doc(hidden)]
pub mod off;
mod page;
mod parallel;
#[cfg(feature = "parts")]
mod parts;
mod poll;
mod stream;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tools;
mod wakers;
#[cfg(feature = "websocket")]
pub mod websocket;

mod credential;
mod provider;
mod time;
pub mod transport;
#[cfg(feature = "voice")]
mod voice;

mod codec;
mod error;
mod operation;
mod output;
mod pcm;
mod request;
mod response;
mod retry;
pub mod schema;
pub mod sse;
mod timeout;
mod trace;
mod upload;
#[cfg(feature = "webhooks")]
mod webhook;

pub use base64_text::{from_base64, to_base64};
pub use binary::Binary;
#[cfg(feature = "blocking")]
pub use blocking::Blocking;
pub use call::{Call, Origin};
#[cfg(feature = "bedrock")]
pub use client::Bedrock;
pub use client::{Azure, Client, ClientBuilder, DataResidency, Direct, Options, RawCall};
pub use credential::{ApiKey, KeyProvider};
pub use deferred::{Deferred, Driver};
pub use error::{Error, ErrorKind, Result};
pub use operation::{
    Attribute, Body, Events, GenAi, Method, Operation, Paging, PollStart, Polling, Resume, Security, StreamEnd, StreamFlag, Unready,
};
pub use output::{OutputFormat, read_output};
pub use page::{Items, Page, Paged, Pages, cursor_of};
pub use parallel::{OnFailure, in_parallel};
#[cfg(feature = "parts")]
pub use parts::{Checksum, Parts, Sending, Sent, send_parts};
pub use pcm::Pcm;
pub use poll::Poll;
#[cfg(feature = "bedrock")]
pub use provider::bedrock::{AwsCredentials, AwsCredentialsProvider, BedrockEndpoint};
pub use provider::{
    Answered, AzureManagedIdentity, GcpIdToken, KubernetesToken, Link, Medium, Provider, Reach, Route, SubjectTokenProvider,
    SubjectTokenType, WorkloadIdentity,
};
pub use request::PreparedRequest;
pub use response::{FromResponse, RateLimits, RawResponse, Reading, Received, ResponseMeta, Text, WithResponse};
pub use stream::{Accumulate, Accumulating, EventStream, Snapshot};
pub use time::{SystemClock, Time};
pub use timeout::Timeout;
pub use tools::{
    Conversation, StreamedConversation, StreamedTurn, Tool, ToolCall, ToolError, ToolErrors, ToolEvent, ToolFailure, ToolOutcome, ToolRun,
    ToolStream, Tools, run_tools,
};
#[cfg(feature = "log")]
pub use trace::init_logging;
pub use transport::{RequestBody, ResponseBody, Transport, TransportError};
pub use upload::Upload;
#[cfg(feature = "voice")]
pub use voice::{Microphone, Speaker};
#[cfg(feature = "webhooks")]
pub use webhook::{WebhookFault, WebhookHeaders, WebhookVerifier, webhook_id};
