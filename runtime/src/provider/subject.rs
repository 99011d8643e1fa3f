//! Subject tokens: what a workload shows to prove who it is, from Kubernetes, Azure or Google Cloud (contract 8.7). Knows nothing of what they are
//! exchanged for.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Request};

use super::{Answered, Link};
use crate::error::{Error, ErrorKind, Result};
use crate::request::query;
use crate::response::ResponseMeta;
use crate::transport::{BoxFuture, RequestBody};

const KUBERNETES_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";
const AZURE_METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";
const GCP_METADATA: &str = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity";
const METADATA_TIMEOUT: Duration = Duration::from_secs(10);

/// What kind of token a workload shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SubjectTokenType {
    /// A JSON web token, of a Kubernetes service account or an Azure identity for instance.
    #[default]
    Jwt,
    /// An identity token of OpenID Connect, of a Google Cloud service account for instance.
    Id,
}

impl SubjectTokenType {
    /// Its name in an exchange (RFC 8693, 3).
    pub fn urn(self) -> &'static str {
        match self {
            Self::Jwt => "urn:ietf:params:oauth:token-type:jwt",
            Self::Id => "urn:ietf:params:oauth:token-type:id_token",
        }
    }
}

/// Something that knows the token with which a workload shows who it is, asked before every exchange. An async closure that returns a
/// `Result<String>` is one.
pub trait SubjectTokenProvider: Send + Sync + 'static {
    /// The token to show now.
    ///
    /// # Errors
    /// Ends the call; it is not retried.
    fn token<'a>(&'a self, link: &'a Link) -> BoxFuture<'a, Result<String>>;

    /// What kind of token it is.
    fn token_type(&self) -> SubjectTokenType {
        SubjectTokenType::Jwt
    }
}

impl<F, R> SubjectTokenProvider for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<String>> + Send + 'static,
{
    fn token<'a>(&'a self, _: &'a Link) -> BoxFuture<'a, Result<String>> {
        Box::pin(self())
    }
}

/// The token of a Kubernetes service account: a file that the cluster keeps fresh, read anew for every exchange.
#[derive(Clone, Debug)]
pub struct KubernetesToken {
    path: PathBuf,
}

impl Default for KubernetesToken {
    fn default() -> Self {
        Self { path: KUBERNETES_TOKEN.into() }
    }
}

impl KubernetesToken {
    /// The token in the file where the cluster mounts it by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// The token in another file.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl SubjectTokenProvider for KubernetesToken {
    fn token<'a>(&'a self, _: &'a Link) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move {
            let path = self.path.display();
            // A few kilobytes of a file system in memory: not worth a thread.
            let text = std::fs::read_to_string(&self.path)
                .map_err(|e| unavailable(format!("the token file {path} cannot be read: {e}")).with_source(e))?;
            filled(&text, || format!("the token file {path} is empty"))
        })
    }
}

/// The token of an Azure managed identity, from the instance metadata service. It never goes through a proxy.
#[derive(Clone, Debug)]
pub struct AzureManagedIdentity {
    /// What names the identity: (parameter, value).
    query: Vec<(&'static str, String)>,
    resource: String,
    api_version: String,
    timeout: Duration,
}

impl Default for AzureManagedIdentity {
    fn default() -> Self {
        Self {
            query: Vec::new(),
            resource: "https://management.azure.com/".to_owned(),
            api_version: "2018-02-01".to_owned(),
            timeout: METADATA_TIMEOUT,
        }
    }
}

impl AzureManagedIdentity {
    /// The identity that the machine has, for the resource `https://management.azure.com/`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The resource that the token is for.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resource = resource.into();
        self
    }

    /// The identity with this object id, of a machine that has several.
    #[must_use]
    pub fn object_id(self, id: impl Into<String>) -> Self {
        self.identified("object_id", id.into())
    }

    /// The identity with this client id, of a machine that has several.
    #[must_use]
    pub fn client_id(self, id: impl Into<String>) -> Self {
        self.identified("client_id", id.into())
    }

    /// The identity with this resource id, of a machine that has several.
    #[must_use]
    pub fn resource_id(self, id: impl Into<String>) -> Self {
        self.identified("msi_res_id", id.into())
    }

