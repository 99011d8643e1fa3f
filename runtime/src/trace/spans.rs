//! The spans and the lines. The only place that imports `tracing`.

use std::collections::BTreeMap;
use std::time::Duration;

use tracing::field::Empty;
use tracing::{Instrument as _, Span, debug, debug_span, info, info_span};

use super::attributes::{self, Found};
use crate::client::config::Config;
use crate::error::Error;
use crate::operation::{Attribute, GenAi};
use crate::request::{Draft, PreparedRequest};
use crate::response::ResponseMeta;

const TARGET: &str = "openai";

/// The span of a call, from its first attempt to the end of its answer. None when nobody listens.
#[derive(Clone, Debug)]
pub(crate) struct CallSpan(Option<Box<Inner>>);

#[derive(Clone, Debug)]
struct Inner {
    span: Span,
    method: &'static str,
    template: String,
    gen_ai: Option<&'static GenAi>,
    /// What the events of a stream said so far, the last of each; recorded when the stream is over.
    said: BTreeMap<Attribute, Found<'static>>,
}

impl CallSpan {
    pub(crate) fn new(draft: &Draft, config: &Config, request: &PreparedRequest) -> Self {
        let is_wanted = tracing::enabled!(target: TARGET, tracing::Level::INFO);
        Self(is_wanted.then(|| Box::new(Inner::new(draft, config, request))))
    }

    /// The span of the attempt that follows after `taken` retries.
    pub(crate) fn attempt(&self, taken: u32) -> AttemptSpan {
        AttemptSpan(self.0.as_ref().map_or_else(Span::none, |inner| inner.attempt(taken)))
    }

    /// Polls the future inside the span. No async function, which would hold the future twice.
    pub(crate) fn scope<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        let span = self.0.as_ref().map_or_else(Span::none, |inner| inner.span.clone());
        future.instrument(span)
    }

    /// An attempt failed, and another follows after the delay.
    pub(crate) fn retrying(&self, reason: &'static str, delay: Duration, taken: u32) {
        if let Some(Inner { span, .. }) = self.0.as_deref() {
            info!(target: TARGET, parent: span, reason, delay_s = delay.as_secs_f64(), retry = taken + 1, "retrying");
        }
    }

    /// The call succeeded. `body` is the answer, when it was read.
    pub(crate) fn answered(&self, meta: &ResponseMeta, body: Option<&[u8]>) {
        if let Some(inner) = &self.0 {
            inner.answered(meta, body);
        }
    }

    /// The call failed.
    pub(crate) fn failed(&self, error: &Error) {
        if let Some(inner) = &self.0 {
            if let Some(meta) = error.meta() {
                inner.describe(meta);
            }
            self.broke(error.kind());
        }
    }

    /// The call failed in this way.
    pub(crate) fn broke(&self, kind: &'static str) {
        if let Some(Inner { span, .. }) = self.0.as_deref() {
            span.record("otel.status_code", "ERROR");
            span.record("error.type", kind);
            debug!(target: TARGET, parent: span, error = kind, "failed");
        }
    }

    /// Looks at an event of the stream that is the answer.
    pub(crate) fn event(&mut self, json: &str) {
        if let Some(inner) = &mut self.0 {
            inner.event(json);
        }
    }
}

impl Inner {
    fn new(draft: &Draft, config: &Config, request: &PreparedRequest) -> Self {
        let operation = draft.operation;
        let (method, template) = (operation.method.as_str(), template(draft));
        let (host, port) = server(request);
        let provider = config.provider.as_ref().and_then(|provider| provider.name());
        let mut model = None;
        let mut asked = Vec::new();
        if let (Some(gen_ai), Some(params)) = (operation.gen_ai, request.body.as_bytes().and_then(|body| std::str::from_utf8(body).ok())) {
            attributes::find(crate::request::scan::Span::new(params), gen_ai.request, &mut |attribute, value| match value {
                Found::Text(text) if attribute == Attribute::GenAiRequestModel => model = Some(text),
                value => asked.push((attribute, value)),
            });
        }
        let name = match (operation.gen_ai, &model) {
            (Some(gen_ai), Some(model)) => format!("{} {model}", gen_ai.operation),
            (Some(gen_ai), None) => gen_ai.operation.to_owned(),
            (None, _) => format!("{method} {template}"),
        };
        let span = info_span!(
            target: TARGET,
            "call",
            otel.name = name,
            otel.kind = "client",
            otel.status_code = Empty,
            error.r#type = Empty,
            openai.operation = operation.name,
            openai.request_id = Empty,
            http.request.method = method,
            http.request.resend_count = Empty,
            http.response.status_code = Empty,
            url.template = template,
            server.address = host,
            server.port = port,
            gen_ai.operation.name = operation.gen_ai.map(|gen_ai| gen_ai.operation),
            gen_ai.provider.name = operation.gen_ai.map(|gen_ai| provider.unwrap_or(gen_ai.provider)),
            gen_ai.request.model = model.as_deref(),
            gen_ai.request.max_tokens = Empty,
            gen_ai.request.temperature = Empty,
            gen_ai.request.top_p = Empty,
            gen_ai.request.frequency_penalty = Empty,
            gen_ai.request.presence_penalty = Empty,
            gen_ai.request.seed = Empty,
            gen_ai.request.choice.count = Empty,
            gen_ai.request.encoding_formats = Empty,
            gen_ai.embeddings.dimension.count = Empty,
            gen_ai.agent.id = Empty,
            gen_ai.agent.name = Empty,
            gen_ai.conversation.id = Empty,
            gen_ai.response.id = Empty,
            gen_ai.response.model = Empty,
            gen_ai.response.finish_reasons = Empty,
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            gen_ai.usage.cache_read.input_tokens = Empty,
            gen_ai.usage.reasoning.output_tokens = Empty,
            openai.request.service_tier = Empty,
            openai.response.service_tier = Empty,
            openai.response.system_fingerprint = Empty,
        );
        for (attribute, value) in asked {
            record(&span, attribute, &value);
        }
        Self { span, method, template, gen_ai: operation.gen_ai, said: BTreeMap::new() }
    }

