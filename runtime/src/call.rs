//! A call: an operation with its arguments, and the one loop that carries it out. The only place that knows the order of the steps.

mod attempt;
mod options;
mod paced;
#[cfg(test)]
mod tests;

use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::AUTHORIZATION;

use crate::client::Client;
use crate::client::config::Config;
use crate::codec::{self, Decoding};
use crate::error::{Error, ErrorKind, Result};
use crate::json::{Encode, Json};
use crate::operation::Operation;
#[cfg(feature = "websocket")]
use crate::provider::Medium;
use crate::request::{Draft, PreparedRequest, Sign};
use crate::response::{FromResponse, Reading, Received, ReceivedBody};
use crate::retry::{self, Verdict};
use crate::timeout::Timeout;
use crate::trace::CallSpan;
use crate::transport::{BoxFuture, RequestBody};
#[cfg(feature = "websocket")]
pub(crate) use attempt::refused;
pub(crate) use attempt::transport_error;
use attempt::{Failed, exchange};

pub(crate) use paced::{PacedBody, race};

/// A call that was not made yet: plain data. `.await` makes it and returns its result; with the feature `blocking` so does `.blocking()`.
///
/// Dropping the future stops everything at once, also during the wait before a retry.
#[must_use = "a call sends nothing until it is made: add `.await`, or `.blocking()` where there is no async runtime"]
pub struct Call<T> {
    origin: Origin,
    returns: PhantomData<fn() -> T>,
}

/// What a call is made of, without what it returns. Values that make further calls (pages) keep one.
#[derive(Clone)]
pub struct Origin {
    pub(crate) client: Client,
    pub(crate) draft: Draft,
}

impl<T> Call<T> {
    /// A call of the operation, without arguments yet.
    pub fn new(client: &Client, operation: &'static Operation) -> Self {
        Self::from_origin(Origin { client: client.clone(), draft: Draft::new(operation) })
    }

    /// A call of an operation that is known by its name.
    #[cfg(feature = "dynamic")]
    pub(crate) fn of_named(client: &Client, named: &'static crate::dynamic::NamedOperation) -> Self {
        let mut call = Self::new(client, named.operation);
        call.origin.draft.named = Some(named);
        call
    }

    pub(crate) fn from_origin(origin: Origin) -> Self {
        Self { origin, returns: PhantomData }
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(crate) fn into_origin(self) -> Origin {
        self.origin
    }

    pub(crate) fn origin_mut(&mut self) -> &mut Origin {
        &mut self.origin
    }

    /// Sets a path parameter.
    pub fn path(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.origin.draft.path.push((name, value.into()));
        self
    }

    /// Sets the params. They are encoded now; what cannot be encoded is an error when the call is made.
    pub fn params(mut self, params: &(impl Encode + ?Sized)) -> Self {
        match codec::encode(params) {
            Ok(encoded) => self.origin.draft.params = Some(Arc::new(encoded)),
            Err(error) => self.origin.draft.keep_fault(Err(error)),
        }
        self
    }

    /// Sets a JSON body that is no object of params: a list, a union, a single value. It is encoded now; what cannot be encoded is an error
    /// when the call is made.
    pub fn body_json<B: Encode>(mut self, body: &B) -> Self {
        match codec::encode(body) {
            Ok(encoded) => self.origin.draft.content = Some((RequestBody::bytes(encoded.text), "application/json".into())),
            Err(error) => self.origin.draft.keep_fault(Err(error)),
        }
        self
    }

    /// Sets a body that is sent as it is.
    pub fn content(mut self, body: impl Into<RequestBody>, content_type: &'static str) -> Self {
        self.origin.draft.content = Some((body.into(), content_type.into()));
        self
    }

    /// Makes it a streaming call: the operation's flag is sent, whatever the params say.
    pub fn streaming(mut self) -> Self {
        self.origin.draft.streaming = true;
        self
    }

    /// Notes what was found wrong with an argument: the error when the call is made.
    pub fn checked(mut self, result: Result<()>) -> Self {
        self.origin.draft.keep_fault(result);
        self
    }

    /// What opens a WebSocket in place of a call.
    #[cfg(feature = "websocket")]
    pub(crate) fn over_websocket(mut self) -> Self {
        self.origin.draft.medium = Medium::WebSocket;
        self
    }

    /// The operation that is called.
    pub fn operation(&self) -> &'static Operation {
        self.origin.draft.operation
    }

    /// The request that would be sent.
    ///
    /// # Errors
    /// When an argument cannot be sent.
    pub fn request(&self) -> Result<PreparedRequest> {
        self.signed(self.origin.draft.prepare(self.origin.client.config()?)?)
    }

    /// The request with its credential, when that is a key.
    pub(crate) fn signed(&self, mut request: PreparedRequest) -> Result<PreparedRequest> {
        let config = self.origin.client.config()?;
        if let Sign::With(accepted) = request.sign
            && config.provider_for(accepted).is_none()
            && let crate::credential::Credential::Key(header) = config.credential(accepted)?
        {
            request.headers.insert(AUTHORIZATION, header.clone());
        }
        Ok(request)
    }
}

