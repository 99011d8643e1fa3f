//! Owns operations: parameters laid together into one type, the form of body and answer, streams, pages, credentials, headers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::polling;
use super::properties::Branches;
use super::resources::{key_of, name_all};
use super::types::Builder;
use super::{
    Answer, BodyForm, Credential, Cursor, Field, GenAi, Label, Operation, Origin, Page, Part, Place, Resume, STAGE, Shape, Socket, Stream,
    StreamEnd, Struct, Ty, TypeId, Union, Use, Variant,
};
use crate::diagnostics::{Diagnostics, Failed};
use crate::overlay::StreamEndRule;
use crate::resolve::{self, Location, Media, Notes, Schema, SchemaId};

/// Builds every operation and the union of webhooks.
pub(crate) fn build(diagnostics: &mut Diagnostics, builder: &mut Builder<'_>) -> Result<(), Failed> {
    let graph = builder.graph;
    let lists: Vec<bool> = graph.operations.iter().map(|op| builder.is_list(op)).collect();
    let names = name_all(diagnostics, graph, builder.overlay, &lists);
    for (index, (resource, method)) in names.into_iter().enumerate() {
        let operation = builder.operation(diagnostics, index, resource, method);
        builder.api.operations.push(operation);
    }
    settle_pages(diagnostics, builder);
    polling::settle(&mut builder.api, graph, builder.overlay);
    builder.webhooks();
    for entry in &builder.overlay.root {
        if graph.components.contains_key(&entry.value.schema) {
            entry.apply();
        }
    }
    diagnostics.checkpoint()
}

/// A list's type says how it goes on, so that all operations that answer with it have to agree. One that does not agree with the first goes
/// on nowhere.
fn settle_pages(diagnostics: &mut Diagnostics, builder: &mut Builder<'_>) {
    let mut cursors: BTreeMap<TypeId, Cursor> = BTreeMap::new();
    for index in 0..builder.api.operations.len() {
        let operation = &builder.api.operations[index];
        let (Answer::Json(answer), Some(page)) = (&operation.answer, &operation.page) else { continue };
        let Some(envelope) = builder.api.named(&answer.ty).filter(|_| page.cursor != Cursor::Single) else { continue };
        let first = cursors.entry(envelope).or_insert_with(|| page.cursor.clone());
        if *first == page.cursor {
            continue;
        }
        let source = &builder.graph.operations[index];
        diagnostics
            .warning(STAGE, &source.pointer, "the list goes on by another cursor here than in other operations that answer with it")
            .hint(format!(
                "it is taken for a single page; say `[[page]] key = \"{}\"` with the right cursor in the overlay",
                key_of(source)
            ));
        if let Some(page) = &mut builder.api.operations[index].page {
            page.cursor = Cursor::Single;
        }
    }
}

/// Whether a media type holds JSON.
fn is_json(media: &str) -> bool {
    media == "application/json" || media.ends_with("+json") || media == "*/*"
}

const EVENT_STREAM: &str = "text/event-stream";
const MULTIPART: &str = "multipart/form-data";
const URL_ENCODED: &str = "application/x-www-form-urlencoded";

