//! Azure OpenAI: the deployment in the path, the version in the query, and one of two credentials in its own header (contract 8.2–8.4). Which paths
//! name a deployment is handed in. Reads no environment.

#[cfg(feature = "azure-identity")]
pub(crate) mod entra;

use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Request};

use super::{Link, Medium, Provider, Route};
use crate::credential::{ApiKey, Key, KeyProvider, bearer, secret};
use crate::error::{Error, Result};
use crate::request::path;
use crate::transport::{BoxFuture, RequestBody};

const API_KEY: HeaderName = HeaderName::from_static("api-key");
const API_VERSION: &str = "api-version";

/// A client's way to an Azure resource.
#[derive(Clone)]
pub(crate) struct AzureProvider {
    /// The paths below which a deployment is named.
    pub(crate) paths: &'static [&'static str],
    pub(crate) deployments: Deployments,
    pub(crate) api_version: Option<String>,
    /// None for a client that signs by itself, or for a server that wants nothing.
    pub(crate) credential: Option<AzureCredential>,
}

/// Which deployment a call goes to.
#[derive(Clone)]
pub(crate) enum Deployments {
    /// This one.
    One(String),
    /// The one that is called as the call's model.
    ByModel,
    /// The base URL says so, or there are none.
    InBaseUrl,
}

/// A key or a token, or something that knows it.
#[derive(Clone)]
pub(crate) enum AzureCredential {
    Key(HeaderValue),
    Token(HeaderValue),
    KeyProvider(Arc<dyn KeyProvider>),
    TokenProvider(Arc<dyn KeyProvider>),
    #[cfg(feature = "azure-identity")]
    Entra(Arc<entra::Entra>),
}

impl AzureCredential {
    /// None: the key is empty, which is none.
    pub(crate) fn api_key(key: ApiKey) -> Result<Option<Self>> {
        Ok(match key.0 {
            Key::Text(key) if key.is_empty() => None,
            Key::Text(key) => Some(Self::Key(secret(&key, "the API key")?)),
            Key::Provider(provider) => Some(Self::KeyProvider(provider)),
        })
    }

    /// None: the token is empty, which is none.
    pub(crate) fn token(token: ApiKey) -> Result<Option<Self>> {
        Ok(match token.0 {
            Key::Text(token) if token.is_empty() => None,
            Key::Text(token) => Some(Self::Token(bearer(&token, "the token")?)),
            Key::Provider(provider) => Some(Self::TokenProvider(provider)),
        })
    }

    /// The one header that it is sent in.
    #[cfg_attr(not(feature = "azure-identity"), allow(unused_variables, reason = "only credentials of that feature have a clock"))]
    async fn header(&self, link: &Link) -> Result<(HeaderName, HeaderValue)> {
        Ok(match self {
            Self::Key(key) => (API_KEY, key.clone()),
            Self::Token(token) => (AUTHORIZATION, token.clone()),
            Self::KeyProvider(provider) => (API_KEY, secret(&filled(&**provider, "API key").await?, "the API key from the provider")?),
            Self::TokenProvider(provider) => (AUTHORIZATION, bearer(&filled(&**provider, "token").await?, "the token from the provider")?),
            #[cfg(feature = "azure-identity")]
            Self::Entra(entra) => (AUTHORIZATION, entra.authorization(link).await?),
        })
    }
}

async fn filled(provider: &dyn KeyProvider, what: &str) -> Result<String> {
    let text = provider.key().await?;
    if text.is_empty() { Err(Error::argument(format!("the provider of the {what} returned an empty text"))) } else { Ok(text) }
}

impl Provider for AzureProvider {
    fn route(&self, route: &mut Route<'_>) -> Result<()> {
        if route.medium() == Medium::WebSocket {
            return self.route_websocket(route);
        }
        if let Some(version) = &self.api_version {
            route.set_query(API_VERSION, version.as_str());
        }
        let path = format!("/{}", route.path().trim_start_matches('/'));
        if !self.paths.contains(&path.as_str()) {
            return Ok(());
        }
        let deployment = match &self.deployments {
            Deployments::InBaseUrl => None,
            Deployments::One(name) => Some(name.clone()),
            Deployments::ByModel => route.param("model"),
        };
        if let Some(deployment) = deployment {
            route.set_path(format!("/deployments/{}{path}", segment(deployment)?));
        }
        Ok(())
    }

    fn sign<'a>(&'a self, request: &'a mut Request<RequestBody>, link: &'a Link) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Some(credential) = &self.credential else {
                return Err(Error::argument(
                    "could not resolve authentication: set the header api-key or Authorization, or leave one of them out",
                ));
            };
            let (name, value) = credential.header(link).await?;
            request.headers_mut().insert(name, value);
            Ok(())
        })
    }

    #[cfg(feature = "azure-identity")]
    fn rejected(&self, authorization: Option<&HeaderValue>) -> bool {
        match (&self.credential, authorization) {
            (Some(AzureCredential::Entra(entra)), Some(authorization)) => {
                entra.reject(authorization);
                true
            }
            _ => false,
        }
    }

    fn credential_headers(&self) -> &'static [HeaderName] {
        static HEADERS: [HeaderName; 2] = [API_KEY, AUTHORIZATION];
        &HEADERS
    }

    fn with_api_key(&self, key: ApiKey) -> Result<Option<Arc<dyn Provider>>> {
        let credential = AzureCredential::api_key(key)?;
        Ok(Some(Arc::new(Self { credential, ..self.clone() })))
    }

    fn name(&self) -> Option<&'static str> {
        Some("azure.ai.openai")
    }
}

/// A deployment's name as a segment of a path.
pub(crate) fn segment(deployment: String) -> Result<String> {
    path::fill("{deployment}", &[("deployment", deployment)])
}

impl AzureProvider {
    /// A WebSocket names its deployment in the query, whatever the caller's query says (contract 8.4).
    fn route_websocket(&self, route: &mut Route<'_>) -> Result<()> {
        if let Some(version) = &self.api_version {
            route.set_query(API_VERSION, version.as_str());
        }
        let deployment = match &self.deployments {
            Deployments::One(name) => Some(name.clone()),
            _ => route.param("model"),
        };
        match deployment {
            Some(deployment) => {
                route.remove_query("model");
                route.set_query("deployment", deployment);
                Ok(())
            }
            None => Err(Error::argument("a WebSocket needs a model, or a client with a deployment")),
        }
    }
}