impl<T: FromResponse> Call<T> {
    /// Makes the call. The same as `.await`.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn send(self) -> Result<T> {
        let (response, span) = self.origin.run(T::READING).await?;
        T::from_response(response, &self.origin).inspect_err(|error| span.failed(error))
    }
}

impl<T: FromResponse> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T> Clone for Call<T> {
    fn clone(&self) -> Self {
        Self::from_origin(self.origin.clone())
    }
}

impl<T> std::fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Draft { operation, path, raw_path, .. } = &self.origin.draft;
        f.debug_struct("Call")
            .field("operation", &operation.name)
            .field("path", &raw_path.as_deref().unwrap_or(operation.path))
            .field("path_params", path)
            .finish_non_exhaustive()
    }
}

impl Origin {
    /// The client that the call was made with.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A param of the call, as it was sent.
    pub fn param(&self, name: &str) -> Option<Json> {
        let overrides = self.draft.body_fields.iter().rev().chain(self.draft.query.iter().rev());
        if let Some((_, value)) = overrides.into_iter().find(|(field, _)| field == name) {
            return Some(value.clone());
        }
        let params = self.draft.params.as_deref()?.members().ok()?;
        params.into_iter().find(|member| member.key == name).map(|member| Json::from_span(member.value.text))
    }

    pub(crate) fn decoding(&self) -> Decoding {
        self.client.config().map_or(Decoding::Lenient, |config| config.decoding)
    }

    /// The time limits that hold for the call.
    pub(crate) fn timeout(&self) -> Timeout {
        let of_client = || self.client.config().map(|config| config.timeout).unwrap_or_default();
        self.draft.timeout.unwrap_or_else(of_client)
    }

    /// Carries the call out inside its span.
    pub(crate) async fn run(&self, reading: Reading) -> Result<(Received, CallSpan)> {
        let config = self.client.config()?;
        let request = self.draft.prepare(config)?;
        let span = CallSpan::new(&self.draft, config, &request);
        let outcome = span.scope(self.within_deadline(config, &request, reading, &span)).await;
        let mut received = outcome.inspect_err(|error| span.failed(error)).map_err(|error| config.hinted(error))?;
        match &mut received.body {
            ReceivedBody::Whole(bytes) => span.answered(&received.meta, Some(bytes)),
            ReceivedBody::Streaming(body) => {
                span.answered(&received.meta, None);
                body.watch(span.clone());
            }
        }
        Ok((received, span))
    }

    async fn within_deadline(&self, config: &Config, request: &PreparedRequest, reading: Reading, span: &CallSpan) -> Result<Received> {
        let time = self.client.time();
        let plan = Plan { config, request, reading, span };
        let Some(limit) = request.deadline else { return self.attempts(plan, None).await };
        let deadline = time.monotonic().saturating_add(limit);
        match race(pin!(self.attempts(plan, Some(deadline))), || time.timer(limit)).await {
            Some(result) => result,
            None => Err(Error::new(ErrorKind::Timeout, format!("the deadline of {limit:?} for the whole call passed"))),
        }
    }

    /// The loop (contract 2.1): sign, send, classify, wait, again.
    async fn attempts(&self, plan: Plan<'_>, deadline: Option<Duration>) -> Result<Received> {
        let Plan { config, request, reading, span } = plan;
        let time = self.client.time();
        let started = time.monotonic();
        let mut taken = 0;
        let mut renewed = false;
        loop {
            let signed = request.signed(&self.client, taken).await?;
            // What was refused, if it is: another call may have renewed it in the meantime.
            let shown = config.provider.as_ref().and_then(|_| signed.headers().get(AUTHORIZATION).cloned());
            let progress = attempt::Progress { taken, started, deadline };
            let attempt = span.attempt(taken);
            let failed = match attempt.scope(exchange(&self.client, request, signed, reading, progress)).await {
                Ok(received) => {
                    attempt.answered(&received.meta);
                    return Ok(received);
                }
                Err(failed) => failed,
            };
            failed.report(&attempt);
            if failed.status() == Some(StatusCode::UNAUTHORIZED)
                && request.sign.provider(config).is_some_and(|provider| provider.rejected(shown.as_ref()))
                && !std::mem::replace(&mut renewed, true)
                && !request.body.is_spent()
            {
                continue;
            }
            if taken >= request.max_retries || request.body.is_spent() {
                return Err(failed.into_error(time.now()).with_retries(taken));
            }
            let now = time.now();
            let Some(verdict) = failed.failure().map(|failure| retry::classify(failure, now)) else {
                return Err(failed.into_error(now).with_retries(taken));
            };
            let Verdict::Retry(reason) = verdict else { return Err(failed.into_error(now).with_retries(taken)) };
            let delay = retry::delay(failed.headers(), taken, time.jitter(), now);
            span.retrying(reason, delay, taken);
            time.sleep(delay).await;
            taken += 1;
        }
    }
}

/// What does not change from one attempt to the next.
#[derive(Clone, Copy)]
struct Plan<'a> {
    config: &'a Config,
    request: &'a PreparedRequest,
    reading: Reading,
    span: &'a CallSpan,
}

impl Failed {
    fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { meta, .. } => Some(meta.status()),
            _ => None,
        }
    }
}
