//! The loop: ask the model, run what it calls, tell it, until it calls nothing. Knows no endpoint: a [`Conversation`] does.

use std::ops::Deref;

use super::{ToolCall, ToolErrors, ToolOutcome, Tools};
use crate::call::Call;
use crate::error::{Error, ErrorKind, Result};
use crate::response::FromResponse;

/// A conversation with a model: what is asked next, and what the answers add to it.
pub trait Conversation: Send + 'static {
    /// What the model answers with.
    type Turn: Send + Sync + 'static;

    /// The next request.
    fn ask(&self) -> Call<Self::Turn>;

    /// The functions that the model calls in its turn.
    fn calls(&self, turn: &Self::Turn) -> Vec<ToolCall>;

    /// Whether a function is one that the program runs itself, outside of the loop.
    fn runs_elsewhere(&self, name: &str) -> bool;

    /// Adds the model's turn.
    fn hear(&mut self, turn: &Self::Turn);

    /// Adds what became of its calls.
    fn report(&mut self, outcomes: &[ToolOutcome]);
}

/// How a run of tools ended: the model's last turn, to which it dereferences, and the conversation that led there.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ToolRun<C: Conversation> {
    /// The last turn. It calls no function, or one that runs elsewhere.
    pub turn: C::Turn,
    /// The whole conversation, the last turn included: to go on with.
    pub conversation: C,
    /// How often the model asked for functions.
    pub rounds: u32,
}

impl<C: Conversation> ToolRun<C> {
    /// The last turn alone.
    pub fn into_turn(self) -> C::Turn {
        self.turn
    }
}

impl<C: Conversation> Deref for ToolRun<C> {
    type Target = C::Turn;

    fn deref(&self) -> &C::Turn {
        &self.turn
    }
}

/// What is to be done about a turn.
pub(super) enum Next {
    Run(Vec<ToolCall>),
    End,
}

/// Decides that.
pub(super) fn next<C: Conversation>(conversation: &C, tools: &Tools, turn: &C::Turn, rounds: u32) -> Result<Next> {
    let calls = conversation.calls(turn);
    let elsewhere = |call: &ToolCall| tools.get(&call.name).is_none() && conversation.runs_elsewhere(&call.name);
    if calls.is_empty() || calls.iter().any(elsewhere) {
        return Ok(Next::End);
    }
    if rounds >= tools.max_rounds {
        let limit = tools.max_rounds;
        return Err(Error::new(ErrorKind::Tool, format!("the model still calls functions after {limit} rounds of them")));
    }
    Ok(Next::Run(calls))
}

/// The error of a function, when it is for the caller.
pub(super) fn failure(tools: &Tools, outcomes: &mut Vec<ToolOutcome>) -> Result<()> {
    if tools.errors == ToolErrors::ToModel {
        return Ok(());
    }
    match outcomes.iter().position(|outcome| outcome.output.is_err()) {
        Some(index) => {
            let ToolOutcome { call, output } = outcomes.swap_remove(index);
            output.map(|_| ()).map_err(|failure| Error::from(failure).with_attachment(call))
        }
        None => Ok(()),
    }
}

/// Runs a conversation until the model calls no more functions.
///
/// # Errors
/// When a request fails; when a function fails and errors are for the caller ([`Error::attachment`] has the [`ToolCall`]); when the model
/// asks for more rounds than are allowed (it has the last turn).
pub async fn run_tools<C: Conversation>(mut conversation: C, tools: Tools) -> Result<ToolRun<C>>
where
    C::Turn: FromResponse,
{
    tools.check()?;
    let mut rounds = 0;
    loop {
        let turn = conversation.ask().await?;
        conversation.hear(&turn);
        match next(&conversation, &tools, &turn, rounds) {
            Ok(Next::End) => return Ok(ToolRun { turn, conversation, rounds }),
            Ok(Next::Run(calls)) => {
                let mut outcomes = tools.round(calls).finish().await;
                failure(&tools, &mut outcomes)?;
                conversation.report(&outcomes);
                rounds += 1;
            }
            Err(error) => return Err(error.with_attachment(turn)),
        }
    }
}
