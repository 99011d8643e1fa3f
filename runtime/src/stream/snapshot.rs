//! [`Snapshot`]: what has been accumulated so far, shared between the accumulator and the events that show it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// What a stream has come to so far, a text most of the time. Dereferences to it, and costs nothing to make.
///
/// It does not grow when the stream goes on. While one is kept, the next piece of the stream copies what it shows; dropped before
/// the next event, nothing is ever copied.
#[derive(Default, PartialEq, Eq)]
pub struct Snapshot<T = String>(Arc<T>);

impl<T: Clone> Snapshot<T> {
    /// What it shows, to be changed; copied if others show it too.
    pub fn make_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }

    /// What it shows, by itself.
    pub fn into_inner(self) -> T {
        Arc::unwrap_or_clone(self.0)
    }
}

impl Snapshot<String> {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T> Clone for Snapshot<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> From<T> for Snapshot<T> {
    fn from(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Deref for Snapshot<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl PartialEq<str> for Snapshot<String> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Snapshot<String> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl<T: fmt::Display> fmt::Display for Snapshot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for Snapshot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_snapshot_stays_as_it_was() {
        let mut text = Snapshot::from("a".to_owned());
        let kept = text.clone();
        text.make_mut().push('b');
        assert_eq!((kept.as_str(), text.as_str()), ("a", "ab"));
    }

    #[test]
    fn a_snapshot_that_was_dropped_costs_no_copy() {
        let mut text = Snapshot::from(String::with_capacity(100));
        let place = text.as_ptr();
        for _ in 0..100 {
            drop(text.clone());
            text.make_mut().push('x');
        }
        assert_eq!(text.as_ptr(), place);
    }
}
