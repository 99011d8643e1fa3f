//! A request that is complete but for what changes with each attempt: the credential and the count of retries. Knows no operation.

use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::RequestBody;
use crate::client::Client;
use crate::client::config::{Config, missing};
use crate::error::{Error, Result};
use crate::operation::Security;
use crate::provider::{Link, Provider};
use crate::timeout::Timeout;

pub(super) const RETRY_COUNT: HeaderName = HeaderName::from_static("x-stainless-retry-count");

/// Whether an attempt is signed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sign {
    No,
    With(&'static [Security]),
}

impl Sign {
    /// The provider that signs it.
    pub(crate) fn provider(self, config: &Config) -> Option<&dyn Provider> {
        match self {
            Self::No => None,
            Self::With(accepted) => config.provider_for(accepted),
        }
    }
}

/// A request as it is sent, again and again if need be.
pub struct PreparedRequest {
    pub(crate) method: http::Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: RequestBody,
    pub(crate) sign: Sign,
    pub(super) auto_retry_count: bool,
    pub(crate) timeout: Timeout,
    pub(crate) max_retries: u32,
    pub(crate) deadline: Option<Duration>,
}

impl PreparedRequest {
    /// The method.
    pub fn method(&self) -> &http::Method {
        &self.method
    }

    /// The URL with its query.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers. The credential is among them when it is a key, not when it comes from a provider.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &RequestBody {
        &self.body
    }

    /// The request of one attempt, with a fresh credential.
    pub(crate) async fn signed(&self, client: &Client, taken: u32) -> Result<http::Request<RequestBody>> {
        let Sign::With(accepted) = self.sign else { return self.attempt(taken, None) };
        let config = client.config()?;
        if let Some(provider) = config.provider_for(accepted) {
            let mut attempt = self.attempt(taken, None)?;
            provider.sign(&mut attempt, &Link::new(client, self.max_retries)).await?;
            keep_secret(attempt.headers_mut(), &self.headers);
            return Ok(attempt);
        }
        match config.credential(accepted)?.header().await? {
            None => Err(missing(accepted)),
            header => self.attempt(taken, header),
        }
    }

    /// The same with the scheme of WebSockets.
    #[cfg(feature = "websocket")]
    pub(crate) fn of_websocket(mut self) -> Self {
        if self.url.starts_with("http") {
            self.url.replace_range(.."http".len(), "ws");
        }
        self
    }

    /// The request of one attempt.
    pub(crate) fn attempt(&self, taken: u32, authorization: Option<HeaderValue>) -> Result<http::Request<RequestBody>> {
        let mut request = http::Request::new(self.body.again());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.url.parse().map_err(|e| Error::argument(format!("the URL cannot be sent: {e}")))?;
        *request.headers_mut() = self.headers.clone();
        let headers = request.headers_mut();
        if self.auto_retry_count {
            headers.insert(RETRY_COUNT, HeaderValue::from(taken));
        }
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization);
        }
        Ok(request)
    }
}

/// What a provider adds or changes is its signature, whatever its header is called: transports and logs are told that it is secret.
fn keep_secret(signed: &mut HeaderMap, unsigned: &HeaderMap) {
    for (name, value) in signed.iter_mut() {
        if *name != RETRY_COUNT && !unsigned.get_all(name).iter().any(|known| *known == *value) {
            value.set_sensitive(true);
        }
    }
}

/// Shows neither secret headers nor the query, which may hold one.
impl std::fmt::Debug for PreparedRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreparedRequest")
            .field("method", &self.method)
            .field("url", &self.url.split('?').next().unwrap_or_default())
            .field("headers", &self.headers)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
