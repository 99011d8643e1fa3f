//! Spans in a build without `tracing`: nothing at all.

use std::time::Duration;

use crate::client::config::Config;
use crate::error::Error;
use crate::request::{Draft, PreparedRequest};
use crate::response::ResponseMeta;

/// The span of a call.
#[derive(Clone, Debug)]
pub(crate) struct CallSpan;

impl CallSpan {
    pub(crate) fn new(_: &Draft, _: &Config, _: &PreparedRequest) -> Self {
        Self
    }

    pub(crate) fn attempt(&self, _: u32) -> AttemptSpan {
        AttemptSpan
    }

    pub(crate) fn scope<F: Future>(&self, future: F) -> F {
        future
    }

    pub(crate) fn retrying(&self, _: &'static str, _: Duration, _: u32) {}

    pub(crate) fn answered(&self, _: &ResponseMeta, _: Option<&[u8]>) {}

    pub(crate) fn failed(&self, _: &Error) {}

    pub(crate) fn broke(&self, _: &'static str) {}

    pub(crate) fn event(&mut self, _: &str) {}
}

/// The span of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct AttemptSpan;

impl AttemptSpan {
    pub(crate) fn scope<F: Future>(&self, future: F) -> F {
        future
    }

    pub(crate) fn answered(&self, _: &ResponseMeta) {}

    pub(crate) fn failed(&self, _: &'static str) {}
}
