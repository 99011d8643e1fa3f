//! Changes to a client's configuration, for a client that shares the connections of another.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;

use super::builder::DataResidency;
use super::config::Config;
use crate::codec::Decoding;
use crate::credential::{ApiKey, Credential, Key, KeyProvider, Secret};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::provider::Provider;
use crate::request::endpoint::{Endpoint, websocket_url};
use crate::request::headers::{HeaderEdits, header_value};
use crate::timeout::Timeout;

/// The options of a client, to be changed. See [`Client::with_options`](super::Client::with_options).
#[must_use]
pub struct Options {
    config: Config,
    fault: Option<String>,
}

impl Options {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, fault: None }
    }

    pub(crate) fn finish(self) -> (Config, Option<String>) {
        (self.config, self.fault)
    }

    /// Uses another API key. A client with a provider asks it what that means.
    pub fn api_key(self, key: impl Into<String>) -> Self {
        self.rekey(ApiKey(Key::Text(key.into())))
    }

    /// Asks for the API key before every attempt.
    pub fn api_key_provider(self, provider: impl KeyProvider) -> Self {
        self.rekey(ApiKey(Key::Provider(Arc::new(provider))))
    }

    fn rekey(self, key: ApiKey) -> Self {
        self.try_change(|config| {
            if let Some(provider) = &config.provider {
                config.provider = provider.with_api_key(key.clone())?;
                if config.provider.is_some() {
                    return Ok(());
                }
            }
            config.api_key = Some(Credential::of(key, "the API key")?);
            Ok(())
        })
    }

    /// Uses another admin API key.
    pub fn admin_api_key(self, key: impl AsRef<str>) -> Self {
        self.try_change(|config| {
            config.admin_api_key = Some(Credential::key(key.as_ref(), "the admin API key")?);
            Ok(())
        })
    }

    /// Uses another provider, and its base URL if it has one. Organization, project and default headers were for the service before, and
    /// are forgotten.
    pub fn provider(self, provider: impl Provider) -> Self {
        self.try_change(|config| {
            if let Some(url) = provider.base_url() {
                config.endpoint = Endpoint::parse(url)?;
            }
            identify(config, "openai-organization", "")?;
            identify(config, "openai-project", "")?;
            config.default_headers = HeaderEdits::default();
            config.websocket_base_url = None;
            config.provider = Some(Arc::new(provider));
            Ok(())
        })
    }

    /// Uses another organization; an empty one is left out.
    pub fn organization(self, organization: impl AsRef<str>) -> Self {
        self.try_change(|config| identify(config, "openai-organization", organization.as_ref()))
    }

    /// Uses another project; an empty one is left out.
    pub fn project(self, project: impl AsRef<str>) -> Self {
        self.try_change(|config| identify(config, "openai-project", project.as_ref()))
    }

    /// Uses another webhook secret.
    pub fn webhook_secret(self, secret: impl Into<String>) -> Self {
        self.change(|config| config.webhook_secret = Some(Secret(secret.into())))
    }

    /// Uses another base URL.
    pub fn base_url(self, url: impl AsRef<str>) -> Self {
        self.try_change(|config| {
            config.endpoint = Endpoint::parse(url.as_ref())?;
            Ok(())
        })
    }

    /// Uses the base URL of a region, also for WebSockets.
    pub fn data_residency(self, region: DataResidency) -> Self {
        self.try_change(|config| {
            if config.provider.as_ref().is_some_and(|provider| !provider.has_regions()) {
                return Err(Error::argument("data_residency is for the API itself, and the client's provider leads elsewhere"));
            }
            config.endpoint = Endpoint::parse(region.base_url())?;
            config.websocket_base_url = None;
            Ok(())
        })
    }

    /// Uses another base URL for WebSockets.
    pub fn websocket_base_url(self, url: impl Into<String>) -> Self {
        self.try_change(|config| {
            config.websocket_base_url = Some(websocket_url(url.into())?);
            Ok(())
        })
    }

    /// Uses other time limits. The limit for connecting stays that of the shared connections.
    pub fn timeout(self, timeout: impl Into<Timeout>) -> Self {
        self.change(|config| config.timeout = timeout.into())
    }

    /// Limits each call as a whole; None: no limit.
    pub fn deadline(self, limit: impl Into<Option<Duration>>) -> Self {
        self.change(|config| config.deadline = limit.into())
    }

    /// Uses another number of retries.
    pub fn max_retries(self, retries: u32) -> Self {
        self.change(|config| config.max_retries = retries)
    }

    /// Adds or replaces a header of every request.
    pub fn default_header(self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.try_change(|config| config.default_headers.set(name.as_ref(), value.as_ref()))
    }

    /// Leaves a header out of every request.
    pub fn without_default_header(self, name: impl AsRef<str>) -> Self {
        self.try_change(|config| config.default_headers.omit(name.as_ref()))
    }

    /// Forgets all default headers that were set so far.
    pub fn clear_default_headers(self) -> Self {
        self.change(|config| config.default_headers = HeaderEdits::default())
    }

    /// Adds or replaces a query parameter of every request.
    pub fn default_query(self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.change(|config| set_query(&mut config.default_query, name.into(), value.into()))
    }

    /// Forgets all default query parameters that were set so far.
    pub fn clear_default_query(self) -> Self {
        self.change(|config| config.default_query.clear())
    }

    /// Makes a response that departs from the specification an error.
    pub fn strict(self) -> Self {
        self.change(|config| config.decoding = Decoding::Strict)
    }

    /// Takes responses as they are.
    pub fn lenient(self) -> Self {
        self.change(|config| config.decoding = Decoding::Lenient)
    }

    fn change(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    fn try_change(mut self, change: impl FnOnce(&mut Config) -> Result<()>) -> Self {
        if let (Err(error), None) = (change(&mut self.config), &self.fault) {
            self.fault = Some(error.message().to_owned());
        }
        self
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").finish_non_exhaustive()
    }
}

fn identify(config: &mut Config, name: &'static str, value: &str) -> Result<()> {
    let name = HeaderName::from_static(name);
    if value.is_empty() {
        config.base_headers.remove(&name);
    } else {
        let value = header_value(&name, value)?;
        config.base_headers.insert(name, value);
    }
    Ok(())
}

pub(crate) fn set_query(query: &mut Vec<(String, Json)>, name: String, value: Json) {
    match query.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = value,
        None => query.push((name, value)),
    }
}
