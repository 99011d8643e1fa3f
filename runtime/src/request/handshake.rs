//! The request that opens a WebSocket: the client's address, headers and credentials, as for any call (contract 9.2, 8.4). Opens nothing itself.

use http::HeaderMap;
use http::header::ACCEPT;

use super::endpoint::Endpoint;
use super::headers::HeaderEdits;
use super::query;
use super::{PreparedRequest, RequestBody, Sign};
use crate::client::Client;
use crate::client::config::Config;
use crate::error::Result;
use crate::operation::Security;
use crate::provider::{Medium, Route};

const SECURITY: &[Security] = &[Security::ApiKey];

/// A WebSocket that was not opened yet.
#[derive(Clone, Debug)]
pub struct Handshake {
    client: Client,
    path: String,
    /// In their order; the later of a name replaces the earlier.
    query: Vec<(String, String)>,
    headers: HeaderEdits,
}

impl Handshake {
    /// A WebSocket at this path below the base URL.
    pub fn new(client: &Client, path: impl Into<String>) -> Self {
        Self { client: client.clone(), path: path.into(), query: Vec::new(), headers: HeaderEdits::default() }
    }

    /// Sets a query parameter.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        set(&mut self.query, name.into(), value.into());
        self
    }

    /// Sets a header, replacing what else would be sent under that name.
    ///
    /// # Errors
    /// When it cannot be a header.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self> {
        self.headers.set(name, value)?;
        Ok(self)
    }

    /// Leaves a header out.
    ///
    /// # Errors
    /// When it cannot be a header.
    pub fn without_header(mut self, name: &str) -> Result<Self> {
        self.headers.omit(name)?;
        Ok(self)
    }

    /// The request, signed with a fresh credential: for a connection that is made anew, build it anew. The headers of the protocol itself
    /// are not among its headers.
    ///
    /// # Errors
    /// When there is no credential, or the client's provider knows no WebSockets.
    pub async fn signed(&self) -> Result<http::Request<RequestBody>> {
        self.prepare(self.client.config()?)?.signed(&self.client, 0).await
    }

    fn prepare(&self, config: &Config) -> Result<PreparedRequest> {
        let base = match &config.websocket_base_url {
            Some(url) => Endpoint::websocket_from(url)?,
            None => config.endpoint.websocket()?,
        };
        let url = self.url(config, &base)?;
        let mut headers: HeaderMap = config.base_headers.clone();
        headers.remove(ACCEPT);
        config.default_headers.apply(&mut headers);
        self.headers.apply(&mut headers);
        let mentioned = |name| self.headers.mentions(name) || config.default_headers.mentions(name);
        let is_signed = config.credential_headers(SECURITY).iter().any(mentioned);
        let request = PreparedRequest {
            method: http::Method::GET,
            url,
            headers,
            body: RequestBody::empty(),
            sign: if is_signed { Sign::No } else { Sign::With(SECURITY) },
            auto_retry_count: false,
            timeout: config.timeout,
            max_retries: config.max_retries,
            deadline: None,
        };
        if let Some(provider) = &config.provider {
            provider.inspect(&request)?;
        }
        Ok(request)
    }

    /// The query of the base URL, then the handshake's own, then what the provider makes of them.
    fn url(&self, config: &Config, base: &Endpoint) -> Result<String> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in query::parse(base.query().unwrap_or_default()) {
            pairs.push((name.into_owned(), value.into_owned()));
        }
        for (name, value) in &self.query {
            set(&mut pairs, name.clone(), value.clone());
        }
        let find = |name: &str| self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let mut route = Route {
            medium: Medium::WebSocket,
            base_path: base.path(),
            path: self.path.as_str().into(),
            query: pairs.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect(),
            param: &find,
        };
        if let Some(provider) = &config.provider {
            provider.route(&mut route)?;
        }
        let mut text = String::new();
        for (name, value) in &route.query {
            query::append_pair(&mut text, name, value);
        }
        let url = base.join(&route.path);
        Ok(if text.is_empty() { url } else { format!("{url}?{text}") })
    }
}

fn set(query: &mut Vec<(String, String)>, name: String, value: String) {
    query.retain(|(known, _)| *known != name);
    query.push((name, value));
}
