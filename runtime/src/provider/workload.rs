//! Workload identity: a workload shows what its platform vouches for (a subject token, or the certificate of its connection) and gets a token
//! of the API for it (contract 8.5–8.8). How tokens are kept is `renewed`, how they are got is `exchange`.

mod exchange;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HOST};
use http::{HeaderName, HeaderValue, Request};

use super::renewed::Renewed;
use super::subject::{AzureManagedIdentity, GcpIdToken, KubernetesToken, SubjectTokenProvider, SubjectTokenType};
use super::{Link, Medium, Provider, Reach, Route};
use crate::credential::ApiKey;
use crate::error::{Error, Result};
use crate::operation::Security;
use crate::request::PreparedRequest;
use crate::transport::{BoxFuture, RequestBody};

const REFRESH_BUFFER: Duration = Duration::from_secs(1200);
const TOKEN_ENDPOINT: &str = "https://auth.openai.com/oauth/token";
const MTLS_TOKEN_ENDPOINT: &str = "https://mtls.auth.openai.com/oauth/token";
const MTLS_BASE_URL: &str = "https://mtls.api.openai.com/v1";

/// Credentials that a workload has because of where it runs, in place of an API key: nothing to store, nothing to rotate.
///
/// ```no_run
/// use openai_runtime::{Client, Result, WorkloadIdentity};
///
/// # fn main() -> Result<()> {
/// let client: Client = Client::builder().workload_identity(WorkloadIdentity::kubernetes("idp-123", "sa-456")).build()?;
/// # Ok(())
/// # }
/// ```
///
/// The token is fetched with the first call and kept until shortly before it expires; clients made from one another, and clones of this
/// value, share it. Calls that need a new one at the same time wait for one exchange. A call that is refused with it is made once more with
/// a new one.
#[derive(Clone)]
pub struct WorkloadIdentity {
    subject: Subject,
    identity_provider_id: String,
    service_account_id: String,
    refresh_buffer: Duration,
    token_endpoint: Option<String>,
    tokens: Arc<Renewed<HeaderValue>>,
}

/// What a workload shows.
#[derive(Clone)]
enum Subject {
    Token {
        provider: Arc<dyn SubjectTokenProvider>,
        token_type: SubjectTokenType,
    },
    /// The certificate of the connection.
    Certificate,
}

impl WorkloadIdentity {
    /// An identity that shows the tokens of this provider: [`KubernetesToken`], or an async closure that returns a JSON web token.
    pub fn new(
        identity_provider_id: impl Into<String>,
        service_account_id: impl Into<String>,
        provider: impl SubjectTokenProvider,
    ) -> Self {
        let token_type = provider.token_type();
        Self::of(identity_provider_id.into(), service_account_id.into(), Subject::Token { provider: Arc::new(provider), token_type })
    }

    /// The identity of a Kubernetes service account.
    pub fn kubernetes(identity_provider_id: impl Into<String>, service_account_id: impl Into<String>) -> Self {
        Self::new(identity_provider_id, service_account_id, KubernetesToken::new())
    }

    /// The identity of an Azure machine.
    pub fn azure(identity_provider_id: impl Into<String>, service_account_id: impl Into<String>) -> Self {
        Self::new(identity_provider_id, service_account_id, AzureManagedIdentity::new())
    }

    /// The identity of a Google Cloud service account.
    pub fn gcp(identity_provider_id: impl Into<String>, service_account_id: impl Into<String>) -> Self {
        Self::new(identity_provider_id, service_account_id, GcpIdToken::new())
    }

    /// The identity in the certificate that the client shows when it connects
    /// ([`client_certificate`](crate::ClientBuilder::client_certificate)). Its requests stay with the base URL's host, redirects are not
    /// followed, and WebSockets are not available.
    pub fn x509(identity_provider_id: impl Into<String>, service_account_id: impl Into<String>) -> Self {
        Self::of(identity_provider_id.into(), service_account_id.into(), Subject::Certificate)
    }

    fn of(identity_provider_id: String, service_account_id: String, subject: Subject) -> Self {
        let tokens = Arc::default();
        Self { subject, identity_provider_id, service_account_id, refresh_buffer: REFRESH_BUFFER, token_endpoint: None, tokens }
    }

