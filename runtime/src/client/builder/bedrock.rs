//! Amazon Bedrock: its endpoints, its environment and its credentials, checked (contract 8.9). How a request is signed is the provider's business.

use std::sync::Arc;

use super::{ClientBuilder, Identification, Means, Service};
use crate::credential::{ApiKey, Credential, Key};
use crate::error::{Error, Result};
#[cfg(feature = "aws-config")]
use crate::provider::bedrock::Profiles;
use crate::provider::bedrock::{
    AwsCredentials, AwsCredentialsProvider, BedrockCredential, BedrockEndpoint, BedrockProvider, Place, check_region,
};
use crate::request::endpoint::Endpoint;

/// Amazon Bedrock.
#[derive(Default)]
pub struct Bedrock {
    endpoint: Option<BedrockEndpoint>,
    region: Option<String>,
    access_key: Option<(String, String)>,
    session_token: Option<String>,
    credentials: Option<Arc<dyn AwsCredentialsProvider>>,
    #[cfg(feature = "aws-config")]
    profile: Option<String>,
}

impl<C> ClientBuilder<C, Bedrock> {
    /// A builder of clients for Amazon Bedrock.
    #[doc(hidden)]
    pub fn bedrock() -> Self {
        Self::of(Bedrock::default())
    }

    /// Which of Bedrock's endpoints is used. Default: that of the base URL, else [`BedrockEndpoint::Mantle`].
    pub fn endpoint(mut self, endpoint: BedrockEndpoint) -> Self {
        self.service.endpoint = Some(endpoint);
        self
    }

    /// The region, `us-east-1` for instance. Default: `AWS_REGION`, then `AWS_DEFAULT_REGION`, then that of the base URL; with the feature
    /// `aws-config`, and unless there is a bearer token, then that of the AWS profile.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.service.region = Some(region.into());
        self
    }

    /// Keys to sign with.
    pub fn access_key(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.service.access_key = Some((id.into(), secret.into()));
        self
    }

    /// The token that goes with temporary keys.
    pub fn session_token(mut self, token: impl Into<String>) -> Self {
        self.service.session_token = Some(token.into());
        self
    }

    /// Something that knows the keys to sign with, asked before every attempt: an async closure that returns a `Result<AwsCredentials>`.
    pub fn credentials_provider(mut self, provider: impl AwsCredentialsProvider) -> Self {
        self.service.credentials = Some(Arc::new(provider));
        self
    }

    /// A profile of the AWS configuration files, for its keys and its region. Default: `AWS_PROFILE`, then the one called `default`. One that is named
    /// here comes before keys in the environment.
    #[cfg(feature = "aws-config")]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.service.profile = Some(name.into());
        self
    }
}

impl Service for Bedrock {
    fn settle<C>(builder: &mut ClientBuilder<C, Self>) -> Result<Means> {
        let environment = builder.environment();
        let service = std::mem::take(&mut builder.service);
        let credential = service.credential(builder.api_key.take(), &*environment)?;
        let region = service.region.clone().or_else(|| environment("AWS_REGION")).or_else(|| environment("AWS_DEFAULT_REGION"));
        if let Some(region) = &region {
            check_region(region)?;
        }
        let base_url = builder.base_url.take().or_else(|| environment("AWS_BEDROCK_BASE_URL"));
        #[cfg_attr(not(feature = "aws-config"), allow(unused_mut, reason = "a profile may have the region"))]
        let mut place = Place::find(base_url.as_deref(), service.endpoint, region)?;
        if place.region.is_none() && !matches!(credential, BedrockCredential::Bearer(_)) {
            #[cfg(feature = "aws-config")]
            {
                place.region = Profiles::find(service.profile.as_deref(), &*environment).region()?;
            }
            check_region(place.region.as_deref().ok_or_else(missing_region)?)?;
        }
        let url = match base_url {
            Some(_) => place.base_url.clone(),
            None => place.derived_url().ok_or_else(missing_region)?,
        };
        Ok(Means {
            endpoint: Endpoint::parse(&url)?,
            api_key: None,
            admin_api_key: None,
            provider: Some(Arc::new(BedrockProvider { credential, region: place.region, endpoint: place.endpoint })),
            identification: Identification::Nowhere,
        })
    }
}

fn missing_region() -> Error {
    Error::argument(if cfg!(feature = "aws-config") {
        "Bedrock needs a region: set region, or the environment variable AWS_REGION or AWS_DEFAULT_REGION, or, unless it is called with a bearer token, \
         the region in the AWS profile"
    } else {
        "Bedrock needs a region: set region, or the environment variable AWS_REGION or AWS_DEFAULT_REGION"
    })
}

impl Bedrock {
    /// One credential: of those that were given, else the bearer token of the environment, else the keys that AWS's tools would find.
    fn credential(&self, api_key: Option<ApiKey>, environment: &dyn Fn(&str) -> Option<String>) -> Result<BedrockCredential> {
        #[cfg(feature = "aws-config")]
        let profile = self.profile.as_deref();
        #[cfg(not(feature = "aws-config"))]
        let profile: Option<&str> = None;
        let given = [api_key.is_some(), self.access_key.is_some(), self.credentials.is_some(), profile.is_some()]
            .into_iter()
            .filter(|is| *is)
            .count();
        if given > 1 {
            return Err(Error::argument("api_key, access_key, credentials_provider and profile exclude each other: set one of them"));
        }
        if self.session_token.is_some() && self.access_key.is_none() {
            return Err(Error::argument("a session_token needs its access_key"));
        }
        if let Some(key) = api_key {
            return bearer(key);
        }
        if let Some((id, secret)) = &self.access_key {
            return keys(id, secret, self.session_token.as_deref());
        }
        if let Some(provider) = &self.credentials {
            return Ok(BedrockCredential::Keys(provider.clone()));
        }
        if let Some(token) = environment("AWS_BEARER_TOKEN_BEDROCK").filter(|_| profile.is_none()) {
            return bearer(ApiKey(Key::Text(token)));
        }
        #[cfg(feature = "aws-config")]
        return Ok(BedrockCredential::chain(profile.map(|profile| Profiles::find(Some(profile), environment))));
        #[cfg(not(feature = "aws-config"))]
        match (environment("AWS_ACCESS_KEY_ID"), environment("AWS_SECRET_ACCESS_KEY")) {
            (Some(id), Some(secret)) => keys(&id, &secret, environment("AWS_SESSION_TOKEN").as_deref()),
            _ => Err(Error::argument(
                "missing credentials: set api_key, access_key or credentials_provider, or the environment variables \
                 AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for profiles, instance roles and the other \
                 sources of AWS's tools, turn on the feature aws-config",
            )),
        }
    }
}

fn bearer(key: ApiKey) -> Result<BedrockCredential> {
    match key.0 {
        Key::Text(text) if text.trim().is_empty() => Err(Error::argument("the bearer token for Bedrock is empty")),
        key => Credential::of(ApiKey(key), "the bearer token").map(BedrockCredential::Bearer),
    }
}

fn keys(id: &str, secret: &str, session_token: Option<&str>) -> Result<BedrockCredential> {
    let credentials = AwsCredentials::new(id, secret);
    let credentials = session_token.into_iter().fold(credentials, AwsCredentials::session_token);
    credentials.check()?;
    Ok(BedrockCredential::Keys(Arc::new(move || std::future::ready(Ok(credentials.clone())))))
}
