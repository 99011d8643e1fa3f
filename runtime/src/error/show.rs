//! How an error is shown to people: what happened, what is known of it, what to do about it. Never a credential, a body or a header.

use std::borrow::Cow;
use std::fmt;

use super::Error;

/// Longer messages are cut here; [`Error::message`] has all of it.
const LONGEST: usize = 600;

impl Error {
    /// The message as far as people want to read it: of a page of HTML its title, and nothing where it only repeats the status.
    fn headline(&self) -> Cow<'_, str> {
        if let Some(title) = self.0.body.page_title().filter(|_| self.is_status()) {
            return Cow::Owned(if title.is_empty() { "a page of HTML".to_owned() } else { format!("a page of HTML, {title:?}") });
        }
        let message = self.message();
        let repeats = |status: http::StatusCode| message.strip_prefix("Error code: ") == Some(status.as_str());
        if self.status().is_some_and(repeats) {
            return Cow::Borrowed("");
        }
        match message.char_indices().nth(LONGEST) {
            Some((end, _)) => Cow::Owned(format!("{}…", &message[..end])),
            None => Cow::Borrowed(message),
        }
    }

    /// What is known besides, in few words.
    fn details(&self) -> String {
        let retries = match self.retries().unwrap_or(0) {
            0 => None,
            1 => Some("after one retry".to_owned()),
            retries => Some(format!("after {retries} retries")),
        };
        let details = [
            self.status().map(|status| format!("status {}", status.as_u16())),
            self.code().map(|code| format!("code {code}")),
            self.param().map(|param| format!("param {param}")),
            self.request_id().map(|id| format!("request {id}")),
            retries,
        ];
        details.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.kind.words())?;
        let (headline, details) = (self.headline(), self.details());
        if !headline.is_empty() {
            write!(f, ": {headline}")?;
        }
        if !details.is_empty() {
            write!(f, " ({details})")?;
        }
        match self.hint() {
            Some(hint) => write!(f, "; hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// Shows what `Display` shows and the cause, never bodies or headers.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        let headline = self.headline();
        debug.field("kind", &self.kind()).field("message", &if headline.is_empty() { self.0.kind.words() } else { &*headline });
        if let Some(hint) = self.hint() {
            debug.field("hint", &hint);
        }
        if let Some(status) = self.status() {
            debug.field("status", &status.as_u16());
        }
        for (name, text) in [("code", self.code()), ("param", self.param()), ("request_id", self.request_id())] {
            if let Some(text) = text {
                debug.field(name, &text);
            }
        }
        let optional: [(&str, Option<&dyn fmt::Debug>); 2] =
            [("source", self.0.source.as_ref().map(|s| s as _)), ("retry_after", self.0.retry_after.as_ref().map(|d| d as _))];
        for (name, value) in optional.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            debug.field(name, value);
        }
        debug.finish()
    }
}