impl Builder<'_> {
    fn success<'o>(&self, operation: &'o resolve::Operation) -> Option<&'o resolve::Answer> {
        operation
            .responses
            .iter()
            .filter(|r| r.status.starts_with('2'))
            .min_by_key(|r| r.content.is_empty())
            .or_else(|| operation.responses.iter().find(|r| r.status == "default" && operation.responses.len() == 1))
    }

    /// Whether an operation answers with a list: an array, or an object whose `data` is one.
    fn is_list(&self, operation: &resolve::Operation) -> bool {
        let Some(answer) = self.success(operation) else { return false };
        let Some(schema) = answer.content.iter().find(|m| is_json(&m.media_type)).and_then(|m| m.schema) else { return false };
        let core = self.core(schema);
        if self.graph.schema(core).kind == resolve::Kind::Array {
            return true;
        }
        let parts = self.parts(core, &Origin::Webhooks, Branches::Ignore);
        parts
            .and_then(|p| p.properties.get("data").map(|(id, _)| self.core(*id)))
            .is_some_and(|id| self.schema(id).kind == resolve::Kind::Array)
    }

    fn schema(&self, id: SchemaId) -> &Schema {
        self.graph.schema(id)
    }

    fn operation(&mut self, diagnostics: &mut Diagnostics, index: usize, resource: Vec<String>, method: String) -> Operation {
        let source = &self.graph.operations[index];
        let key = key_of(source);
        let path = source.path.split(['?', '#']).next().unwrap_or_default().to_owned();
        let query = source.path.split_once('?').map_or("", |(_, q)| q.split('#').next().unwrap_or(q));
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let query = query.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        let headers = self
            .overlay
            .header
            .iter()
            .filter(|e| {
                e.value.path == source.path
                    || e.value.path == path
                    || path.strip_prefix(&e.value.path).is_some_and(|rest| rest.starts_with('/'))
            })
            .map(|e| (e.apply().name.clone(), e.value.value.clone()))
            .collect();
        let path_parameters = resolve::placeholders(&path)
            .into_iter()
            .map(|name| {
                let docs =
                    source.parameters.iter().find(|p| p.location == Location::Path && p.name == name).and_then(|p| p.description.clone());
                (name.to_owned(), docs)
            })
            .collect();
        let (body, media) = self.body_form(diagnostics, source, &key);
        let (params, body_argument) = self.params(diagnostics, index, media, &body);
        let part_types = media.map_or_else(Vec::new, |m| m.encoding.clone());
        let (answer, accept) = self.answer(diagnostics, index, &key);
        let text_when =
            self.overlay.text_answer.iter().find(|e| e.value.key == key).map(|e| (e.apply().field.clone(), e.value.values.clone()));
        let stream = self.stream(source, &key, params.as_ref());
        let page = self.page(source, &key, &answer);
        let socket = self.socket(diagnostics, source, &key);
        let accept = if socket.is_some() { "application/json".to_owned() } else { accept };
        Operation {
            index,
            id: source.id.clone().unwrap_or_else(|| format!("{} {}", source.method, source.path)),
            resource,
            method,
            verb: source.method.clone(),
            path,
            query,
            headers,
            path_parameters,
            params,
            body_argument,
            body,
            part_types,
            answer,
            text_when,
            accept,
            stream,
            socket,
            page,
            polling: None,
            poll_start: None,
            defaults: self.defaults(&key),
            former_names: self.former_names(&key),
            gen_ai: self.gen_ai(&key),
            credentials: self.credentials(source),
            deprecated: source.deprecated,
        }
    }

    /// What is spoken over the WebSocket that an operation opens.
    fn socket(&mut self, diagnostics: &mut Diagnostics, source: &resolve::Operation, key: &str) -> Option<Socket> {
        let rule = self.overlay.websocket.iter().find(|e| e.value.key == key)?.apply();
        let (client, server) = (self.spoken(diagnostics, source, &rule.client), self.spoken(diagnostics, source, &rule.server));
        Some(Socket { client: client?, server: server?, configuration: rule.configuration.clone() })
    }

    /// The union of the events that go one way.
    fn spoken(&mut self, diagnostics: &mut Diagnostics, source: &resolve::Operation, schema: &str) -> Option<TypeId> {
        let found = self.graph.components.get(schema).copied().map(|id| self.component(id));
        let id = found.and_then(|found| self.api.named(&found.ty));
        let is_told_apart = |id: &TypeId| matches!(&self.api.get(*id).shape, Shape::Union(union) if union.tag.is_some());
        let id = id.filter(is_told_apart);
        if id.is_none() {
            diagnostics
                .error(STAGE, &source.pointer, format!("the WebSocket speaks `{schema}`, which is no union of events"))
                .expected("a schema with `oneOf`, whose branches are told apart by a property")
                .hint("correct the `[[websocket]]` entry, or say `[[growing]]` for a union of one branch");
        }
        id
    }

    fn defaults(&self, key: &str) -> Vec<(String, String)> {
        let rules = self.overlay.default.iter().filter(|e| e.value.key == key);
        rules.map(|e| (e.apply().field.clone(), e.value.value.to_string())).collect()
    }

    fn former_names(&self, key: &str) -> Vec<String> {
        self.overlay.former_name.iter().filter(|e| e.value.key == key).map(|e| e.apply().name.clone()).collect()
    }

    fn gen_ai(&self, key: &str) -> Option<GenAi> {
        let rule = self.overlay.gen_ai.iter().find(|e| e.value.key == key)?.apply();
        let pairs = |map: &BTreeMap<String, String>| map.iter().map(|(path, attribute)| (attribute.clone(), path.clone())).collect();
        Some(GenAi {
            operation: rule.operation.clone(),
            provider: rule.provider.clone(),
            request: pairs(&rule.request),
            response: pairs(&rule.response),
            event: rule.event.clone(),
        })
    }

    fn credentials(&self, operation: &resolve::Operation) -> Vec<Credential> {
        let mut credentials = Vec::new();
        for scheme in operation.security.iter().flatten() {
            let rule = self.overlay.security.iter().find(|e| &e.value.scheme == scheme);
            let credential = match rule.map(|e| e.apply().credential.as_str()) {
                Some("admin_api_key") => Credential::AdminApiKey,
                _ => Credential::ApiKey,
            };
            if !credentials.contains(&credential) {
                credentials.push(credential);
            }
        }
        credentials
    }

    /// The form in which the body is sent, and the media type that describes it.
    fn body_form<'o>(&self, diagnostics: &mut Diagnostics, operation: &'o resolve::Operation, key: &str) -> (BodyForm, Option<&'o Media>) {
        let find = |test: &dyn Fn(&str) -> bool| operation.body.iter().find(|m| test(&m.media_type));
        let json = find(&is_json);
        let multipart = find(&|m| m == MULTIPART);
        let rule = self.overlay.body.iter().find(|e| e.value.key == key).map(|e| e.apply().form.as_str());
        let (form, media) = match (rule, multipart, json) {
            (Some("json"), _, Some(json)) => (BodyForm::Json, Some(json)),
            (Some("multipart_if_files"), Some(media), _) => (BodyForm::MultipartIfFiles, Some(media)),
            (Some("multipart_or_text"), Some(media), _) => {
                let text = operation.body.iter().find(|m| !is_json(&m.media_type) && m.media_type != MULTIPART);
                let content_type = text.map_or_else(|| "text/plain".to_owned(), |m| m.media_type.clone());
                let field = media.encoding.iter().find(|(_, t)| *t == content_type).map(|(f, _)| f.clone()).unwrap_or_default();
                (BodyForm::MultipartOrText { field, content_type }, Some(media))
            }
            (_, Some(media), _) => (BodyForm::Multipart, Some(media)),
            (_, None, Some(json)) => (BodyForm::Json, Some(json)),
            (_, None, None) => match operation.body.first() {
                None => (BodyForm::None, None),
                Some(media) if media.media_type == URL_ENCODED => (BodyForm::Form, Some(media)),
                Some(media) => (BodyForm::Bytes { content_type: media.media_type.clone() }, Some(media)),
            },
        };
        for other in operation.body.iter().filter(|m| Some(&m.media_type) != media.map(|m| &m.media_type)) {
            let twin = media.and_then(|m| m.schema).zip(other.schema).is_some_and(|(a, b)| self.core(a) == self.core(b));
            if !twin && !matches!(&form, BodyForm::MultipartOrText { content_type, .. } if *content_type == other.media_type) {
                let chosen = media.map_or("", |m| m.media_type.as_str());
                diagnostics.note(
                    STAGE,
                    &operation.pointer.child("requestBody").child("content").child(&other.media_type),
                    format!("the form `{}` of the body is not offered; `{chosen}` is", other.media_type),
                );
            }
        }
        (form, media)
    }

    /// The type of the parameters, and of the body where it cannot be part of them.
    fn params(
        &mut self,
        diagnostics: &mut Diagnostics,
        index: usize,
        media: Option<&Media>,
        form: &BodyForm,
    ) -> (Option<Use>, Option<Use>) {
        let source = &self.graph.operations[index];
        let mut fields = Vec::new();
        let origin = Origin::Params(index);
        for parameter in &source.parameters {
            let place = match parameter.location {
                Location::Query => Place::Query,
                Location::Header => Place::Header,
                Location::Path => continue,
                Location::Cookie => {
                    diagnostics
                        .note(STAGE, &parameter.pointer, format!("cookie `{}` is not offered", parameter.name))
                        .hint("send it with `.header(\"Cookie\", …)`");
                    continue;
                }
            };
            fields.push(self.parameter(parameter, place, &origin));
        }
        let Some(schema) = media.and_then(|m| m.schema).filter(|_| !matches!(form, BodyForm::Bytes { .. })) else {
            let body = matches!(form, BodyForm::Bytes { .. }).then_some(Use { ty: Ty::Binary, nullable: false });
            let body = body.or_else(|| media.map(|_| Use { ty: Ty::Json, nullable: false }));
            return (self.params_struct(index, fields), body);
        };
        let core = self.core(schema);
        let parts = self.parts(core, &origin, Branches::Refuse).filter(|p| !p.properties.is_empty());
        let Some(parts) = parts else {
            let body = self.use_of(schema, &origin);
            return if fields.is_empty() { (Some(body), None) } else { (self.params_struct(index, fields), Some(body)) };
        };
        if fields.is_empty() {
            return (Some(self.use_of(schema, &origin)), None);
        }
        if fields.iter().any(|f| parts.properties.contains_key(&f.wire)) {
            let body = self.use_of(schema, &Origin::Inside(Box::new(origin), Part::Property("body".to_owned())));
            return (self.params_struct(index, fields), Some(body));
        }
        let owner = self.schema(core).component.clone().map_or_else(|| origin.clone(), Origin::Component);
        let parts = self.parts(core, &owner, Branches::Refuse).unwrap_or(parts);
        for (wire, (property, owner)) in &parts.properties {
            let required = parts.required.contains(wire);
            fields.push(self.field(wire, *property, owner, required));
        }
        (self.params_struct(index, fields), None)
    }

    fn params_struct(&mut self, index: usize, fields: Vec<Field>) -> Option<Use> {
        if fields.is_empty() {
            return None;
        }
        let source = &self.graph.operations[index];
        let notes = Notes {
            description: source.summary.as_ref().map(|s| format!("Parameters of “{}”.", s.trim_end_matches('.'))),
            ..Notes::default()
        };
        let id = TypeId(self.api.types.len());
        self.api.types.push(super::TypeDef {
            origin: Origin::Params(index),
            pointer: source.pointer.clone(),
            notes,
            shape: Shape::Struct(Struct { fields, first: Vec::new() }),
        });
        Some(Use { ty: Ty::Type(id), nullable: false })
    }

    fn parameter(&mut self, parameter: &resolve::Parameter, place: Place, origin: &Origin) -> Field {
        // A list may be spelt `x[]`; the brackets are the encoding's, not the name's.
        let wire = parameter.name.trim_end_matches("[]").to_owned();
        let mut field = self.field(&wire, parameter.schema, origin, parameter.required);
        if field.constant.is_some() && !parameter.required {
            field.constant = None;
        }
        field.place = place;
        field.notes.description = parameter.description.clone().or(field.notes.description);
        field.notes.deprecated |= parameter.deprecated;
        let rule = self.overlay.parameter.iter().find(|e| e.value.wire == wire);
        field.hint = rule.map(|e| e.apply().name.clone());
        field
    }

    fn answer(&mut self, diagnostics: &mut Diagnostics, index: usize, key: &str) -> (Answer, String) {
        let source = &self.graph.operations[index];
        let rule = self.overlay.answer.iter().find(|e| e.value.key == key).map(|e| e.apply());
        let content: &[Media] = self.success(source).map_or(&[], |a| a.content.as_slice());
        let plain: Vec<&Media> = content.iter().filter(|m| m.media_type != EVENT_STREAM).collect();
        let json = plain.iter().find(|m| is_json(&m.media_type)).copied();
        let text = plain.iter().find(|m| m.media_type.starts_with("text/"));
        let binary = plain.iter().find(|m| !is_json(&m.media_type) && !m.media_type.starts_with("text/"));
        let form = rule.map(|r| r.form.as_str()).unwrap_or(match (json, text, binary) {
            (_, _, Some(_)) => "binary",
            (Some(json), _, _) if self.is_binary(json) => "binary",
            (Some(_), _, _) => "json",
            (None, Some(_), _) => "text",
            (None, None, None) => "nothing",
        });
        let (answer, accept) = match form {
            "nothing" => (Answer::Nothing, "*/*".to_owned()),
            "binary" => (Answer::Binary, binary.map_or_else(|| "application/octet-stream".to_owned(), |m| m.media_type.clone())),
            "text" => (Answer::Text, text.map_or_else(|| "text/plain".to_owned(), |m| m.media_type.clone())),
            _ => match json.and_then(|m| m.schema) {
                Some(schema) => (Answer::Json(self.use_of(schema, &Origin::Answer(index))), "application/json".to_owned()),
                None => {
                    diagnostics.note(STAGE, &source.pointer.child("responses"), "the answer is JSON of an unknown kind and stays raw");
                    (Answer::Json(Use { ty: Ty::Json, nullable: false }), "application/json".to_owned())
                }
            },
        };
        let accept = rule.and_then(|r| r.accept.clone()).unwrap_or(accept);
        (answer, accept)
    }

    fn is_binary(&self, media: &Media) -> bool {
        media.schema.is_some_and(|id| self.schema(self.core(id)).format.as_deref() == Some("binary"))
    }

    fn stream(&mut self, source: &resolve::Operation, key: &str, params: Option<&Use>) -> Option<Stream> {
        let graph = self.graph;
        if let Some(entry) = self.overlay.stream.iter().find(|e| e.value.key == key) {
            let id = *graph.components.get(&entry.value.events)?;
            let rule = entry.apply();
            let events = self.component(id);
            return Some(self.stream_of(key, events, Some((rule.field.clone(), rule.value.clone()))));
        }
        let answer = self.success(source)?;
        let schema = answer.content.iter().find(|m| m.media_type == EVENT_STREAM)?.schema?;
        let name = Origin::Inside(Box::new(Origin::Answer(source_index(graph, source))), Part::Branch("event".to_owned()));
        let events = self.use_of(schema, &name);
        let flag = params.and_then(|p| self.api.as_struct(&p.ty)).and_then(|(_, s)| s.field("stream")).is_some();
        Some(self.stream_of(key, events, flag.then(|| ("stream".to_owned(), Value::Bool(true)))))
    }

    fn stream_of(&self, key: &str, events: Use, field: Option<(String, Value)>) -> Stream {
        let named = self
            .api
            .named(&events.ty)
            .is_some_and(|id| matches!(&self.api.get(id).shape, Shape::Union(u) if u.tag.as_deref() == Some("event")));
        let schema = self.api.named(&events.ty).map(|id| self.api.get(id).origin.clone());
        let rule = self.overlay.stream_end.iter().find(|e| schema == Some(Origin::Component(e.value.events.clone())));
        let end = match rule.map(|e| e.apply()) {
            None => StreamEnd::Unknown,
            Some(StreamEndRule { field: Some(field), .. }) => StreamEnd::Field(field.clone()),
            Some(rule) => StreamEnd::Types(rule.types.clone()),
        };
        Stream { events: Use { nullable: false, ..events }, field, named, end, resume: self.resume(key) }
    }

    /// How the operation's stream goes on. A rule that names what is not there does not apply.
    fn resume(&self, key: &str) -> Option<Resume> {
        let entry = self.overlay.resume.iter().find(|e| e.value.key == key)?;
        let operation = self.graph.operations.iter().position(|op| key_of(op) == entry.value.by)?;
        let by = &self.graph.operations[operation];
        let [path] = resolve::placeholders(&by.path)[..] else { return None };
        by.parameters.iter().find(|p| p.location == Location::Query && p.name == entry.value.after)?;
        let rule = entry.apply();
        Some(Resume {
            operation,
            path: path.to_owned(),
            id: rule.id.split('.').filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect(),
            number: rule.number.clone(),
            after: rule.after.clone(),
            keeps: rule.keeps.clone(),
            requires: rule.requires.clone(),
        })
    }

    fn page(&self, source: &resolve::Operation, key: &str, answer: &Answer) -> Option<Page> {
        let Answer::Json(answer) = answer else { return None };
        let (_, envelope) = self.api.as_struct(&answer.ty)?;
        let data = envelope.field("data")?;
        let Ty::List(item) = self.api.expand(&data.ty) else { return None };
        let rule = self.overlay.page.iter().find(|e| e.value.key == key).map(|e| e.apply().cursor.clone());
        if source.method != "GET" && rule.is_none() {
            return None;
        }
        let has_query = |name: &str| source.parameters.iter().any(|p| p.location == Location::Query && p.name == name);
        let has = |name: &str| envelope.field(name).is_some();
        let rule = rule.unwrap_or_else(|| {
            if has("next_page") && has_query("page") {
                "page_token".to_owned()
            } else if has("next") && has_query("after") {
                "next".to_owned()
            } else if !has_query("after") {
                "single".to_owned()
            } else if self.has_id(item) {
                "item_id".to_owned()
            } else {
                "last_id".to_owned()
            }
        });
        let (cursor, parameter) = match rule.as_str() {
            "page_token" => (Cursor::Property("next_page".to_owned()), "page"),
            "next" => (Cursor::Property("next".to_owned()), "after"),
            "last_id" => (Cursor::Property("last_id".to_owned()), "after"),
            "item_id" => (Cursor::ItemId, "after"),
            _ => (Cursor::Single, "after"),
        };
        Some(Page { item: (**item).clone(), items: "data".to_owned(), cursor, parameter: parameter.to_owned() })
    }

    /// Whether an item has an id: its own, or each of its variants'.
    fn has_id(&self, item: &Use) -> bool {
        let Some(id) = self.api.named(&item.ty) else { return false };
        match &self.api.get(id).shape {
            Shape::Struct(s) => s.field("id").is_some(),
            Shape::Union(u) => u
                .variants
                .iter()
                .any(|v| v.payload.as_ref().and_then(|p| self.api.as_struct(&p.ty)).is_some_and(|(_, s)| s.field("id").is_some())),
            _ => false,
        }
    }

    /// The union of what is posted to webhooks, told apart by a constant that all of them have.
    fn webhooks(&mut self) {
        let mut variants = Vec::new();
        for webhook in &self.graph.webhooks {
            let Some(schema) = webhook.schema else { continue };
            let payload = self.use_of(schema, &Origin::Inside(Box::new(Origin::Webhooks), Part::Branch(webhook.name.clone())));
            let tags = self.api.as_struct(&payload.ty).and_then(|(_, s)| s.field("type")?.constant.clone());
            variants.push(Variant {
                label: tags.clone().map_or_else(|| Label::Title(webhook.name.clone()), Label::Tag),
                payload: Some(Use { nullable: false, ..payload }),
                text: None,
                tags: tags.into_iter().collect(),
                tag_optional: false,
                notes: self.notes(schema),
            });
        }
        if variants.is_empty() {
            return;
        }
        let tag = variants.iter().all(|v| !v.tags.is_empty()).then(|| "type".to_owned());
        let id = TypeId(self.api.types.len());
        let notes = Notes { description: Some("What is posted to a webhook.".to_owned()), ..Notes::default() };
        let pointer = crate::diagnostics::Pointer::root().child("webhooks");
        self.api.types.push(super::TypeDef {
            origin: Origin::Webhooks,
            pointer,
            notes,
            shape: Shape::Union(Union { variants, tag, envelope: None }),
        });
        self.api.webhooks = Some(id);
    }
}

fn source_index(graph: &resolve::Graph, source: &resolve::Operation) -> usize {
    graph.operations.iter().position(|op| std::ptr::eq(op, source)).unwrap_or_default()
}
