//! The hand-written half of the SDK: JSON, requests, the call loop, streams, pages.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "a library is silent")]

pub mod json;

mod base64_text;
mod binary;
#[cfg(feature = "blocking")]
mod blocking;
mod call;
mod client;
#[cfg(feature = "dynamic")]
pub mod dynamic;
mod page;
mod stream;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(feature = "websocket")]
pub mod websocket;

mod credential;
mod provider;
mod time;
pub mod transport;

mod codec;
mod error;
mod operation;
mod request;
mod response;
mod retry;
pub mod sse;
mod timeout;
mod trace;
mod upload;

pub use base64_text::{from_base64, to_base64};
pub use binary::Binary;
#[cfg(feature = "blocking")]
pub use blocking::Blocking;
pub use call::{Call, Origin};
#[cfg(feature = "bedrock")]
pub use client::Bedrock;
pub use client::{Azure, Client, ClientBuilder, DataResidency, Direct, Options, RawCall};
pub use credential::{ApiKey, KeyProvider};
pub use error::{Error, ErrorKind, Result};
pub use operation::{Body, Events, GenAi, Method, Operation, Paging, Resume, Security, StreamEnd, StreamFlag};
pub use page::{Items, Page, Paged, Pages, cursor_of};
#[cfg(feature = "bedrock")]
pub use provider::bedrock::{AwsCredentials, AwsCredentialsProvider, BedrockEndpoint};
pub use provider::{
    Answered, AzureManagedIdentity, GcpIdToken, KubernetesToken, Link, Medium, Provider, Reach, Route, SubjectTokenProvider,
    SubjectTokenType, WorkloadIdentity,
};
pub use request::PreparedRequest;
pub use response::{FromResponse, RateLimits, RawResponse, Reading, Received, ResponseMeta, Text, WithResponse};
pub use stream::EventStream;
pub use time::{SystemClock, Time};
pub use timeout::Timeout;
#[cfg(feature = "log")]
pub use trace::init_logging;
pub use transport::{RequestBody, ResponseBody, Transport, TransportError};
pub use upload::Upload;
