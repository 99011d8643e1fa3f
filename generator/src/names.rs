//! Owns every Rust identifier: types, fields, variants, resources, methods. Case, keywords, clashes with the prelude, collisions, the overlay's names.
//! An unclear name is a diagnostic, not a number at the end. Knows no files.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToShoutySnakeCase, ToSnakeCase};

use crate::analyze::Facts;
use crate::diagnostics::{Diagnostics, Failed, Pointer};
use crate::model::{Api, Label, Operation, Origin, Part, Shape, Ty, TypeId, Union, Use};
use crate::overlay::Overlay;

mod words;

pub(crate) use words::{field_ident, method_ident, singular, upper_camel};

const STAGE: &str = "names";

/// All identifiers.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Types that are emitted.
    pub types: BTreeMap<TypeId, String>,
    /// Further names: alias, target.
    pub aliases: Vec<Alias>,
    /// Fields, by type, in the order of the struct.
    pub fields: BTreeMap<TypeId, Vec<String>>,
    /// Variants, by type, in the order of the enum or union.
    pub variants: BTreeMap<TypeId, Vec<String>>,
    /// The variant that takes what is not listed, by type.
    pub fallback: BTreeMap<TypeId, String>,
    /// Per operation.
    pub operations: Vec<OperationNames>,
}

/// A second name for a type.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The second name.
    pub name: String,
    /// The type.
    pub target: TypeId,
    /// The family it is to stand in, if not that of the target.
    pub family: Option<String>,
    /// The operation whose parameters it names.
    pub operation: Option<usize>,
}

/// The identifiers of one operation.
#[derive(Clone, Debug)]
pub struct OperationNames {
    /// The method.
    pub method: String,
    /// The streaming method.
    pub stream_method: String,
    /// The constant with its description.
    pub constant: String,
    /// The path parameters.
    pub path_parameters: Vec<String>,
    /// What the types of its connections begin with, if it opens any.
    pub connection: String,
    /// How it is polled.
    pub poll: Option<PollNames>,
    /// How it begins what is polled.
    pub poll_start: Option<PollNames>,
}

/// The identifiers of a form of polling.
#[derive(Clone, Debug)]
pub struct PollNames {
    /// The method.
    pub method: String,
    /// The constant with its description.
    pub constant: String,
}

/// Names everything.
pub fn names(diagnostics: &mut Diagnostics, api: &Api, facts: &Facts, overlay: &Overlay) -> Result<Names, Failed> {
    let mut namer = Namer { api, facts, overlay, memo: BTreeMap::new(), names: Names::default() };
    for operation in &api.operations {
        let names = namer.operation(operation);
        namer.names.operations.push(names);
    }
    namer.part_stream_methods();
    namer.check_poll_methods(diagnostics);
    // Variants first: the types inside a union are called after its variants.
    let emitted: Vec<TypeId> = facts.reach.keys().chain(&facts.reached_twins).copied().collect();
    for id in &emitted {
        let name = namer.type_name(*id);
        namer.names.types.insert(*id, name);
    }
    namer.part_types(diagnostics);
    namer.rename_inline();
    for id in facts.reach.keys() {
        namer.members(diagnostics, *id);
    }
    namer.params_aliases();
    namer.overlay_aliases();
    diagnostics.checkpoint()?;
    Ok(namer.names)
}

fn poll_names(operation: &Operation, method: &str) -> PollNames {
    let constant = format!("{}_{method}", operation.resource.join("_")).to_shouty_snake_case();
    PollNames { method: method_ident(method), constant }
}

struct Namer<'a> {
    api: &'a Api,
    facts: &'a Facts,
    overlay: &'a Overlay,
    memo: BTreeMap<Origin, String>,
    names: Names,
}

