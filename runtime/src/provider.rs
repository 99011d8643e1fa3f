//! The seam to services that speak the API elsewhere or know their callers otherwise: where a call goes, who signs it, and what becomes of a
//! refused credential. Knows none of the services; those are below, each a file.
//!
//! A provider sees a call three times. [`route`](Provider::route) may lead it elsewhere, before its request is built;
//! [`inspect`](Provider::inspect) may refuse the request when it is complete; [`sign`](Provider::sign) signs it, anew for every attempt. The
//! first two are pure and run once, the third may wait: for a token, over the client's own connections ([`Link`]).

pub(crate) mod azure;
#[cfg(feature = "bedrock")]
pub(crate) mod bedrock;
mod flight;
mod link;
mod renewed;
mod subject;
mod workload;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};

use crate::credential::ApiKey;
use crate::error::{Error, Result};
use crate::operation::Security;
use crate::request::PreparedRequest;
use crate::transport::{BoxFuture, RequestBody};
pub use link::{Answered, Link};
pub use subject::{AzureManagedIdentity, GcpIdToken, KubernetesToken, SubjectTokenProvider, SubjectTokenType};
pub use workload::WorkloadIdentity;

/// Another way to reach and to authenticate with a service that speaks the same API.
///
/// With one, the client sends no `Authorization` of its own.
///
/// ```
/// use http::{HeaderValue, Request};
/// use openai_runtime::transport::{BoxFuture, RequestBody};
/// use openai_runtime::{Client, Link, Provider, Result};
///
/// /// A gateway that wants its key in a header of its own.
/// struct Gateway(HeaderValue);
///
/// impl Provider for Gateway {
///     fn base_url(&self) -> Option<&str> {
///         Some("https://gateway.example/openai/v1")
///     }
///
///     fn sign<'a>(&'a self, request: &'a mut Request<RequestBody>, _: &'a Link) -> BoxFuture<'a, Result<()>> {
///         request.headers_mut().insert("x-gateway-key", self.0.clone());
///         Box::pin(async { Ok(()) })
///     }
/// }
///
/// # fn main() -> Result<()> {
/// let client: Client = Client::builder().provider(Gateway(HeaderValue::from_static("secret"))).build()?;
/// assert_eq!(client.base_url(), "https://gateway.example/openai/v1");
/// # Ok(())
/// # }
/// ```
pub trait Provider: Send + Sync + 'static {
    /// Signs the request of one attempt: it is complete, and nothing changes it afterwards. It may fetch a token first.
    ///
    /// Not called for what is not the provider's to sign: a call that has one of the [`credential_headers`](Self::credential_headers)
    /// already or leaves it out, and a call to another host than the base URL's.
    ///
    /// # Errors
    /// Ends the call; it is not retried.
    fn sign<'a>(&'a self, request: &'a mut http::Request<RequestBody>, link: &'a Link) -> BoxFuture<'a, Result<()>>;

    /// The base URL, for a client that is given none.
    fn base_url(&self) -> Option<&str> {
        None
    }

    /// Leads a call elsewhere, before its request is built.
    ///
    /// # Errors
    /// When the call cannot be made there; nothing is sent.
    fn route(&self, route: &mut Route<'_>) -> Result<()> {
        let _ = route;
        Ok(())
    }

    /// Looks at a request that is complete but for its signature.
    ///
    /// # Errors
    /// When it must not be sent.
    fn inspect(&self, request: &PreparedRequest) -> Result<()> {
        let _ = request;
        Ok(())
    }

    /// Told that the server answered 401 to a request with this `Authorization`. With `true` it is signed anew and sent once more: once, and if
    /// its body can be read again. That is no retry, and is done though there shall be none.
    fn rejected(&self, authorization: Option<&HeaderValue>) -> bool {
        let _ = authorization;
        false
    }

    /// Whether the provider signs calls that accept these credentials; the client's own credentials are for the others.
    fn signs(&self, accepted: &[Security]) -> bool {
        let _ = accepted;
        true
    }

    /// The headers that credentials are in. A caller who sets or leaves out one of them has signed the call.
    fn credential_headers(&self) -> &'static [HeaderName] {
        USUAL_HEADERS
    }

    /// How far its requests may go.
    fn reach(&self) -> Reach {
        Reach::Anywhere
    }

    /// Whether the service is the API itself, which has regions ([`DataResidency`](crate::DataResidency)) to choose from.
    fn has_regions(&self) -> bool {
        false
    }

    /// What takes this provider's place in a client that was made from another with an API key of its own; None: nothing does, and the key
    /// is sent as usual.
    ///
    /// # Errors
    /// When the service takes no API key. That is the default.
    fn with_api_key(&self, key: ApiKey) -> Result<Option<Arc<dyn Provider>>> {
        let _ = key;
        Err(Error::argument("the client's provider signs its requests: an API key would not be used"))
    }

    /// What traces call the service (`gen_ai.provider.name`), when not as the API does.
    fn name(&self) -> Option<&'static str> {
        None
    }
}

/// The header that credentials are in unless a provider says otherwise.
pub(crate) const USUAL_HEADERS: &[HeaderName] = &[AUTHORIZATION];

/// How far requests may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere. What leads away from the base URL's host is sent without credentials.
    Anywhere,
    /// To the base URL's scheme, host and port and no further: a call to another host is refused, and no redirect is followed.
    BaseUrl,
}

/// What a call is sent over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Medium {
    /// A request and its answer.
    Http,
    /// A WebSocket, opened by this request.
    WebSocket,
}

/// Where a call goes, before its request is built.
pub struct Route<'a> {
    pub(crate) medium: Medium,
    pub(crate) base_path: &'a str,
    pub(crate) path: Cow<'a, str>,
    pub(crate) query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    pub(crate) param: &'a dyn Fn(&str) -> Option<String>,
}

impl Route<'_> {
    /// What it is sent over.
    pub fn medium(&self) -> Medium {
        self.medium
    }

    /// The path of the base URL, encoded.
    pub fn base_path(&self) -> &str {
        self.base_path
    }

    /// The path below the base URL, encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Replaces the path below the base URL by another that is encoded.
    pub fn set_path(&mut self, path: impl Into<String>) {
        self.path = Cow::Owned(path.into());
    }

    /// Sets a query parameter. For a call over HTTP it is a default, which a parameter of the caller's own replaces; for a WebSocket it is the
    /// last word.
    pub fn set_query(&mut self, name: &'static str, value: impl Into<String>) {
        self.remove_query(name);
        self.query.push((Cow::Borrowed(name), Cow::Owned(value.into())));
    }

    /// Takes a query parameter away, for a WebSocket also one of the caller's own.
    pub fn remove_query(&mut self, name: &str) {
        self.query.retain(|(known, _)| known != name);
    }

    /// A param of the body (of a WebSocket: of the query) that is a text.
    pub fn param(&self, name: &str) -> Option<String> {
        (self.param)(name)
    }
}

/// Shows the path alone.
impl std::fmt::Debug for Route<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Route").field("medium", &self.medium).field("path", &self.path).finish_non_exhaustive()
    }
}
