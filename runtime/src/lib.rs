//! The hand-written half of the SDK: JSON, requests, the call loop, streams, pages.

pub mod json;

mod binary;
#[cfg(feature = "blocking")]
mod blocking;
mod call;
mod client;
mod page;
mod stream;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

mod credential;
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
mod upload;

pub use binary::Binary;
#[cfg(feature = "blocking")]
pub use blocking::Blocking;
pub use call::{Call, Origin};
pub use client::{Client, ClientBuilder, DataResidency, Options, RawCall};
pub use credential::{KeyProvider, Provider};
pub use error::{Error, ErrorKind, Result};
pub use operation::{Body, Events, Method, Operation, Paging, Resume, Security, StreamEnd, StreamFlag};
pub use page::{Items, Page, Paged, Pages};
pub use request::PreparedRequest;
pub use response::{FromResponse, RateLimits, RawResponse, Reading, Received, ResponseMeta, Text, WithResponse};
pub use stream::EventStream;
pub use time::{SystemClock, Time};
pub use timeout::Timeout;
pub use transport::{RequestBody, ResponseBody, Transport, TransportError};
pub use upload::Upload;
