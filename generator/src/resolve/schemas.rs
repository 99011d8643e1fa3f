//! Owns the arena of schemas: one entry a schema, references as indices.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use openapiv3 as oas;
use serde_json::Value;

use super::{Additional, Discriminator, Graph, Kind, Notes, Resolver, STAGE, Schema, SchemaId, component_name, kept};
use crate::diagnostics::{Diagnostics, Pointer};
use crate::lower::KEPT;

impl Resolver<'_> {
    /// Gives every named schema its id, then fills them in.
    pub(super) fn components(&mut self) {
        let at = Pointer::root().child("components").child("schemas");
        let components = self.components;
        for (name, _) in &components.schemas {
            let id = self.reserve(at.child(name));
            self.graph.schemas[id.0].component = Some(name.clone());
            self.graph.components.insert(name.clone(), id);
        }
        for (name, schema) in &components.schemas {
            let id = self.graph.components[name];
            self.fill(id, schema);
        }
    }

    fn reserve(&mut self, pointer: Pointer) -> SchemaId {
        let id = SchemaId(self.graph.schemas.len());
        self.graph.schemas.push(Schema {
            pointer,
            component: None,
            notes: Notes::default(),
            nullable: false,
            reference: None,
            recursive: false,
            anchor: false,
            kind: Kind::Any,
            format: None,
            values: Vec::new(),
            properties: IndexMap::new(),
            required: Vec::new(),
            additional: Additional::Unsaid,
            items: None,
            all_of: Vec::new(),
            one_of: Vec::new(),
            discriminator: None,
            beyond: Vec::new(),
        });
        id
    }

    /// Adds a schema that stands at `pointer`.
    pub(super) fn schema(&mut self, schema: &oas::ReferenceOr<oas::Schema>, pointer: Pointer) -> SchemaId {
        let id = self.reserve(pointer);
        self.fill(id, schema);
        id
    }

    fn boxed(&mut self, schema: &oas::ReferenceOr<Box<oas::Schema>>, pointer: Pointer) -> SchemaId {
        let id = self.reserve(pointer);
        match schema {
            oas::ReferenceOr::Reference { reference } => self.refer(id, reference),
            oas::ReferenceOr::Item(schema) => self.fill_item(id, schema),
        }
        id
    }

    fn fill(&mut self, id: SchemaId, schema: &oas::ReferenceOr<oas::Schema>) {
        match schema {
            oas::ReferenceOr::Reference { reference } => self.refer(id, reference),
            oas::ReferenceOr::Item(schema) => self.fill_item(id, schema),
        }
    }

    fn refer(&mut self, id: SchemaId, reference: &str) {
        let pointer = self.graph.schemas[id.0].pointer.clone();
        match self.look_up(reference) {
            Some(target) => self.graph.schemas[id.0].reference = Some(target),
            None => {
                self.diagnostics
                    .error(STAGE, &pointer, format!("`$ref: {reference}` does not lead to a schema"))
                    .expected("`#/components/schemas/<name>`");
            }
        }
    }

    fn look_up(&self, reference: &str) -> Option<SchemaId> {
        self.graph.components.get(&component_name(reference, "schemas")?).copied()
    }

    fn fill_item(&mut self, id: SchemaId, schema: &oas::Schema) {
        let pointer = self.graph.schemas[id.0].pointer.clone();
        let data = &schema.schema_data;
        let discriminator = data.discriminator.as_ref().map(|d| self.discriminator(d, &pointer));
        let slot = &mut self.graph.schemas[id.0];
        slot.nullable = data.nullable;
        slot.discriminator = discriminator;
        slot.recursive = ["$recursiveRef", "$dynamicRef"].iter().any(|k| kept(&data.extensions, k).is_some());
        slot.anchor = ["$recursiveAnchor", "$dynamicAnchor"].iter().any(|k| kept(&data.extensions, k).is_some());
        slot.notes = Notes {
            title: data.title.clone(),
            description: data.description.clone(),
            deprecated: data.deprecated,
            default: data.default.clone(),
            bounds: Vec::new(),
        };
        for key in ["if", "then", "else", "not", "prefixItems", "patternProperties", "dependentSchemas", "items", "enum"] {
            if kept(&data.extensions, key).is_some() {
                slot.beyond.push(key.to_owned());
            }
        }
        if data.extensions.get(&format!("{KEPT}bool")) == Some(&Value::Bool(false)) {
            slot.beyond.push("false".to_owned());
        }
        self.fill_kind(id, &pointer, &schema.schema_kind);
    }

    fn discriminator(&mut self, discriminator: &oas::Discriminator, pointer: &Pointer) -> Discriminator {
        let mut mapping = Vec::new();
        for (tag, target) in &discriminator.mapping {
            let found = self.look_up(target).or_else(|| self.graph.components.get(target).copied());
            match found {
                Some(id) => mapping.push((tag.clone(), id)),
                None => {
                    let name = target.rsplit('/').next().unwrap_or_default();
                    let hint = super::operations::near_hint(name, self.graph.components.keys().map(String::as_str));
                    let at = pointer.child("discriminator").child("mapping").child(tag);
                    self.diagnostics
                        .error(STAGE, &at, format!("`{target}` does not lead to a schema"))
                        .expected("`#/components/schemas/<name>`")
                        .hint(hint);
                }
            }
        }
        Discriminator { property: discriminator.property_name.clone(), mapping }
    }

    fn fill_kind(&mut self, id: SchemaId, pointer: &Pointer, kind: &oas::SchemaKind) {
        use oas::SchemaKind as K;
        match kind {
            K::Type(kind) => self.fill_type(id, pointer, kind),
            K::OneOf { one_of } => self.branches(id, pointer, "oneOf", one_of),
            K::AnyOf { any_of } => self.branches(id, pointer, "anyOf", any_of),
            K::AllOf { all_of } => self.branches(id, pointer, "allOf", all_of),
            K::Not { .. } => self.graph.schemas[id.0].beyond.push("not".to_owned()),
            K::Any(any) => self.fill_any(id, pointer, any),
        }
    }

    fn branches(&mut self, id: SchemaId, pointer: &Pointer, key: &str, branches: &[oas::ReferenceOr<oas::Schema>]) {
        let at = pointer.child(key);
        let ids: Vec<SchemaId> = branches.iter().enumerate().map(|(i, b)| self.schema(b, at.child(i))).collect();
        let slot = &mut self.graph.schemas[id.0];
        if key == "allOf" { slot.all_of.extend(ids) } else { slot.one_of.extend(ids) }
    }

    fn fill_type(&mut self, id: SchemaId, pointer: &Pointer, kind: &oas::Type) {
        match kind {
            oas::Type::String(string) => {
                let slot = &mut self.graph.schemas[id.0];
                slot.kind = Kind::String;
                slot.format = format_of(&string.format);
                slot.values = string.enumeration.iter().flatten().map(|v| Value::from(v.as_str())).collect();
                let bounds = &mut slot.notes.bounds;
                bound(bounds, "at least", string.min_length, "characters");
                bound(bounds, "at most", string.max_length, "characters");
            }
            oas::Type::Number(number) => {
                let slot = &mut self.graph.schemas[id.0];
                slot.kind = Kind::Number;
                slot.format = format_of(&number.format);
                slot.values = number.enumeration.iter().flatten().map(|v| Value::from(*v)).collect();
                let bounds = &mut slot.notes.bounds;
                bound(bounds, if number.exclusive_minimum { "more than" } else { "at least" }, number.minimum, "");
                bound(bounds, if number.exclusive_maximum { "less than" } else { "at most" }, number.maximum, "");
            }
            oas::Type::Integer(integer) => {
                let slot = &mut self.graph.schemas[id.0];
                slot.kind = Kind::Integer;
                slot.format = format_of(&integer.format);
                slot.values = integer.enumeration.iter().flatten().map(|v| Value::from(*v)).collect();
                let bounds = &mut slot.notes.bounds;
                bound(bounds, if integer.exclusive_minimum { "more than" } else { "at least" }, integer.minimum, "");
                bound(bounds, if integer.exclusive_maximum { "less than" } else { "at most" }, integer.maximum, "");
            }
            oas::Type::Boolean(boolean) => {
                let slot = &mut self.graph.schemas[id.0];
                slot.kind = Kind::Boolean;
                slot.values = boolean.enumeration.iter().flatten().map(|v| Value::from(*v)).collect();
            }
            oas::Type::Array(array) => {
                self.graph.schemas[id.0].kind = Kind::Array;
                self.items(id, pointer, array.items.as_ref());
                let bounds = &mut self.graph.schemas[id.0].notes.bounds;
                bound(bounds, "at least", array.min_items, "items");
                bound(bounds, "at most", array.max_items, "items");
            }
            oas::Type::Object(object) => {
                self.graph.schemas[id.0].kind = Kind::Object;
                self.object(id, pointer, &object.properties, &object.required, object.additional_properties.as_ref());
            }
        }
    }

    fn items(&mut self, id: SchemaId, pointer: &Pointer, items: Option<&oas::ReferenceOr<Box<oas::Schema>>>) {
        if let Some(items) = items {
            let items = self.boxed(items, pointer.child("items"));
            self.graph.schemas[id.0].items = Some(items);
        }
    }

    fn object(
        &mut self,
        id: SchemaId,
        pointer: &Pointer,
        properties: &IndexMap<String, oas::ReferenceOr<Box<oas::Schema>>>,
        required: &[String],
        additional: Option<&oas::AdditionalProperties>,
    ) {
        let at = pointer.child("properties");
        for (name, property) in properties {
            let property = self.boxed(property, at.child(name));
            self.graph.schemas[id.0].properties.insert(name.clone(), property);
        }
        let additional = match additional {
            None => Additional::Unsaid,
            Some(oas::AdditionalProperties::Any(true)) => Additional::Any,
            Some(oas::AdditionalProperties::Any(false)) => Additional::None,
            Some(oas::AdditionalProperties::Schema(schema)) => {
                Additional::Schema(self.schema(schema, pointer.child("additionalProperties")))
            }
        };
        let slot = &mut self.graph.schemas[id.0];
        slot.required = required.to_vec();
        slot.additional = additional;
    }

    fn fill_any(&mut self, id: SchemaId, pointer: &Pointer, any: &oas::AnySchema) {
        let slot = &mut self.graph.schemas[id.0];
        slot.kind = match any.typ.as_deref() {
            Some("string") => Kind::String,
            Some("integer") => Kind::Integer,
            Some("number") => Kind::Number,
            Some("boolean") => Kind::Boolean,
            Some("array") => Kind::Array,
            Some("object") => Kind::Object,
            _ if any.properties.is_empty() && any.additional_properties.is_none() => Kind::Any,
            _ => Kind::Object,
        };
        slot.format = any.format.clone();
        slot.values = any.enumeration.clone();
        if any.not.is_some() && any.one_of.is_empty() && any.all_of.is_empty() && any.any_of.is_empty() && any.properties.is_empty() {
            slot.beyond.push("not".to_owned());
        }
        self.items(id, pointer, any.items.as_ref());
        self.object(id, pointer, &any.properties, &any.required, any.additional_properties.as_ref());
        self.branches(id, pointer, "allOf", &any.all_of);
        self.branches(id, pointer, "oneOf", &any.one_of);
        self.branches(id, pointer, "anyOf", &any.any_of);
    }
}

