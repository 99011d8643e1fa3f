//! Azure OpenAI: its endpoints, its environment and its credentials, checked (contract 8.1, 8.2). What it does to a call is the provider's business.

use std::sync::Arc;

use super::{ClientBuilder, Identification, Means, Service};
use crate::credential::{ApiKey, Key, KeyProvider};
use crate::error::{Error, Result};
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

    /// Something that knows a token of Microsoft Entra ID, asked before every attempt: an async closure that returns a `Result<String>`.
    ///
    /// With the crate `azure_identity`, whose credentials keep their tokens until they expire:
    ///
    /// ```ignore
    /// let credential = azure_identity::DeveloperToolsCredential::new(None)?;
    /// let client = Client::azure().endpoint(endpoint).api_version("2025-01-01-preview").token_provider(move || {
    ///     let credential = credential.clone();
    ///     async move {
    ///         let token = credential.get_token(&["https://cognitiveservices.azure.com/.default"], None).await;
    ///         Ok(token.map_err(|e| Error::argument(e.to_string()))?.token.secret().to_owned())
    ///     }
    /// });
    /// ```
    pub fn token_provider(mut self, provider: impl KeyProvider) -> Self {
        self.service.token = Some(ApiKey(Key::Provider(Arc::new(provider))));
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
        let service = std::mem::take(&mut self.service);
        let endpoint = match (self.base_url.take(), service.endpoint) {
            (Some(_), Some(_)) => return Err(Error::argument("base_url and endpoint exclude each other")),
            (Some(url), None) => Endpoint::parse(&url)?,
            (None, given) => {
                let url = given.or_else(|| environment("AZURE_OPENAI_ENDPOINT")).ok_or_else(|| {
                    Error::argument("missing endpoint: set endpoint or base_url, or the environment variable AZURE_OPENAI_ENDPOINT")
                })?;
                below_openai(&Endpoint::parse(&url)?)?
            }
        };
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
        let credential = self.credential(service.token, &*environment)?;
        let provider = AzureProvider { paths: service.paths, deployments, api_version, credential };
        Ok(Means {
            endpoint,
            api_key: None,
            admin_api_key: None,
            provider: Some(Arc::new(provider)),
            identification: Identification::Environment,
        })
    }

    /// One credential: of those that were given, else of those in the environment, where a token comes first (contract 8.1).
    fn credential(&mut self, token: Option<ApiKey>, environment: &dyn Fn(&str) -> Option<String>) -> Result<Option<AzureCredential>> {
        let filled = |name: &str| environment(name).filter(|value| !value.is_empty()).map(|value| ApiKey(Key::Text(value)));
        let credential = match (self.api_key.take(), token) {
            (Some(_), Some(_)) => return Err(Error::argument("api_key and token exclude each other: only one of them can be sent")),
            (None, Some(token)) => AzureCredential::token(token)?,
            (Some(key), None) => AzureCredential::api_key(key)?,
            (None, None) => match filled("AZURE_OPENAI_AD_TOKEN") {
                Some(token) => AzureCredential::token(token)?,
                None => filled("AZURE_OPENAI_API_KEY").map(AzureCredential::api_key).transpose()?.flatten(),
            },
        };
        if credential.is_none() && self.require_credentials {
            return Err(Error::argument(
                "missing credentials: set api_key, token or token_provider, or the environment variable AZURE_OPENAI_API_KEY or \
                 AZURE_OPENAI_AD_TOKEN",
            ));
        }
        Ok(credential)
    }
}

/// The base URL of an endpoint: what is below `/openai`, which people write or leave out.
fn below_openai(endpoint: &Endpoint) -> Result<Endpoint> {
    let path = endpoint.path();
    if path.ends_with("/openai") || path.ends_with("/openai/v1") { Ok(endpoint.clone()) } else { endpoint.below("openai") }
}
