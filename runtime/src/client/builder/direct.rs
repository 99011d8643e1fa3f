//! The API itself: keys, regions, and the providers that stand in for them (contract 1.1, 1.3).

use std::str::FromStr;
use std::sync::Arc;

use super::{ClientBuilder, Identification, Means, Service};
use crate::credential::{ApiKey, Credential, Key};
use crate::error::{Error, Result};
use crate::provider::{Provider, WorkloadIdentity};
use crate::request::endpoint::Endpoint;

const API_KEY: &str = "OPENAI_API_KEY";
const ADMIN_KEY: &str = "OPENAI_ADMIN_KEY";
const DEFAULT_BASE_URL: &str = "https://api.openai.com/v1";

/// The API itself, or what a [`Provider`] leads to.
#[derive(Default)]
pub struct Direct {
    admin_api_key: Option<String>,
    provider: Option<Arc<dyn Provider>>,
    workload: Option<WorkloadIdentity>,
    data_residency: Option<DataResidency>,
}

/// Where requests are processed and data is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataResidency {
    /// No particular region.
    Global,
    /// The United States.
    Us,
    /// Europe.
    Eu,
    /// The United Arab Emirates.
    Ae,
}

impl DataResidency {
    /// The region's base URL.
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Global => DEFAULT_BASE_URL,
            Self::Us => "https://us.api.openai.com/v1",
            Self::Eu => "https://eu.api.openai.com/v1",
            Self::Ae => "https://ae.api.openai.com/v1",
        }
    }
}

impl FromStr for DataResidency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "global" => Ok(Self::Global),
            "us" => Ok(Self::Us),
            "eu" => Ok(Self::Eu),
            "ae" => Ok(Self::Ae),
            _ => Err(Error::argument(format!("{text:?} is no data residency; expected global, us, eu or ae"))),
        }
    }
}

impl<C> Default for ClientBuilder<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C> ClientBuilder<C> {
    /// A builder with nothing set.
    pub fn new() -> Self {
        Self::of(Direct::default())
    }

    /// The admin API key, used by the operations under `admin`. Default: `OPENAI_ADMIN_KEY`.
    pub fn admin_api_key(mut self, key: impl Into<String>) -> Self {
        self.service.admin_api_key = Some(key.into());
        self
    }

    /// Another way to reach and authenticate with the service. Keys, organization and headers of the environment are not read then.
    pub fn provider(mut self, provider: impl Provider) -> Self {
        self.service.provider = Some(Arc::new(provider));
        self
    }

    /// The identity of the workload, in place of an API key. The operations under `admin` still take the admin API key.
    pub fn workload_identity(mut self, identity: WorkloadIdentity) -> Self {
        self.service.workload = Some(identity);
        self
    }

    /// The region to use, in place of a base URL. It decides where requests go and nothing else.
    pub fn data_residency(mut self, region: DataResidency) -> Self {
        self.service.data_residency = Some(region);
        self
    }
}

impl Service for Direct {
    fn settle<C>(builder: &mut ClientBuilder<C, Self>) -> Result<Means> {
        builder.means()
    }
}

impl<C> ClientBuilder<C> {
    fn means(&mut self) -> Result<Means> {
        let environment = self.environment();
        let mut service = std::mem::take(&mut self.service);
        let is_elsewhere = service.provider.is_some();
        self.check_that_one_signs(&service)?;
        let env = |name: &str| if is_elsewhere { None } else { environment(name) };
        let key_of_environment = || env(API_KEY).filter(|_| service.workload.is_none()).map(|key| (ApiKey(Key::Text(key)), API_KEY));
        let api_key = match self.api_key.take().map(|key| (key, "the API key")).or_else(key_of_environment) {
            Some((ApiKey(Key::Text(key)), _)) if key.is_empty() => None,
            key => key.map(|(key, what)| Credential::of(key, what)).transpose()?,
        };
        let admin_key = service.admin_api_key.take().map(|key| (key, "the admin API key"));
        let admin_key = admin_key.or_else(|| Some((env(ADMIN_KEY)?, ADMIN_KEY))).filter(|(key, _)| !key.is_empty());
        let admin_api_key = admin_key.map(|(key, what)| Credential::key(&key, what)).transpose()?;
        let provider = service.provider.or_else(|| Some(Arc::new(service.workload.clone()?)));
        if self.require_credentials && provider.is_none() && api_key.is_none() && admin_api_key.is_none() {
            return Err(missing_credentials());
        }
        let endpoint = self.endpoint(service.data_residency, provider.as_deref(), &env)?;
        if service.workload.is_some_and(|identity| identity.shows_certificate()) {
            self.check_certificate(&endpoint)?;
        }
        let identification = if is_elsewhere { Identification::Nowhere } else { Identification::Environment };
        Ok(Means { endpoint, api_key, admin_api_key, provider, identification })
    }

    /// A key, a provider and a workload identity stand for the same thing.
    fn check_that_one_signs(&self, service: &Direct) -> Result<()> {
        if let Some(identity) = &service.workload {
            identity.check()?;
        }
        let others = [("api_key", self.api_key.is_some()), ("admin_api_key", service.admin_api_key.is_some())];
        let fault = match (&service.provider, &service.workload) {
            (Some(_), Some(_)) => "a provider and workload_identity exclude each other".to_owned(),
            (Some(_), None) => match others.iter().find(|(_, is_given)| *is_given) {
                Some((name, _)) => format!("a provider and {name} exclude each other: the provider signs all requests"),
                None => return Ok(()),
            },
            (None, Some(_)) if self.api_key.is_some() => "api_key and workload_identity exclude each other".to_owned(),
            _ => return Ok(()),
        };
        Err(Error::argument(fault))
    }

    fn check_certificate(&self, endpoint: &Endpoint) -> Result<()> {
        if !endpoint.as_str().starts_with("https://") {
            return Err(Error::argument("a workload identity by certificate needs a base URL that begins with https://"));
        }
        if self.transport.is_none() && self.http.client_identity.is_none() {
            return Err(Error::argument("a workload identity by certificate needs a client_certificate, or an HTTP client that has one"));
        }
        Ok(())
    }

    fn endpoint(
        &self,
        region: Option<DataResidency>,
        provider: Option<&dyn Provider>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Endpoint> {
        match (&self.base_url, region) {
            (Some(_), Some(_)) => Err(Error::argument("base_url and data_residency exclude each other")),
            (None, Some(_)) if provider.is_some_and(|provider| !provider.has_regions()) => {
                Err(Error::argument("data_residency is for the API itself, and the provider leads elsewhere"))
            }
            (None, Some(_)) if self.websocket_base_url.is_some() => {
                Err(Error::argument("websocket_base_url and data_residency exclude each other"))
            }
            (None, Some(region)) => Endpoint::parse(region.base_url()),
            (Some(url), None) => Endpoint::parse(url),
            (None, None) => match env("OPENAI_BASE_URL") {
                Some(url) => Endpoint::parse(&url).map_err(|e| Error::argument(format!("OPENAI_BASE_URL: {}", e.message()))),
                None => Endpoint::parse(provider.and_then(Provider::base_url).unwrap_or(DEFAULT_BASE_URL)),
            },
        }
    }
}

fn missing_credentials() -> Error {
    let error = Error::argument(format!("missing credentials: neither api_key nor the environment variable {API_KEY} says an API key"));
    error.with_hint(format!(
        "set {API_KEY} to a key from the API's settings. Others have admin_api_key ({ADMIN_KEY}), workload_identity, or a server that wants no key \
         (allow_missing_credentials)"
    ))
}
