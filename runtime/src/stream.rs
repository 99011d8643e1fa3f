//! Streams of events: from the bytes of a response to typed values, with the errors that can hide among them (contract 4.4 to 4.6).

mod idle;
mod interpret;
mod resume;
#[cfg(test)]
mod tests;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::call::{Origin, PacedBody, transport_error};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::json::Decode;
use crate::response::{FromResponse, Reading, Received, ReceivedBody, ResponseMeta};
use crate::sse::Decoder;
use crate::transport::BoxFuture;
use idle::IdleTimer;
use interpret::{Ending, Rules, Step};
use resume::Resumption;

/// Events as they arrive: a `futures_core::Stream` of results.
///
/// Nothing is read ahead: the reader's pace is the network's pace. Dropping it closes the connection.
///
/// An event that cannot be decoded is an error ([`Error::is_decode`]) that names it, and after which the stream goes on. After any other
/// error it is over: the server reported one ([`Error::is_stream`]), the stream ended before it was complete
/// ([`Error::is_truncated`]), the connection broke ([`Error::is_connection`]) or stood still ([`Error::is_timeout`]). A stream that was
/// asked to be [`resumable`](crate::Call::resumable) goes on by itself after the latter three.
///
/// Cancel safety: dropping the future of [`try_next`](Self::try_next) loses no event.
pub struct EventStream<T> {
    body: PacedBody,
    decoder: Decoder,
    rules: Rules,
    meta: ResponseMeta,
    client: Client,
    state: State,
    /// Whether the body may end here.
    ending: Ending,
    has_events: bool,
    idle: IdleTimer,
    resumption: Option<Box<Resumption>>,
    made: std::marker::PhantomData<fn() -> T>,
}

enum State {
    Open,
    /// The content type is that of JSON: the first chunk decides what the body is.
    Doubtful,
    /// The body is no event stream: this is what was read of it for the error to report.
    NotEvents(Vec<u8>),
    Reconnecting(BoxFuture<'static, Result<Received>>),
    Over,
}

impl<T: Decode + 'static> FromResponse for EventStream<T> {
    const READING: Reading = Reading::Streaming;

    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        let (meta, body) = parts(response)?;
        let rules = Rules::new(origin.draft.operation, origin.decoding());
        Ok(Self {
            client: body.client().clone(),
            body,
            decoder: Decoder::new(),
            ending: rules.ending(),
            has_events: false,
            rules,
            state: State::of(&meta),
            meta,
            idle: IdleTimer::new(origin.timeout().event_limit()),
            resumption: Resumption::of(origin).map(Box::new),
            made: std::marker::PhantomData,
        })
    }
}

fn parts(response: Received) -> Result<(ResponseMeta, PacedBody)> {
    match response.body {
        ReceivedBody::Streaming(body) => Ok((response.meta, body)),
        ReceivedBody::Whole(_) => Err(Error::decode("the body was read already").with_meta(response.meta)),
    }
}

impl State {
    /// The state at the beginning of a body.
    fn of(meta: &ResponseMeta) -> Self {
        let content_type = meta.header("content-type").unwrap_or_default();
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "text/html" => Self::NotEvents(Vec::new()),
            _ if kind.ends_with("json") => Self::Doubtful,
            _ => Self::Open,
        }
    }
}

