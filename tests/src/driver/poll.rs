//! `poll`: what waits until something is ready, by its name: emitted methods through the table of names, hand-written ones by [`helpers`].

use std::time::Duration;

use openai::dynamic::{self, Dynamic};
use openai::{Client, Poll};
use serde_json::{Map, Value};

use super::call::{sleeps, with_options};
use super::client::{Configured, configured, seconds};
use super::helpers::{self, Mode};
use super::notation::arguments;
use super::{Answer, Failure, optional, runtime, text};

/// Waits.
pub(super) fn poll(line: &Value) -> Result<Answer, Failure> {
    let name = text(line, "call")?;
    let mut args = match optional(line, "args") {
        Some(args) => arguments(args)?,
        None => Value::Object(Map::new()),
    };
    let args = args.as_object_mut().ok_or_else(|| Failure::driver("`args` is an object"))?;
    let Configured { client, clock } = configured(line)?;
    let pace = Pace::take(args)?;
    let options = optional(line, "options").cloned().unwrap_or_default();
    let mode = Mode::of(line);
    let found = if dynamic::polls().any(|known| known == name) {
        if name == "files.wait_for_processing"
            && let Some(id) = args.shift_remove("id")
        {
            args.insert("file_id".to_owned(), id);
        }
        let poll = dynamic::poll(&client, name, Value::from(std::mem::take(args)))?;
        waited(with_pace(&client, poll, &pace, options)?, mode).map_err(Failure::from)
    } else {
        helpers::perform(&client, name, args, &pace, mode)
    };
    match found {
        Ok(value) => Ok([("value".to_owned(), value), ("sleeps_s".to_owned(), sleeps(&clock))].into_iter().collect()),
        Err(failure) => Err(failure.with("sleeps_s", sleeps(&clock))),
    }
}

/// How often it is asked, and for how long.
#[derive(Default)]
pub(super) struct Pace {
    interval: Option<Duration>,
    limit: Option<Duration>,
}

impl Pace {
    fn take(args: &mut Map<String, Value>) -> Result<Self, Failure> {
        let mut pace = Self::default();
        if let Some(milliseconds) = args.shift_remove("poll_interval_ms") {
            pace.interval = Some(seconds(&milliseconds)? / 1000);
        }
        if let Some(interval) = args.shift_remove("poll_interval") {
            pace.interval = Some(seconds(&interval)?);
        }
        if let Some(limit) = args.shift_remove("max_wait_seconds") {
            pace.limit = Some(seconds(&limit)?);
        }
        Ok(pace)
    }

    /// Sets it.
    pub(super) fn of<T>(&self, mut poll: Poll<T>) -> Poll<T> {
        if let Some(interval) = self.interval {
            poll = poll.interval(interval);
        }
        if let Some(limit) = self.limit {
            poll = poll.deadline(limit);
        }
        poll
    }
}

fn with_pace(client: &Client, poll: Poll<Dynamic>, pace: &Pace, options: Value) -> Result<Poll<Dynamic>, Failure> {
    if options.is_null() {
        return Ok(pace.of(poll));
    }
    // What cannot be an option is told before anything is sent.
    let _tried = with_options(client.get("/").cast(), &options)?;
    Ok(pace.of(poll).each_call(move |call| with_options(call, &options).expect("the options were tried")))
}

fn waited(poll: Poll<Dynamic>, mode: Mode) -> openai::Result<Value> {
    let found = match mode {
        Mode::Async => runtime().block_on(poll.send()),
        Mode::Blocking => poll.blocking(),
    };
    found.map(|value| value.to_value())
}
