//! Builds a client from options and the environment; everything that cannot be used is an error here (contract 1.1). What is particular to the
//! API itself and to other services that speak it is below, each a file.

mod azure;
#[cfg(feature = "bedrock")]
mod bedrock;
mod direct;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

pub use azure::Azure;
#[cfg(feature = "bedrock")]
pub use bedrock::Bedrock;
pub use direct::{DataResidency, Direct};

use super::config::{Config, base_headers};
use super::options::set_query;
use super::proxy::{EnvironmentProxies, ProxySetting};
use super::{Client, Inner, Shared};
use crate::codec::Decoding;
use crate::credential::{ApiKey, Credential, Key, KeyProvider, Secret};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::provider::Provider;
use crate::request::endpoint::{Endpoint, websocket_url};
use crate::request::headers::{HeaderEdits, parse_lines};
use crate::time::{SystemClock, Time};
use crate::timeout::Timeout;
use crate::transport::Transport;
use crate::transport::wrapped::{Wrap, wrapped};

const DEFAULT_MAX_RETRIES: u32 = 2;

type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Configures a client. What is not set comes from the environment when [`build`](Self::build) is called: `OPENAI_API_KEY`, `OPENAI_ADMIN_KEY`,
/// `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID`, `OPENAI_WEBHOOK_SECRET`, `OPENAI_BASE_URL`, `OPENAI_CUSTOM_HEADERS` (lines of `Name: value`).
///
/// The second parameter is the service: the API itself ([`Direct`]), or another that speaks it, with settings of its own ([`Azure`]).
#[must_use = "a builder makes no client until `.build()` is called"]
pub struct ClientBuilder<C = Client, S = Direct> {
    pub(super) service: S,
    pub(super) api_key: Option<ApiKey>,
    require_credentials: bool,
    organization: Option<String>,
    project: Option<String>,
    webhook_secret: Option<String>,
    pub(super) base_url: Option<String>,
    websocket_base_url: Option<String>,
    timeout: Timeout,
    deadline: Option<Duration>,
    max_retries: u32,
    default_headers: HeaderEdits,
    default_query: Vec<(String, Json)>,
    user_agent: Option<String>,
    decoding: Decoding,
    /// None: that of the process.
    environment: Option<Environment>,
    transport: Option<Arc<dyn Transport>>,
    wraps: Vec<Wrap>,
    time: Arc<dyn Time>,
    max_connections: Option<usize>,
    http: HttpSettings,
    fault: Option<Error>,
    made: PhantomData<fn() -> C>,
}

/// A service that speaks the API. Only this crate has some; for another, there is [`Provider`].
pub trait Service: Sized {
    /// Takes the settings out of a builder.
    #[doc(hidden)]
    fn settle<C>(builder: &mut ClientBuilder<C, Self>) -> Result<Means>;
}

/// What a service's own settings come to.
pub struct Means {
    endpoint: Endpoint,
    api_key: Option<Credential>,
    admin_api_key: Option<Credential>,
    provider: Option<Arc<dyn Provider>>,
    /// Whether the environment says who is calling: `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID`, `OPENAI_CUSTOM_HEADERS`.
    identification: Identification,
}

/// Where organization, project and headers that are not set come from.
#[derive(Clone, Copy, PartialEq)]
enum Identification {
    Environment,
    /// From nowhere: they are for the API itself, and this is another service.
    Nowhere,
}

/// Settings of the HTTP client that is made when none is given.
#[derive(Default)]
#[cfg_attr(not(feature = "reqwest"), allow(dead_code, reason = "read by the reqwest transport"))]
pub(crate) struct HttpSettings {
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) proxy: ProxySetting,
    pub(crate) ca_certificates: Vec<Vec<u8>>,
    pub(crate) client_identity: Option<Vec<u8>>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_idle_connections: Option<usize>,
}

/// Shows nothing: there are a private key and, in the proxy's URL, a password among them.
impl fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpSettings")
    }
}

impl<C, S> ClientBuilder<C, S> {
    fn of(service: S) -> Self {
        Self {
            service,
            api_key: None,
            require_credentials: true,
            organization: None,
            project: None,
            webhook_secret: None,
            base_url: None,
            websocket_base_url: None,
            timeout: Timeout::default(),
            deadline: None,
            max_retries: DEFAULT_MAX_RETRIES,
            default_headers: HeaderEdits::default(),
            default_query: Vec::new(),
            user_agent: None,
            decoding: Decoding::Lenient,
            environment: None,
            transport: None,
            wraps: Vec::new(),
            time: Arc::new(SystemClock),
            max_connections: None,
            http: HttpSettings::default(),
            fault: None,
            made: PhantomData,
        }
    }
}

