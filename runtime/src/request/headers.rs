//! Header edits: set or leave out, merged by name whatever its case, later layers over earlier ones (contract 1.5, 1.6). Pure.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::error::{Error, Result};

/// An ordered list of headers to set or to leave out.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeaderEdits(Vec<(HeaderName, Option<HeaderValue>)>);

impl HeaderEdits {
    /// Sets a header, replacing what earlier layers say.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let name = header_name(name)?;
        let value = header_value(&name, value)?;
        self.push(name, Some(value));
        Ok(())
    }

    /// Leaves a header out, whoever sets it.
    pub(crate) fn omit(&mut self, name: &str) -> Result<()> {
        let name = header_name(name)?;
        self.push(name, None);
        Ok(())
    }

    /// Says nothing about a header any more.
    pub(crate) fn forget(&mut self, name: &HeaderName) {
        self.0.retain(|(known, _)| known != name);
    }

    /// Adds a later layer.
    pub(crate) fn extend(&mut self, later: &Self) {
        for (name, value) in &later.0 {
            self.push(name.clone(), value.clone());
        }
    }

    fn push(&mut self, name: HeaderName, value: Option<HeaderValue>) {
        self.forget(&name);
        self.0.push((name, value));
    }

    /// Whether the header is set or left out here.
    pub(crate) fn mentions(&self, name: &HeaderName) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }

    /// The value that is set here.
    pub(crate) fn get(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.0.iter().find(|(known, _)| known == name)?.1.as_ref()
    }

    /// Carries the edits out.
    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            match value {
                Some(value) => headers.insert(name.clone(), value.clone()),
                None => headers.remove(name),
            };
        }
    }
}

pub(crate) fn header_name(name: &str) -> Result<HeaderName> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| Error::argument(format!("{name:?} is not a header name")))
}

/// A header value that `Debug` does not show when the name says that it is a secret.
pub(crate) fn header_value(name: &HeaderName, value: &str) -> Result<HeaderValue> {
    let mut parsed = HeaderValue::from_str(value)
        .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
        .map_err(|_| Error::argument(format!("the value of the header `{name}` has characters that cannot be sent")))?;
    parsed.set_sensitive(is_secret(name));
    Ok(parsed)
}

/// Whether a header's value is a credential.
pub(crate) fn is_secret(name: &HeaderName) -> bool {
    let name = name.as_str();
    matches!(name, "authorization" | "proxy-authorization" | "cookie" | "set-cookie" | "api-key" | "x-api-key" | "x-amz-security-token")
        || ["token", "secret", "password"].iter().any(|word| name.contains(word)) && !name.contains("ratelimit")
}

/// The lines of `OPENAI_CUSTOM_HEADERS`: `Name: value`; lines without a colon are ignored.
pub(crate) fn parse_lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| line.split_once(':')).map(|(name, value)| (name.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_edit_wins_whatever_the_case() {
        let mut edits = HeaderEdits::default();
        edits.set("X-A", "1").unwrap();
        edits.set("x-a", "2").unwrap();
        edits.omit("User-Agent").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", HeaderValue::from_static("me"));
        headers.insert("x-a", HeaderValue::from_static("0"));
        edits.apply(&mut headers);
        assert_eq!(headers.len(), 1);
        assert_eq!(headers["x-a"], "2");
    }

    #[test]
    fn a_bad_header_is_named_without_its_value() {
        let mut edits = HeaderEdits::default();
        let error = edits.set("X-Token", "se\ncret").unwrap_err();
        assert!(error.is_argument() && error.message().contains("x-token") && !format!("{error:?}").contains("cret"), "{error}");
        assert!(edits.set("a b", "1").is_err());
        edits.set("authorization", "Bearer s3cret").unwrap();
        assert!(!format!("{edits:?}").contains("s3cret"));
    }

    #[test]
    fn lines_without_a_colon_are_ignored() {
        let found: Vec<_> = parse_lines("X-One: a:b \nnothing\n :v\nX-Two:").collect();
        assert_eq!(found, [("X-One", "a:b"), ("", "v"), ("X-Two", "")]);
    }
}
