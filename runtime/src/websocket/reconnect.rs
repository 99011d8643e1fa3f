//! How a connection that was lost is restored: what a caller can say about it. Opens nothing itself.

use std::fmt;
use std::time::Duration;

use super::engine::{Backoff, Plan};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::request::Draft;
use crate::request::headers::HeaderEdits;

/// How a connection that was lost is restored.
///
/// It is restored when it broke, or when the server closed it with a code that says that another one may work: 1001, 1005, 1006, 1011, 1012,
/// 1013 and 1015. Messages that were not written as a whole go out on the new connection, in their order. A new connection is a new session: what the
/// server knew of the old one is gone, but for what is [repeated](Self::repeat_configuration).
#[must_use]
pub struct Reconnect {
    pub(super) backoff: Backoff,
    pub(super) configuration: Configuration,
    pub(super) hook: Option<Hook>,
}

/// Whether a new session is configured as the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Configuration {
    Forget,
    Repeat,
}

pub(super) type Hook = Box<dyn FnMut(&mut Attempt) + Send>;

impl Default for Reconnect {
    fn default() -> Self {
        let backoff = Backoff { most: 5, initial: Duration::from_millis(500), longest: Duration::from_secs(8) };
        Self { backoff, configuration: Configuration::Forget, hook: None }
    }
}

impl Reconnect {
    /// Up to five attempts, after half a second, one, two, four and eight seconds, each up to a quarter shorter by chance.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many attempts are made each time the connection is lost. Default: 5.
    pub fn max_attempts(mut self, most: u32) -> Self {
        self.backoff.most = most;
        self
    }

    /// The wait before the first attempt, doubled before each that follows. Default: half a second.
    pub fn initial_delay(mut self, delay: Duration) -> Self {
        self.backoff.initial = delay;
        self
    }

    /// The longest wait. Default: eight seconds.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.backoff.longest = delay;
        self
    }

    /// Sends the events that configured the session (`session.update`) again, before anything else.
    pub fn repeat_configuration(mut self) -> Self {
        self.configuration = Configuration::Repeat;
        self
    }

    /// Looks at every attempt before its wait begins, and may change what it asks for or give up. It is called while the connection is held: it must not
    /// wait for that, or use it.
    pub fn before_attempt(mut self, hook: impl FnMut(&mut Attempt) + Send + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }
}

impl fmt::Debug for Reconnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconnect")
            .field("backoff", &self.backoff)
            .field("configuration", &self.configuration)
            .field("hook", &self.hook.is_some())
            .finish()
    }
}

/// An attempt to restore a connection, before it is made.
#[derive(Debug)]
pub struct Attempt {
    plan: Plan,
    most: u32,
    code: u16,
    query: Vec<(String, Json)>,
    headers: HeaderEdits,
    verdict: Verdict,
    fault: Option<Error>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    GoOn,
    GiveUp,
}

impl Attempt {
    pub(super) fn new(plan: Plan, most: u32, code: u16) -> Self {
        Self { plan, most, code, query: Vec::new(), headers: HeaderEdits::default(), verdict: Verdict::GoOn, fault: None }
    }

    /// Its number, counted from one anew each time the connection is lost.
    pub fn number(&self) -> u32 {
        self.plan.attempt
    }

    /// How many there can be.
    pub fn max_attempts(&self) -> u32 {
        self.most
    }

    /// The wait that comes before it.
    pub fn delay(&self) -> Duration {
        self.plan.delay
    }

    /// Sets the wait that comes before it.
    pub fn set_delay(&mut self, delay: Duration) {
        self.plan.delay = delay;
    }

    /// The code with which the connection was lost: 1006 when it broke.
    pub fn close_code(&self) -> u16 {
        self.code
    }

    /// Sets a query parameter of this and all later attempts.
    pub fn query(&mut self, name: impl Into<String>, value: impl Into<Json>) {
        self.query.push((name.into(), value.into()));
    }

    /// Sets a header of this and all later attempts.
    pub fn header(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) {
        let result = self.headers.set(name.as_ref(), value.as_ref());
        self.keep_fault(result);
    }

    /// Leaves a header out of this and all later attempts.
    pub fn without_header(&mut self, name: impl AsRef<str>) {
        let result = self.headers.omit(name.as_ref());
        self.keep_fault(result);
    }

    /// Makes this and all later attempts needless: the connection ends as it was lost.
    pub fn give_up(&mut self) {
        self.verdict = Verdict::GiveUp;
    }

    fn keep_fault(&mut self, result: Result<()>) {
        if let (Err(error), None) = (result, &self.fault) {
            self.fault = Some(error);
        }
    }

    /// Changes the request as it was asked for. Returns the wait; None: there is no attempt to be made.
    pub(super) fn apply(self, draft: &mut Draft) -> Result<Option<Duration>> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        draft.query.extend(self.query);
        draft.headers.extend(&self.headers);
        Ok((self.verdict == Verdict::GoOn).then_some(self.plan.delay))
    }
}
