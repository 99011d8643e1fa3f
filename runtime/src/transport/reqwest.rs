//! The transport over `reqwest`; it and what is below it are the only places that import it. TLS is rustls with the ring provider and the operating system's trust
//! store, unless features say otherwise.

mod fault;
mod tls;

use std::pin::Pin;
#[cfg(all(feature = "websocket", feature = "http2"))]
use std::sync::OnceLock;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::{BodyStream, BoxFuture, RequestBody, ResponseBody, Transport, TransportError};
#[cfg(feature = "websocket")]
use super::{Duplex, Upgrade};
use crate::client::{HttpSettings, METADATA_SERVICES, ProxySetting};
use crate::error::{Error, Result};
use crate::request::body::CHUNK;

use fault::{Place, Unreadable, failed};
use tls::Tls;

/// What to do about a future that is polled outside of tokio, which would otherwise panic somewhere below.
const NO_RUNTIME: &str = "there is no tokio runtime here: await the call inside one (#[tokio::main]), or make it with .blocking() \
                          (feature `blocking`)";
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_IDLE_CONNECTIONS: usize = 100;

/// Sends requests through a `reqwest` client.
#[derive(Clone, Debug)]
pub(crate) struct ReqwestTransport {
    client: reqwest::Client,
    /// What the client was made from; a client from outside cannot be made again.
    recipe: Option<Arc<Recipe>>,
    last_url: Arc<LastUrl>,
    /// The client for connections that leave HTTP, made when there is one. Its own, because it must not speak HTTP/2.
    #[cfg(all(feature = "websocket", feature = "http2"))]
    upgrading: Arc<OnceLock<reqwest::Client>>,
}

/// The URL of the last request: most requests of a program go where the last one went, and parsing a URL takes longer than anything else here.
#[derive(Default)]
struct LastUrl(Mutex<Option<(http::Uri, reqwest::Url)>>);

/// Without the URL, whose query may hold a secret.
impl std::fmt::Debug for LastUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LastUrl").finish_non_exhaustive()
    }
}

impl LastUrl {
    fn parse(&self, uri: http::Uri) -> Result<reqwest::Url, TransportError> {
        // Who finds it in use has parsed before the other is done.
        let mut last = self.0.try_lock().ok();
        if let Some(Some((known, url))) = last.as_deref()
            && *known == uri
        {
            return Ok(url.clone());
        }
        let url = reqwest::Url::parse(&uri.to_string()).map_err(TransportError::request)?;
        if let Some(last) = &mut last {
            **last = Some((uri, url.clone()));
        }
        Ok(url)
    }
}

/// What a client is made from.
#[derive(Debug)]
struct Recipe {
    settings: HttpSettings,
    tls: Tls,
}

impl From<reqwest::Client> for ReqwestTransport {
    fn from(client: reqwest::Client) -> Self {
        Self::new(client, None)
    }
}

impl ReqwestTransport {
    pub(crate) fn build(settings: HttpSettings) -> Result<Self> {
        let recipe = Recipe { tls: Tls::new(&settings)?, settings };
        Ok(Self::new(recipe.client(Versions::All)?, Some(Arc::new(recipe))))
    }

    fn new(client: reqwest::Client, recipe: Option<Arc<Recipe>>) -> Self {
        Self {
            client,
            recipe,
            last_url: Arc::default(),
            #[cfg(all(feature = "websocket", feature = "http2"))]
            upgrading: Arc::default(),
        }
    }

    /// The request in the words of `reqwest`.
    fn translated(&self, request: http::Request<RequestBody>) -> Result<reqwest::Request, TransportError> {
        let (head, body) = request.into_parts();
        let mut request = reqwest::Request::new(head.method, self.last_url.parse(head.uri)?);
        *request.headers_mut() = head.headers;
        if !body.is_empty() {
            *request.body_mut() = Some(outgoing(body));
        }
        Ok(request)
    }

