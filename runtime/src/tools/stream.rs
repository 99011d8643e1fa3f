//! The loop that streams: the model's turns as they are made, and the calls between them. Knows no endpoint.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::run::{Conversation, Next, ToolRun, failure, next};
use super::{ToolCall, ToolOutcome, Tools};
use crate::call::Call;
use crate::deferred::{Deferred, Driver};
use crate::error::{Error, Result};
use crate::parallel::Parallel;
use crate::response::FromResponse;
use crate::transport::BoxFuture;

/// A conversation whose turns can be streamed.
pub trait StreamedConversation: Conversation + Unpin {
    /// The stream of a turn.
    type Stream: StreamedTurn<Turn = Self::Turn> + FromResponse + Send;

    /// The next request, for a stream.
    fn ask_stream(&self) -> Call<Self::Stream>;
}

/// A stream of one turn of the model.
pub trait StreamedTurn: Stream<Item = Result<Self::Event>> + Unpin {
    /// What it is a stream of.
    type Event;
    /// What it comes to.
    type Turn;

    /// What it has come to, at its end.
    ///
    /// # Errors
    /// When that is a failure.
    fn turn(&self) -> Result<Self::Turn>;
}

/// What happens in a run of tools.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ToolEvent<E> {
    /// The model goes on.
    Model(E),
    /// The model called a function, which runs now.
    Called(ToolCall),
    /// A function is done: the call, and what the model is told.
    Done(ToolCall, String),
}

/// A run of tools as it happens: a stream of [`ToolEvent`]s.
///
/// Dropping it stops the model and the functions.
#[must_use = "a stream reads nothing until it is asked: `while let Some(event) = stream.try_next().await? { … }`"]
pub struct ToolStream<C: StreamedConversation> {
    conversation: C,
    tools: Tools,
    driver: Driver,
    rounds: u32,
    state: State<C>,
}

enum State<C: StreamedConversation> {
    Asking(BoxFuture<'static, Result<C::Stream>>),
    Hearing(C::Stream),
    Calling(std::vec::IntoIter<ToolCall>, Vec<ToolCall>),
    Running(Parallel<ToolOutcome>),
    Done(Option<C::Turn>),
}

type Event<C> = ToolEvent<<<C as StreamedConversation>::Stream as StreamedTurn>::Event>;

impl<C: StreamedConversation> ToolStream<C> {
    /// A run of this conversation.
    pub fn new(driver: Driver, conversation: C, tools: Tools) -> Self {
        let state = match tools.check() {
            Ok(()) => State::Asking(Box::pin(conversation.ask_stream().send())),
            Err(error) => State::Asking(Box::pin(std::future::ready(Err(error)))),
        };
        Self { conversation, tools, driver, rounds: 0, state }
    }

    /// The next thing that happens; None when the model is done.
    ///
    /// Cancel safety: dropping the future loses nothing.
    ///
    /// # Errors
    /// When a request fails or a stream breaks, a function fails and errors are for the caller, or the model asks for more rounds than
    /// are allowed. The run is over then.
    pub async fn try_next(&mut self) -> Result<Option<Event<C>>> {
        std::future::poll_fn(|cx| self.poll_event(cx)).await.transpose()
    }

    /// Goes on to the end, and returns how it ended.
    ///
    /// # Errors
    /// As [`try_next`](Self::try_next).
    pub fn finish<'a>(mut self) -> Deferred<'a, ToolRun<C>> {
        Deferred::new(self.driver.clone(), async move {
            while self.try_next().await?.is_some() {}
            match self.state {
                State::Done(Some(turn)) => Ok(ToolRun { turn, conversation: self.conversation, rounds: self.rounds }),
                _ => Err(Error::argument("the run has failed before")),
            }
        })
    }

    /// The events for a program without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> crate::Blocking<Self> {
        let driver = self.driver.clone();
        crate::Blocking::driven(self, &driver)
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Event<C>>>> {
        loop {
            let event = match ready!(self.poll_step(cx)) {
                Ok(Step::Again) => continue,
                Ok(Step::Event(event)) => Some(Ok(event)),
                Ok(Step::End) => None,
                Err(error) => {
                    self.state = State::Done(None);
                    Some(Err(error))
                }
            };
            return Poll::Ready(event);
        }
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Result<Step<Event<C>>>> {
        match &mut self.state {
            State::Done(_) => return Poll::Ready(Ok(Step::End)),
            State::Asking(asking) => self.state = State::Hearing(ready!(asking.as_mut().poll(cx))?),
            State::Hearing(stream) => match ready!(Pin::new(&mut *stream).poll_next(cx)) {
                Some(event) => return Poll::Ready(event.map(|event| Step::Event(ToolEvent::Model(event)))),
                None => {
                    let turn = stream.turn()?;
                    self.state = self.after(turn)?;
                }
            },
            State::Calling(announced, calls) => match announced.next() {
                Some(call) => return Poll::Ready(Ok(Step::Event(ToolEvent::Called(call)))),
                None => self.state = State::Running(self.tools.round(std::mem::take(calls))),
            },
            State::Running(round) => match ready!(round.poll_next(cx)) {
                Some(index) => {
                    let done = round.outcome(index).map(|outcome| ToolEvent::Done(outcome.call.clone(), outcome.text()));
                    return Poll::Ready(Ok(done.map_or(Step::Again, Step::Event)));
                }
                None => {
                    let State::Running(round) = std::mem::replace(&mut self.state, State::Done(None)) else {
                        return Poll::Ready(Ok(Step::End));
                    };
                    let mut outcomes = round.into_outcomes().into_iter().flatten().collect();
                    failure(&self.tools, &mut outcomes)?;
                    self.conversation.report(&outcomes);
                    self.rounds += 1;
                    self.state = State::Asking(Box::pin(self.conversation.ask_stream().send()));
                }
            },
        }
        Poll::Ready(Ok(Step::Again))
    }

    fn after(&mut self, turn: C::Turn) -> Result<State<C>> {
        self.conversation.hear(&turn);
        match next(&self.conversation, &self.tools, &turn, self.rounds) {
            Ok(Next::End) => Ok(State::Done(Some(turn))),
            Ok(Next::Run(calls)) => Ok(State::Calling(calls.clone().into_iter(), calls)),
            Err(error) => Err(error.with_attachment(turn)),
        }
    }
}

enum Step<E> {
    Again,
    Event(E),
    End,
}

impl<C: StreamedConversation> Stream for ToolStream<C> {
    type Item = Result<Event<C>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(cx)
    }
}

impl<C: StreamedConversation> Unpin for ToolStream<C> {}

impl<C: StreamedConversation> fmt::Debug for ToolStream<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolStream").field("rounds", &self.rounds).finish_non_exhaustive()
    }
}
