//! The cursors that were followed, as far as it takes to notice that a broken server leads in a circle. Pure.

use std::sync::Arc;

/// A walk from cursor to cursor, in constant memory.
///
/// Every cursor is compared with the one before it and with a mark. The mark moves to the walker after one step, two, four, and so on, so
/// that it will lie in any circle while a walk around it takes no longer than the next move (Brent's cycle detection).
#[derive(Clone, Debug, Default)]
pub(crate) struct Trail {
    last: Option<Arc<str>>,
    mark: Option<Arc<str>>,
    steps: u64,
    moves_at: u64,
}

impl Trail {
    /// The walk with this step added; None when it has been here before.
    pub(crate) fn follow(&self, cursor: &str) -> Option<Self> {
        let is_here = |known: &Option<Arc<str>>| known.as_deref() == Some(cursor);
        if is_here(&self.last) || is_here(&self.mark) {
            return None;
        }
        let cursor: Arc<str> = cursor.into();
        let mut next = Self { last: Some(cursor.clone()), steps: self.steps + 1, ..self.clone() };
        if next.steps > next.moves_at {
            next.mark = Some(cursor);
            next.moves_at = next.steps * 2;
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many steps are made before the circle is noticed.
    #[track_caller]
    fn check(straight: usize, around: usize) {
        let mut trail = Trail::default();
        for step in 0.. {
            let at = if step < straight { step } else { straight + (step - straight) % around };
            match trail.follow(&at.to_string()) {
                Some(next) => trail = next,
                None => {
                    assert!(step >= straight + around, "{straight} + {around}: noticed after {step}, where nothing was seen twice");
                    assert!(step <= 3 * (straight + around), "{straight} + {around}: noticed after {step} only");
                    return;
                }
            }
        }
    }

    #[test]
    fn every_circle_is_noticed_and_nothing_else() {
        for straight in [0, 1, 2, 5, 64, 100] {
            for around in [1, 2, 3, 7, 100] {
                check(straight, around);
            }
        }
    }
}
