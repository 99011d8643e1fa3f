//! Credentials: keys, and providers of keys that are asked before every attempt. Their values never show, and where they are put into a request is
//! decided elsewhere.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;

use crate::error::{Error, Result};
use crate::transport::BoxFuture;

/// Something that knows the API key, asked before every attempt. Async closures and functions that return a `String` are providers.
pub trait KeyProvider: Send + Sync + 'static {
    /// The key to use now. An error ends the call; it is not retried.
    fn key(&self) -> BoxFuture<'_, Result<String>>;
}

impl<F, R> KeyProvider for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<String>> + Send + 'static,
{
    fn key(&self) -> BoxFuture<'_, Result<String>> {
        Box::pin(self())
    }
}

/// An API key as it was given, or something that knows it.
#[derive(Clone)]
pub struct ApiKey(pub(crate) Key);

#[derive(Clone)]
pub(crate) enum Key {
    Text(String),
    Provider(Arc<dyn KeyProvider>),
}

impl ApiKey {
    /// The key to use now.
    ///
    /// # Errors
    /// When the provider of the key has none to give.
    pub async fn text(&self) -> Result<String> {
        match &self.0 {
            Key::Text(text) => Ok(text.clone()),
            Key::Provider(provider) => provider.key().await,
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// A bearer token as a header, or something that knows the token.
#[derive(Clone)]
pub(crate) enum Credential {
    Key(HeaderValue),
    Provider(Arc<dyn KeyProvider>),
}

impl Credential {
    /// Checks that the key can be sent. `what` names it in the error.
    pub(crate) fn key(key: &str, what: &str) -> Result<Self> {
        bearer(key, what).map(Self::Key)
    }

    /// The credential for a key; `what` names the key in the error.
    pub(crate) fn of(key: ApiKey, what: &str) -> Result<Self> {
        match key.0 {
            Key::Text(text) => Self::key(&text, what),
            Key::Provider(provider) => Ok(Self::Provider(provider)),
        }
    }

    /// The header to send now; None when the provider has no key.
    pub(crate) async fn header(&self) -> Result<Option<HeaderValue>> {
        match self {
            Self::Key(header) => Ok(Some(header.clone())),
            Self::Provider(provider) => {
                let key = provider.key().await?;
                if key.is_empty() { Ok(None) } else { bearer(&key, "the API key from the provider").map(Some) }
            }
        }
    }
}

pub(crate) fn bearer(key: &str, what: &str) -> Result<HeaderValue> {
    secret(&format!("Bearer {key}"), what)
}

/// A header value that is never shown; `what` names it in the error.
pub(crate) fn secret(text: &str, what: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Error::argument(format!("{what} has characters that cannot be sent in a header (a newline at its end, perhaps)")))?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "<redacted>",
            Self::Provider(_) => "<provider>",
        })
    }
}

/// A text that `Debug` does not show.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}
