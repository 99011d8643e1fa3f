//! Which redirects are followed, and what they change (contract 1.8). Pure.

use http::{HeaderMap, Method, StatusCode, Uri};
use url::Url;

/// At most this many in a row.
pub(crate) const MOST: u32 = 20;

/// A redirect to follow.
#[derive(Debug, PartialEq)]
pub(crate) struct Redirect {
    pub(crate) url: String,
    pub(crate) method: Method,
    pub(crate) body: Fate,
    pub(crate) credentials: Fate,
}

/// Whether the body, or the credentials, go along.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    Keep,
    Drop,
}

impl Fate {
    /// After both of two redirects: what was dropped once stays dropped.
    pub(crate) fn then(self, next: Self) -> Self {
        if self == Self::Keep { next } else { self }
    }
}

/// What an answer asks for. None: it is no redirect, or not one that can be followed.
pub(crate) fn follow(method: &Method, url: &Uri, status: StatusCode, headers: &HeaderMap) -> Option<Redirect> {
    let becomes_get = match status.as_u16() {
        301 => *method == Method::POST,
        302 | 303 => *method != Method::HEAD,
        307 | 308 => false,
        _ => return None,
    };
    let location = std::str::from_utf8(headers.get(http::header::LOCATION)?.as_bytes()).ok()?;
    let from = Url::parse(&url.to_string()).ok()?;
    let mut to = from.join(location).ok()?;
    if !matches!(to.scheme(), "http" | "https") || !to.username().is_empty() || to.password().is_some() {
        return None;
    }
    to.set_fragment(None);
    let same = from.origin() == to.origin() || is_https_upgrade(&from, &to);
    Some(Redirect {
        url: to.into(),
        method: if becomes_get { Method::GET } else { method.clone() },
        body: if becomes_get { Fate::Drop } else { Fate::Keep },
        credentials: if same { Fate::Keep } else { Fate::Drop },
    })
}

fn is_https_upgrade(from: &Url, to: &Url) -> bool {
    (from.scheme(), to.scheme()) == ("http", "https")
        && from.host() == to.host()
        && from.port_or_known_default() == Some(80)
        && to.port_or_known_default() == Some(443)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: Method, from: &str, status: u16, location: &str, expect: Option<(&str, Method, Fate)>) {
        let headers = HeaderMap::from_iter([(http::header::LOCATION, location.parse().unwrap())]);
        let found = follow(&method, &from.parse().unwrap(), StatusCode::from_u16(status).unwrap(), &headers);
        let found = found.as_ref().map(|found| (found.url.as_str(), found.method.clone(), found.credentials));
        assert_eq!(found, expect, "{method} {status} {location}");
    }

    #[test]
    fn the_status_decides_about_the_method_and_the_origin_about_the_credentials() {
        use Fate::{Drop, Keep};
        let from = "http://a.example/v1/m?x=1";
        check(Method::POST, from, 301, "/v2/x", Some(("http://a.example/v2/x", Method::GET, Keep)));
        check(Method::PUT, from, 301, "/v2/x", Some(("http://a.example/v2/x", Method::PUT, Keep)));
        check(Method::PUT, from, 303, "y", Some(("http://a.example/v1/y", Method::GET, Keep)));
        check(Method::POST, from, 307, "https://a.example/z", Some(("https://a.example/z", Method::POST, Keep)));
        check(Method::POST, from, 308, "https://b.example/z", Some(("https://b.example/z", Method::POST, Drop)));
        check(Method::GET, from, 302, "http://a.example:81/z", Some(("http://a.example:81/z", Method::GET, Drop)));
        check(Method::GET, "https://a.example/", 302, "http://a.example/z", Some(("http://a.example/z", Method::GET, Drop)));
        check(Method::GET, from, 304, "/x", None);
        check(Method::GET, from, 302, "file:///etc/passwd", None);
        check(Method::GET, from, 302, "https://user:pw@a.example/", None);
    }
}
