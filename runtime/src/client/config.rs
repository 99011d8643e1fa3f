//! What a client is configured with, checked and ready. Pure data; where it comes from is the builder's business.

#[cfg(feature = "websocket")]
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, COOKIE, HeaderValue, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName};

use crate::codec::Decoding;
use crate::credential::{Credential, Secret};
use crate::error::{Error, Result, Signer};
use crate::json::Json;
use crate::operation::Security;
#[cfg(feature = "websocket")]
use crate::provider::Reach;
use crate::provider::{Provider, USUAL_HEADERS};
use crate::request::endpoint::Endpoint;
use crate::request::headers::{HeaderEdits, header_value, is_secret};
use crate::timeout::Timeout;

/// A checked configuration.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) endpoint: Endpoint,
    pub(crate) websocket_base_url: Option<String>,
    pub(crate) api_key: Option<Credential>,
    pub(crate) admin_api_key: Option<Credential>,
    pub(crate) provider: Option<Arc<dyn Provider>>,
    pub(crate) webhook_secret: Option<Secret>,
    /// What every request carries: identification, organization, project.
    pub(crate) base_headers: HeaderMap,
    pub(crate) default_headers: HeaderEdits,
    pub(crate) default_query: Vec<(String, Json)>,
    pub(crate) timeout: Timeout,
    pub(crate) deadline: Option<Duration>,
    pub(crate) max_retries: u32,
    pub(crate) decoding: Decoding,
}

impl Config {
    /// The credential that the operation takes: the first of its schemes that is configured (contract 1.5).
    pub(crate) fn credential(&self, accepted: &[Security]) -> Result<&Credential> {
        let found = accepted.iter().find_map(|scheme| match scheme {
            Security::ApiKey => self.api_key.as_ref(),
            Security::AdminApiKey => self.admin_api_key.as_ref(),
        });
        found.ok_or_else(|| missing(accepted))
    }

    /// The provider, if there is one that signs calls that take these credentials.
    pub(crate) fn provider_for(&self, accepted: &[Security]) -> Option<&dyn Provider> {
        self.provider.as_deref().filter(|provider| provider.signs(accepted))
    }

    /// The headers that the credential of such a call is in.
    pub(crate) fn credential_headers(&self, accepted: &[Security]) -> &'static [HeaderName] {
        self.provider_for(accepted).map_or(USUAL_HEADERS, Provider::credential_headers)
    }

    /// The configuration for WebSockets: with their base URL in place of the other.
    #[cfg(feature = "websocket")]
    pub(crate) fn for_websockets(&self) -> Result<Cow<'_, Self>> {
        let Some(url) = &self.websocket_base_url else { return Ok(Cow::Borrowed(self)) };
        let endpoint = Endpoint::parse_websocket(url)?;
        let may_leave = self.provider.as_ref().is_none_or(|provider| provider.reach() == Reach::Anywhere);
        if !may_leave && !endpoint.is_same_origin(&self.endpoint) {
            return Err(Error::argument("the client's WebSockets must stay with the host and port of its base URL"));
        }
        Ok(Cow::Owned(Self { endpoint, ..self.clone() }))
    }

    /// The error with what to do about it, if an answer of this client's server is what it is about.
    pub(crate) fn hinted(&self, error: Error) -> Error {
        let signer = if self.provider.is_some() { Signer::Provider } else { Signer::Client };
        error.hinted(&self.endpoint, signer)
    }

    /// Removes everything that must not go to another origin.
    pub(crate) fn strip_credentials(&self, headers: &mut HeaderMap) {
        strip_credentials(headers);
    }
}

/// The error for an operation without a credential.
pub(crate) fn missing(accepted: &[Security]) -> Error {
    let wanted = match accepted {
        [Security::AdminApiKey] => "an admin API key (admin_api_key or OPENAI_ADMIN_KEY)",
        [Security::ApiKey] => "an API key (api_key or OPENAI_API_KEY)",
        _ => "an API key or an admin API key",
    };
    Error::argument(format!(
        "could not resolve authentication: this operation needs {wanted}, or an Authorization header that is set or left out"
    ))
}

/// Removes the credentials from the headers of a request that leaves its origin: those whose name or value says that they are one.
pub(crate) fn strip_credentials(headers: &mut HeaderMap) {
    let is_credential = |(name, value): &(&HeaderName, &HeaderValue)| is_secret(name) || value.is_sensitive();
    let secret: Vec<HeaderName> = headers.iter().filter(is_credential).map(|(name, _)| name.clone()).collect();
    for name in secret.iter().chain(&[AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION]) {
        headers.remove(name);
    }
}

/// The headers that every request of the client carries.
pub(crate) fn base_headers(organization: Option<&str>, project: Option<&str>, user_agent: Option<&str>) -> Result<HeaderMap> {
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let agent = user_agent.map_or_else(|| format!("OpenAI/Rust {VERSION}"), ToOwned::to_owned);
    headers.insert(USER_AGENT, header_value(&USER_AGENT, &agent)?);
    for (name, value) in [
        ("x-stainless-lang", "rust"),
        ("x-stainless-package-version", VERSION),
        ("x-stainless-os", os()),
        ("x-stainless-arch", arch()),
        ("x-stainless-runtime", "rustc"),
        ("x-stainless-runtime-version", env!("CARGO_PKG_RUST_VERSION")),
        ("x-stainless-async", "async:tokio"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    for (name, value) in [("openai-organization", organization), ("openai-project", project)] {
        if let Some(value) = value {
            let name = HeaderName::from_static(name);
            let value = header_value(&name, value)?;
            headers.insert(name, value);
        }
    }
    Ok(headers)
}

/// The operating system as the official clients name it.
fn os() -> &'static str {
    match std::env::consts::OS {
        "macos" => "MacOS",
        "linux" => "Linux",
        "windows" => "Windows",
        "freebsd" => "FreeBSD",
        "openbsd" => "OpenBSD",
        "ios" => "iOS",
        "android" => "Android",
        _ => "Unknown",
    }
}

/// The processor as the official clients name it.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86" => "x32",
        "x86_64" => "x64",
        "arm" => "arm",
        "aarch64" => "arm64",
        _ => "unknown",
    }
}