impl Namer<'_> {
    fn operation(&self, operation: &Operation) -> OperationNames {
        let method = method_ident(&operation.method);
        OperationNames {
            stream_method: format!("{}_stream", operation.method.to_snake_case()),
            constant: format!("{}_{}", operation.resource.join("_"), operation.method).to_shouty_snake_case(),
            path_parameters: words::distinct_fields(operation.path_parameters.iter().map(|(name, _)| name.as_str())),
            poll: operation.polling.as_ref().map(|polling| poll_names(operation, &polling.method)),
            poll_start: operation.poll_start.as_ref().map(|start| poll_names(operation, &start.method)),
            method,
            connection: upper_camel(&operation.resource.join("_")),
        }
    }

    /// The streaming form of `x` is `x_stream`, and `x_events` where the document has an `x_stream` of its own beside it.
    fn part_stream_methods(&mut self) {
        for (index, operation) in self.api.operations.iter().enumerate().filter(|(_, operation)| operation.stream.is_some()) {
            let name = &self.names.operations[index].stream_method;
            let is_sibling = |other: &Operation| other.resource == operation.resource && other.method.to_snake_case() == *name;
            let child = [operation.resource.as_slice(), std::slice::from_ref(name)].concat();
            if self.api.operations.iter().any(|other| is_sibling(other) || other.resource.starts_with(&child)) {
                self.names.operations[index].stream_method = format!("{}_events", operation.method.to_snake_case());
            }
        }
    }

    /// A form of polling has a name of its own.
    fn check_poll_methods(&self, diagnostics: &mut Diagnostics) {
        for operation in &self.api.operations {
            let methods = [operation.polling.as_ref().map(|p| &p.method), operation.poll_start.as_ref().map(|s| &s.method)];
            for method in methods.into_iter().flatten() {
                let is_taken = |other: &Operation| other.resource == operation.resource && other.method == *method;
                if self.api.operations.iter().any(is_taken) {
                    let dotted = operation.resource.join(".");
                    diagnostics
                        .error(STAGE, &Pointer::root(), format!("the method `{dotted}.{method}` is an operation of its own"))
                        .expected("another name in the entry of the overlay that polls");
                }
            }
        }
    }

    /// The words that stand for a resource at the beginning of type names.
    fn stem(&self, resource: &[String]) -> String {
        let dotted = resource.join(".");
        let matching = |prefix: &str| dotted == prefix || dotted.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'));
        let best = self.overlay.stem.iter().filter(|e| matching(&e.value.resource)).max_by_key(|e| e.value.resource.len());
        let (mut stem, rest) = match best {
            Some(entry) => {
                let rule = entry.apply();
                (rule.stem.clone(), &resource[rule.resource.split('.').count()..])
            }
            None => (String::new(), resource),
        };
        for segment in rest {
            stem.push_str(&upper_camel(&singular(segment)));
        }
        stem
    }

    fn operation_stem(&self, index: usize) -> String {
        let operation = &self.api.operations[index];
        format!("{}{}", self.stem(&operation.resource), upper_camel(&operation.method))
    }

    fn type_name(&mut self, id: TypeId) -> String {
        let def = self.api.get(id);
        if let Some(operation) = self.facts.only_params.get(&id).filter(|_| self.ruled(&def.origin).is_none()) {
            let name = format!("{}Params", self.operation_stem(*operation));
            self.memo.insert(def.origin.clone(), name.clone());
            return name;
        }
        self.origin_name(&def.origin)
    }

    /// The name that the overlay gives to a named schema.
    fn ruled(&self, origin: &Origin) -> Option<String> {
        let Origin::Component(name) = origin else { return None };
        let entry = self.overlay.name.iter().find(|e| e.value.schema == *name)?;
        Some(entry.apply().name.clone())
    }

    fn origin_name(&mut self, origin: &Origin) -> String {
        if let Some(known) = self.memo.get(origin) {
            return known.clone();
        }
        let name = match origin {
            Origin::Component(name) => {
                let only = self.api.types.iter().position(|t| t.origin == *origin).map(TypeId);
                match (self.ruled(origin), only.and_then(|id| self.facts.only_params.get(&id))) {
                    (Some(ruled), _) => ruled,
                    (None, Some(operation)) => format!("{}Params", self.operation_stem(*operation)),
                    (None, None) => self.spelt(&upper_camel(name)),
                }
            }
            Origin::Params(index) => format!("{}Params", self.operation_stem(*index)),
            Origin::Answer(index) => format!("{}Response", self.operation_stem(*index)),
            Origin::Webhooks => "WebhookEvent".to_owned(),
            Origin::Inside(outer, part) => {
                // The elements of a list are called after the list in the singular: `choices` holds `Choice`.
                if let (Origin::Inside(owner, Part::Property(list)), Part::Item) = (&**outer, part)
                    && singular(list) != *list
                {
                    let name = format!("{}{}", self.origin_name(owner), upper_camel(&singular(list)));
                    self.memo.insert(origin.clone(), name.clone());
                    return name;
                }
                let outer = self.origin_name(outer);
                let inner = match part {
                    Part::Property(name) => upper_camel(name),
                    Part::Item => "Item".to_owned(),
                    Part::Value => "Value".to_owned(),
                    Part::Branch(label) => upper_camel(label),
                };
                format!("{outer}{inner}")
            }
        };
        self.memo.insert(origin.clone(), name.clone());
        name
    }

    /// Words that are spelt their own way.
    fn spelt(&self, name: &str) -> String {
        let mut name = name.to_owned();
        for entry in &self.overlay.word {
            if name.contains(&entry.value.from) {
                name = name.replace(&entry.apply().from, &entry.value.to);
            }
        }
        name
    }

    /// Names that clash with the prelude or with one another.
    fn part_types(&mut self, diagnostics: &mut Diagnostics) {
        let mut ids: Vec<TypeId> = self.names.types.keys().copied().collect();
        // Named schemas keep their names; what was found inside gives way.
        ids.sort_by_key(|id| (matches!(self.api.get(*id).origin, Origin::Inside(..)), *id));
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for id in ids {
            let def = self.api.get(id);
            let plain = self.names.types[&id].clone();
            let mut candidates = vec![plain.clone()];
            if let Origin::Component(name) = &def.origin {
                candidates.push(words::spelled_out(name));
                candidates.push(words::case_marked(name, &plain));
            }
            let kind = match def.shape {
                Shape::Struct(_) | Shape::Pending => "Object",
                Shape::Enum(_) => "Kind",
                Shape::Union(_) => "Choice",
                Shape::Alias(_) => "Value",
            };
            candidates.push(format!("{plain}{kind}"));
            let free = |c: &&String| !words::is_reserved_type(c) && !taken.contains(&c.to_lowercase());
            match candidates.iter().find(free) {
                Some(name) => {
                    taken.insert(name.to_lowercase());
                    self.names.types.insert(id, name.clone());
                }
                None => {
                    diagnostics
                        .error(STAGE, &def.pointer, format!("the type would be called `{plain}`, which is taken"))
                        .expected("a name of its own")
                        .hint(format!("[[name]]\nschema = \"{}\"\nname = \"…\"\nreason = \"…\"", source_name(&def.origin, &plain)));
                }
            }
        }
    }

    /// The overlay may rename inline types by their rule-made names.
    fn rename_inline(&mut self) {
        for entry in &self.overlay.name {
            let found = self
                .names
                .types
                .iter()
                .find(|(id, name)| **name == entry.value.schema && !matches!(self.api.get(**id).origin, Origin::Component(_)));
            if let Some(id) = found.map(|(id, _)| *id) {
                self.names.types.insert(id, entry.apply().name.clone());
            }
        }
    }

    fn members(&mut self, diagnostics: &mut Diagnostics, id: TypeId) {
        let def = self.api.get(id);
        match &def.shape {
            Shape::Struct(s) => {
                let raw: Vec<&str> = s.fields.iter().map(|f| f.hint.as_deref().unwrap_or(&f.wire)).collect();
                let idents = words::distinct_fields(raw.iter().copied());
                self.check_distinct(diagnostics, id, &idents);
                self.names.fields.insert(id, idents);
            }
            Shape::Enum(e) => {
                let last_word = self.names.types.get(&id).map_or_else(String::new, |n| words::last_word(n));
                let idents = words::distinct_variants(&e.values, &last_word);
                self.check_distinct(diagnostics, id, &idents);
                let fallback = if idents.iter().any(|i| i == "Other") { "Unlisted" } else { "Other" };
                self.names.variants.insert(id, idents);
                self.names.fallback.insert(id, fallback.to_owned());
            }
            Shape::Union(union) => {
                let idents = self.union_variants(id, union);
                self.check_distinct(diagnostics, id, &idents);
                let fallback = if idents.iter().any(|i| i == "Unknown") { "Unlisted" } else { "Unknown" };
                self.names.variants.insert(id, idents);
                self.names.fallback.insert(id, fallback.to_owned());
            }
            Shape::Alias(_) | Shape::Pending => {}
        }
    }

    fn check_distinct(&self, diagnostics: &mut Diagnostics, id: TypeId, idents: &[String]) {
        let mut seen = BTreeSet::new();
        for ident in idents {
            if !seen.insert(ident) {
                let def = self.api.get(id);
                diagnostics
                    .error(STAGE, &def.pointer, format!("two members are called `{ident}`"))
                    .expected("names that differ after they have been put into Rust's case")
                    .hint("rename one of them with a [[patch]]");
            }
        }
    }

    fn union_variants(&self, id: TypeId, union: &Union) -> Vec<String> {
        let name = self.names.types.get(&id).cloned().unwrap_or_default();
        let strip = self.stripped_segment(&name, union);
        let idents: Vec<String> = union
            .variants
            .iter()
            .map(|variant| match &variant.label {
                Label::Tag(tag) => {
                    let rest = strip.as_ref().and_then(|s| tag.strip_prefix(s.as_str())).unwrap_or(tag);
                    words::variant_ident(rest, &words::last_word(&name))
                }
                Label::Text(text) => words::variant_ident(text, &words::last_word(&name)),
                Label::Title(title) => {
                    let title = upper_camel(title);
                    words::without_prefix(&title, &name)
                }
                Label::Payload => self.payload_label(&name, variant.payload.as_ref()),
                Label::Kind(kind) => (*kind).to_owned(),
            })
            .map(|ident| if words::is_reserved_variant(&ident) { format!("{ident}Value") } else { ident })
            .collect();
        // Variants that share a tag are told apart by what they hold.
        let mut parted = idents.clone();
        for (index, ident) in idents.iter().enumerate() {
            if idents.iter().filter(|other| *other == ident).count() > 1 {
                parted[index] = self.payload_label(&name, union.variants[index].payload.as_ref());
            }
        }
        for (index, ident) in parted.clone().iter().enumerate() {
            if parted.iter().filter(|other| *other == ident).count() > 1
                && let Some(Use { ty: Ty::Type(payload), .. }) = &union.variants[index].payload
                && let Some(full) = self.names.types.get(payload)
            {
                parted[index].clone_from(full);
            }
        }
        parted
    }

    fn payload_label(&self, union: &str, payload: Option<&Use>) -> String {
        let Some(payload) = payload else { return "Nothing".to_owned() };
        match &payload.ty {
            Ty::Type(id) => {
                let full = self.names.types.get(id).cloned().unwrap_or_default();
                words::without_prefix(&full, union)
            }
            Ty::String => "Text".to_owned(),
            Ty::Integer => "Integer".to_owned(),
            Ty::Number => "Number".to_owned(),
            Ty::Boolean => "Boolean".to_owned(),
            Ty::List(_) | Ty::Floats => "Items".to_owned(),
            Ty::Map(_) => "Map".to_owned(),
            Ty::Binary => "File".to_owned(),
            Ty::Json => "Json".to_owned(),
        }
    }

    /// The first dotted segment of the tags, where all have it or where it only repeats the union's name.
    fn stripped_segment(&self, name: &str, union: &Union) -> Option<String> {
        let tags: Vec<&String> = union
            .variants
            .iter()
            .filter_map(|v| match &v.label {
                Label::Tag(tag) => Some(tag),
                _ => None,
            })
            .collect();
        let segment = |tag: &str| tag.split_once('.').map(|(first, _)| first.to_owned());
        let first = tags.iter().find_map(|t| segment(t))?;
        let all = tags.len() > 1 && tags.iter().all(|t| segment(t).as_ref() == Some(&first));
        let mut bare = name;
        for edition in &self.overlay.edition {
            bare = bare.strip_prefix(&edition.value.schema_prefix).unwrap_or(bare);
        }
        let repeats = bare.starts_with(&upper_camel(&first));
        (all || repeats).then(|| format!("{first}."))
    }

    /// Every operation's parameters can be found under the operation's own name.
    fn params_aliases(&mut self) {
        let mut taken: BTreeSet<String> = self.names.types.values().cloned().collect();
        for (index, operation) in self.api.operations.iter().enumerate() {
            let Some(Use { ty: Ty::Type(target), .. }) = operation.params else { continue };
            let name = format!("{}Params", self.operation_stem(index));
            if taken.insert(name.clone()) {
                self.names.aliases.push(Alias { name, target, family: None, operation: Some(index) });
            }
            // Within its family the parameters go by the last resource's name too, as in the official SDKs: `JobListParams`.
            if let [_, .., last] = operation.resource.as_slice() {
                let short = format!("{}{}Params", upper_camel(&singular(last)), upper_camel(&operation.method));
                self.names.aliases.push(Alias { name: short, target, family: None, operation: Some(index) });
            }
        }
    }

    fn overlay_aliases(&mut self) {
        for entry in &self.overlay.alias {
            let target = self.names.types.iter().find(|(_, name)| **name == entry.value.target).map(|(id, _)| *id);
            let known = self.names.aliases.iter().find(|a| a.name == entry.value.target).map(|a| a.target);
            if let Some(target) = target.or(known) {
                let rule = entry.apply();
                self.names.aliases.push(Alias { name: rule.name.clone(), target, family: rule.family.clone(), operation: None });
            }
        }
    }
}