    /// The client for a connection that leaves HTTP.
    #[cfg(feature = "websocket")]
    #[allow(clippy::unnecessary_wraps, reason = "it can fail where HTTP/2 is spoken")]
    fn upgrading(&self) -> Result<&reqwest::Client, TransportError> {
        #[cfg(feature = "http2")]
        if let Some(recipe) = &self.recipe {
            return match self.upgrading.get() {
                Some(client) => Ok(client),
                None => {
                    let client = recipe.client(Versions::Http1).map_err(TransportError::request)?;
                    Ok(self.upgrading.get_or_init(|| client))
                }
            };
        }
        Ok(&self.client)
    }
}

/// The versions of HTTP that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Versions {
    All,
    #[cfg(all(feature = "websocket", feature = "http2"))]
    Http1,
}

impl Recipe {
    fn client(&self, versions: Versions) -> Result<reqwest::Client> {
        let client = self.builder(versions)?.build();
        client.map_err(|e| Error::argument(format!("the HTTP client cannot be built: {e}")).with_source(e))
    }

    fn builder(&self, versions: Versions) -> Result<reqwest::ClientBuilder> {
        let settings = &self.settings;
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // Without the limit each request would be copied for a retry that never comes.
            .retry(reqwest::retry::never().max_retries_per_request(0))
            .pool_idle_timeout(settings.idle_timeout.unwrap_or(IDLE_TIMEOUT))
            .pool_max_idle_per_host(settings.max_idle_connections.unwrap_or(MAX_IDLE_CONNECTIONS))
            .tcp_nodelay(true);
        if cfg!(not(feature = "http2")) || versions != Versions::All {
            builder = builder.http1_only();
        }
        if let Some(limit) = settings.connect_timeout {
            builder = builder.connect_timeout(limit);
        }
        builder = match &settings.proxy {
            ProxySetting::System => builder,
            ProxySetting::None => builder.no_proxy(),
            ProxySetting::Url(url) => {
                builder.proxy(proxy(reqwest::Proxy::all, url, "the proxy")?.no_proxy(reqwest::NoProxy::from_string(METADATA_SERVICES)))
            }
            ProxySetting::Environment(proxies) => {
                let except = format!("{METADATA_SERVICES},{}", proxies.no_proxy.as_deref().unwrap_or_default());
                let except = reqwest::NoProxy::from_string(&except);
                let mut builder = builder.no_proxy();
                if let Some(url) = &proxies.http {
                    builder =
                        builder.proxy(proxy(reqwest::Proxy::http, url, "the proxy in HTTP_PROXY or ALL_PROXY")?.no_proxy(except.clone()));
                }
                if let Some(url) = &proxies.https {
                    builder = builder.proxy(proxy(reqwest::Proxy::https, url, "the proxy in HTTPS_PROXY or ALL_PROXY")?.no_proxy(except));
                }
                builder
            }
        };
        Ok(self.tls.apply(builder, versions))
    }
}

/// A proxy. Its URL may hold a password, which no error repeats.
fn proxy<'u>(make: fn(&'u str) -> reqwest::Result<reqwest::Proxy>, url: &'u str, what: &str) -> Result<reqwest::Proxy> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    if scheme.starts_with("socks") && cfg!(not(feature = "socks")) {
        return Err(Error::argument(format!("{what} is a SOCKS proxy, which this build cannot use: turn on the feature socks")));
    }
    make(url).map_err(|_| Error::argument(format!("{what} is not a URL such as http://user:password@host:3128")))
}