fn format_of<T: serde::Serialize>(format: &oas::VariantOrUnknownOrEmpty<T>) -> Option<String> {
    match serde_json::to_value(format) {
        Ok(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn bound<T: std::fmt::Display>(bounds: &mut Vec<String>, relation: &str, value: Option<T>, unit: &str) {
    if let Some(value) = value {
        let value = value.to_string();
        let unit = if value == "1" { unit.trim_end_matches('s') } else { unit };
        bounds.push(format!("{relation} {value} {unit}").trim_end().to_owned());
    }
}

/// The longest chain of references and `allOf` that is followed; the longest known one has six links.
const MAX_CHAIN: usize = 128;

/// A schema that contains itself through `$ref`, `allOf` or a union of one alone has no content.
pub(super) fn check_cycles(diagnostics: &mut Diagnostics, graph: &Graph) {
    let mut search = Search { diagnostics, graph, heights: vec![None; graph.schemas.len()] };
    for index in 0..graph.schemas.len() {
        search.from(SchemaId(index));
    }
}

struct Search<'a> {
    diagnostics: &'a mut Diagnostics,
    graph: &'a Graph,
    /// How many links the longest chain from here has, for those that have been left.
    heights: Vec<Option<usize>>,
}

impl Search<'_> {
    /// Goes depth first without recursion: the chains are as long as the document wants.
    fn from(&mut self, start: SchemaId) {
        if self.heights[start.0].is_some() {
            return;
        }
        let mut on_path: BTreeSet<SchemaId> = BTreeSet::from([start]);
        let mut path: Vec<(SchemaId, Vec<SchemaId>, usize)> = vec![(start, self.links(start), 0)];
        while let Some((id, links, height)) = path.last_mut() {
            let Some(next) = links.pop() else {
                let (id, height) = (*id, *height);
                self.heights[id.0] = Some(height);
                on_path.remove(&id);
                path.pop();
                if let Some((outer, _, above)) = path.last_mut() {
                    *above = (*above).max(height + 1);
                    if *above == MAX_CHAIN {
                        self.diagnostics
                            .error(
                                STAGE,
                                &self.graph.schema(*outer).pointer,
                                format!("a chain of {MAX_CHAIN} schemas that only refer to the next begins here"),
                            )
                            .expected("the schema that is meant")
                            .hint("refer to the end of the chain");
                    }
                }
                continue;
            };
            if on_path.contains(&next) {
                let start = path.iter().position(|(p, ..)| *p == next).unwrap_or(0);
                let chain: Vec<SchemaId> = path[start..].iter().map(|(p, ..)| *p).collect();
                self.report(&chain);
                continue;
            }
            match self.heights[next.0] {
                Some(below) => *height = (*height).max(below + 1),
                None => {
                    on_path.insert(next);
                    let links = self.links(next);
                    path.push((next, links, 0));
                }
            }
        }
    }

    fn links(&self, id: SchemaId) -> Vec<SchemaId> {
        let schema = self.graph.schema(id);
        let mut links: Vec<SchemaId> = schema.reference.iter().chain(&schema.all_of).copied().collect();
        if let [only] = schema.one_of.as_slice() {
            links.push(*only);
        }
        links.reverse();
        links
    }

    fn report(&mut self, chain: &[SchemaId]) {
        let mut names: Vec<String> = chain.iter().filter_map(|id| self.graph.schema(*id).component.clone()).collect();
        if let Some(first) = names.first().cloned() {
            names.push(first);
        }
        let at = chain.iter().find(|id| self.graph.schema(**id).component.is_some()).or(chain.first());
        let Some(at) = at else { return };
        self.diagnostics
            .error(STAGE, &self.graph.schema(*at).pointer, format!("the schema contains itself through {}", names.join(" → ")))
            .expected("an `allOf` or `$ref` that ends somewhere")
            .hint("break the chain, or put a property between its links");
    }
}
