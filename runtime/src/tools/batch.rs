//! Calls that run at the same time, up to a limit. Owns their order of being started; must not know what they do.

use std::task::{Context, Poll};

use super::{ToolCall, ToolOutcome, Tools};
use crate::transport::BoxFuture;

/// The calls of one round.
pub(super) struct Batch {
    /// By position; None when it is done.
    running: Vec<Option<BoxFuture<'static, ToolOutcome>>>,
    outcomes: Vec<Option<ToolOutcome>>,
    at_once: usize,
}

impl Batch {
    pub(super) fn new(tools: &Tools, calls: Vec<ToolCall>) -> Self {
        let run = |call: ToolCall| -> Option<BoxFuture<'static, ToolOutcome>> {
            let tools = tools.clone();
            Some(Box::pin(async move { tools.call(call).await }))
        };
        let running: Vec<_> = calls.into_iter().map(run).collect();
        let outcomes = running.iter().map(|_| None).collect();
        Self { running, outcomes, at_once: tools.max_concurrency }
    }

    /// The position of the next call that is done; None when all are.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        let open = self.running.iter_mut().enumerate().filter(|(_, call)| call.is_some());
        let mut is_done = true;
        for (index, running) in open.take(self.at_once) {
            let Some(call) = running else { continue };
            is_done = false;
            if let Poll::Ready(outcome) = call.as_mut().poll(cx) {
                *running = None;
                self.outcomes[index] = Some(outcome);
                return Poll::Ready(Some(index));
            }
        }
        if is_done { Poll::Ready(None) } else { Poll::Pending }
    }

    /// What became of a call.
    pub(super) fn outcome(&self, index: usize) -> Option<&ToolOutcome> {
        self.outcomes.get(index)?.as_ref()
    }

    /// What became of all calls that are done, in the order that the model asked for them.
    pub(super) fn into_outcomes(self) -> Vec<ToolOutcome> {
        self.outcomes.into_iter().flatten().collect()
    }

    /// Runs all of them.
    pub(super) async fn finish(mut self) -> Vec<ToolOutcome> {
        while std::future::poll_fn(|cx| self.poll_next(cx)).await.is_some() {}
        self.into_outcomes()
    }
}
