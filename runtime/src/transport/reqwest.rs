//! The transport over `reqwest`, the only place that imports it. TLS is rustls with the ring provider and the operating system's trust
//! store, unless features say otherwise.

use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::{BodyStream, BoxFuture, RequestBody, ResponseBody, Transport, TransportError};
use crate::client::{HttpSettings, ProxySetting};
use crate::error::{Error, Result};

const IDLE_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_IDLE_CONNECTIONS: usize = 100;

/// Sends requests through a `reqwest` client.
#[derive(Clone, Debug)]
pub(crate) struct ReqwestTransport(reqwest::Client);

impl From<reqwest::Client> for ReqwestTransport {
    fn from(client: reqwest::Client) -> Self {
        Self(client)
    }
}

impl ReqwestTransport {
    pub(crate) fn build(settings: HttpSettings) -> Result<Self> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_idle_timeout(settings.idle_timeout.unwrap_or(IDLE_TIMEOUT))
            .pool_max_idle_per_host(settings.max_idle_connections.unwrap_or(MAX_IDLE_CONNECTIONS))
            .tcp_nodelay(true);
        #[cfg(not(feature = "http2"))]
        {
            builder = builder.http1_only();
        }
        if let Some(limit) = settings.connect_timeout {
            builder = builder.connect_timeout(limit);
        }
        builder = match &settings.proxy {
            ProxySetting::Environment => builder,
            ProxySetting::None => builder.no_proxy(),
            ProxySetting::Url(url) => {
                // The URL may hold a password: it is not repeated in the error.
                builder.proxy(reqwest::Proxy::all(url).map_err(|_| Error::argument("the proxy is not a URL that can be used"))?)
            }
        };
        let client = tls(builder, &settings)?.build();
        client.map(Self).map_err(|e| Error::argument(format!("the HTTP client cannot be built: {e}")).with_source(e))
    }
}

#[cfg(any(feature = "rustls-ring", feature = "rustls-aws-lc-rs"))]
fn tls(builder: reqwest::ClientBuilder, settings: &HttpSettings) -> Result<reqwest::ClientBuilder> {
    use std::sync::Arc;

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    fn bad<E: std::error::Error + Send + Sync + 'static>(what: &'static str) -> impl Fn(E) -> Error {
        move |e| Error::argument(format!("{what} cannot be used: {e}")).with_source(e)
    }
    fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>> {
        let found = CertificateDer::pem_slice_iter(pem).collect::<std::result::Result<Vec<_>, _>>().map_err(bad(what))?;
        if found.is_empty() { Err(Error::argument(format!("{what} holds no certificate"))) } else { Ok(found) }
    }

    #[cfg(feature = "rustls-ring")]
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    #[cfg(not(feature = "rustls-ring"))]
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());

    let mut extra = Vec::new();
    for pem in &settings.ca_certificates {
        extra.extend(certificates(pem, "the CA certificate")?);
    }
    let verifier = if extra.is_empty() {
        rustls_platform_verifier::Verifier::new(provider.clone())
    } else {
        rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider.clone())
    };
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(bad("the TLS provider"))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier.map_err(bad("the trust store"))?));
    let config = match &settings.client_identity {
        None => config.with_no_client_auth(),
        Some(pem) => {
            const WHAT: &str = "the client certificate";
            let key = PrivateKeyDer::from_pem_slice(pem).map_err(bad("the key of the client certificate"))?;
            config.with_client_auth_cert(certificates(pem, WHAT)?, key).map_err(bad(WHAT))?
        }
    };
    Ok(builder.tls_backend_preconfigured(config))
}

#[cfg(all(feature = "native-tls", not(any(feature = "rustls-ring", feature = "rustls-aws-lc-rs"))))]
fn tls(mut builder: reqwest::ClientBuilder, settings: &HttpSettings) -> Result<reqwest::ClientBuilder> {
    let mut roots = Vec::new();
    for pem in &settings.ca_certificates {
        roots.push(reqwest::Certificate::from_pem(pem).map_err(|e| Error::argument("the CA certificate cannot be used").with_source(e))?);
    }
    if !roots.is_empty() {
        builder = builder.tls_certs_merge(roots);
    }
    match &settings.client_identity {
        None => Ok(builder),
        Some(_) => Err(Error::argument("client certificates need rustls, or an http_client of your own")),
    }
}

#[cfg(not(any(feature = "native-tls", feature = "rustls-ring", feature = "rustls-aws-lc-rs")))]
fn tls(builder: reqwest::ClientBuilder, settings: &HttpSettings) -> Result<reqwest::ClientBuilder> {
    if settings.ca_certificates.is_empty() && settings.client_identity.is_none() {
        return Ok(builder);
    }
    Err(Error::argument("this build has no TLS: turn on a feature such as rustls-ring"))
}

impl Transport for ReqwestTransport {
    fn send(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let url = reqwest::Url::parse(&head.uri.to_string()).map_err(TransportError::request)?;
            let mut request = reqwest::Request::new(head.method, url);
            *request.headers_mut() = head.headers;
            if !body.is_empty() {
                *request.body_mut() = Some(outgoing(body));
            }
            let response = self.0.execute(request).await.map_err(failed)?;
            let (head, body) = http::Response::from(response).into_parts();
            Ok(http::Response::from_parts(head, ResponseBody::stream(Incoming(body))))
        })
    }
}

fn outgoing(body: RequestBody) -> reqwest::Body {
    match body.as_bytes() {
        // Taken by the connection as a whole: that is progress enough.
        Some(bytes) => {
            body.sent().fetch_add(bytes.len() as u64, std::sync::atomic::Ordering::Relaxed);
            reqwest::Body::from(bytes.clone())
        }
        None => {
            let len = body.len();
            reqwest::Body::wrap(Outgoing { chunks: Mutex::new(body.into_stream()), left: len })
        }
    }
}

/// What an error of `reqwest` means. Its text holds no URL: that could hold secrets in its query.
fn failed(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    if error.is_timeout() {
        return TransportError::timeout(error);
    }
    if error.is_builder() || unreadable(&error) {
        return TransportError::request(error);
    }
    TransportError::connection(error)
}

/// Whether the request's own body could not be read.
fn unreadable(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<Unreadable>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A body that could not be read to its end.
#[derive(Debug)]
struct Unreadable(std::io::Error);

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the body could not be read: {}", self.0)
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
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
struct Incoming(reqwest::Body);

impl Stream for Incoming {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let body = &mut self.get_mut().0;
        loop {
            match std::task::ready!(Pin::new(&mut *body).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(failed(error)))),
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