    /// The version of the metadata service. Default: `2018-02-01`.
    #[must_use]
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = version.into();
        self
    }

    /// How long to wait for it. Default: 10 seconds.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    fn identified(mut self, name: &'static str, value: String) -> Self {
        self.query.retain(|(known, _)| *known != name);
        self.query.push((name, value));
        self
    }
}

impl SubjectTokenProvider for AzureManagedIdentity {
    fn token<'a>(&'a self, link: &'a Link) -> BoxFuture<'a, Result<String>> {
        const SERVICE: &str = "Azure's metadata service";
        Box::pin(async move {
            let mut pairs = vec![("api-version", self.api_version.as_str()), ("resource", &self.resource)];
            for wanted in ["object_id", "client_id", "msi_res_id"] {
                pairs.extend(self.query.iter().filter(|(name, _)| *name == wanted).map(|(name, value)| (*name, value.as_str())));
            }
            let header = (HeaderName::from_static("metadata"), HeaderValue::from_static("true"));
            let answer = metadata(link, SERVICE, AZURE_METADATA, &pairs, header, self.timeout).await?;
            let body = answer.json().map_err(|e| unavailable(format!("{SERVICE}: {}", e.message())))?;
            filled(body["access_token"].as_str().unwrap_or_default(), || format!("{SERVICE} answered without an access_token"))
        })
    }
}

/// The identity token of a Google Cloud service account, from the metadata server. It never goes through a proxy.
#[derive(Clone, Debug)]
pub struct GcpIdToken {
    audience: String,
    timeout: Duration,
}

impl Default for GcpIdToken {
    fn default() -> Self {
        Self { audience: "https://api.openai.com/v1".to_owned(), timeout: METADATA_TIMEOUT }
    }
}

impl GcpIdToken {
    /// A token for the audience `https://api.openai.com/v1`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The audience that the token is for.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// How long to wait for it. Default: 10 seconds.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }
}

impl SubjectTokenProvider for GcpIdToken {
    fn token<'a>(&'a self, link: &'a Link) -> BoxFuture<'a, Result<String>> {
        const SERVICE: &str = "Google Cloud's metadata server";
        Box::pin(async move {
            let header = (HeaderName::from_static("metadata-flavor"), HeaderValue::from_static("Google"));
            let answer = metadata(link, SERVICE, GCP_METADATA, &[("audience", &self.audience)], header, self.timeout).await?;
            filled(&String::from_utf8_lossy(&answer.body), || format!("{SERVICE} answered with an empty token"))
        })
    }

    fn token_type(&self) -> SubjectTokenType {
        SubjectTokenType::Id
    }
}

/// Asks a metadata service.
async fn metadata(
    link: &Link,
    service: &str,
    url: &str,
    pairs: &[(&str, &str)],
    header: (HeaderName, HeaderValue),
    limit: Duration,
) -> Result<Answered> {
    let mut text = String::new();
    for (name, value) in pairs {
        query::append_pair(&mut text, name, value);
    }
    let mut request = Request::new(RequestBody::empty());
    *request.uri_mut() = format!("{url}?{text}").parse().map_err(|e| Error::argument(format!("{service} has no such URL: {e}")))?;
    request.headers_mut().insert(http::header::ACCEPT, HeaderValue::from_static("*/*"));
    request.headers_mut().insert(header.0, header.1);
    let answer =
        link.send(request, limit).await.map_err(|e| unavailable(format!("{service} cannot be reached: {}", e.message())).with_source(e))?;
    if answer.status.is_success() {
        Ok(answer)
    } else {
        let meta = ResponseMeta::new(answer.status, answer.headers, 0, Duration::ZERO);
        Err(unavailable(format!("{service} answered with status {}", meta.status().as_u16())).with_meta(meta))
    }
}

/// A token without the white space around it.
pub(super) fn filled(text: &str, empty: impl FnOnce() -> String) -> Result<String> {
    let token = text.trim();
    if token.is_empty() { Err(unavailable(empty())) } else { Ok(token.to_owned()) }
}

/// The error for a subject token that is not there.
pub(super) fn unavailable(message: impl fmt::Display) -> Error {
    Error::new(ErrorKind::OAuth, format!("no subject token: {message}"))
}
