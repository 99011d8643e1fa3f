//! For tests without a server and without waiting: a transport that follows a script, and a clock that does not wait.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::time::Time;
use crate::transport::{BoxFuture, RequestBody, ResponseBody, Transport, TransportError};

/// A transport that answers from a script, one answer a request, and keeps the requests. The last answer repeats.
///
/// Clones share the script and the requests: keep one to look at afterwards.
#[derive(Clone, Debug, Default)]
pub struct ScriptedTransport(Arc<Mutex<Script>>);

#[derive(Debug, Default)]
struct Script {
    answers: VecDeque<Answer>,
    requests: Vec<Recorded>,
}

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
    /// A JSON answer.
    ///
    /// # Panics
    /// When the status is none.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::body(status, "application/json", body)
    }

    /// A stream of events, in one chunk.
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
}

impl ScriptedTransport {
    /// A transport that gives these answers.
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = answers.into_iter().collect();
        Self(Arc::new(Mutex::new(Script { answers, requests: Vec::new() })))
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.lock().requests.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Answer> {
        let answers = &mut self.lock().answers;
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    }
}

impl Transport for ScriptedTransport {
    fn send(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let answer = self.next().ok_or_else(|| TransportError::connection("the script has no answers"))?;
            let body = body.collect().await.map_err(TransportError::request)?;
            let recorded = Recorded { method: head.method, url: head.uri.to_string(), headers: head.headers, body };
            self.lock().requests.push(recorded);
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
        })
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

/// A clock that does not wait: sleeping advances it at once and is recorded. Clones are the same clock.
///
/// Timers that bound a wait on the network never ring, unless [`ringing`](Self::ringing) says so.
#[derive(Clone)]
pub struct FakeClock(Arc<Mutex<ClockState>>);

#[derive(Debug)]
struct ClockState {
    start: SystemTime,
    elapsed: Duration,
    jitter: f64,
    sleeps: Vec<Duration>,
    rings: bool,
}

impl FakeClock {
    /// A clock that stands at the given time.
    pub fn new(now: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(ClockState { start: now, elapsed: Duration::ZERO, jitter: 0.0, sleeps: Vec::new(), rings: false })))
    }

    /// A clock that stands at the given second since 1970.
    pub fn at_unix(seconds: u64) -> Self {
        Self::new(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Uses this number for jitter.
    #[must_use]
    pub fn jitter(self, jitter: f64) -> Self {
        self.lock().jitter = jitter;
        self
    }

    /// Lets timers ring at once, as if every wait on the network took too long.
    #[must_use]
    pub fn ringing(self) -> Self {
        self.lock().rings = true;
        self
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.lock().elapsed += by;
    }

    /// The waits so far.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.lock().sleeps.clone()
    }

    fn lock(&self) -> MutexGuard<'_, ClockState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Time for FakeClock {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(async move {
            let mut state = clock.lock();
            state.elapsed += duration;
            state.sleeps.push(duration);
        })
    }

    fn timer(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if !self.lock().rings {
            return Box::pin(std::future::pending());
        }
        let clock = self.clone();
        Box::pin(async move { clock.advance(duration) })
    }

    fn now(&self) -> SystemTime {
        let state = self.lock();
        state.start + state.elapsed
    }

    fn monotonic(&self) -> Duration {
        self.lock().elapsed
    }

    fn jitter(&self) -> f64 {
        self.lock().jitter
    }
}

impl fmt::Debug for FakeClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lock().fmt(f)
    }
}
