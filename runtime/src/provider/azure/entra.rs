//! Tokens of Microsoft Entra ID from a credential of Azure's own crates: for whom they are, how long they are kept, and what becomes of one that is
//! refused. Which credential it is and how it gets its tokens is its own business. The only place that imports `azure_core`.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::HeaderValue;

use crate::credential::bearer;
use crate::error::{Error, ErrorKind, Result};
use crate::provider::Link;
use crate::provider::renewed::{Issued, Renewed};

pub(crate) use azure_core::credentials::TokenCredential;

/// Tokens are replaced this long before their end. The credentials of `azure_identity` hand out the same one until then.
const BUFFER: Duration = Duration::from_secs(300);
/// Whom the tokens are for, in the cloud that everybody can use.
const SCOPE: &str = "https://cognitiveservices.azure.com/.default";
/// The clouds of their own, by the ends of their hosts.
const SCOPES: &[(&str, &str)] =
    &[(".azure.us", "https://cognitiveservices.azure.us/.default"), (".azure.cn", "https://cognitiveservices.azure.cn/.default")];

/// A credential, and the token that it gave.
pub(crate) struct Entra {
    credential: Arc<dyn TokenCredential>,
    scope: String,
    tokens: Arc<Renewed<HeaderValue>>,
}

impl Entra {
    pub(crate) fn new(credential: Arc<dyn TokenCredential>, scope: String) -> Self {
        Self { credential, scope, tokens: Arc::default() }
    }

    /// The token for a call that is made now.
    pub(super) async fn authorization(&self, link: &Link) -> Result<HeaderValue> {
        self.tokens
            .current(link, || {
                let (credential, scope, link) = (self.credential.clone(), self.scope.clone(), link.clone());
                Box::pin(async move { issued(&*credential, &scope, &link).await })
            })
            .await
    }

    /// Forgets a token that the service did not take.
    pub(super) fn reject(&self, authorization: &HeaderValue) {
        self.tokens.reject(|kept| kept == authorization);
    }
}

async fn issued(credential: &dyn TokenCredential, scope: &str, link: &Link) -> Result<Issued<HeaderValue>> {
    let asked = link.time().monotonic();
    let token = credential.get_token(&[scope], None).await;
    let token = token.map_err(|e| Error::new(ErrorKind::OAuth, format!("the credential gave none for {scope}: {e}")).with_source(e))?;
    let life = SystemTime::from(token.expires_on).duration_since(link.time().now()).unwrap_or_default();
    if life.is_zero() {
        return Err(Error::new(ErrorKind::OAuth, format!("the credential gave a token for {scope} that has expired")));
    }
    let header = bearer(token.token.secret(), "the token from the credential")?;
    Ok(Issued::lasting(header, asked, life, BUFFER))
}

/// The scope of tokens for the resource at this host.
pub(crate) fn scope_of(host: &str) -> &'static str {
    SCOPES.iter().find(|(end, _)| host.ends_with(end)).map_or(SCOPE, |(_, scope)| scope)
}

#[cfg(test)]
mod tests;
