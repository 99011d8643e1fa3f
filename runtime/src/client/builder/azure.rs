//! Azure OpenAI: its endpoints, its environment and its credentials, checked (contract 8.1, 8.2). What it does to a call is the provider's business.

use std::sync::Arc;

use super::{ClientBuilder, Identification, Means, Service};
use crate::credential::{ApiKey, Key, KeyProvider};
use crate::error::{Error, Result};
#[cfg(feature = "azure-identity")]
use crate::provider::azure::entra::{Entra, TokenCredential, scope_of};
use crate::provider::azure::{AzureCredential, AzureProvider, Deployments, segment};
use crate::request::endpoint::Endpoint;

/// Azure OpenAI.
#[derive(Default)]
pub struct Azure {
    /// The paths below which a deployment is named.
    paths: &'static [&'static str],
    endpoint: Option<String>,
    deployment: Option<String>,
    api_version: Option<String>,
    token: Option<ApiKey>,
    #[cfg(feature = "azure-identity")]
    credential: Option<Arc<dyn TokenCredential>>,
    #[cfg(feature = "azure-identity")]
    token_scope: Option<String>,
}

impl<C> ClientBuilder<C, Azure> {
    /// A builder of clients for Azure OpenAI. `paths` are those for which a deployment is named in the URL.
    #[doc(hidden)]
    pub fn azure(paths: &'static [&'static str]) -> Self {
        Self::of(Azure { paths, ..Azure::default() })
    }

    /// The resource's endpoint, `https://NAME.openai.azure.com`. Default: `AZURE_OPENAI_ENDPOINT`. One that ends in `/openai/v1` is the
    /// service's v1 surface, where models are named as they are elsewhere and no version is needed.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.service.endpoint = Some(url.into());
        self
    }

    /// The deployment that calls go to, whatever model they name. Default: the one that is called as the call's model.
    pub fn deployment(mut self, name: impl Into<String>) -> Self {
        self.service.deployment = Some(name.into());
        self
    }

    /// The version of the API, `2025-01-01-preview` for instance. Default: `OPENAI_API_VERSION`.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.service.api_version = Some(version.into());
        self
    }

    /// A token of Microsoft Entra ID. Default: `AZURE_OPENAI_AD_TOKEN`. It expires within hours: see [`token_provider`](Self::token_provider).
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.service.token = Some(ApiKey(Key::Text(token.into())));
        self
    }

    /// Something that knows a token of Microsoft Entra ID, asked before every attempt: an async closure that returns a `Result<String>`. For the
    /// credentials of the crate `azure_identity` there is `credential`, with the feature `azure-identity`.
    pub fn token_provider(mut self, provider: impl KeyProvider) -> Self {
        self.service.token = Some(ApiKey(Key::Provider(Arc::new(provider))));
        self
    }

    /// A credential of Microsoft Entra ID: one of the crate `azure_identity`, or of your own.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use azure_core::credentials::TokenCredential;
    /// use openai_runtime::{Client, ClientBuilder, Result};
    ///
    /// /// `credential` is `DeveloperToolsCredential::new(None)?` on a desk, and `ManagedIdentityCredential::new(None)?` in Azure.
    /// fn client(credential: Arc<dyn TokenCredential>) -> Result<Client> {
    ///     ClientBuilder::azure(&[]).endpoint("https://name.openai.azure.com/openai/v1").credential(credential).build()
    /// }
    /// ```
    ///
    /// The token is fetched with the first call and kept until five minutes before its end; clients made from one another share it. Calls, and
    /// connections of WebSockets, that need a new one at the same time wait for one. A call that is refused with it is made once more with a new one.
    #[cfg(feature = "azure-identity")]
    pub fn credential(mut self, credential: Arc<dyn TokenCredential>) -> Self {
        self.service.credential = Some(credential);
        self
    }

    /// What the tokens of the [`credential`](Self::credential) are for. Default: `https://cognitiveservices.azure.com/.default`, and the same of the
    /// clouds of governments (`azure.us`) and of China (`azure.cn`) for endpoints there.
    #[cfg(feature = "azure-identity")]
    pub fn token_scope(mut self, scope: impl Into<String>) -> Self {
        self.service.token_scope = Some(scope.into());
        self
    }
}

impl Service for Azure {
    fn settle<C>(builder: &mut ClientBuilder<C, Self>) -> Result<Means> {
        builder.means()
    }
}

