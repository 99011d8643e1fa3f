//! Methods that poll, by name: what they call and how they go on. Knows no operation.

use super::{Dynamic, NamedOperation, Table};
use crate::call::Call;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::operation::{Operation, PollStart, Polling};
use crate::poll::Poll;

/// A method that polls and can be called by its name.
#[derive(Clone, Copy, Debug)]
pub struct NamedPoll {
    name: &'static str,
    /// The operation that takes the arguments.
    first: &'static Operation,
    /// What that begins; None: it is what is asked.
    start: Option<&'static PollStart>,
    polling: &'static Polling,
}

impl NamedPoll {
    /// A method that asks until something is ready.
    pub const fn asking(name: &'static str, polling: &'static Polling) -> Self {
        Self { name, first: polling.operation, start: None, polling }
    }

    /// A method that begins something and asks until it is ready.
    pub const fn starting(name: &'static str, operation: &'static Operation, start: &'static PollStart) -> Self {
        Self { name, first: operation, start: Some(start), polling: start.polling }
    }
}

impl Table {
    /// The names of all methods that poll.
    pub fn polls(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.polls.iter().copied().flatten().map(|poll| poll.name)
    }

    /// The method of that name, with its arguments in one object; see [`NamedOperation::call`].
    ///
    /// # Errors
    /// When there is no such method, an argument is missing, or one cannot be sent.
    pub fn poll(&self, client: &Client, name: &str, arguments: impl Into<Json>) -> Result<Poll<Dynamic>> {
        let found = self.polls.iter().copied().flatten().find(|poll| poll.name == name);
        let poll = found.ok_or_else(|| Error::argument(format!("nothing that polls is called `{name}`")))?;
        let (first, asked) = (self.entry_of(poll.first)?, self.entry_of(poll.polling.operation)?);
        let call: Call<Dynamic> = first.call(client, arguments)?;
        Ok(match poll.start {
            Some(start) => Poll::start(call, start).of_named(asked),
            None => Poll::new(call, poll.polling),
        })
    }

    fn entry_of(&self, operation: &'static Operation) -> Result<&'static NamedOperation> {
        let found = self.operations().find(|named| std::ptr::eq(named.operation, operation));
        found.ok_or_else(|| Error::argument(format!("{} is not among the features of this build", operation.name)))
    }
}
