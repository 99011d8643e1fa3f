//! Credentials: keys, and providers of keys that are asked before every attempt. Their values never show.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;

use crate::error::{Error, Result};
use crate::transport::{BoxFuture, RequestBody};

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

/// Another way to reach and to authenticate with a service that speaks the same API: it sees each attempt before it is sent.
///
/// With one, the client sends no `Authorization` of its own.
pub trait Provider: Send + Sync + 'static {
    /// Changes the request of one attempt: its URL and its headers. It may fetch a token first.
    ///
    /// # Errors
    /// Ends the call; it is not retried.
    fn prepare<'a>(&'a self, request: &'a mut http::Request<RequestBody>) -> BoxFuture<'a, Result<()>>;

    /// What traces call the service (`gen_ai.provider.name`), when not as the API does.
    fn name(&self) -> Option<&'static str> {
        None
    }

    /// Told that the server answered 401. With `true` the request is prepared anew and sent once more.
    fn rejected(&self) -> bool {
        false
    }
}

/// A key or where to get it.
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

fn bearer(key: &str, what: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {key}"))
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