impl<C> ClientBuilder<C, Azure> {
    fn means(&mut self) -> Result<Means> {
        let environment = self.environment();
        let mut service = std::mem::take(&mut self.service);
        let endpoint = match (self.base_url.take(), service.endpoint.take()) {
            (Some(_), Some(_)) => return Err(Error::argument("base_url and endpoint exclude each other")),
            (Some(url), None) => Endpoint::parse(&url)?,
            (None, given) => {
                let url = given.or_else(|| environment("AZURE_OPENAI_ENDPOINT")).ok_or_else(|| {
                    Error::argument("missing endpoint: set endpoint or base_url, or the environment variable AZURE_OPENAI_ENDPOINT")
                })?;
                below_openai(&Endpoint::parse(&url)?)?
            }
        };
        let credential = service.one_credential(self.api_key.take(), &endpoint, &*environment)?;
        let is_v1 = endpoint.path().ends_with("/v1");
        let api_version = service.api_version.or_else(|| environment("OPENAI_API_VERSION"));
        if api_version.is_none() && !is_v1 {
            return Err(Error::argument("missing version: set api_version, or the environment variable OPENAI_API_VERSION"));
        }
        let names_one = endpoint.path().split('/').any(|segment| segment == "deployments");
        let deployments = match service.deployment {
            Some(_) if names_one => return Err(Error::argument("the base URL and deployment both name a deployment")),
            Some(name) => {
                segment(name.clone())?;
                Deployments::One(name)
            }
            None if names_one || is_v1 => Deployments::InBaseUrl,
            None => Deployments::ByModel,
        };
        if credential.is_none() && self.require_credentials {
            return Err(Error::argument(
                "missing credentials: set api_key, token or token_provider, or the environment variable AZURE_OPENAI_API_KEY or \
                 AZURE_OPENAI_AD_TOKEN",
            ));
        }
        let provider = AzureProvider { paths: service.paths, deployments, api_version, credential };
        Ok(Means {
            endpoint,
            api_key: None,
            admin_api_key: None,
            provider: Some(Arc::new(provider)),
            identification: Identification::Environment,
        })
    }
}

impl Azure {
    /// One credential: of those that were given, else of those in the environment. None: there is none, or it is empty.
    #[cfg_attr(
        not(feature = "azure-identity"),
        allow(unused_variables, reason = "the endpoint's cloud is the scope of a credential's tokens")
    )]
    fn one_credential(
        &mut self,
        api_key: Option<ApiKey>,
        endpoint: &Endpoint,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<AzureCredential>> {
        let is_several = || Error::argument("api_key, token and credential exclude each other: only one of them can be sent");
        #[cfg(feature = "azure-identity")]
        if let Some(credential) = self.credential.take() {
            if api_key.is_some() || self.token.is_some() {
                return Err(is_several());
            }
            let scope = self.token_scope.take().unwrap_or_else(|| scope_of(endpoint.host()).to_owned());
            return Ok(Some(AzureCredential::Entra(Arc::new(Entra::new(credential, scope)))));
        }
        #[cfg(feature = "azure-identity")]
        if self.token_scope.is_some() {
            return Err(Error::argument("a token_scope is for the tokens of a credential, and none is set"));
        }
        match (api_key, self.token.take()) {
            (Some(_), Some(_)) => Err(is_several()),
            (None, Some(token)) => AzureCredential::token(token),
            (Some(key), None) => AzureCredential::api_key(key),
            (None, None) => of_environment(environment),
        }
    }
}

/// The credential of the environment, where a token comes before a key (contract 8.1).
fn of_environment(environment: &dyn Fn(&str) -> Option<String>) -> Result<Option<AzureCredential>> {
    let filled = |name: &str| environment(name).filter(|value| !value.is_empty()).map(|value| ApiKey(Key::Text(value)));
    match filled("AZURE_OPENAI_AD_TOKEN") {
        Some(token) => AzureCredential::token(token),
        None => Ok(filled("AZURE_OPENAI_API_KEY").map(AzureCredential::api_key).transpose()?.flatten()),
    }
}

/// The base URL of an endpoint: what is below `/openai`, which people write or leave out.
fn below_openai(endpoint: &Endpoint) -> Result<Endpoint> {
    let path = endpoint.path();
    if path.ends_with("/openai") || path.ends_with("/openai/v1") { Ok(endpoint.clone()) } else { endpoint.below("openai") }
}
