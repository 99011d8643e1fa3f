//! A transport that follows a script and keeps what was sent.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::FakeClock;
use crate::client::{Client, ClientBuilder};
use crate::json::{self, Encode};
use crate::transport::{BoxFuture, RequestBody, ResponseBody, Transport, TransportError};

/// A transport that answers from a script, one answer a request, and keeps the requests. The last answer repeats.
///
/// Clones share the script, the requests and the clock: keep one to look at afterwards.
#[derive(Clone, Debug, Default)]
pub struct ScriptedTransport {
    script: Arc<Mutex<Script>>,
    clock: FakeClock,
}

#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    /// What to answer in place of `answers`.
    rule: Option<Arc<Rule>>,
    requests: Vec<Recorded>,
}

type Rule = dyn Fn(&Recorded) -> Answer + Send + Sync;

/// One answer of a script.
#[derive(Clone, Debug)]
pub struct Answer(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Response { status: StatusCode, headers: HeaderMap, chunks: Vec<Bytes>, then: Ending },
    Connection,
    Timeout,
    Never,
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    End,
    Connection,
    Timeout,
    Never,
}

impl Answer {
    /// 200 with this value as JSON: a `serde_json::Value`, or a type of the API.
    ///
    /// # Panics
    /// When the value holds a number that is not finite.
    pub fn ok(value: &(impl Encode + ?Sized)) -> Self {
        Self::json(200, text_of(value))
    }

    /// An error as the API words it.
    ///
    /// # Panics
    /// When the status is none.
    pub fn error(status: u16, message: &str) -> Self {
        Self::ok(&serde_json::json!({ "error": { "message": message, "type": null, "param": null, "code": null } })).status(status)
    }

    /// A stream of these events, and `[DONE]` at its end.
    ///
    /// # Panics
    /// When a value holds a number that is not finite.
    pub fn stream<T: Encode>(events: impl IntoIterator<Item = T>) -> Self {
        let events = events.into_iter().map(|event| format!("data: {}\n\n", text_of(&event)));
        Self::events("").chunks(events.chain(["data: [DONE]\n\n".to_owned()]))
    }

    /// A JSON answer, given as text.
    ///
    /// # Panics
    /// When the status is none.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::body(status, "application/json", body)
    }

    /// A stream of events, given as text, in one chunk.
    pub fn events(body: impl Into<Bytes>) -> Self {
        Self::body(200, "text/event-stream", body)
    }

    /// An answer of the given content type.
    ///
    /// # Panics
    /// When the status is none.
    pub fn body(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).expect("a test names a status between 100 and 999");
        let headers = HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self(Kind::Response { status, headers, chunks: vec![body.into()], then: Ending::End })
    }

    /// No answer: the connection fails.
    pub fn connection_error() -> Self {
        Self(Kind::Connection)
    }

    /// No answer: it takes too long.
    pub fn timeout() -> Self {
        Self(Kind::Timeout)
    }

    /// No answer, ever.
    pub fn never() -> Self {
        Self(Kind::Never)
    }

    /// Replaces the status.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn status(mut self, new: u16) -> Self {
        if let Kind::Response { status, .. } = &mut self.0 {
            *status = StatusCode::from_u16(new).expect("a test names a status between 100 and 999");
        }
        self
    }

    /// Adds a header, or another of the same name.
    ///
    /// # Panics
    /// When it cannot be a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Kind::Response { headers, .. } = &mut self.0 {
            let name: HeaderName = name.parse().expect("a test names a header");
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a test gives a header value");
            if name == http::header::CONTENT_TYPE {
                headers.insert(name, value);
            } else {
                headers.append(name, value);
            }
        }
        self
    }

    /// Delivers the body in these chunks.
    #[must_use]
    pub fn chunks(mut self, new: impl IntoIterator<Item = impl Into<Bytes>>) -> Self {
        if let Kind::Response { chunks, .. } = &mut self.0 {
            *chunks = new.into_iter().map(Into::into).collect();
        }
        self
    }

    /// Breaks the connection after the body.
    #[must_use]
    pub fn then_connection_error(self) -> Self {
        self.then(Ending::Connection)
    }

    /// Times out after the body.
    #[must_use]
    pub fn then_timeout(self) -> Self {
        self.then(Ending::Timeout)
    }

    /// Never ends after the body.
    #[must_use]
    pub fn then_never(self) -> Self {
        self.then(Ending::Never)
    }

    fn then(mut self, ending: Ending) -> Self {
        if let Kind::Response { then, .. } = &mut self.0 {
            *then = ending;
        }
        self
    }
}

