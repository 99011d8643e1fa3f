//! Where the events of a stream come from: the body and what is known of it, the decoder over it, and what happens when it breaks off.
//! Does not know what type the events are.

use std::task::{Context, Poll, ready};

use bytes::Bytes;

use super::idle::IdleTimer;
use super::interpret::{self, Ending, Rules};
use super::resume::Resumption;
use crate::call::{Origin, PacedBody, transport_error};
use crate::error::{Error, Result};
use crate::response::{Received, ReceivedBody, ResponseMeta};
use crate::sse::{Decoder, InvalidUtf8};
use crate::transport::BoxFuture;

pub(super) struct Source {
    pub(super) body: PacedBody,
    pub(super) decoder: Decoder,
    pub(super) rules: Rules,
    pub(super) meta: ResponseMeta,
    /// What it means when the body ends here.
    pub(super) ending: Ending,
    pub(super) has_events: bool,
    pub(super) idle: IdleTimer,
    pub(super) resumption: Option<Box<Resumption>>,
    state: State,
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

/// What to do when the decoder had no event.
pub(super) enum Next {
    /// Ask it again.
    Again,
    /// [`Source::end`].
    End(Option<Error>),
}

/// The same while the body is read.
enum Read {
    Again,
    /// The body broke off; it may be possible to resume the stream.
    Broken(Error),
    End(Option<Error>),
}

impl Source {
    pub(super) fn new(response: Received, origin: &Origin) -> Result<Self> {
        let (meta, body) = parts(response)?;
        let rules = Rules::new(origin.draft.operation, origin.decoding());
        Ok(Self {
            body,
            decoder: Decoder::new(),
            ending: rules.ending(),
            rules,
            state: State::of(&meta),
            meta,
            has_events: false,
            idle: IdleTimer::new(origin.timeout().event_limit()),
            resumption: Resumption::of(origin).map(Box::new),
        })
    }

    pub(super) fn is_open(&self) -> bool {
        !matches!(self.state, State::Over)
    }

    /// Brings the decoder something, or says why there is no more.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let read = match &mut self.state {
            State::Over => Read::End(None),
            State::Reconnecting(call) => match ready!(call.as_mut().poll(cx)) {
                Ok(response) => self.reopen(response),
                Err(error) => Read::End(Some(error)),
            },
            State::Open => ready!(self.poll_events(cx)),
            State::Doubtful => ready!(self.poll_doubtful(cx)),
            State::NotEvents(_) => ready!(self.poll_not_events(cx)),
        };
        Poll::Ready(match read {
            Read::Again => Next::Again,
            Read::End(error) => Next::End(error),
            // After the event that comes last there is nothing to go on with.
            Read::Broken(_) if self.ending == Ending::Proper && self.resumption.is_some() => Next::End(None),
            Read::Broken(error) => match self.resumption.as_mut().and_then(|resumption| resumption.reconnect(&self.body)) {
                Some(call) => {
                    self.body.close();
                    self.state = State::Reconnecting(call);
                    Next::Again
                }
                None => Next::End(Some(error)),
            },
        })
    }

    /// Ends the stream and the exchange, with the last thing that there is to hand out: nothing more, or the error.
    pub(super) fn end<T>(&mut self, error: Option<Error>) -> Result<Option<T>> {
        self.state = State::Over;
        self.decoder = Decoder::new();
        match &error {
            Some(error) => self.body.fail(error),
            None => self.body.close(),
        }
        // An error of a call that should have resumed the stream has a response of its own.
        let of_this_response = |error: Error| if error.status().is_some() { error } else { error.with_meta(self.meta.clone()) };
        error.map_or(Ok(None), |error| Err(of_this_response(error)))
    }

    /// The error for an event that is not UTF-8.
    pub(super) fn not_utf8(&mut self, error: InvalidUtf8) -> Error {
        self.has_events = true;
        let (message, data) = (error.to_string(), error.data.clone());
        Error::decode(message).with_source(error).with_body(&data).with_meta(self.meta.clone())
    }

    fn poll_events(&mut self, cx: &mut Context<'_>) -> Poll<Read> {
        self.poll_chunk(cx).map(|chunk| match chunk {
            Ok(Some(chunk)) => {
                self.decoder.push(chunk);
                Read::Again
            }
            Ok(None) => self.at_end(),
            Err(error) => Read::Broken(error),
        })
    }

    /// Looks at the first chunk of a body that is said to be JSON: servers are known to mislabel streams.
    fn poll_doubtful(&mut self, cx: &mut Context<'_>) -> Poll<Read> {
        self.poll_chunk(cx).map(|chunk| match chunk {
            Ok(Some(chunk)) => {
                match chunk.trim_ascii_start().first() {
                    None => {}
                    Some(b'a'..=b'z' | b':' | 0xEF) => {
                        self.state = State::Open;
                        self.decoder.push(chunk);
                    }
                    Some(_) => self.state = State::NotEvents(chunk.into()),
                }
                Read::Again
            }
            Ok(None) => self.at_end(),
            Err(error) => Read::Broken(error),
        })
    }

    /// Reads a body that is no event stream, to report what it is.
    fn poll_not_events(&mut self, cx: &mut Context<'_>) -> Poll<Read> {
        /// Enough to see what the server says.
        const MOST: usize = 1 << 20;
        let chunk = match ready!(self.poll_chunk(cx)) {
            Ok(chunk) => chunk,
            Err(error) => return Poll::Ready(Read::End(Some(error))),
        };
        let State::NotEvents(read) = &mut self.state else { unreachable!("this is done in one state only") };
        if let Some(chunk) = chunk {
            read.extend_from_slice(&chunk);
            if read.len() < MOST {
                return Poll::Ready(Read::Again);
            }
        }
        Poll::Ready(Read::End(Some(interpret::not_events(read))))
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        match self.body.poll_chunk(cx) {
            Poll::Ready(chunk) => Poll::Ready(chunk.transpose().map_err(transport_error)),
            Poll::Pending => self.idle.poll(self.body.client().time(), cx).map(Err),
        }
    }

    /// The body has ended: properly, inside of an event, too early, or it was no event stream.
    fn at_end(&mut self) -> Read {
        let pending = match self.decoder.finish() {
            Ok(Some(event)) if interpret::is_done(event.data) => return Read::End(None),
            Ok(event) => event.map(|event| event.data.as_bytes().to_vec()),
            Err(error) => Some(error.data),
        };
        let stray = self.decoder.stray();
        match (pending, self.ending) {
            (None, _) if !self.has_events && !stray.is_empty() => Read::End(Some(interpret::not_events(stray))),
            (_, Ending::Proper) | (None, Ending::Unknown) => Read::End(None),
            (None, Ending::Early) => match interpret::error_text(stray) {
                Some(error) => Read::End(Some(error)),
                None => Read::Broken(Error::truncated(stray)),
            },
            (Some(pending), _) => Read::Broken(Error::truncated(&pending)),
        }
    }

    /// Goes on with the response that a resumed stream continues in.
    fn reopen(&mut self, response: Received) -> Read {
        match parts(response) {
            Ok((meta, body)) => {
                (self.state, self.meta, self.body) = (State::of(&meta), meta, body);
                self.decoder = Decoder::new();
                self.idle.reset();
                Read::Again
            }
            Err(error) => Read::End(Some(error)),
        }
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
