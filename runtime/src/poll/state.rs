//! What an answer says of its state, and which call asks for what another began. Pure.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::operation::{PollStart, Polling, Unready};
use crate::request::Draft;
use crate::request::path::placeholders;
use crate::request::scan::{Node, Span};
use crate::response::Received;

/// What an answer says of its state.
pub(super) struct State {
    is_ready: bool,
    /// The field with its value, as JSON.
    shown: String,
}

impl State {
    pub(super) fn of(polling: &Polling, body: &[u8]) -> Self {
        let value = std::str::from_utf8(body).ok().and_then(|body| Span::new(body).at(polling.state));
        let is_ready = match (polling.unready, value.map(Span::node)) {
            (Unready::While(states), Some(Node::String(state))) => !states.contains(&&*state),
            (Unready::Until(states), Some(Node::String(state))) => states.contains(&&*state),
            (Unready::AboveZero, Some(Node::Number(count))) => count.parse::<f64>().is_ok_and(|count| count <= 0.0),
            // An answer without a state is for the caller to look at, unless only certain states will do.
            (Unready::While(_) | Unready::AboveZero, _) => true,
            (Unready::Until(_), _) => false,
        };
        let shown = value.map_or("none", |value| value.text);
        Self { is_ready, shown: format!("{}: {shown}", polling.state.join(".")) }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.is_ready
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// The call that asks for what the first one began: its path is filled from the answer, and from the path of the first.
pub(super) fn asking(start: &PollStart, first: &Draft, response: &Received) -> Result<Draft> {
    let operation = start.polling.operation;
    let body = response.bytes();
    let answer = Span::new(std::str::from_utf8(&body).unwrap_or_default());
    let mut draft = Draft::new(operation);
    for name in placeholders(operation.path) {
        let found = start.ids.iter().find(|(param, _)| *param == name);
        let value = match found {
            Some((_, field)) => answer.text_at(&[field]),
            None => first.path.iter().find(|(param, _)| *param == name).map(|(_, value)| value.clone()),
        };
        let missing = || {
            let message = format!("the answer does not say the {name} of what it began");
            Error::decode(message).with_body(&body).with_meta(response.meta().clone())
        };
        draft.path.push((name, value.ok_or_else(missing)?));
    }
    if !start.keeps.is_empty() {
        draft.params = Some(Arc::new(first.kept_params(start.keeps)));
    }
    Ok(draft)
}
