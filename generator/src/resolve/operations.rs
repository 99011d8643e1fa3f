//! Owns the operations and webhooks of the graph: parameters, bodies and responses with their references followed.

use std::collections::BTreeMap;

use super::{Answer, Location, Media, Operation, Parameter, Resolver, STAGE, Webhook, component_name};
use crate::diagnostics::Pointer;
use openapiv3 as oas;

/// How many references may stand behind one another before the chain counts as a cycle.
const MAX_HOPS: usize = 16;

impl Resolver<'_> {
    /// Adds every operation.
    pub(super) fn operations(&mut self, openapi: &oas::OpenAPI) {
        let root = Pointer::root().child("paths");
        let mut ids: BTreeMap<String, Pointer> = BTreeMap::new();
        for (path, item) in &openapi.paths.paths {
            let at = root.child(path);
            if !path.starts_with('/') {
                self.diagnostics
                    .error(STAGE, &at, format!("path `{path}` does not start with `/`"))
                    .expected("a path such as `/pets/{id}`");
                continue;
            }
            if !self.check_template(path, &at) {
                continue;
            }
            let oas::ReferenceOr::Item(item) = item else {
                self.diagnostics
                    .error(STAGE, &at, "a path item is a reference")
                    .expected("the path item itself")
                    .hint("write the operations in its place");
                continue;
            };
            for (method, operation) in item.iter() {
                let pointer = at.child(method);
                if let Some(id) = &operation.operation_id
                    && let Some(first) = ids.insert(id.clone(), pointer.clone())
                {
                    self.diagnostics
                        .error(STAGE, &pointer.child("operationId"), format!("operationId `{id}` is used twice, first at {first}"))
                        .expected("an id of its own for every operation");
                }
                let operation = self.operation(openapi, method, path, item, operation, pointer);
                self.graph.operations.push(operation);
            }
        }
    }

    fn operation(
        &mut self,
        openapi: &oas::OpenAPI,
        method: &str,
        path: &str,
        item: &oas::PathItem,
        operation: &oas::Operation,
        pointer: Pointer,
    ) -> Operation {
        let mut parameters: Vec<Parameter> = Vec::new();
        let shared = pointer.parent().child("parameters");
        for (at, list) in [(shared, &item.parameters), (pointer.child("parameters"), &operation.parameters)] {
            for (index, parameter) in list.iter().enumerate() {
                let Some(parameter) = self.parameter(parameter, at.child(index)) else { continue };
                // The operation's own parameter takes the place of the path item's.
                parameters.retain(|p| p.name != parameter.name || p.location != parameter.location);
                parameters.push(parameter);
            }
        }
        self.check_path(path, &parameters, &pointer);
        let (body, body_required) = operation.request_body.as_ref().map_or((Vec::new(), false), |body| self.body(body, &pointer));
        let responses = self.responses(&operation.responses, &pointer);
        let security = operation.security.as_ref().or(openapi.security.as_ref());
        Operation {
            id: operation.operation_id.clone(),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: operation.summary.clone(),
            description: operation.description.clone(),
            deprecated: operation.deprecated,
            tags: operation.tags.clone(),
            parameters,
            body,
            body_required,
            responses,
            security: security.map(|list| list.iter().flat_map(|r| r.keys().cloned()).collect()),
            docs_url: operation.external_docs.as_ref().map(|d| d.url.clone()),
            pointer,
        }
    }

    /// Whether the path's placeholders are well-formed; what its operations declare can be compared with them only then.
    fn check_template(&mut self, path: &str, pointer: &Pointer) -> bool {
        let template = path.split(['?', '#']).next().unwrap_or(path);
        let mut depth = 0;
        let nested = template.chars().any(|c| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            !(0..=1).contains(&depth)
        });
        let named = placeholders(template);
        if nested || depth != 0 || named.contains(&"") {
            let found = if named.contains(&"") { "an empty pair of braces in" } else { "the braces do not match in" };
            self.diagnostics.error(STAGE, pointer, format!("{found} `{path}`")).expected("`{name}`");
            return false;
        }
        let twice = named.iter().enumerate().find(|(index, name)| named[..*index].contains(name));
        if let Some((_, name)) = twice {
            self.diagnostics
                .error(STAGE, pointer, format!("path parameter `{name}` occurs twice in `{path}`"))
                .expected("a name of its own for every parameter");
        }
        twice.is_none()
    }

    fn check_path(&mut self, path: &str, parameters: &[Parameter], pointer: &Pointer) {
        let template = path.split(['?', '#']).next().unwrap_or(path);
        let named: Vec<&str> = placeholders(template);
        for name in &named {
            if !parameters.iter().any(|p| p.location == Location::Path && p.name == *name) {
                self.diagnostics
                    .error(STAGE, pointer, format!("path parameter `{name}` is not declared"))
                    .expected(format!("a parameter `{{name: {name}, in: path, required: true}}`"))
                    .hint(near_hint(name, parameters.iter().filter(|p| p.location == Location::Path).map(|p| p.name.as_str())));
            }
        }
        for parameter in parameters.iter().filter(|p| p.location == Location::Path && !named.contains(&p.name.as_str())) {
            self.diagnostics
                .error(STAGE, &parameter.pointer, format!("path parameter `{}` does not occur in `{path}`", parameter.name))
                .expected(format!("`{{{}}}` in the path", parameter.name));
        }
    }

    fn parameter(&mut self, parameter: &oas::ReferenceOr<oas::Parameter>, pointer: Pointer) -> Option<Parameter> {
        let components = self.components;
        let parameter = self.follow(parameter, "parameters", &components.parameters, &pointer)?;
        let location = match parameter {
            oas::Parameter::Path { .. } => Location::Path,
            oas::Parameter::Query { .. } => Location::Query,
            oas::Parameter::Header { .. } => Location::Header,
            oas::Parameter::Cookie { .. } => Location::Cookie,
        };
        let data = parameter.parameter_data_ref();
        let any = oas::ReferenceOr::Item(oas::Schema {
            schema_data: oas::SchemaData::default(),
            schema_kind: oas::SchemaKind::Any(oas::AnySchema::default()),
        });
        let schema = match &data.format {
            oas::ParameterSchemaOrContent::Schema(schema) => self.schema(schema, pointer.child("schema")),
            oas::ParameterSchemaOrContent::Content(content) => {
                let (media, at) = match content.first() {
                    Some((name, media)) => (media.schema.as_ref(), pointer.child("content").child(name).child("schema")),
                    None => (None, pointer.child("content")),
                };
                self.schema(media.unwrap_or(&any), at)
            }
        };
        Some(Parameter {
            name: data.name.clone(),
            location,
            required: data.required,
            description: data.description.clone(),
            deprecated: data.deprecated.unwrap_or(false),
            schema,
            extensions: data.extensions.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
            pointer,
        })
    }

    fn body(&mut self, body: &oas::ReferenceOr<oas::RequestBody>, pointer: &Pointer) -> (Vec<Media>, bool) {
        let at = pointer.child("requestBody");
        let components = self.components;
        match self.follow(body, "requestBodies", &components.request_bodies, &at) {
            Some(body) => (self.content(&body.content, &at), body.required),
            None => (Vec::new(), false),
        }
    }

    fn responses(&mut self, responses: &oas::Responses, pointer: &Pointer) -> Vec<Answer> {
        let at = pointer.child("responses");
        let default = responses.default.iter().map(|r| ("default".to_owned(), r));
        let components = self.components;
        let listed = responses.responses.iter().map(|(status, r)| (status.to_string(), r));
        let mut answers = Vec::new();
        for (status, response) in listed.chain(default) {
            let at = at.child(&status);
            if let Some(response) = self.follow(response, "responses", &components.responses, &at) {
                let content = self.content(&response.content, &at);
                answers.push(Answer { status, content });
            }
        }
        answers
    }

    fn content(&mut self, content: &oas::Content, pointer: &Pointer) -> Vec<Media> {
        let at = pointer.child("content");
        content
            .iter()
            .map(|(name, media)| Media {
                media_type: name.split(';').next().unwrap_or(name).trim().to_lowercase(),
                schema: media.schema.as_ref().map(|s| self.schema(s, at.child(name).child("schema"))),
                encoding: media.encoding.iter().filter_map(|(part, e)| Some((part.clone(), e.content_type.clone()?))).collect(),
            })
            .collect()
    }

    /// Follows references between components of one section.
    fn follow<'v, T>(
        &mut self,
        item: &'v oas::ReferenceOr<T>,
        section: &str,
        named: &'v indexmap::IndexMap<String, oas::ReferenceOr<T>>,
        pointer: &Pointer,
    ) -> Option<&'v T> {
        let mut item = item;
        for _ in 0..MAX_HOPS {
            match item {
                oas::ReferenceOr::Item(item) => return Some(item),
                oas::ReferenceOr::Reference { reference } => {
                    let next = component_name(reference, section).and_then(|name| named.get(&name));
                    let Some(next) = next else {
                        let hint = near_hint(reference.rsplit('/').next().unwrap_or_default(), named.keys().map(String::as_str));
                        self.diagnostics
                            .error(STAGE, pointer, format!("`$ref: {reference}` does not lead to one of components.{section}"))
                            .expected(format!("`#/components/{section}/<name>`"))
                            .hint(hint);
                        return None;
                    };
                    item = next;
                }
            }
        }
        self.diagnostics.error(STAGE, pointer, "the references lead in a circle").expected("a chain that ends somewhere");
        None
    }

    /// Adds every webhook.
    pub(super) fn webhooks(&mut self, webhooks: &[(String, oas::PathItem)]) {
        let root = Pointer::root().child("webhooks");
        for (name, item) in webhooks {
            let pointer = root.child(name);
            for (method, operation) in item.iter() {
                let at = pointer.child(method);
                let body = operation.request_body.as_ref().map_or(Vec::new(), |body| self.body(body, &at).0);
                let schema = body.into_iter().find_map(|media| media.schema);
                self.graph.webhooks.push(Webhook { pointer: at, name: name.clone(), schema });
            }
        }
    }
}

/// What to do about a name that is not among those that there are.
pub(super) fn near_hint<'n>(name: &str, there: impl Iterator<Item = &'n str>) -> String {
    crate::lower::nearest(name, there).map_or_else(String::new, |near| format!("did you mean `{near}`?"))
}

/// The names in braces.
pub(crate) fn placeholders(template: &str) -> Vec<&str> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
}