fn source_name(origin: &Origin, rule_made: &str) -> String {
    match origin {
        Origin::Component(name) => name.clone(),
        _ => rule_made.to_owned(),
    }
}

/// What a resource's file takes from the runtime.
const RUNTIME: &[&str] = &[
    "Arity",
    "Binary",
    "Body",
    "Call",
    "Client",
    "Cursor",
    "EventStream",
    "Events",
    "Method",
    "Operation",
    "Page",
    "Query",
    "RequestBody",
    "Security",
    "StreamFlag",
    "Value",
];

impl Names {
    /// The name of a resource's handle; its file also takes names from the runtime and the types, which it must leave alone.
    pub(crate) fn handle(&self, segment: &str) -> String {
        let plain = upper_camel(segment);
        let taken = words::is_reserved_type(&plain)
            || RUNTIME.contains(&plain.as_str())
            || self.types.values().chain(self.aliases.iter().map(|a| &a.name)).any(|name| *name == plain);
        if taken { format!("{plain}Resource") } else { plain }
    }
}

/// The module of the connections that a resource opens.
pub(crate) fn connection_module(resource: &[String]) -> String {
    module_ident(&resource.join("_"))
}

/// A module's identifier; it is also a file's name, so that a keyword gets a trailing underscore.
pub(crate) fn module_ident(segment: &str) -> String {
    let ident = method_ident(segment);
    match ident.strip_prefix("r#") {
        Some(raw) => format!("{raw}_"),
        None => ident,
    }
}