impl<T: Decode> EventStream<T> {
    /// The next event; None when the stream is complete.
    ///
    /// # Errors
    /// When the server reports an error, the connection fails or stands still, the stream is cut off, or an event cannot be decoded.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|cx| self.poll_event(cx)).await.transpose()
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            let next = match &mut self.state {
                State::Over => return Poll::Ready(None),
                State::Open => self.poll_open(cx),
                State::Doubtful => self.poll_doubtful(cx),
                State::NotEvents(_) => self.poll_not_events(cx),
                State::Reconnecting(call) => match ready!(call.as_mut().poll(cx)) {
                    Ok(response) => Poll::Ready(self.reopen(response)),
                    Err(error) => Poll::Ready(Next::End(Some(error))),
                },
            };
            match ready!(next) {
                Next::Again => {}
                Next::Item(item) => {
                    self.idle.reset();
                    return Poll::Ready(Some(item.map_err(|error| error.with_meta(self.meta.clone()))));
                }
                // After the event that comes last there is nothing to go on with.
                Next::Broken(_) if self.ending == Ending::Proper && self.resumption.is_some() => return Poll::Ready(self.end(None)),
                Next::Broken(error) => match self.resumption.as_mut().and_then(|resumption| resumption.reconnect(&self.body)) {
                    Some(call) => {
                        self.body.close();
                        self.state = State::Reconnecting(call);
                    }
                    None => return Poll::Ready(self.end(Some(error))),
                },
                Next::End(error) => return Poll::Ready(self.end(error)),
            }
        }
    }

    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<Next<T>> {
        let event = match self.decoder.next_event() {
            Ok(Some(event)) => event,
            Ok(None) => return self.poll_more(cx),
            Err(error) => {
                self.has_events = true;
                return Poll::Ready(Next::Item(Err(interpret::not_utf8(error))));
            }
        };
        if let Some(resumption) = &mut self.resumption
            && resumption.has_seen(event)
        {
            return Poll::Ready(Next::Again);
        }
        self.has_events = true;
        Poll::Ready(match self.rules.interpret(event) {
            Step::Skip => Next::Again,
            Step::Done => Next::End(None),
            Step::Failed(error) => Next::End(Some(error)),
            Step::Item(value) => Next::Item(value),
            Step::LastItem(value) => {
                self.ending = Ending::Proper;
                Next::Item(value)
            }
        })
    }

    /// Waits for the next chunk.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Next<T>> {
        Poll::Ready(match ready!(self.poll_chunk(cx)) {
            Ok(Some(chunk)) => {
                self.decoder.push(chunk);
                Next::Again
            }
            Ok(None) => self.at_end(),
            Err(error) => Next::Broken(error),
        })
    }

    /// Looks at the first chunk of a body that is said to be JSON: servers are known to mislabel streams.
    fn poll_doubtful(&mut self, cx: &mut Context<'_>) -> Poll<Next<T>> {
        let chunk = match ready!(self.poll_chunk(cx)) {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Poll::Ready(self.at_end()),
            Err(error) => return Poll::Ready(Next::Broken(error)),
        };
        match chunk.trim_ascii_start().first() {
            None => {}
            Some(b'a'..=b'z' | b':' | 0xEF) => self.state = State::Open,
            Some(_) => self.state = State::NotEvents(Vec::new()),
        }
        match &mut self.state {
            State::NotEvents(read) => read.extend_from_slice(&chunk),
            _ => self.decoder.push(chunk),
        }
        Poll::Ready(Next::Again)
    }

    /// Reads a body that is no event stream, to report what it is.
    fn poll_not_events(&mut self, cx: &mut Context<'_>) -> Poll<Next<T>> {
        /// Enough to see what the server says.
        const MOST: usize = 1 << 20;
        let chunk = match ready!(self.poll_chunk(cx)) {
            Ok(chunk) => chunk,
            Err(error) => return Poll::Ready(Next::End(Some(error))),
        };
        let State::NotEvents(read) = &mut self.state else { unreachable!("this is done in one state only") };
        if let Some(chunk) = chunk {
            read.extend_from_slice(&chunk);
            if read.len() < MOST {
                return Poll::Ready(Next::Again);
            }
        }
        Poll::Ready(Next::End(Some(interpret::not_events(read))))
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        match self.body.poll_chunk(cx) {
            Poll::Ready(chunk) => Poll::Ready(chunk.transpose().map_err(transport_error)),
            Poll::Pending => self.idle.poll(self.client.time(), cx).map(Err),
        }
    }

    /// The body has ended: properly, inside of an event, too early, or it was no event stream.
    fn at_end(&mut self) -> Next<T> {
        let pending = match self.decoder.finish() {
            Ok(Some(event)) if interpret::is_done(event.data) => return Next::End(None),
            Ok(event) => event.map(|event| event.data.as_bytes().to_vec()),
            Err(error) => Some(error.data),
        };
        let stray = self.decoder.stray();
        match (pending, self.ending) {
            (None, _) if !self.has_events && !stray.is_empty() => Next::End(Some(interpret::not_events(stray))),
            (_, Ending::Proper) | (None, Ending::Unknown) => Next::End(None),
            (None, Ending::Early) => match interpret::error_text(stray) {
                Some(error) => Next::End(Some(error)),
                None => Next::Broken(Error::truncated(stray)),
            },
            (Some(pending), _) => Next::Broken(Error::truncated(&pending)),
        }
    }

    /// Goes on with the response that a resumed stream continues in.
    fn reopen(&mut self, response: Received) -> Next<T> {
        match parts(response) {
            Ok((meta, body)) => {
                (self.state, self.meta, self.body) = (State::of(&meta), meta, body);
                self.decoder = Decoder::new();
                self.idle.reset();
                Next::Again
            }
            Err(error) => Next::End(Some(error)),
        }
    }

    fn end(&mut self, error: Option<Error>) -> Option<Result<T>> {
        self.state = State::Over;
        self.body.close();
        let error = error?;
        // An error of a call that should have resumed the stream has a response of its own.
        Some(Err(if error.status().is_some() { error } else { error.with_meta(self.meta.clone()) }))
    }
}

/// What a step of a stream came to.
enum Next<T> {
    Again,
    Item(Result<T>),
    /// The stream broke off; it may be possible to resume it.
    Broken(Error),
    End(Option<Error>),
}

impl<T> EventStream<T> {
    /// Status, headers and request id, known before the first event. Of a stream that was resumed, those of the last response.
    pub fn response(&self) -> &ResponseMeta {
        &self.meta
    }

    /// The number of the last event that arrived, of a stream that is [resumable](crate::Call::resumable): where it goes on should
    /// it break off. Kept with the id of what is streamed, it lets another process go on, too.
    pub fn sequence_number(&self) -> Option<i64> {
        self.resumption.as_ref()?.last()
    }

    /// The events for a program without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> crate::blocking::Blocking<Self> {
        let client = self.client.clone();
        let home = self.body.home();
        crate::blocking::Blocking::new(self, client, home)
    }

    /// The client that the stream came from.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl<T: Decode> Stream for EventStream<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(cx)
    }
}

impl<T> fmt::Debug for EventStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_open = !matches!(self.state, State::Over);
        f.debug_struct("EventStream").field("response", &self.meta).field("open", &is_open).finish_non_exhaustive()
    }
}
