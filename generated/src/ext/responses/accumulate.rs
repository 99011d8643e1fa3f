//! Events of a response, taken in one by one: what each has come to, and the response in the end (contract 5.8). Waits for nothing and
//! knows no stream; what one output item has come to is in `item`.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Deref;

use openai_runtime::json::{Unfinished, partial};
use openai_runtime::{Accumulate, Error, ErrorKind, Result, Snapshot, read_output};
use serde_core::de::DeserializeOwned;
use serde_json::{Value, json};

use super::item::{Item, Text};
use super::output::cut;
use crate::JsonModel;
use crate::types::responses::{Response, ResponseErrorEvent, ResponseStreamEvent};

/// An event of a response, with what it has come to. Dereferences to the event.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ResponseEvent {
    /// The event, as it came.
    pub event: ResponseStreamEvent,
    /// All of the text that the event is a piece of; only pieces of text and of arguments have one.
    pub snapshot: Option<Snapshot>,
}

impl ResponseEvent {
    /// The event, by itself.
    #[inline]
    pub fn into_event(self) -> ResponseStreamEvent {
        self.event
    }

    /// What is known so far of structured output, or of the arguments of a function; a string that is not finished is left out or kept as it
    /// is. None for other events. It reads the text from the start.
    #[inline]
    pub fn partial(&self, unfinished: Unfinished) -> Option<Value> {
        partial(self.snapshot.as_ref()?, unfinished)
    }

    /// Structured output, or the arguments of a function, when they are complete: as a value of their type. None for other events.
    ///
    /// # Errors
    /// When the text is not JSON, or not of the type.
    pub fn parse<T: DeserializeOwned>(&self) -> Option<Result<T>> {
        match &self.event {
            ResponseStreamEvent::OutputTextDone(done) => Some(read_output(&done.text)),
            ResponseStreamEvent::FunctionCallArgumentsDone(done) => Some(read_output(&done.arguments)),
            _ => None,
        }
    }
}

impl Deref for ResponseEvent {
    type Target = ResponseStreamEvent;

    #[inline]
    fn deref(&self) -> &ResponseStreamEvent {
        &self.event
    }
}

/// Takes in the events of one response, from a stream or from where they were saved.
///
/// The time this takes grows with the length of the events, not with what came before them.
///
/// ```
/// use openai::responses::ResponseAccumulator;
/// use openai::types::responses::ResponseStreamEvent;
/// # use openai::JsonModel;
///
/// # fn main() -> openai::Result<()> {
/// let mut accumulator = ResponseAccumulator::new();
/// for event in [
///     r#"{"type":"response.created","response":{"id":"r"}}"#,
///     r#"{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"m","content":[]}}"#,
///     r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Hel"}"#,
///     r#"{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"lo"}"#,
/// ] {
///     let event = accumulator.push(ResponseStreamEvent::from_json(event)?);
///     println!("{:?}", event.snapshot);
/// }
/// assert_eq!(accumulator.response().output_text(), "Hello");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct ResponseAccumulator {
    /// The response as it was last sent as a whole, without its output; None before that.
    head: Option<Response>,
    output: BTreeMap<i64, Item>,
    end: Option<End>,
    /// Events up to this number are not handed out.
    seen: Option<i64>,
}

/// How a response ended.
#[derive(Clone, Debug)]
enum End {
    Completed(Box<Response>),
    Failed(Box<Response>),
    Incomplete(Box<Response>),
    Error(Box<ResponseErrorEvent>),
}

impl ResponseAccumulator {
    /// Nothing yet.
    #[inline]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in an event, and says what it has come to.
    #[inline]
    pub fn push(&mut self, event: ResponseStreamEvent) -> ResponseEvent {
        let snapshot = self.take_in(&event);
        ResponseEvent { event, snapshot }
    }

    /// The response as far as it is known. Before it has ended, it is put together anew each time.
    #[inline]
    pub fn response(&self) -> Response {
        match &self.end {
            Some(End::Completed(response) | End::Failed(response) | End::Incomplete(response)) => Response::clone(response),
            Some(End::Error(_)) | None => {
                let mut response = self.head.clone().unwrap_or_default();
                response.output = self.output.values().map(Item::complete).collect();
                response
            }
        }
    }

    /// The response, at the end of its events.
    ///
    /// # Errors
    /// When it was cut short ([`is_length_finish_reason`](Error::is_length_finish_reason)), withheld
    /// ([`is_content_filter`](Error::is_content_filter)) or failed ([`is_stream`](Error::is_stream), with the server's
    /// [`code`](Error::code) and message), and when the events ended before it did. The error carries the [`Response`]:
    /// [`attachment`](Error::attachment).
    #[inline]
    pub fn finish(&self) -> Result<Response> {
        let response = self.response();
        let error = match &self.end {
            Some(End::Completed(_)) => return Ok(response),
            Some(End::Failed(_)) => match &response.error {
                Some(error) => Error::from_stream_event(error.to_value()),
                None => Error::new(ErrorKind::Stream, "the response failed"),
            },
            Some(End::Incomplete(_)) => cut(&response).unwrap_or_else(|| Error::new(ErrorKind::Stream, "the response is incomplete")),
            Some(End::Error(event)) => Error::from_stream_event(json!({
                "message": event.message, "code": event.code, "param": event.param, "type": "error",
            })),
            None => Error::new(ErrorKind::Stream, "the stream ended before the response did"),
        };
        Err(error.with_attachment(response))
    }

