//! Functions of Python as the behaviour files describe them: what they return, one call after another. Knows not who calls them.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use openai::{Error, Result};

/// Something that is asked for a text.
pub(super) type Provided = Arc<dyn Fn() -> Ready<Result<String>> + Send + Sync>;

/// The function of a description.
pub(super) fn provided(described: &str) -> Result<Provided, String> {
    let count = AtomicUsize::new(0);
    let quoted = |text: &str| text.strip_prefix("returns '").and_then(|text| text.strip_suffix('\'')).map(ToOwned::to_owned);
    Ok(match (described, quoted(described)) {
        ("returns None", _) => Arc::new(|| ready(Ok(String::new()))),
        (text, _) if text.ends_with("one a call") => {
            let prefix = text.trim_start_matches("returns '").split("1'").next().unwrap_or_default().to_owned();
            Arc::new(move || ready(Ok(format!("{prefix}{}", count.fetch_add(1, Ordering::Relaxed) + 1))))
        }
        (text, _) if text.starts_with("raises") => Arc::new(|| ready(Err(Error::argument("no token")))),
        (_, Some(token)) => Arc::new(move || ready(Ok(token.clone()))),
        (text, None) => return Err(format!("the callable `{text}` is not known")),
    })
}
