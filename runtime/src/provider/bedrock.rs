//! Amazon Bedrock: bearer tokens, or requests signed with AWS's Signature Version 4, anew for every attempt (contract 8.9). Reads no environment.

#[cfg(feature = "aws-config")]
mod chain;
mod place;
#[cfg(feature = "aws-config")]
mod profile;
mod sigv4;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use http::Request;
use http::header::AUTHORIZATION;

use super::{Link, Provider, Reach};
use crate::credential::{ApiKey, Credential};
use crate::error::{Error, Result};
use crate::request::PreparedRequest;
use crate::transport::{BoxFuture, RequestBody};

pub use place::BedrockEndpoint;
pub(crate) use place::{Place, check_region};
#[cfg(feature = "aws-config")]
pub(crate) use profile::Profiles;

/// Keys of AWS: those of a user, or temporary ones with their session token.
#[derive(Clone)]
pub struct AwsCredentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

impl AwsCredentials {
    /// A pair of keys.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self { access_key_id: access_key_id.into(), secret_access_key: secret_access_key.into(), session_token: None }
    }

    /// The token that goes with temporary keys.
    #[must_use]
    pub fn session_token(mut self, token: impl Into<String>) -> Self {
        self.session_token = Some(token.into());
        self
    }

    pub(crate) fn check(&self) -> Result<()> {
        let parts = [&self.access_key_id, &self.secret_access_key].into_iter().chain(&self.session_token);
        if parts.into_iter().any(|part| part.trim().is_empty()) {
            return Err(Error::argument("neither the access key's id, its secret nor a session token may be empty"));
        }
        Ok(())
    }
}

impl fmt::Debug for AwsCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwsCredentials(<redacted>)")
    }
}

/// Something that knows the keys to sign with, asked before every attempt. Async closures that return [`AwsCredentials`] are providers.
pub trait AwsCredentialsProvider: Send + Sync + 'static {
    /// The keys to use now.
    ///
    /// # Errors
    /// Ends the call; it is not retried.
    fn credentials<'a>(&'a self, link: &'a Link) -> BoxFuture<'a, Result<AwsCredentials>>;
}

impl<F, R> AwsCredentialsProvider for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<AwsCredentials>> + Send + 'static,
{
    fn credentials<'a>(&'a self, _: &'a Link) -> BoxFuture<'a, Result<AwsCredentials>> {
        Box::pin(self())
    }
}

/// Who signs.
#[derive(Clone)]
pub(crate) enum BedrockCredential {
    Bearer(Credential),
    Keys(Arc<dyn AwsCredentialsProvider>),
    #[cfg(feature = "aws-config")]
    Chain(Arc<chain::Chain>),
}

impl BedrockCredential {
    /// Keys where AWS's own tools find them: in this profile, or wherever they are.
    #[cfg(feature = "aws-config")]
    pub(crate) fn chain(profile: Option<Profiles>) -> Self {
        Self::Chain(Arc::new(chain::Chain::new(profile)))
    }
}

/// A client's way to Bedrock.
#[derive(Clone)]
pub(crate) struct BedrockProvider {
    pub(crate) credential: BedrockCredential,
    /// None with a bearer token and a base URL of the caller's own.
    pub(crate) region: Option<String>,
    pub(crate) endpoint: BedrockEndpoint,
}

impl BedrockProvider {
    /// Keys, for requests that are signed with them.
    async fn keys(&self, link: &Link) -> Result<Option<AwsCredentials>> {
        let keys = match &self.credential {
            BedrockCredential::Bearer(_) => return Ok(None),
            BedrockCredential::Keys(provider) => provider.credentials(link).await?,
            #[cfg(feature = "aws-config")]
            BedrockCredential::Chain(chain) => chain.credentials(link, self.region.as_deref()).await?,
        };
        keys.check()?;
        Ok(Some(keys))
    }
}

impl Provider for BedrockProvider {
    fn sign<'a>(&'a self, request: &'a mut Request<RequestBody>, link: &'a Link) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if let BedrockCredential::Bearer(token) = &self.credential {
                let header =
                    token.header().await?.ok_or_else(|| Error::argument("the provider of the bearer token returned an empty text"))?;
                request.headers_mut().insert(AUTHORIZATION, header);
                return Ok(());
            }
            let Some(keys) = self.keys(link).await? else { return Ok(()) };
            let region = self.region.as_deref().ok_or_else(|| Error::argument("Bedrock needs a region to sign for"))?;
            sigv4::sign(request, &keys, region, self.endpoint.signing_name(), link.time().now()).await
        })
    }

    fn inspect(&self, request: &PreparedRequest) -> Result<()> {
        if request.headers().contains_key(AUTHORIZATION) {
            return Err(Error::argument("a header Authorization of the caller's own cannot be sent to Bedrock: its requests are signed"));
        }
        if !matches!(self.credential, BedrockCredential::Bearer(_)) && !request.body().is_replayable() {
            return Err(Error::argument(
                "a body that can be read only once cannot be signed: give the upload as bytes, a path or a seekable reader",
            ));
        }
        Ok(())
    }

    fn reach(&self) -> Reach {
        Reach::BaseUrl
    }

    fn with_api_key(&self, key: ApiKey) -> Result<Option<Arc<dyn Provider>>> {
        let credential = BedrockCredential::Bearer(Credential::of(key, "the bearer token")?);
        Ok(Some(Arc::new(Self { credential, ..self.clone() })))
    }

    fn name(&self) -> Option<&'static str> {
        Some("aws.bedrock")
    }
}