    /// The kind of token that a closure returns.
    #[must_use]
    pub fn token_type(mut self, kind: SubjectTokenType) -> Self {
        if let Subject::Token { token_type, .. } = &mut self.subject {
            *token_type = kind;
        }
        self.changed()
    }

    /// How long before its end a token is replaced: at most half of its life. Default: 20 minutes.
    #[must_use]
    pub fn refresh_buffer(mut self, buffer: Duration) -> Self {
        self.refresh_buffer = buffer;
        self.changed()
    }

    /// Where tokens are exchanged, for a gateway. What the workload shows is sent there.
    #[must_use]
    pub fn token_endpoint(mut self, url: impl Into<String>) -> Self {
        self.token_endpoint = Some(url.into());
        self.changed()
    }

    /// Forgets the token: the next call gets a new one.
    pub fn forget_token(&self) {
        self.tokens.forget();
    }

    /// Other terms, other tokens.
    fn changed(mut self) -> Self {
        self.tokens = Arc::default();
        self
    }

    pub(crate) fn shows_certificate(&self) -> bool {
        matches!(self.subject, Subject::Certificate)
    }

    /// What can be wrong with it before anything is sent.
    pub(crate) fn check(&self) -> Result<()> {
        if self.identity_provider_id.is_empty() || self.service_account_id.is_empty() {
            return Err(Error::argument("a workload identity needs the ids of its identity provider and of its service account"));
        }
        Ok(())
    }

    async fn authorization(&self, link: &Link) -> Result<HeaderValue> {
        self.tokens
            .current(link, || {
                let (identity, link) = (self.clone(), link.clone());
                Box::pin(async move { exchange::exchange(&identity, &link).await })
            })
            .await
    }
}

impl Provider for WorkloadIdentity {
    fn sign<'a>(&'a self, request: &'a mut Request<RequestBody>, link: &'a Link) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let authorization = self.authorization(link).await?;
            request.headers_mut().insert(AUTHORIZATION, authorization);
            Ok(())
        })
    }

    fn base_url(&self) -> Option<&str> {
        self.shows_certificate().then_some(MTLS_BASE_URL)
    }

    fn route(&self, route: &mut Route<'_>) -> Result<()> {
        if route.medium() == Medium::WebSocket && self.shows_certificate() {
            return Err(Error::argument("a workload identity by certificate is not for WebSockets"));
        }
        Ok(())
    }

    /// A certificate vouches for a connection to one origin: nothing in the request may say otherwise (contract 8.8).
    fn inspect(&self, request: &PreparedRequest) -> Result<()> {
        if !self.shows_certificate() {
            return Ok(());
        }
        if !request.url().starts_with("https://") {
            return Err(Error::argument("a workload identity by certificate needs a base URL that begins with https://"));
        }
        let authority = request.url()["https://".len()..].split(['/', '?']).next().unwrap_or_default();
        if request.headers().get_all(HOST).iter().any(|host| host.as_bytes() != authority.as_bytes()) {
            return Err(Error::argument("the header Host must be that of the URL, for a workload identity by certificate"));
        }
        match request.headers().keys().find(|name| is_another_credential(name)) {
            None => Ok(()),
            Some(name) => Err(Error::argument(format!("the header {name} cannot be sent beside a workload identity by certificate"))),
        }
    }

    fn rejected(&self, authorization: Option<&HeaderValue>) -> bool {
        authorization.is_some_and(|authorization| {
            self.tokens.reject(|kept| kept == authorization);
            true
        })
    }

    fn signs(&self, accepted: &[Security]) -> bool {
        accepted.contains(&Security::ApiKey)
    }

    fn reach(&self) -> Reach {
        if self.shows_certificate() { Reach::BaseUrl } else { Reach::Anywhere }
    }

    fn has_regions(&self) -> bool {
        true
    }

    fn with_api_key(&self, _: ApiKey) -> Result<Option<Arc<dyn Provider>>> {
        Ok(None)
    }
}

fn is_another_credential(name: &HeaderName) -> bool {
    matches!(name.as_str().replace('_', "-").as_str(), "api-key" | "x-api-key" | "proxy-authorization")
}

impl fmt::Debug for WorkloadIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkloadIdentity")
            .field("identity_provider_id", &self.identity_provider_id)
            .field("service_account_id", &self.service_account_id)
            .field("refresh_buffer", &self.refresh_buffer)
            .finish_non_exhaustive()
    }
}
