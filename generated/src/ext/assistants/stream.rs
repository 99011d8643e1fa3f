//! A run as it happens. What the events mean is in `accumulate`.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use openai_runtime::{Accumulating, Call, Deferred, Error, EventStream, FromResponse, Origin, Reading, Received, ResponseMeta, Result};

use super::accumulate::{AssistantAccumulator, AssistantEvent};
use crate::resources::beta::threads::Threads;
use crate::resources::beta::threads::runs::Runs;
use crate::types::beta::{ThreadCreateAndRunParams, ThreadRunCreateParams, ThreadRunSubmitToolOutputsParams};
use crate::types::shared::Run;

impl Runs {
    /// Creates a run and streams what happens in it.
    #[doc(alias = "beta.threads.runs.stream")]
    #[inline]
    pub fn stream(&self, thread_id: impl Into<String>, params: ThreadRunCreateParams) -> Call<AssistantStream> {
        marked(self.create_stream(thread_id, params).cast(), "threads.runs.create_and_stream")
    }

    /// Submits the outputs of tools and streams what happens then.
    #[inline]
    pub fn stream_tool_outputs(
        &self,
        thread_id: impl Into<String>,
        run_id: impl Into<String>,
        params: ThreadRunSubmitToolOutputsParams,
    ) -> Call<AssistantStream> {
        marked(self.submit_tool_outputs_stream(thread_id, run_id, params).cast(), "threads.runs.submit_tool_outputs_stream")
    }
}

impl Threads {
    /// Creates a thread and a run in it, and streams what happens.
    #[doc(alias = "beta.threads.create_and_run_stream")]
    #[inline]
    pub fn stream_create_and_run(&self, params: ThreadCreateAndRunParams) -> Call<AssistantStream> {
        marked(self.create_and_run_stream(params).cast(), "threads.create_and_run_stream")
    }
}

#[inline]
fn marked(call: Call<AssistantStream>, helper: &str) -> Call<AssistantStream> {
    call.header("x-stainless-stream-helper", helper).header("x-stainless-custom-event-handler", "false")
}

/// A run as it happens: a stream of [`AssistantEvent`]s.
///
/// Nothing is read ahead. Dropping it closes the connection.
#[derive(Debug)]
#[must_use = "a stream reads nothing until it is asked: `while let Some(event) = stream.try_next().await? { … }`"]
pub struct AssistantStream(Accumulating<AssistantAccumulator>);

impl AssistantStream {
    /// The next event; None when the stream is complete.
    ///
    /// Cancel safety: dropping the future loses nothing.
    ///
    /// # Errors
    /// When the stream fails, or a piece comes of a message or step that was not begun. The error carries the [`Run`] so far.
    #[inline]
    pub async fn try_next(&mut self) -> Result<Option<AssistantEvent>> {
        self.0.try_next().await
    }

    /// Reads what is left of the stream, and returns the run as it was last sent, however it ended.
    ///
    /// # Errors
    /// When the stream fails, and when it told of no run.
    #[inline]
    pub fn final_run(&mut self) -> Deferred<'_, Run> {
        Deferred::new(self.0.driver(), async {
            self.0.drain().await?;
            self.0.state().run().cloned().ok_or_else(|| Error::decode("the stream told of no run"))
        })
    }

    /// What the stream has come to so far: the run, its messages and steps.
    #[inline]
    pub fn accumulated(&self) -> &AssistantAccumulator {
        self.0.state()
    }

    /// Status, headers and request id, known before the first event.
    #[inline]
    pub fn response(&self) -> &ResponseMeta {
        self.0.response()
    }

    /// The events for a program without an async runtime.
    #[cfg(feature = "blocking")]
    #[inline]
    pub fn blocking(self) -> openai_runtime::Blocking<Self> {
        let driver = self.0.driver();
        openai_runtime::Blocking::driven(self, &driver)
    }
}

impl Stream for AssistantStream {
    type Item = Result<AssistantEvent>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.get_mut().0).poll_next(cx)
    }
}

impl FromResponse for AssistantStream {
    const READING: Reading = Reading::Streaming;

    #[inline]
    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        Ok(Self(Accumulating::new(EventStream::from_response(response, origin)?, AssistantAccumulator::new())))
    }
}
