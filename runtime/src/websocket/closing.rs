//! How a connection ends, and what the code of its end means (RFC 6455, 7.4; contract 9.6). Pure.

use std::fmt;
use std::sync::Arc;

use super::message::Message;
use crate::error::{Error, ErrorKind};

/// The codes that the connection gives or looks for itself.
pub(super) mod code {
    pub(in super::super) const NORMAL: u16 = 1000;
    pub(in super::super) const GOING_AWAY: u16 = 1001;
    pub(in super::super) const PROTOCOL: u16 = 1002;
    pub(in super::super) const NONE_RECEIVED: u16 = 1005;
    pub(in super::super) const ABNORMAL: u16 = 1006;
    pub(in super::super) const INVALID: u16 = 1007;
    pub(in super::super) const TOO_BIG: u16 = 1009;
}

/// How a connection ended: the code and the reason, and what was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// The code that the server gave, or that stands for what happened: 1005 when it gave none, 1006 when the connection broke.
    pub code: u16,
    /// The reason that the server gave, or what happened.
    pub reason: String,
    /// The messages that were not sent, in their order. Not among them are those whose `send` was waiting: it returns them in its error.
    pub unsent: Vec<Message>,
}

/// Why a connection is over.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    pub(super) code: u16,
    pub(super) reason: String,
    pub(super) source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Cause {
    pub(super) fn new(code: u16, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), source: None }
    }

    /// The connection broke.
    pub(super) fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self { code: code::ABNORMAL, reason: error.to_string(), source: Some(Arc::new(error)) }
    }

    /// Whether a new connection may well work where this one ended.
    pub(super) fn is_recoverable(&self) -> bool {
        matches!(self.code, code::GOING_AWAY | code::NONE_RECEIVED | code::ABNORMAL | 1011 | 1012 | 1013 | 1015)
    }

    /// Whether nothing is wrong when a connection ends so.
    pub(super) fn is_clean(&self) -> bool {
        matches!(self.code, code::NORMAL | code::GOING_AWAY | code::NONE_RECEIVED)
    }

    /// The error for whoever listens; `setback` is why it could not be restored.
    pub(super) fn into_error(self, closed: Closed, setback: Option<Error>) -> Error {
        let more = setback.as_ref().map(|setback| format!("; it could not be restored: {setback}")).unwrap_or_default();
        let error = Error::new(ErrorKind::WebSocket, format!("the connection was closed: {self}{more}")).with_attachment(closed);
        match (setback, self.source) {
            (Some(setback), _) => error.with_source(setback),
            (None, Some(source)) => error.with_source(Shared(source)),
            (None, None) => error,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}", self.code)?;
        if !self.reason.is_empty() {
            write!(f, ", {}", self.reason)?;
        }
        Ok(())
    }
}

/// An error that several others have as their source.
#[derive(Debug)]
struct Shared(Arc<dyn std::error::Error + Send + Sync>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// Whether an application may close with this code (RFC 6455, 7.4.1 and 7.4.2).
pub(super) fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}
