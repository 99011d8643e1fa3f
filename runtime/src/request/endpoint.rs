//! The base URL and how paths and queries are joined to it (contract 1.2). Pure.

use url::Url;

use crate::error::{Error, Result};

/// A base URL, taken apart once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Endpoint {
    url: Url,
    /// Everything before the query, without a slash at the end.
    prefix: String,
}

/// Where a path leads.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    /// Without query and fragment.
    pub(crate) url: String,
    pub(crate) query: Option<String>,
    /// Whether it leads to another origin than the base URL, where credentials must not go.
    pub(crate) foreign: bool,
}

impl Endpoint {
    pub(crate) fn parse(base: &str) -> Result<Self> {
        let base = base.trim();
        let url = match (base.split_once("://"), Url::parse(base)) {
            _ if base.is_empty() => {
                return Err(Error::argument("the base URL is empty: give one such as https://api.openai.com/v1, or none"));
            }
            // Without a scheme, `localhost:8080` would be one of the scheme `localhost`.
            (None, _) => {
                return Err(Error::argument("the base URL has no scheme: begin it with https://, or http:// for a server of this machine"));
            }
            (_, Ok(url)) if !matches!(url.scheme(), "http" | "https") => {
                return Err(Error::argument(format!("the base URL begins with {}://, not with https:// or http://", url.scheme())));
            }
            (_, Ok(url)) => url,
            (_, Err(e)) => return Err(Error::argument(format!("the base URL is not a URL such as https://api.openai.com/v1: {e}"))),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::argument("the base URL must not contain a user name or password; set a header instead"));
        }
        let mut bare = url.clone();
        bare.set_query(None);
        bare.set_fragment(None);
        let prefix = bare.as_str().trim_end_matches('/').to_owned();
        Ok(Self { url, prefix })
    }

    /// The base URL as text, for people.
    pub(crate) fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The base URL as far as it may be shown.
    pub(crate) fn without_query(&self) -> &str {
        &self.prefix
    }

    /// The host, in small letters.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether connections are not secured.
    pub(crate) fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// The base URL's own query, which every request keeps.
    pub(crate) fn query(&self) -> Option<&str> {
        self.url.query()
    }

    /// The base URL's path, without a slash at the end.
    pub(crate) fn path(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// The base URL one segment further down.
    pub(crate) fn below(&self, segment: &str) -> Result<Self> {
        let query = self.query().map_or_else(String::new, |query| format!("?{query}"));
        Self::parse(&format!("{}/{segment}{query}", self.prefix))
    }

    /// A base URL of WebSockets: one of HTTP that is upgraded.
    #[cfg(feature = "websocket")]
    pub(crate) fn parse_websocket(base: &str) -> Result<Self> {
        match base.trim().split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("ws") => Self::parse(&format!("http://{rest}")),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("wss") => Self::parse(&format!("https://{rest}")),
            _ => Self::parse(base),
        }
    }

    /// Whether it is of the same scheme, host and port.
    #[cfg(feature = "websocket")]
    pub(crate) fn is_same_origin(&self, other: &Self) -> bool {
        self.url.origin() == other.url.origin()
    }

    /// The URL of a path that is already encoded.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}/{}", self.prefix, path.trim_start_matches('/'))
    }

    /// The URL of a path somebody wrote by hand: it may have a query, and it may be a whole URL.
    pub(crate) fn resolve(&self, path: &str) -> Result<Target> {
        let bad = |e| Error::argument(format!("{path:?} is not a path: {e}"));
        let mut url = Url::parse(&if is_absolute(path) { path.to_owned() } else { self.join(path) }).map_err(bad)?;
        let query = url.query().map(ToOwned::to_owned);
        url.set_query(None);
        url.set_fragment(None);
        let foreign = url.origin() != self.url.origin();
        Ok(Target { url: url.into(), query, foreign })
    }
}

/// Whether a path is a whole URL.
pub(crate) fn is_absolute(path: &str) -> bool {
    let begins = |start: &str| path.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
    begins("https://") || begins("http://")
}

/// Checks the base URL of WebSockets.
pub(crate) fn websocket_url(url: String) -> Result<String> {
    match Url::parse(url.trim()) {
        Ok(parsed) if matches!(parsed.scheme(), "ws" | "wss" | "http" | "https") && parsed.has_host() => Ok(url),
        _ => Err(Error::argument("the WebSocket base URL must begin with wss://, ws://, https:// or http:// and name a host")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, path: &str, expect: &str) {
        let target = Endpoint::parse(base).unwrap().resolve(path).unwrap();
        let query = target.query.map(|query| format!("?{query}")).unwrap_or_default();
        assert_eq!(format!("{}{query}", target.url), expect);
    }

    #[test]
    fn paths_are_joined_to_the_base() {
        check("https://h", "/models", "https://h/models");
        check("https://h/", "models", "https://h/models");
        check("https://h/v1", "/foo", "https://h/v1/foo");
        check("https://h/v1/", "///foo", "https://h/v1/foo");
        check("https://h:443/v1", "/a//b", "https://h/v1/a//b");
        check("http://h:8080/v1?api=1", "/models", "http://h:8080/v1/models");
        check("https://h/v1", "/", "https://h/v1/");
        check("https://h/v1", "/a b", "https://h/v1/a%20b");
        check("https://h/v1", "../x", "https://h/x");
        check("https://h/v1", "./x", "https://h/v1/x");
        check("https://h/v1", "/q?x=1&x=2&y#frag", "https://h/v1/q?x=1&x=2&y");
        check("https://h/v1", "https://abs.example/y?a", "https://abs.example/y?a");
        check("https://h/v1", "/a%2Fb", "https://h/v1/a%2Fb");
    }

    #[test]
    fn another_origin_is_foreign() {
        let endpoint = Endpoint::parse("https://h/v1").unwrap();
        assert!(endpoint.resolve("https://other/x").unwrap().foreign);
        assert!(!endpoint.resolve("https://h/x").unwrap().foreign);
        assert!(endpoint.resolve("http://h/x").unwrap().foreign);
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for base in ["", "h/v1", "ftp://h", "https://", "https://user:pw@h/v1", "unix:/x"] {
            let error = Endpoint::parse(base).unwrap_err();
            assert!(error.is_argument() && !error.message().contains("pw"), "{base}: {error}");
        }
    }
}