impl Transport for ReqwestTransport {
    fn send(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async move {
            if tokio::runtime::Handle::try_current().is_err() {
                return Err(TransportError::request(NO_RUNTIME));
            }
            let place = Place::of(request.uri());
            let response = self.client.execute(self.translated(request)?).await.map_err(|error| failed(error, &place))?;
            let (head, body) = http::Response::from(response).into_parts();
            Ok(http::Response::from_parts(head, ResponseBody::stream(Incoming { body, place })))
        })
    }

    #[cfg(feature = "websocket")]
    fn upgrade(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<Upgrade>, TransportError>> {
        Box::pin(async move {
            if tokio::runtime::Handle::try_current().is_err() {
                return Err(TransportError::request(NO_RUNTIME));
            }
            let place = Place::of(request.uri());
            let response = self.upgrading()?.execute(self.translated(request)?).await.map_err(|error| failed(error, &place))?;
            if response.status() != http::StatusCode::SWITCHING_PROTOCOLS {
                let (head, body) = http::Response::from(response).into_parts();
                return Ok(http::Response::from_parts(head, Upgrade::Refused(ResponseBody::stream(Incoming { body, place }))));
            }
            let headers = response.headers().clone();
            let connection = response.upgrade().await.map_err(|error| failed(error, &place))?;
            let mut switched = http::Response::new(Upgrade::Switched(Duplex::new(connection)));
            *switched.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
            *switched.headers_mut() = headers;
            Ok(switched)
        })
    }

    fn separate(&self) -> Result<Option<Arc<dyn Transport>>> {
        let Some(recipe) = &self.recipe else { return Ok(None) };
        Ok(Some(Arc::new(Self::new(recipe.client(Versions::All)?, Some(recipe.clone())))))
    }
}

fn outgoing(body: RequestBody) -> reqwest::Body {
    match body.as_bytes() {
        // A large body goes out in chunks, so that its progress shows.
        Some(bytes) if bytes.len() <= CHUNK => reqwest::Body::from(bytes.clone()),
        _ => {
            let len = body.len();
            reqwest::Body::wrap(Outgoing { chunks: Mutex::new(body.into_stream()), left: len })
        }
    }
}

/// A body on its way out. The mutex is never contended: it makes the chunks shareable, as `reqwest` wants them.
struct Outgoing {
    chunks: Mutex<BodyStream>,
    left: Option<u64>,
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = Unreadable;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Unreadable>>> {
        let this = self.get_mut();
        let chunks = this.chunks.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        Pin::new(chunks).poll_next(cx).map(|chunk| {
            Some(match chunk? {
                Err(error) => Err(Unreadable(error)),
                Ok(chunk) => {
                    this.left = this.left.map(|left| left.saturating_sub(chunk.len() as u64));
                    Ok(Frame::data(chunk))
                }
            })
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// A body on its way in.
struct Incoming {
    body: reqwest::Body,
    place: Place,
}

impl Stream for Incoming {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Self { body, place } = self.get_mut();
        loop {
            match std::task::ready!(Pin::new(&mut *body).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(failed(error, place)))),
                // Trailers are of no interest.
                Some(Ok(frame)) => {
                    if let Ok(chunk) = frame.into_data() {
                        return Poll::Ready(Some(Ok(chunk)));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener};

    use super::*;
    use crate::client::EnvironmentProxies;

    /// A server that answers one request with this, whatever it is.
    fn answering(body: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        });
        address
    }

    /// Who answers a request to this host, with these settings of proxies.
    #[track_caller]
    fn check(host: &str, setting: impl FnOnce(String) -> ProxySetting, expect: &str) {
        let (service, proxy) = (answering("the host"), answering("the proxy"));
        let settings = HttpSettings { proxy: setting(format!("http://{proxy}")), ..HttpSettings::default() };
        let recipe = Recipe { tls: Tls::new(&settings).unwrap(), settings };
        let client = recipe.builder(Versions::All).unwrap().resolve(host, service).build().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(async {
            let url = format!("http://{host}:{}/", service.port());
            client.get(url).send().await.unwrap().text().await.unwrap()
        });
        assert_eq!(answer, expect, "{host}");
    }

    #[test]
    fn metadata_services_are_never_asked_through_a_proxy() {
        let environment = |url: String| {
            ProxySetting::Environment(EnvironmentProxies { http: Some(url), https: None, no_proxy: Some("other.example".to_owned()) })
        };
        check("metadata.google.internal", ProxySetting::Url, "the host");
        check("metadata.google.internal", environment, "the host");
        check("other.example", environment, "the host");
        check("api.example", ProxySetting::Url, "the proxy");
        check("api.example", environment, "the proxy");
    }
}
