//! Polling: an operation is asked again and again until what it answers with is ready (contract 7.1). What is asked and what "ready" means is data
//! ([`Polling`]); the loop is here, once. Knows no operation.

mod state;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use crate::call::{Call, Origin};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::json::Json;
use crate::operation::{PollStart, Polling};
#[cfg(feature = "dynamic")]
use crate::request::Draft;
use crate::response::{FromResponse, Reading, Received, ResponseMeta, WithResponse};
use crate::transport::BoxFuture;
use state::State;

/// The header with which a server says when it wants to be asked again, in milliseconds.
const POLL_AFTER: &str = "openai-poll-after-ms";

/// The longest wait that a server can ask for, unless another is set.
const LONGEST_HINT: Duration = Duration::from_secs(60);

/// What the last request may take when the time is up.
const LAST_REQUEST: Duration = Duration::from_secs(10);

/// Waiting for something that takes its time: plain data until it is awaited, like a [`Call`]. With the feature `blocking`, `.blocking()` does the same.
///
/// It asks at once and then again after each wait, and returns what it asked for in whatever state it ended, also when that is a failure: look at it.
/// A state that this version of the crate does not know is returned too, so that nobody waits for ever, unless the method says otherwise.
///
/// How long it waits between two requests is what the server asks for, each time anew, or a second, unless an [`interval`](Self::interval) is set.
/// Dropping the future stops the waiting; what was begun at the server goes on there.
#[must_use = "nothing is asked yet: add `.await`, or `.blocking()` where there is no async runtime"]
pub struct Poll<T> {
    client: Client,
    first: First,
    rules: Rules,
    observer: Option<Observer<T>>,
}

/// Told of what is not ready yet.
type Observer<T> = Box<dyn FnMut(&T) + Send>;

/// How it begins.
enum First {
    /// What is asked for is known.
    Ask(Origin),
    /// A call begins what is then asked for.
    Start(&'static PollStart, Origin),
    /// Work that ends with such a call.
    Later(&'static PollStart, BoxFuture<'static, Result<Origin>>),
}

/// How it goes on.
struct Rules {
    polling: &'static Polling,
    interval: Option<Duration>,
    longest_hint: Duration,
    limit: Option<Duration>,
    changes: Vec<Change>,
    #[cfg(feature = "dynamic")]
    named: Option<&'static crate::dynamic::NamedOperation>,
}

/// What is done to every call before it is made.
type Change = Box<dyn Fn(Origin) -> Origin + Send + Sync>;

/// What the emitted methods are made of.
impl<T> Poll<T> {
    /// Asks with this call.
    pub fn new(call: Call<T>, polling: &'static Polling) -> Self {
        Self::begin(call.origin().client.clone(), First::Ask(call.into_origin()), polling)
    }

    /// Makes this call, and then asks for what it began.
    pub fn start<S>(call: Call<S>, start: &'static PollStart) -> Self {
        Self::begin(call.origin().client.clone(), First::Start(start, call.into_origin()), start.polling)
    }

    /// Does this work, makes the call that comes of it, and then asks for what that began.
    pub fn after<S>(client: &Client, work: impl Future<Output = Result<Call<S>>> + Send + 'static, start: &'static PollStart) -> Self {
        let work = Box::pin(async { work.await.map(Call::into_origin) });
        Self::begin(client.clone(), First::Later(start, work), start.polling)
    }

    fn begin(client: Client, first: First, polling: &'static Polling) -> Self {
        let rules = Rules {
            polling,
            interval: None,
            longest_hint: LONGEST_HINT,
            limit: polling.limit,
            changes: Vec::new(),
            #[cfg(feature = "dynamic")]
            named: None,
        };
        Self { client, first, rules, observer: None }
    }

    /// Asks for what the operation of that name answers with.
    #[cfg(feature = "dynamic")]
    pub(crate) fn of_named(mut self, named: &'static crate::dynamic::NamedOperation) -> Self {
        self.rules.named = Some(named);
        self
    }
}

/// Options.
impl<T> Poll<T> {
    /// Waits this long between two requests, whatever the server asks for.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.rules.interval = Some(interval);
        self
    }

    /// Waits at most this long between two requests when the server asks for more. Default: a minute.
    pub fn longest_hint(mut self, longest: Duration) -> Self {
        self.rules.longest_hint = longest;
        self
    }

    /// Gives up after this long with a timeout error, which carries the last answer ([`attachment`](Error::attachment)). When the time is up it asks for a
    /// last time, which may take ten seconds more. Default, where the method does not say otherwise: no limit.
    pub fn deadline(mut self, limit: Duration) -> Self {
        self.rules.limit = Some(limit);
        self
    }

