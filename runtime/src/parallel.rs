//! Work on several things at the same time, a few of them at once. Knows no operation.

use std::future::poll_fn;
use std::task::{Context, Poll};

use crate::error::Result;
use crate::transport::BoxFuture;

/// Pieces of work, at most so many at the same time, begun in their order. They run on the task that polls, and are dropped with this.
pub(crate) struct Parallel<T> {
    work: Work<T>,
    most: usize,
    /// What is under way, by position.
    running: Vec<(usize, BoxFuture<'static, T>)>,
    /// By position; None while it is not done.
    outcomes: Vec<Option<T>>,
}

/// Pieces of work that are made when their turn comes.
type Work<T> = Box<dyn Iterator<Item = BoxFuture<'static, T>> + Send>;

impl<T> Parallel<T> {
    pub(crate) fn new(work: impl Iterator<Item = BoxFuture<'static, T>> + Send + 'static, most: usize) -> Self {
        Self { work: Box::new(work.fuse()), most: most.max(1), running: Vec::new(), outcomes: Vec::new() }
    }

    /// The position of the next piece that is done; None when all are.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        while self.running.len() < self.most
            && let Some(piece) = self.work.next()
        {
            self.running.push((self.outcomes.len(), piece));
            self.outcomes.push(None);
        }
        for (place, (index, piece)) in self.running.iter_mut().enumerate() {
            if let Poll::Ready(outcome) = piece.as_mut().poll(cx) {
                let index = *index;
                drop(self.running.remove(place));
                self.outcomes[index] = Some(outcome);
                return Poll::Ready(Some(index));
            }
        }
        if self.running.is_empty() { Poll::Ready(None) } else { Poll::Pending }
    }

    /// What became of a piece that is done.
    pub(crate) fn outcome(&self, index: usize) -> Option<&T> {
        self.outcomes.get(index)?.as_ref()
    }

    /// What became of all pieces, in their order. None: it was not begun, or not brought to its end.
    pub(crate) fn into_outcomes(mut self) -> Vec<Option<T>> {
        self.outcomes.extend(self.work.map(|_| None));
        self.outcomes
    }

    /// Does all of it.
    pub(crate) async fn finish(mut self) -> Vec<T> {
        while poll_fn(|cx| self.poll_next(cx)).await.is_some() {}
        self.outcomes.into_iter().flatten().collect()
    }
}

/// What happens to the rest when something fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// What is under way is dropped, and nothing else is begun.
    Stop,
    /// It is done all the same.
    GoOn,
}

/// Does all of the work, at most `most` pieces at the same time, begun in their order. The outcomes are in that order too; None: it was not begun, or not
/// brought to its end.
///
/// It runs on the task that awaits it: dropping the future drops all of the work.
pub fn in_parallel<T: Send + 'static>(
    work: impl Iterator<Item = BoxFuture<'static, Result<T>>> + Send + 'static,
    most: usize,
    on_failure: OnFailure,
) -> BoxFuture<'static, Vec<Option<Result<T>>>> {
    let mut all = Parallel::new(work, most);
    Box::pin(async move {
        while let Some(index) = poll_fn(|cx| all.poll_next(cx)).await {
            if on_failure == OnFailure::Stop && all.outcome(index).is_some_and(Result::is_err) {
                break;
            }
        }
        all.into_outcomes()
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::Error;

    /// Each piece takes as many turns as it says; a negative one fails at its end. The outcomes as text, and how many ran at once.
    #[track_caller]
    fn check(pieces: &'static [i32], most: usize, on_failure: OnFailure, expect: &str, at_once: usize) {
        let running = Arc::new(AtomicUsize::new(0));
        let most_running = Arc::new(AtomicUsize::new(0));
        let peak = most_running.clone();
        let work = pieces.iter().enumerate().map(move |(index, turns)| {
            let (running, peak, turns) = (running.clone(), peak.clone(), *turns);
            Box::pin(async move {
                peak.fetch_max(running.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                for _ in 0..turns.unsigned_abs() {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::Relaxed);
                if turns < 0 { Err(Error::argument("no")) } else { Ok(index) }
            }) as BoxFuture<'static, Result<usize>>
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let outcomes = runtime.block_on(in_parallel(work, most, on_failure));
        let text: Vec<String> = outcomes
            .into_iter()
            .map(|outcome| match outcome {
                None => "-".to_owned(),
                Some(Ok(index)) => index.to_string(),
                Some(Err(_)) => "x".to_owned(),
            })
            .collect();
        assert_eq!((text.join(" ").as_str(), most_running.load(Ordering::Relaxed)), (expect, at_once));
    }

    #[test]
    fn outcomes_are_in_the_order_of_the_work_and_no_more_runs_at_once_than_may() {
        use OnFailure::{GoOn, Stop};
        check(&[], 3, Stop, "", 0);
        check(&[5, 1, 3, 0], 2, Stop, "0 1 2 3", 2);
        check(&[5, 1, 3, 0], 9, Stop, "0 1 2 3", 4);
        check(&[1, 1, 1], 0, Stop, "0 1 2", 1);
        check(&[9, -1, 1, 1], 2, Stop, "- x - -", 2);
        check(&[9, -1, 1, 1], 2, GoOn, "0 x 2 3", 2);
        check(&[-0, -1, -1], 1, GoOn, "0 x x", 1);
    }
}