fn text_of(value: &(impl Encode + ?Sized)) -> String {
    json::encode(value).expect("a test gives numbers that JSON has").json
}

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, files read; empty when there was none.
    pub body: Bytes,
}

impl Recorded {
    /// A header's value as text; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is something else.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Path and query.
    pub fn target(&self) -> &str {
        let after_scheme = self.url.find("://").map_or(0, |at| at + 3);
        self.url[after_scheme..].find('/').map_or("/", |at| &self.url[after_scheme + at..])
    }
}

impl ScriptedTransport {
    /// A transport that gives these answers.
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let this = Self::default();
        this.lock().answers = answers.into_iter().collect();
        this
    }

    /// A transport that looks at the request for its answer, for calls that run at the same time or in no particular order.
    pub fn from_fn(rule: impl Fn(&Recorded) -> Answer + Send + Sync + 'static) -> Self {
        let this = Self::default();
        this.lock().rule = Some(Arc::new(rule));
        this
    }

    /// A client on this transport: with a key of no worth, the clock of [`clock`](Self::clock), and without the environment.
    ///
    /// # Panics
    /// Never: there is nothing in it that a client refuses.
    pub fn client<C: From<Client>>(&self) -> C {
        self.builder().build().expect("the settings of a test are in order")
    }

    /// The same, to be configured further.
    pub fn builder<C: From<Client>>(&self) -> ClientBuilder<C> {
        let builder = ClientBuilder::new().env(|_| None).api_key("test-key").base_url("https://test.invalid/v1");
        builder.transport(self.clone()).time(self.clock.clone())
    }

    /// The clock of its clients. It does not wait: the pauses between attempts are [`FakeClock::sleeps`].
    pub fn clock(&self) -> &FakeClock {
        &self.clock
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.lock().requests.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the request and says what to answer.
    fn next(&self, request: Recorded) -> Option<Answer> {
        let rule = self.lock().rule.clone();
        // Not under the lock: a rule may look at the requests.
        let ruled = rule.map(|rule| rule(&request));
        let mut script = self.lock();
        script.requests.push(request);
        ruled.or_else(|| if script.answers.len() > 1 { script.answers.pop_front() } else { script.answers.front().cloned() })
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("answers", &self.answers).field("requests", &self.requests).finish_non_exhaustive()
    }
}

impl ScriptedTransport {
    /// Keeps the request and answers it.
    async fn answer(&self, request: http::Request<RequestBody>) -> Result<http::Response<ResponseBody>, TransportError> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(TransportError::request)?;
        let recorded = Recorded { method: head.method, url: head.uri.to_string(), headers: head.headers, body };
        let answer = self.next(recorded).ok_or_else(|| TransportError::request("the script has no answers"))?;
        match answer.0 {
            Kind::Connection => Err(TransportError::connection("the script says that the connection fails")),
            Kind::Timeout => Err(TransportError::timeout("the script says that it takes too long")),
            Kind::Never => std::future::pending().await,
            Kind::Response { status, headers, chunks, then } => {
                let mut response = http::Response::new(ResponseBody::stream(Chunks { chunks: chunks.into(), then }));
                *response.status_mut() = status;
                *response.headers_mut() = headers;
                Ok(response)
            }
        }
    }
}

impl Transport for ScriptedTransport {
    fn send(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(self.answer(request))
    }

    /// Answers as to any request: no script opens a WebSocket.
    #[cfg(feature = "websocket")]
    fn upgrade(
        &self,
        request: http::Request<RequestBody>,
    ) -> BoxFuture<'_, Result<http::Response<crate::transport::Upgrade>, TransportError>> {
        Box::pin(async move { Ok(self.answer(request).await?.map(crate::transport::Upgrade::Refused)) })
    }
}

struct Chunks {
    chunks: VecDeque<Bytes>,
    then: Ending,
}

impl futures_core::Stream for Chunks {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<Self::Item>> {
        use std::task::Poll;
        if let Some(chunk) = self.chunks.pop_front() {
            return Poll::Ready(Some(Ok(chunk)));
        }
        match std::mem::replace(&mut self.then, Ending::End) {
            Ending::End => Poll::Ready(None),
            Ending::Connection => Poll::Ready(Some(Err(TransportError::connection("the script says that the connection breaks")))),
            Ending::Timeout => Poll::Ready(Some(Err(TransportError::timeout("the script says that it takes too long")))),
            Ending::Never => {
                self.then = Ending::Never;
                Poll::Pending
            }
        }
    }
}
