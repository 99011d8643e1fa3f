//! The client: a configuration, a transport and a clock behind one pointer. Builds calls; sends nothing itself.

mod builder;
pub(crate) mod config;
mod options;
mod proxy;

use std::fmt;
use std::sync::Arc;

#[cfg(feature = "bedrock")]
pub use builder::Bedrock;
pub use builder::{Azure, ClientBuilder, DataResidency, Direct};
pub use options::Options;
#[cfg(feature = "reqwest")]
pub(crate) use {
    builder::HttpSettings,
    proxy::{METADATA_SERVICES, ProxySetting},
};

#[cfg(all(test, feature = "reqwest"))]
pub(crate) use proxy::EnvironmentProxies;

use crate::call::Call;
use crate::codec;
use crate::error::{Error, Result};
use crate::json::Decode;
use crate::operation::{Body, Method, Operation, Security};
use crate::time::Time;
use crate::transport::Transport;
use config::Config;

/// A client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    config: Config,
    shared: Arc<Shared>,
    /// What was wrong with the options that this client was made with; returned by every call.
    fault: Option<String>,
}

/// What clients made from one another share.
pub(crate) struct Shared {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) time: Arc<dyn Time>,
    pub(crate) connections: Option<Arc<tokio::sync::Semaphore>>,
    #[cfg(feature = "blocking")]
    pub(crate) bridge: crate::blocking::Bridge,
}

impl Shared {
    /// The transport for what runs here and now.
    pub(crate) fn transport(&self) -> &dyn Transport {
        #[cfg(feature = "blocking")]
        if let Some(transport) = self.bridge.transport() {
            return transport;
        }
        &*self.transport
    }
}

/// A call to an endpoint without a typed method. See [`Client::get`].
pub type RawCall = Call<serde_json::Value>;

impl Client {
    /// A client configured by the environment: `OPENAI_API_KEY`, `OPENAI_BASE_URL` and the others that [`ClientBuilder`] names.
    ///
    /// # Errors
    /// When there is no key, or a variable has a value that cannot be used.
    pub fn from_env() -> Result<Self> {
        Self::builder().build()
    }

    /// Configures a client.
    pub fn builder() -> ClientBuilder<Self> {
        ClientBuilder::new()
    }

    /// A client with other options that shares this one's connections. An option that cannot be used is an error of every call.
    #[must_use]
    pub fn with_options(&self, change: impl FnOnce(Options) -> Options) -> Self {
        let (config, fault) = change(Options::new(self.0.config.clone())).finish();
        let fault = self.0.fault.clone().or(fault);
        Self(Arc::new(Inner { config, shared: self.0.shared.clone(), fault }))
    }

    /// A GET request to any path, with the client's credentials, retries and errors. It returns JSON; [`Call::cast`] returns something else.
    pub fn get(&self, path: impl Into<String>) -> RawCall {
        self.raw(&RAW_GET, path)
    }

    /// A POST request to any path. Give it a body with [`Call::json`] or [`Call::body`].
    pub fn post(&self, path: impl Into<String>) -> RawCall {
        self.raw(&RAW_POST, path)
    }

    /// A PUT request to any path.
    pub fn put(&self, path: impl Into<String>) -> RawCall {
        self.raw(&RAW_PUT, path)
    }

    /// A PATCH request to any path.
    pub fn patch(&self, path: impl Into<String>) -> RawCall {
        self.raw(&RAW_PATCH, path)
    }

    /// A DELETE request to any path.
    pub fn delete(&self, path: impl Into<String>) -> RawCall {
        self.raw(&RAW_DELETE, path)
    }

    fn raw(&self, operation: &'static Operation, path: impl Into<String>) -> RawCall {
        Call::new(self, operation).raw_path(path.into())
    }

    /// The base URL.
    pub fn base_url(&self) -> &str {
        self.0.config.endpoint.as_str()
    }

    /// The base URL for WebSockets, when one of its own was set.
    pub fn websocket_base_url(&self) -> Option<&str> {
        self.0.config.websocket_base_url.as_deref()
    }

    /// The secret that webhooks are checked with. Keep it to yourself.
    pub fn webhook_secret(&self) -> Option<&str> {
        self.0.config.webhook_secret.as_ref().map(|secret| secret.0.as_str())
    }

    /// Decodes JSON that arrived on another way than a call, a webhook or the line of a file, as the client decodes answers: leniently, or strictly if it
    /// was made so.
    ///
    /// # Errors
    /// When it is not JSON, or not what the type holds.
    pub fn decode<T: Decode>(&self, body: &[u8]) -> Result<T> {
        codec::decode(body, self.config()?.decoding).map_err(|error| error.with_body(body))
    }

    /// The clock.
    pub fn time(&self) -> &dyn Time {
        &*self.0.shared.time
    }

    pub(crate) fn config(&self) -> Result<&Config> {
        match &self.0.fault {
            None => Ok(&self.0.config),
            Some(fault) => Err(Error::argument(fault.clone())),
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0.shared
    }
}

/// Shows no secret, and of the base URL not its query, which may hold one.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.0.config.endpoint.without_query())
            .field("timeout", &self.0.config.timeout)
            .field("max_retries", &self.0.config.max_retries)
            .finish_non_exhaustive()
    }
}

const fn raw_operation(method: Method, body: Body) -> Operation {
    Operation { method, body, security: &[Security::ApiKey, Security::AdminApiKey], ..Operation::DEFAULT }
}

static RAW_GET: Operation = raw_operation(Method::Get, Body::None);
static RAW_POST: Operation = raw_operation(Method::Post, Body::Json);
static RAW_PUT: Operation = raw_operation(Method::Put, Body::Json);
static RAW_PATCH: Operation = raw_operation(Method::Patch, Body::Json);
static RAW_DELETE: Operation = raw_operation(Method::Delete, Body::Json);