    fn attempt(&self, taken: u32) -> Span {
        debug_span!(
            target: TARGET,
            parent: &self.span,
            "attempt",
            otel.name = self.method,
            otel.kind = "client",
            otel.status_code = Empty,
            error.r#type = Empty,
            openai.request_id = Empty,
            http.request.method = self.method,
            http.request.resend_count = (taken > 0).then_some(taken),
            http.response.status_code = Empty,
            url.template = self.template,
        )
    }

    fn answered(&self, meta: &ResponseMeta, body: Option<&[u8]>) {
        self.describe(meta);
        let text = body.and_then(|body| std::str::from_utf8(body).ok());
        if let (Some(gen_ai), Some(text)) = (self.gen_ai, text) {
            attributes::find(crate::request::scan::Span::new(text), gen_ai.response, &mut |attribute, value| {
                record(&self.span, attribute, &value);
            });
        }
        debug!(target: TARGET, parent: &self.span, elapsed_s = meta.elapsed().as_secs_f64(), "answered");
    }

    fn event(&mut self, json: &str) {
        let Some(gen_ai) = self.gen_ai else { return };
        let Some(result) = attributes::inside(json, gen_ai.event) else { return };
        let said = &mut self.said;
        attributes::find(result, gen_ai.response, &mut |attribute, value| {
            said.insert(attribute, value.into_owned());
        });
    }

    fn describe(&self, meta: &ResponseMeta) {
        self.span.record("http.response.status_code", meta.status().as_u16());
        self.span.record("openai.request_id", meta.request_id());
        if meta.retries() > 0 {
            self.span.record("http.request.resend_count", meta.retries());
        }
    }
}

/// The attributes of a stream are known when it is over, be it because nobody reads on.
impl Drop for Inner {
    fn drop(&mut self) {
        for (attribute, value) in std::mem::take(&mut self.said) {
            record(&self.span, attribute, &value);
        }
    }
}

/// The span of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct AttemptSpan(Span);

impl AttemptSpan {
    /// Polls the future, which sends, inside the span.
    pub(crate) fn scope<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        debug!(target: TARGET, parent: &self.0, "sending");
        future.instrument(self.0.clone())
    }

    /// The server answered, with whatever status.
    pub(crate) fn answered(&self, meta: &ResponseMeta) {
        self.0.record("http.response.status_code", meta.status().as_u16());
        self.0.record("openai.request_id", meta.request_id());
        debug!(target: TARGET, parent: &self.0, status = meta.status().as_u16(), request_id = meta.request_id(), "received");
    }

    /// The attempt failed.
    pub(crate) fn failed(&self, kind: &'static str) {
        self.0.record("otel.status_code", "ERROR");
        self.0.record("error.type", kind);
        debug!(target: TARGET, parent: &self.0, error = kind, "attempt failed");
    }
}

fn record(span: &Span, attribute: Attribute, value: &Found<'_>) {
    let attribute = attribute.name();
    match value {
        Found::Text(text) => span.record(attribute, &**text),
        Found::Integer(number) => span.record(attribute, number),
        Found::Number(number) => span.record(attribute, number),
        Found::Boolean(value) => span.record(attribute, value),
        Found::List(list) => span.record(attribute, list.as_str()),
    };
}

/// The path as the operation has it; one that was written by hand as it is, without its query.
fn template(draft: &Draft) -> String {
    match &draft.raw_path {
        None => draft.operation.path.to_owned(),
        Some(path) => path.split(['?', '#']).next().unwrap_or_default().to_owned(),
    }
}

fn server(request: &PreparedRequest) -> (Option<String>, Option<u16>) {
    let Ok(url) = url::Url::parse(request.url()) else { return (None, None) };
    (url.host_str().map(ToOwned::to_owned), url.port_or_known_default())
}