/// Credentials and identification.
impl<C, S> ClientBuilder<C, S> {
    /// The API key. Default: `OPENAI_API_KEY`; for Azure `AZURE_OPENAI_API_KEY`.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(ApiKey(Key::Text(key.into())));
        self
    }

    /// Something that knows the API key, asked before every attempt: an async closure that returns a `Result<String>`, for instance.
    pub fn api_key_provider(mut self, provider: impl KeyProvider) -> Self {
        self.api_key = Some(ApiKey(Key::Provider(Arc::new(provider))));
        self
    }

    /// Allows a client without any credential, for servers that want none.
    pub fn allow_missing_credentials(mut self) -> Self {
        self.require_credentials = false;
        self
    }

    /// The organization that requests count for. Default: `OPENAI_ORG_ID`.
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = Some(organization.into());
        self
    }

    /// The project that requests count for. Default: `OPENAI_PROJECT_ID`.
    pub fn project(mut self, project: impl Into<String>) -> Self {
        self.project = Some(project.into());
        self
    }

    /// The secret that webhooks are checked with. Default: `OPENAI_WEBHOOK_SECRET`.
    pub fn webhook_secret(mut self, secret: impl Into<String>) -> Self {
        self.webhook_secret = Some(secret.into());
        self
    }
}

/// Where requests go and how.
impl<C, S> ClientBuilder<C, S> {
    /// The base URL. Default: `OPENAI_BASE_URL`, else the provider's, else `https://api.openai.com/v1`. A query it has is part of every request.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The base URL of WebSockets, when it is not the base URL.
    pub fn websocket_base_url(mut self, url: impl Into<String>) -> Self {
        self.websocket_base_url = Some(url.into());
        self
    }

    /// The time limits of an attempt; a `Duration` is one for all of them.
    pub fn timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Limits each call as a whole: all its attempts, with the waits between them, and for a stream the stream. Default: no limit.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.deadline = Some(limit);
        self
    }

    /// How often a failed attempt is repeated. Default: 2. Zero turns retries off.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Adds a header to every request, or replaces one of the client's own.
    pub fn default_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let result = self.default_headers.set(name.as_ref(), value.as_ref());
        self.keep_fault(result);
        self
    }

    /// Leaves a header out of every request.
    pub fn without_default_header(mut self, name: impl AsRef<str>) -> Self {
        let result = self.default_headers.omit(name.as_ref());
        self.keep_fault(result);
        self
    }

    /// Adds a query parameter to every request.
    pub fn default_query(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        set_query(&mut self.default_query, name.into(), value.into());
        self
    }

    /// The `User-Agent` header.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// Makes a response that departs from the specification an error. By default responses are taken as they are.
    pub fn strict(mut self) -> Self {
        self.decoding = Decoding::Strict;
        self
    }
}

/// The parts underneath.
impl<C, S> ClientBuilder<C, S> {
    /// Sends requests through a transport of your own. The settings of connections, proxies and certificates are its business then.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Puts a transport of your own around the one that requests go through, whichever that is: to log, count, cache or refuse what passes. It sees every
    /// attempt, complete and signed, and the answer before its body is read. The one that is put last is outermost. One that does not implement
    /// [`Transport::upgrade`] lets no WebSocket pass.
    pub fn wrap_transport<T: Transport>(mut self, wrap: impl Fn(Arc<dyn Transport>) -> T + Send + Sync + 'static) -> Self {
        self.wraps.push(Arc::new(move |inner| Arc::new(wrap(inner))));
        self
    }

    /// Sends requests through a `reqwest` client of your own.
    #[cfg(feature = "reqwest")]
    pub fn http_client(self, client: reqwest::Client) -> Self {
        self.transport(crate::transport::reqwest::ReqwestTransport::from(client))
    }

    /// Uses a clock of your own.
    pub fn time(mut self, time: impl Time) -> Self {
        self.time = Arc::new(time);
        self
    }

    /// Looks environment variables up here in place of the process environment, those that name proxies included.
    pub fn env(mut self, lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        self.environment = Some(Arc::new(lookup));
        self
    }

    /// Allows at most this many requests and streams at the same time; others wait. Default: no limit.
    pub fn max_connections(mut self, most: usize) -> Self {
        self.max_connections = Some(most);
        self
    }

    /// Keeps at most this many idle connections to a host. Default: 100.
    pub fn max_idle_connections(mut self, most: usize) -> Self {
        self.http.max_idle_connections = Some(most);
        self
    }

