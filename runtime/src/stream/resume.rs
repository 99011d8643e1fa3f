//! How a stream goes on after it broke off: which events were seen, and the call that brings the rest, after the waits that the rules of
//! retries ask for. What an operation's stream is resumed with is its [`Resume`].

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;

use super::{EventStream, interpret};
use crate::call::{Call, Origin, PacedBody};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::operation::Resume;
use crate::request::Draft;
use crate::request::scan::Member;
use crate::response::{Reading, Received};
use crate::retry;
use crate::sse::Event;
use crate::transport::BoxFuture;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A server may ask for a wait of at most this long before a stream is resumed.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

impl<T> Call<EventStream<T>> {
    /// Makes a stream that goes on by itself after it broke off: when the connection broke, stood still, or was closed too early, the
    /// rest is asked for, from the last event that arrived on. No event is lost and none comes twice. It is tried as often in a row as
    /// failed calls are ([`max_retries`](Self::max_retries)), with the same waits; an event that arrives starts the count anew.
    ///
    /// An operation that cannot be resumed this way, or not with these params, is an argument error. Set it after the params.
    pub fn resumable(mut self) -> Self {
        let draft = &mut self.origin_mut().draft;
        draft.resumable = true;
        let result = check(draft);
        draft.keep_fault(result);
        self
    }
}

/// Refuses what cannot be resumed, before it is begun.
fn check(draft: &Draft) -> Result<()> {
    let name = draft.operation.name;
    let Some(rule) = &draft.operation.resume else {
        return Err(Error::argument(format!("a stream of {name} cannot be resumed")));
    };
    let Some(param) = rule.requires else { return Ok(()) };
    match draft.argument(param).as_deref() {
        Some("true") => Ok(()),
        _ => Err(Error::argument(format!("a stream of {name} can be resumed only if `{param}` is true"))),
    }
}

/// What is needed to go on.
pub(super) struct Resumption {
    rule: &'static Resume,
    origin: Origin,
    /// What is streamed, once it is known.
    id: Option<String>,
    last: Option<i64>,
    /// The last event before the stream was resumed: those up to it were handed out already.
    seen: Option<i64>,
    /// Breaks without an event in between.
    in_a_row: u32,
    /// How long the server asks to wait.
    wait: Option<Duration>,
}

impl Resumption {
    /// None when the stream was not asked to be resumable.
    pub(super) fn of(origin: &Origin) -> Option<Self> {
        let draft = &origin.draft;
        let rule = draft.operation.resume.as_ref().filter(|_| draft.resumable)?;
        let id = draft.path.iter().find(|(name, _)| *name == rule.path).map(|(_, id)| id.clone());
        Some(Self { rule, origin: origin.clone(), id, last: None, seen: None, in_a_row: 0, wait: None })
    }

    pub(super) fn last(&self) -> Option<i64> {
        self.last
    }

    /// Takes note of an event, and says whether it was there before.
    pub(super) fn has_seen(&mut self, event: Event<'_>) -> bool {
        if let Some(wait) = event.retry {
            self.wait = Some(Duration::from_millis(wait).min(LONGEST_WAIT));
        }
        let mut number = None;
        for Member { key, value } in interpret::members(event.data) {
            if key == self.rule.number {
                number = value.text.parse().ok();
            } else if self.id.is_none() && self.rule.id.first().is_some_and(|first| key == *first) {
                self.id = value.text_at(&self.rule.id[1..]);
            }
            if number.is_some() && self.id.is_some() {
                break;
            }
        }
        let Some(number) = number else { return false };
        if self.seen.is_some_and(|seen| number <= seen) {
            return true;
        }
        self.last = Some(number);
        self.in_a_row = 0;
        false
    }

    /// The call that brings the rest, with the wait before it. None when it is not known what to ask for, when that makes no sense, or when
    /// it was tried often enough.
    pub(super) fn reconnect(&mut self, broken: &PacedBody) -> Option<BoxFuture<'static, Result<Received>>> {
        let origin = &self.origin;
        let most = origin.draft.max_retries.or_else(|| Some(origin.client.config().ok()?.max_retries))?;
        let (id, last) = (self.id.clone()?, self.last?);
        if self.in_a_row >= most {
            return None;
        }
        let time = origin.client.time();
        let wait = self.wait.unwrap_or_else(|| retry::delay(None, self.in_a_row, time.jitter(), time.now()));
        let mut draft = self.rest(id, last);
        draft.max_retries = Some(most - self.in_a_row - 1);
        if let Some(deadline) = broken.deadline() {
            let left = deadline.saturating_sub(time.monotonic()).checked_sub(wait).filter(|left| !left.is_zero());
            draft.deadline = Some(left?);
        }
        self.in_a_row += 1;
        self.seen = Some(last);
        let call = Origin { client: origin.client.clone(), draft };
        Some(Box::pin(async move {
            call.client.time().sleep(wait).await;
            call.run(Reading::Streaming).await.map(|(response, _)| response)
        }))
    }

    /// The call for the events after the last.
    fn rest(&self, id: String, last: i64) -> Draft {
        let (rule, first) = (self.rule, &self.origin.draft);
        let mut draft = if std::ptr::eq(rule.operation, first.operation) {
            first.clone()
        } else {
            Draft {
                path: vec![(rule.path, id)],
                params: Some(Arc::new(first.kept_params(rule.keeps))),
                headers: first.headers.clone(),
                query: first.query.clone(),
                timeout: first.timeout,
                ..Draft::new(rule.operation)
            }
        };
        // It names the request that began the stream; this is another.
        draft.headers.forget(&IDEMPOTENCY_KEY);
        draft.query.retain(|(name, _)| name != rule.after);
        draft.query.push((rule.after.to_owned(), Json::from(last)));
        draft.streaming = true;
        draft
    }
}
