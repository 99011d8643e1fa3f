//! Everything that is said through `tracing`, kept as text and by field. Knows nothing of clients.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// A span or an event, with its fields as text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    pub(crate) name: String,
    pub(crate) target: String,
    #[allow(dead_code, reason = "not every test program asks for it")]
    pub(crate) parent: Option<String>,
    pub(crate) fields: BTreeMap<String, String>,
    /// The fields that it can have.
    #[allow(dead_code, reason = "not every test program asks for them")]
    pub(crate) declared: Vec<&'static str>,
}

/// What was said, in the order in which it began.
#[derive(Clone, Default)]
pub(crate) struct Capture(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    said: Vec<Said>,
    spans: BTreeMap<u64, usize>,
}

impl Capture {
    /// A subscriber that keeps everything.
    pub(crate) fn subscriber(&self) -> impl Subscriber + Send + Sync {
        tracing_subscriber::registry().with(self.clone())
    }

    pub(crate) fn said(&self) -> Vec<Said> {
        self.0.lock().unwrap().said.clone()
    }

    /// The spans or events of this name.
    #[allow(dead_code, reason = "not every test program asks by name")]
    pub(crate) fn named(&self, name: &str) -> Vec<Said> {
        self.said().into_iter().filter(|said| said.name == name).collect()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).and_then(|span| span.parent().map(|parent| parent.name().to_owned()));
        let metadata = attributes.metadata();
        let declared = metadata.fields().iter().map(|field| field.name()).collect();
        let mut said = Said { name: metadata.name().into(), target: metadata.target().into(), parent, declared, ..Said::default() };
        attributes.record(&mut Fields(&mut said.fields));
        let mut state = self.0.lock().unwrap();
        let index = state.said.len();
        state.said.push(said);
        state.spans.insert(id.into_u64(), index);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut state = self.0.lock().unwrap();
        if let Some(index) = state.spans.get(&id.into_u64()).copied() {
            values.record(&mut Fields(&mut state.said[index].fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let parent = context.event_span(event).map(|span| span.name().to_owned());
        let mut said = Said { target: event.metadata().target().into(), parent, ..Said::default() };
        event.record(&mut Fields(&mut said.fields));
        said.name = said.fields.remove("message").unwrap_or_default();
        self.0.lock().unwrap().said.push(said);
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.0.lock().unwrap().spans.remove(&id.into_u64());
    }
}

struct Fields<'a>(&'a mut BTreeMap<String, String>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().into(), format!("{value:?}"));
    }
}