    /// Closes connections that were idle for this long. Default: 5 seconds.
    pub fn idle_timeout(mut self, limit: Duration) -> Self {
        self.http.idle_timeout = Some(limit);
        self
    }

    /// Uses this proxy for everything. By default the environment says (`HTTPS_PROXY`, `NO_PROXY`, …).
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.http.proxy = ProxySetting::Url(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.http.proxy = ProxySetting::None;
        self
    }

    /// Trusts certificates signed by this authority (PEM), besides those that the operating system trusts.
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http.ca_certificates.push(pem.into());
        self
    }

    /// Authenticates with a client certificate: PEM with the certificate chain and its private key.
    pub fn client_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.http.client_identity = Some(pem.into());
        self
    }

    fn keep_fault(&mut self, result: Result<()>) {
        if let (Err(error), None) = (result, &self.fault) {
            self.fault = Some(error);
        }
    }
}

impl<C: From<Client>, S: Service> ClientBuilder<C, S> {
    /// Builds the client.
    ///
    /// # Errors
    /// When there is no credential, or a setting cannot be used: a key with a newline, a URL that is none, a certificate that cannot be read.
    pub fn build(mut self) -> Result<C> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        let means = S::settle(&mut self)?;
        let config = self.config(means)?;
        let connections = match self.max_connections {
            Some(0) => return Err(Error::argument("max_connections must be at least one")),
            most => most.map(|most| Arc::new(tokio::sync::Semaphore::new(most.min(tokio::sync::Semaphore::MAX_PERMITS)))),
        };
        if matches!(self.http.proxy, ProxySetting::System) && !(cfg!(feature = "system-proxy") && self.environment.is_none()) {
            self.http.proxy = ProxySetting::Environment(EnvironmentProxies::read(&*self.environment()));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(HttpSettings { connect_timeout: self.timeout.connect_limit(), ..self.http })?,
        };
        let shared = Shared {
            transport: wrapped(transport, self.wraps),
            time: self.time,
            connections,
            #[cfg(feature = "blocking")]
            bridge: crate::blocking::Bridge::default(),
        };
        Ok(C::from(Client(Arc::new(Inner { config, shared: Arc::new(shared), fault: None }))))
    }
}

impl<C, S> ClientBuilder<C, S> {
    fn environment(&self) -> Environment {
        self.environment.clone().unwrap_or_else(|| Arc::new(|name| std::env::var(name).ok()))
    }

    fn config(&mut self, means: Means) -> Result<Config> {
        let environment = self.environment();
        let env = |name: &str| if means.identification == Identification::Environment { environment(name) } else { None };
        let mut default_headers = HeaderEdits::default();
        if let Some(lines) = env("OPENAI_CUSTOM_HEADERS") {
            for (name, value) in parse_lines(&lines).filter(|(name, _)| !name.is_empty()) {
                default_headers.set(name, value)?;
            }
        }
        default_headers.extend(&self.default_headers);
        let organization = self.organization.take().or_else(|| env("OPENAI_ORG_ID"));
        let project = self.project.take().or_else(|| env("OPENAI_PROJECT_ID"));
        Ok(Config {
            endpoint: means.endpoint,
            websocket_base_url: self.websocket_base_url.take().map(websocket_url).transpose()?,
            api_key: means.api_key,
            admin_api_key: means.admin_api_key,
            provider: means.provider,
            webhook_secret: self.webhook_secret.take().or_else(|| environment("OPENAI_WEBHOOK_SECRET")).map(Secret),
            base_headers: base_headers(organization.as_deref(), project.as_deref(), self.user_agent.as_deref())?,
            default_headers,
            default_query: std::mem::take(&mut self.default_query),
            timeout: self.timeout,
            deadline: self.deadline,
            max_retries: self.max_retries,
            decoding: self.decoding,
        })
    }
}

#[cfg(feature = "reqwest")]
fn default_transport(settings: HttpSettings) -> Result<Arc<dyn Transport>> {
    Ok(Arc::new(crate::transport::reqwest::ReqwestTransport::build(settings)?))
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(_: HttpSettings) -> Result<Arc<dyn Transport>> {
    Err(Error::argument("this build has no HTTP client: turn on the feature rustls-ring (or another TLS feature), or set a transport"))
}

/// Shows no secret, and no URL: that was not looked at yet, and may hold one.
impl<C, S> fmt::Debug for ClientBuilder<C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("max_retries", &self.max_retries)
            .finish_non_exhaustive()
    }
}
