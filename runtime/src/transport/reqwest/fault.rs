//! What an error of `reqwest` means to a call, and what people can do about it. What it says holds no URL, which could hold secrets in its query: host and port
//! are all that is named.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use http::uri::Authority;

use super::tls;
use crate::error::PROXY_CREDENTIALS;
use crate::transport::TransportError;

/// What people can do, by what one of the causes says. The libraries below keep their types of errors to themselves, and these texts are what shows of them.
const BY_TEXT: &[(&str, &str)] = &[
    ("dns error", "check the host in the base URL, and whether this machine is connected"),
    ("tunnel error: proxy authorization required", PROXY_CREDENTIALS),
    ("tunnel error: failed", "the proxy cannot be reached: check that of the builder, else HTTPS_PROXY and ALL_PROXY in the environment"),
    (
        "tunnel error",
        "the proxy refuses to connect to that host: ask who runs it, or go without (no_proxy, or NO_PROXY in the environment)",
    ),
    ("invalid HTTP", "this port does not speak plain HTTP: should the base URL begin with https://?"),
];

/// Where a request goes, as far as it may be shown.
#[derive(Clone, Debug)]
pub(super) struct Place(Option<Authority>);

impl Place {
    pub(super) fn of(request: &http::Uri) -> Self {
        Self(request.authority().cloned())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(authority) = &self.0 else { return f.write_str("the server") };
        f.write_str(authority.host())?;
        authority.port_u16().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// An error of the HTTP client, with words of our own on it.
struct Fault {
    words: String,
    source: reqwest::Error,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl StdError for Fault {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

/// What an error of `reqwest` means.
pub(super) fn failed(error: reqwest::Error, place: &Place) -> TransportError {
    let error = error.without_url();
    let says = |words: String, source: reqwest::Error| Fault { words, source };
    if error.is_timeout() {
        let is_unconnected = error.is_connect();
        let words = if is_unconnected { format!("no connection to {place} in time") } else { format!("{place} was silent for too long") };
        let failed = TransportError::timeout(says(words, error));
        return if is_unconnected { failed.with_hint("check host and port of the base URL, and the network") } else { failed };
    }
    if error.is_builder() || causes(&error).any(|cause| cause.is::<Unreadable>()) {
        return TransportError::request(error);
    }
    let hint = hint(&error);
    let words = if error.is_connect() { format!("no connection to {place}") } else { format!("the connection to {place} broke") };
    let failed = TransportError::connection(says(words, error));
    match hint {
        Some(hint) => failed.with_hint(hint),
        None => failed,
    }
}

fn hint(error: &reqwest::Error) -> Option<&'static str> {
    if let Some(hint) = causes(error).find_map(tls::hint) {
        return Some(hint);
    }
    let texts: Vec<String> = causes(error).map(ToString::to_string).collect();
    if let Some((_, hint)) = BY_TEXT.iter().find(|(words, _)| texts.iter().any(|text| text.starts_with(words))) {
        return Some(hint);
    }
    let kinds = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    kinds.into_iter().find_map(|kind| match kind {
        io::ErrorKind::ConnectionRefused => Some("is a server running there? The base URL names host and port"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some("check whether this machine is connected"),
        _ => None,
    })
}

/// The error and all that is behind it. An I/O error is followed to the error in it, which it does not give as its source.
fn causes<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'e (dyn StdError + 'static) = *error;
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
}

/// A body that could not be read to its end.
#[derive(Debug)]
pub(super) struct Unreadable(pub(super) io::Error);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the body could not be read: {}", self.0)
    }
}

impl StdError for Unreadable {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}
