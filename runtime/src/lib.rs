//! The hand-written half of the SDK: JSON, requests, the call loop, streams, pages.

pub mod json;

mod client;
mod call;
mod page;
mod stream;
mod binary;
#[cfg(feature = "blocking")]
mod blocking;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub mod transport;
mod time;
mod credential;

mod error;
mod operation;
mod request;
mod response;
mod retry;
pub mod sse;
mod timeout;
mod upload;
mod codec;

pub use binary::Binary;
#[cfg(feature = "blocking")]
pub use blocking::Blocking;
pub use call::{Call, Origin};
pub use client::{Client, ClientBuilder, DataResidency, Options, RawCall};
pub use credential::{KeyProvider, Provider};
pub use error::{Error, ErrorKind, Result};
pub use operation::{Body, Events, Method, Operation, Security, StreamFlag};
pub use page::{Items, Page, Paged, Pages};
pub use request::PreparedRequest;
pub use response::{FromResponse, RateLimits, RawResponse, Reading, Received, ResponseMeta, Text, WithResponse};
pub use stream::EventStream;
pub use time::{SystemClock, Time};
pub use timeout::Timeout;
pub use transport::{RequestBody, ResponseBody, Transport, TransportError};
pub use upload::Upload;
