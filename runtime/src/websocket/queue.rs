//! The messages that wait to be sent: first in, first out, bounded in bytes, across connections. Opens no socket and waits for nothing.

use std::collections::VecDeque;

use super::message::Message;

/// The place of a message in the order of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

/// What waits, and the one message that is being written.
#[derive(Debug)]
pub(super) struct SendQueue {
    waiting: VecDeque<Entry>,
    in_flight: Option<Entry>,
    /// The bytes of the callers' messages, that in flight included.
    bytes: usize,
    limit: usize,
    next: u64,
}

#[derive(Debug)]
struct Entry {
    message: Message,
    /// None: repeated by the connection itself, and nobody's loss.
    owner: Option<Owner>,
}

#[derive(Clone, Copy, Debug)]
struct Owner {
    ticket: Ticket,
    attendance: Attendance,
}

/// Whether somebody waits for a message to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attendance {
    Attended,
    Left,
}

/// What is left in the queue at its end.
#[derive(Debug, Default)]
pub(super) struct Leftover {
    /// Those that somebody waits for.
    pub(super) attended: Vec<(Ticket, Message)>,
    /// The others, in order.
    pub(super) left: Vec<Message>,
}

impl SendQueue {
    pub(super) fn new(limit: usize) -> Self {
        Self { waiting: VecDeque::new(), in_flight: None, bytes: 0, limit, next: 0 }
    }

    /// Whether a message of this length keeps within the limit.
    pub(super) fn has_room(&self, len: usize) -> bool {
        self.bytes.checked_add(len).is_some_and(|bytes| bytes <= self.limit)
    }

    /// Whether nothing waits and nothing is being written.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.in_flight.is_none()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a message at the end; whether there is room is the caller's question.
    pub(super) fn push(&mut self, message: Message, attendance: Attendance) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        self.bytes = self.bytes.saturating_add(message.len());
        self.waiting.push_back(Entry { message, owner: Some(Owner { ticket, attendance }) });
        ticket
    }

    /// Puts messages of the connection itself before all others.
    pub(super) fn push_front(&mut self, messages: impl DoubleEndedIterator<Item = Message>) {
        for message in messages.rev() {
            self.waiting.push_front(Entry { message, owner: None });
        }
    }

    /// Takes the message that is written next. None: there is none, or one is being written.
    pub(super) fn start(&mut self) -> Option<&Message> {
        if self.in_flight.is_some() {
            return None;
        }
        self.in_flight = Some(self.waiting.pop_front()?);
        self.in_flight.as_ref().map(|entry| &entry.message)
    }

    pub(super) fn is_writing(&self) -> bool {
        self.in_flight.is_some()
    }

    /// The message in flight is written. Returns it, unless it was one of the connection's own.
    pub(super) fn written(&mut self) -> Option<Message> {
        let Entry { message, owner } = self.in_flight.take()?;
        owner?;
        self.bytes = self.bytes.saturating_sub(message.len());
        Some(message)
    }

    /// The connection is gone. What was in flight comes first again; the connection's own messages have no purpose any more.
    pub(super) fn interrupted(&mut self) {
        if let Some(entry) = self.in_flight.take() {
            self.waiting.push_front(entry);
        }
        self.waiting.retain(|entry| entry.owner.is_some());
    }

    /// Nobody waits for any message any more.
    pub(super) fn dismiss_all(&mut self) {
        for owner in self.waiting.iter_mut().filter_map(|entry| entry.owner.as_mut()) {
            owner.attendance = Attendance::Left;
        }
    }

    /// Notes whether somebody waits for a message. False: it is not here any more.
    pub(super) fn attend(&mut self, ticket: Ticket, attendance: Attendance) -> bool {
        let entries = self.in_flight.iter_mut().chain(&mut self.waiting);
        let owner = entries.filter_map(|entry| entry.owner.as_mut()).find(|owner| owner.ticket == ticket);
        match owner {
            Some(owner) => {
                owner.attendance = attendance;
                true
            }
            None => false,
        }
    }

    /// Empties the queue.
    pub(super) fn drain(&mut self) -> Leftover {
        self.interrupted();
        self.bytes = 0;
        let mut leftover = Leftover::default();
        for Entry { message, owner } in self.waiting.drain(..) {
            match owner {
                Some(Owner { ticket, attendance: Attendance::Attended }) => leftover.attended.push((ticket, message)),
                Some(_) => leftover.left.push(message),
                None => {}
            }
        }
        leftover
    }
}
