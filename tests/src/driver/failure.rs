//! Failures as JSON: those of the SDK with all that its error says, and the driver's own.

use openai::{DecodeError, Error};
use serde_json::{Value, json};

use super::Answer;

/// Why something was not performed: the member `error`, and what was done nonetheless.
#[derive(Debug)]
pub struct Failure(Box<Answer>);

impl Failure {
    /// The line cannot be performed at all.
    pub fn driver(message: impl Into<String>) -> Self {
        Self::of(json!({ "kind": "driver", "message": message.into() }))
    }

    /// An argument that the SDK's types do not take.
    pub fn argument(message: impl Into<String>) -> Self {
        Self::of(json!({ "kind": "argument", "message": message.into() }))
    }

    /// A text that is not what was asked for.
    pub fn decode(message: impl Into<String>) -> Self {
        Self::of(json!({ "kind": "decode", "message": message.into() }))
    }

    /// Adds what was done before it failed.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// The error and what was done, as members of an answer.
    pub fn into_members(self) -> Answer {
        *self.0
    }

    fn of(error: Value) -> Self {
        Self(Box::new([("error".to_owned(), error)].into_iter().collect()))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let retries = error.retries();
        let failure = Self::of(error_json(&error));
        match retries {
            Some(retries) => failure.with("retries", retries.into()),
            None => failure,
        }
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self::of(json!({ "kind": "decode", "message": error.to_string() }))
    }
}

/// What an error says. Keys that do not apply are absent.
pub fn error_json(error: &Error) -> Value {
    let mut members = Answer::new();
    members.insert("kind".to_owned(), error.kind().into());
    members.insert("message".to_owned(), error.message().into());
    let optional = [
        ("status", error.status().map(|status| status.as_u16().into())),
        ("code", error.code().map(Into::into)),
        ("param", error.param().map(Into::into)),
        ("type", error.error_type().map(Into::into)),
        ("request_id", error.request_id().map(Into::into)),
        ("body", error.body().cloned()),
    ];
    members.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    members.into()
}
