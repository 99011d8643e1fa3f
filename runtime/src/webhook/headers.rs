//! The headers that came with a webhook, however the server's framework hands them out.

use std::collections::{BTreeMap, HashMap};

use http::HeaderMap;

/// Headers in which a name is looked up without regard to case: a `http::HeaderMap` (axum, hyper, actix from its version 1 on), pairs, or a map with
/// one value for each name. Of several values the first counts.
pub trait WebhookHeaders {
    /// The value under a name, which is given in lower case.
    fn value(&self, name: &str) -> Option<&[u8]>;
}

impl WebhookHeaders for HeaderMap {
    fn value(&self, name: &str) -> Option<&[u8]> {
        self.get(name).map(AsRef::as_ref)
    }
}

/// The value of the first pair with the name.
fn first<'h, N: AsRef<str> + 'h, V: AsRef<[u8]> + 'h>(mut pairs: impl Iterator<Item = (&'h N, &'h V)>, name: &str) -> Option<&'h [u8]> {
    pairs.find(|(found, _)| found.as_ref().eq_ignore_ascii_case(name)).map(|(_, value)| value.as_ref())
}

impl<N: AsRef<str>, V: AsRef<[u8]>> WebhookHeaders for [(N, V)] {
    fn value(&self, name: &str) -> Option<&[u8]> {
        first(self.iter().map(|(name, value)| (name, value)), name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const COUNT: usize> WebhookHeaders for [(N, V); COUNT] {
    fn value(&self, name: &str) -> Option<&[u8]> {
        self.as_slice().value(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> WebhookHeaders for Vec<(N, V)> {
    fn value(&self, name: &str) -> Option<&[u8]> {
        self.as_slice().value(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, S> WebhookHeaders for HashMap<N, V, S> {
    fn value(&self, name: &str) -> Option<&[u8]> {
        first(self.iter(), name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> WebhookHeaders for BTreeMap<N, V> {
    fn value(&self, name: &str) -> Option<&[u8]> {
        first(self.iter(), name)
    }
}

impl<H: WebhookHeaders + ?Sized> WebhookHeaders for &H {
    fn value(&self, name: &str) -> Option<&[u8]> {
        (**self).value(name)
    }
}
