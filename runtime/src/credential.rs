//! Credentials: keys, and providers of keys that are asked before every attempt. Their values never show, and where they are put into a request is
//! decided elsewhere.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;

use crate::error::{Error, Result};
use crate::transport::BoxFuture;

/// Something that knows the API key, asked before every attempt. Async closures and functions that return a `String` are providers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be asked for a key",
    label = "not an async closure or function that returns a `Result<String>`",
    note = "a key that does not change is set without a provider; one that does comes from something like `|| async {{ Ok(key) }}`"
)]
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

/// The header value of a bearer token; `what` names the token in the error.
pub(crate) fn bearer(key: &str, what: &str) -> Result<HeaderValue> {
    header("Bearer ", key, what)
}

/// A header value that is never shown; `what` names it in the error.
pub(crate) fn secret(text: &str, what: &str) -> Result<HeaderValue> {
    header("", text, what)
}

fn header(scheme: &str, key: &str, what: &str) -> Result<HeaderValue> {
    if let Some(blemish) = blemish(key) {
        return Err(Error::argument(format!("{what} {blemish}")));
    }
    let value = HeaderValue::from_str(&format!("{scheme}{key}"));
    let mut value = value.map_err(|_| Error::argument(format!("{what} has a character in it that cannot be sent")))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What came along with a key when it was read or copied, and would make it a wrong one.
fn blemish(key: &str) -> Option<&'static str> {
    if key.contains(['\n', '\r']) {
        return Some("has a line break in it: what is read from a file has to be trimmed");
    }
    if key.trim().len() < key.len() {
        return Some("begins or ends with a space: trim it");
    }
    let is_between = |mark: char| key.len() > 1 && key.starts_with(mark) && key.ends_with(mark);
    if is_between('"') || is_between('\'') {
        return Some("is in quotation marks, which would be sent with it: leave them out");
    }
    (!key.is_ascii()).then_some("has a character in it that no key has, as a cut one ends with `…`: copy the whole key")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(key: &str, expect: &str) {
        for outcome in [bearer(key, "the key"), secret(key, "the key")] {
            let message = outcome.map_or_else(|error| error.message().to_owned(), |_| String::new());
            assert!(message.contains(expect) && message.is_empty() == expect.is_empty(), "{key:?}: {message}");
            assert!(!message.contains("s3cret"), "{message}");
        }
    }

    #[test]
    fn what_came_along_with_a_key_is_named() {
        for key in ["sk-1", "with a space", "\"", "'k", "a'b'", "a~b/c+d=="] {
            check(key, "");
        }
        for (key, words) in [
            ("s3cret\n", "the key has a line break"),
            ("\r\ns3cret", "line break"),
            (" s3cret", "space"),
            ("s3cret\t", "space"),
            ("\u{a0}s3cret", "space"),
            ("\"s3cret\"", "quotation marks"),
            ("'s3cret'", "quotation marks"),
            ("s3cret…", "no key has"),
            ("s3cret\0x", "cannot be sent"),
        ] {
            check(key, words);
        }
    }
}