    /// Calls this with every answer that is not ready yet.
    pub fn on_progress(mut self, observer: impl FnMut(&T) + Send + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Changes every call that is made, the one that begins it included: `.each_call(|call| call.header("x", "y"))`.
    pub fn each_call(mut self, change: impl Fn(Call<T>) -> Call<T> + Send + Sync + 'static) -> Self {
        self.rules.changes.push(Box::new(move |origin| change(Call::from_origin(origin)).into_origin()));
        self
    }

    /// Returns the value together with status, headers and request id of the last answer.
    pub fn with_response(self) -> Poll<WithResponse<T>>
    where
        T: 'static,
    {
        let observer = self.observer.map(|mut observer| -> Observer<WithResponse<T>> { Box::new(move |answer| observer(&answer.value)) });
        Poll { client: self.client, first: self.first, rules: self.rules, observer }
    }
}

impl<T: FromResponse + Send + Sync> Poll<T> {
    /// Waits. The same as `.await`.
    ///
    /// # Errors
    /// Those of the calls; a timeout when the [`deadline`](Self::deadline) passes. An error after the first answer carries the last one.
    pub async fn send(self) -> Result<T> {
        let Self { client, first, rules, mut observer } = self;
        let time = client.time();
        let started = time.monotonic();
        let left = || rules.limit.map(|limit| limit.saturating_sub(time.monotonic().saturating_sub(started)));
        let asking = rules.asking(first).await?;
        let mut hint = None;
        let mut last = None;
        loop {
            let response = match ask(&asking, left()).await {
                Ok(response) => response,
                Err(error) => return Err(with_last(error, last)),
            };
            let state = State::of(rules.polling, &response.bytes());
            hint = hint_of(response.meta()).or(hint);
            let value = T::from_response(response, &asking)?;
            if state.is_ready() {
                return Ok(value);
            }
            if let Some(observer) = &mut observer {
                observer(&value);
            }
            let wait = match left() {
                Some(Duration::ZERO) => return Err(with_last(rules.out_of_time(&state), Some(value))),
                Some(left) => rules.wait(hint).min(left),
                None => rules.wait(hint),
            };
            last = Some(value);
            time.sleep(wait).await;
        }
    }

    /// Waits, from a program without an async runtime. See [`Call::blocking`].
    ///
    /// # Errors
    /// Those of [`send`](Self::send).
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> Result<T> {
        let client = self.client.clone();
        crate::blocking::block_on(&client, None, self.send())?
    }
}

impl Rules {
    /// The call to ask with, after what has to be done before.
    async fn asking(&self, first: First) -> Result<Origin> {
        let mut asking = match first {
            First::Ask(origin) => origin,
            First::Start(start, origin) => self.begun(start, origin).await?,
            First::Later(start, work) => self.begun(start, work.await?).await?,
        };
        if self.polling.is_marked {
            let headers = &mut asking.draft.headers;
            headers.set("x-stainless-poll-helper", "true")?;
            // The official client says so of requests whose response it hands out together with the headers, as here.
            headers.set("x-stainless-raw-response", "true")?;
            if let Some(interval) = self.interval {
                headers.set("x-stainless-custom-poll-interval", &interval.as_millis().to_string())?;
            }
        }
        Ok(self.changed(asking))
    }

    /// Makes the call that begins it, and the call to ask with out of its answer.
    async fn begun(&self, start: &'static PollStart, mut origin: Origin) -> Result<Origin> {
        for (field, value) in start.sets {
            origin.draft.body_fields.push(((*field).to_owned(), Json::from_text(value)?));
        }
        let origin = self.changed(origin);
        let (response, span) = origin.run(Reading::Whole).await?;
        let draft = state::asking(start, &origin.draft, &response).inspect_err(|error| span.failed(error))?;
        #[cfg(feature = "dynamic")]
        let draft = Draft { named: self.named, ..draft };
        Ok(Origin { client: origin.client, draft })
    }

    fn changed(&self, origin: Origin) -> Origin {
        self.changes.iter().fold(origin, |origin, change| change(origin))
    }

    /// How long to wait before asking again.
    fn wait(&self, hint: Option<Duration>) -> Duration {
        self.interval.or(hint.map(|hint| hint.min(self.longest_hint))).unwrap_or(self.polling.interval)
    }

    fn out_of_time(&self, state: &State) -> Error {
        let (name, limit) = (self.polling.operation.name, self.limit.unwrap_or_default());
        Error::new(ErrorKind::Timeout, format!("gave up waiting after {limit:?}: {name} still answers with {state}"))
    }
}

/// Asks once, for as long as there is time.
async fn ask(asking: &Origin, left: Option<Duration>) -> Result<Received> {
    let mut asking = asking.clone();
    if let Some(left) = left {
        let left = left.max(LAST_REQUEST);
        asking.draft.deadline = Some(asking.draft.deadline.map_or(left, |deadline| deadline.min(left)));
    }
    asking.run(Reading::Whole).await.map(|(response, _)| response)
}

/// How long the server asks to wait. What is no such number says nothing, and neither does zero.
fn hint_of(meta: &ResponseMeta) -> Option<Duration> {
    let milliseconds = meta.header(POLL_AFTER)?.trim().parse::<u64>().ok()?;
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}

fn with_last<T: Send + Sync + 'static>(error: Error, last: Option<T>) -> Error {
    match last {
        Some(last) => error.with_attachment(last),
        None => error,
    }
}

impl<T: FromResponse + Send + Sync> IntoFuture for Poll<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T> fmt::Debug for Poll<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poll")
            .field("operation", &self.rules.polling.operation.name)
            .field("interval", &self.rules.interval)
            .field("deadline", &self.rules.limit)
            .finish_non_exhaustive()
    }
}