    /// Has events up to this number taken in, but not handed out.
    #[inline]
    pub(super) fn set_seen(&mut self, sequence_number: i64) {
        self.seen = Some(sequence_number);
    }

    #[inline]
    fn take_in(&mut self, event: &ResponseStreamEvent) -> Option<Snapshot> {
        use ResponseStreamEvent as E;
        match event {
            E::Created(event) => self.begin(&event.response),
            E::InProgress(event) => self.begin(&event.response),
            E::Queued(event) => self.begin(&event.response),
            E::Completed(event) => self.end = Some(End::Completed(event.response.clone().into())),
            E::Failed(event) => self.end = Some(End::Failed(event.response.clone().into())),
            E::Incomplete(event) => self.end = Some(End::Incomplete(event.response.clone().into())),
            E::Error(event) => self.end = Some(End::Error(event.clone())),
            E::OutputItemAdded(event) => _ = self.output.insert(event.output_index, Item::new(event.item.clone())),
            E::OutputItemDone(event) => _ = self.output.insert(event.output_index, Item::new(event.item.clone())),
            E::ContentPartAdded(event) => self.item(event.output_index).set_part(event.content_index, &event.part),
            E::ContentPartDone(event) => self.item(event.output_index).set_part(event.content_index, &event.part),
            E::OutputTextDelta(event) => return self.grow(event.output_index, Text::Output(event.content_index), &event.delta),
            E::OutputTextDone(event) => self.item(event.output_index).set(Text::Output(event.content_index), &event.text),
            E::RefusalDelta(event) => return self.grow(event.output_index, Text::Refusal(event.content_index), &event.delta),
            E::RefusalDone(event) => self.item(event.output_index).set(Text::Refusal(event.content_index), &event.refusal),
            E::FunctionCallArgumentsDelta(event) => return self.grow(event.output_index, Text::Arguments, &event.delta),
            E::FunctionCallArgumentsDone(event) => self.item(event.output_index).set(Text::Arguments, &event.arguments),
            E::McpCallArgumentsDelta(event) => return self.grow(event.output_index, Text::Arguments, &event.delta),
            E::McpCallArgumentsDone(event) => self.item(event.output_index).set(Text::Arguments, &event.arguments),
            E::CustomToolCallInputDelta(event) => return self.grow(event.output_index, Text::Input, &event.delta),
            E::CustomToolCallInputDone(event) => self.item(event.output_index).set(Text::Input, &event.input),
            E::CodeInterpreterCallCodeDelta(event) => return self.grow(event.output_index, Text::Code, &event.delta),
            E::CodeInterpreterCallCodeDone(event) => self.item(event.output_index).set(Text::Code, &event.code),
            E::ReasoningTextDelta(event) => return self.grow(event.output_index, Text::Reasoning(event.content_index), &event.delta),
            E::ReasoningTextDone(event) => self.item(event.output_index).set(Text::Reasoning(event.content_index), &event.text),
            E::ReasoningSummaryTextDelta(event) => return self.grow(event.output_index, Text::Summary(event.summary_index), &event.delta),
            E::ReasoningSummaryTextDone(event) => self.item(event.output_index).set(Text::Summary(event.summary_index), &event.text),
            _ => {}
        }
        None
    }

    #[inline]
    fn begin(&mut self, response: &Response) {
        self.head = Some(Response { output: Vec::new(), ..response.clone() });
        for (index, item) in (0..).zip(&response.output) {
            self.output.entry(index).or_insert_with(|| Item::new(item.clone()));
        }
    }

    #[inline]
    fn grow(&mut self, output: i64, text: Text, delta: &str) -> Option<Snapshot> {
        Some(self.item(output).grow(text, delta))
    }

    /// The item at an index, which tells of itself later if it has not yet.
    #[inline]
    fn item(&mut self, index: i64) -> &mut Item {
        self.output.entry(index).or_default()
    }
}

impl Accumulate for ResponseAccumulator {
    type Event = ResponseStreamEvent;
    type Item = ResponseEvent;

    #[inline]
    fn accumulate(&mut self, event: ResponseStreamEvent, items: &mut VecDeque<ResponseEvent>) -> Result<()> {
        let event = self.push(event);
        if let Some(seen) = self.seen {
            if number(&event.event).is_some_and(|number| number <= seen) {
                return Ok(());
            }
            self.seen = None;
        }
        items.push_back(event);
        Ok(())
    }

    #[inline]
    fn attach(&self, error: Error) -> Error {
        if self.head.is_none() && self.output.is_empty() { error } else { error.with_attachment(self.response()) }
    }
}

/// The number of an event. It is asked for until the first event that is handed out.
#[inline]
fn number(event: &ResponseStreamEvent) -> Option<i64> {
    event.to_value().get("sequence_number")?.as_i64()
}
