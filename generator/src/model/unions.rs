//! Owns the step from `oneOf` and `anyOf` to unions: flattening, finding the tag, labelling the branches.

use std::collections::BTreeSet;

use super::properties::{Branches, Parts};
use super::types::Builder;
use super::{Label, Origin, Part, Shape, Ty, TypeId, Union, Use, Variant};
use crate::overlay::EnvelopeRule;
use crate::resolve::{Additional, Kind, SchemaId};

/// A branch after nested unions have been flattened.
struct Arm {
    /// The schema as it stands in the union.
    schema: SchemaId,
    /// The owner from which an inline type takes its name.
    owner: Origin,
    class: Class,
}

enum Class {
    /// Any text.
    Text,
    /// One of these texts; whether the set has a name of its own.
    Texts(Vec<String>, bool),
    Binary,
    Integer,
    Number,
    Boolean,
    List,
    /// An object with known properties.
    Object(Parts),
    /// An object without.
    Map,
    Any,
}

impl Builder<'_> {
    /// A union, or what it amounts to.
    pub(super) fn union(&mut self, id: SchemaId, origin: &Origin, slot: Option<TypeId>) -> Ty {
        let mut arms = Vec::new();
        self.flatten(id, origin, &mut arms, &mut BTreeSet::from([id]));
        self.union_of(id, origin, slot, arms, None)
    }

    /// A union whose branches all have the properties of `base` too.
    pub(super) fn distribute(&mut self, id: SchemaId, base: Parts, unions: &[SchemaId], origin: &Origin, slot: Option<TypeId>) -> Ty {
        // Each branch takes the properties over as its own, and one of them may lead back here: that would go on for ever.
        if self.distributing.contains(&id) {
            self.untyped(id, "properties beside branches that contain themselves".to_owned());
            return Ty::Json;
        }
        let mut arms = Vec::new();
        if let [only] = unions {
            let core = self.core(*only);
            let owner = self.graph.schema(core).component.clone().map_or_else(|| origin.clone(), Origin::Component);
            self.flatten(core, &owner, &mut arms, &mut BTreeSet::from([core]));
        }
        if arms.is_empty() || !arms.iter().all(|a| matches!(a.class, Class::Object(_))) {
            self.untyped(id, "properties beside branches that are not all objects".to_owned());
            return Ty::Json;
        }
        self.distributing.push(id);
        let union = self.union_of(id, origin, slot, arms, Some(base));
        self.distributing.pop();
        union
    }

    /// Lays nested unions flat; one that has been `seen` on the way, itself included, adds nothing.
    fn flatten(&self, id: SchemaId, owner: &Origin, arms: &mut Vec<Arm>, seen: &mut BTreeSet<SchemaId>) {
        for branch in &self.graph.schema(id).one_of {
            let branch = &self.unwrapped(id, *branch);
            let core = self.core(*branch);
            let schema = self.graph.schema(core);
            let nested =
                !schema.one_of.is_empty() && !self.only_constrains(core) && schema.properties.is_empty() && schema.all_of.is_empty();
            if nested {
                let owner = schema.component.clone().map_or_else(|| owner.clone(), Origin::Component);
                if seen.insert(core) {
                    self.flatten(core, &owner, arms, seen);
                }
                continue;
            }
            if crate::model::is_bare(self.graph, core) && schema.nullable {
                continue;
            }
            if arms.iter().any(|a: &Arm| self.core(a.schema) == core) {
                continue;
            }
            arms.push(Arm { schema: *branch, owner: owner.clone(), class: self.classify(core, owner) });
        }
    }

    /// A branch of a union without the property that the overlay calls its envelope.
    fn unwrapped(&self, union: SchemaId, branch: SchemaId) -> SchemaId {
        let [inner, wrapper] = self.graph.schema(branch).all_of.as_slice() else { return branch };
        let Some(rule) = self.envelope(union) else { return branch };
        let is_wrapper = self.graph.schema(*wrapper).properties.iter().map(|(name, _)| name).eq([&rule.property]);
        if is_wrapper { *inner } else { branch }
    }

    /// What the overlay says of the envelope of a union's branches.
    fn envelope(&self, union: SchemaId) -> Option<&EnvelopeRule> {
        let name = self.graph.schema(union).component.as_ref()?;
        self.overlay.envelope.iter().find(|e| e.value.schema == *name).map(|e| e.apply())
    }

    fn classify(&self, core: SchemaId, owner: &Origin) -> Class {
        let s = self.graph.schema(core);
        if s.recursive {
            let name = s.pointer.segments().nth(2).unwrap_or_default();
            let anchor = self.graph.components.get(&name).copied();
            return match anchor.and_then(|a| self.parts(a, &Origin::Component(name), Branches::Ignore)) {
                Some(parts) => Class::Object(parts),
                None => Class::Any,
            };
        }
        match s.kind {
            Kind::String if s.format.as_deref() == Some("binary") => Class::Binary,
            Kind::String => match self.string_values(core) {
                Some(values) => Class::Texts(values, s.component.is_some() && s.values.len() > 1),
                None => Class::Text,
            },
            Kind::Integer => Class::Integer,
            Kind::Number => Class::Number,
            Kind::Boolean => Class::Boolean,
            Kind::Array => Class::List,
            Kind::Object | Kind::Any => {
                let owner = s.component.clone().map_or_else(|| owner.clone(), Origin::Component);
                match self.parts(core, &owner, Branches::Refuse) {
                    Some(parts) if !parts.properties.is_empty() => Class::Object(parts),
                    _ if s.kind == Kind::Object || matches!(s.additional, Additional::Schema(_)) => Class::Map,
                    _ => Class::Any,
                }
            }
        }
    }

    fn union_of(&mut self, id: SchemaId, origin: &Origin, slot: Option<TypeId>, arms: Vec<Arm>, base: Option<Parts>) -> Ty {
        if arms.is_empty() {
            self.untyped(id, "none of the branches says what it is".to_owned());
            return Ty::Json;
        }
        if arms.iter().all(|a| matches!(a.class, Class::Text | Class::Texts(..))) && base.is_none() {
            return self.text_union(id, origin, slot, &arms);
        }
        if arms.iter().all(|a| matches!(a.class, Class::Integer | Class::Number)) && base.is_none() {
            let whole = arms.iter().all(|a| matches!(a.class, Class::Integer));
            return if whole { Ty::Integer } else { Ty::Number };
        }
        if arms.iter().all(|a| matches!(a.class, Class::Any)) {
            self.untyped(id, "none of the branches has a type".to_owned());
            return Ty::Json;
        }
        let slot = match slot {
            Some(slot) => slot,
            None => {
                let notes = self.graph.schema(id).notes.clone();
                self.add(origin.clone(), id, notes, Shape::Pending)
            }
        };
        let tag = self.tag(id, &arms, base.as_ref());
        let mut variants = Vec::new();
        let open_text = arms.iter().any(|a| matches!(a.class, Class::Text));
        let objects = arms.iter().filter(|a| matches!(a.class, Class::Object(_))).count();
        for arm in &arms {
            let notes = self.notes(arm.schema);
            let plain = |label: Label, payload: Use| Variant {
                label,
                payload: Some(payload),
                text: None,
                tags: Vec::new(),
                tag_optional: false,
                notes: notes.clone(),
            };
            let scalar = |ty: Ty| Use { ty, nullable: false };
            match &arm.class {
                Class::Text => variants.push(plain(Label::Kind("Text"), scalar(Ty::String))),
                Class::Texts(..) if open_text => {}
                Class::Texts(_, true) => {
                    let payload = self.use_of(arm.schema, &arm.owner);
                    variants.push(plain(Label::Payload, Use { nullable: false, ..payload }));
                }
                Class::Texts(values, false) => variants.extend(values.iter().map(|value| Variant {
                    label: Label::Text(value.clone()),
                    payload: None,
                    text: Some(value.clone()),
                    tags: Vec::new(),
                    tag_optional: false,
                    notes: notes.clone(),
                })),
                Class::Binary => variants.push(plain(Label::Kind("File"), scalar(Ty::Binary))),
                Class::Integer => variants.push(plain(Label::Kind("Integer"), scalar(Ty::Integer))),
                Class::Number => variants.push(plain(Label::Kind("Number"), scalar(Ty::Number))),
                Class::Boolean => variants.push(plain(Label::Kind("Boolean"), scalar(Ty::Boolean))),
                Class::Any => variants.push(plain(Label::Kind("Json"), scalar(Ty::Json))),
                Class::List | Class::Map => {
                    let payload = Use { nullable: false, ..self.use_of(arm.schema, &arm.owner) };
                    variants.push(plain(self.list_label(&payload), payload));
                }
                Class::Object(parts) => {
                    let variant = self.object_arm(id, arm, parts, tag.as_deref(), base.as_ref(), objects, origin);
                    variants.push(variant);
                }
            }
        }
        let mut seen: Vec<&Use> = Vec::new();
        let keep: Vec<bool> = variants
            .iter()
            .map(|v| match &v.payload {
                Some(payload) if seen.contains(&payload) => false,
                Some(payload) => {
                    seen.push(payload);
                    true
                }
                None => true,
            })
            .collect();
        let mut keep = keep.into_iter();
        variants.retain(|_| keep.next().unwrap_or(true));
        self.part_labels(&mut variants);
        let envelope = self.envelope(id).map(|rule| rule.property.clone());
        self.api.types[slot.0].shape = Shape::Union(Union { variants, tag, envelope });
        Ty::Type(slot)
    }

    /// Branches of the same kind are told apart by what they hold: a list of points and a list of lists of points.
    fn part_labels(&self, variants: &mut [Variant]) {
        for index in 1..variants.len() {
            let Label::Kind(kind) = variants[index].label else { continue };
            let taken = variants[..index].iter().any(|v| v.label == Label::Kind(kind));
            if let (true, Some(payload)) = (taken, &variants[index].payload) {
                let held = self.words(&payload.ty);
                let mut label = Label::Title(held.clone());
                let mut number = 2;
                while variants[..index].iter().any(|v| v.label == label) {
                    label = Label::Title(format!("{held} {number}"));
                    number += 1;
                }
                variants[index].label = label;
            }
        }
    }

    /// What a type is, in words.
    fn words(&self, ty: &Ty) -> String {
        match ty {
            Ty::String => "text".to_owned(),
            Ty::Integer => "integer".to_owned(),
            Ty::Number => "number".to_owned(),
            Ty::Boolean => "boolean".to_owned(),
            Ty::Json => "json".to_owned(),
            Ty::Floats => "number list".to_owned(),
            Ty::Binary => "file".to_owned(),
            Ty::List(item) => format!("{} list", self.words(&item.ty)),
            Ty::Map(value) => format!("{} map", self.words(&value.ty)),
            Ty::Type(id) => match &self.api.get(*id).origin {
                Origin::Component(name) | Origin::Inside(_, Part::Property(name) | Part::Branch(name)) => name.clone(),
                Origin::Inside(outer, Part::Item | Part::Value) => match &**outer {
                    Origin::Component(name) | Origin::Inside(_, Part::Property(name) | Part::Branch(name)) => format!("{name} item"),
                    _ => "item".to_owned(),
                },
                _ => "value".to_owned(),
            },
        }
    }

    fn list_label(&self, payload: &Use) -> Label {
        match self.api.expand(&payload.ty) {
            Ty::List(item) => Label::Kind(match self.api.expand(&item.ty) {
                Ty::String => "Texts",
                Ty::Integer => "Integers",
                Ty::Number => "Numbers",
                Ty::Binary => "Files",
                Ty::List(_) => "Lists",
                _ => "Items",
            }),
            Ty::Map(_) => Label::Kind("Map"),
            _ => Label::Kind("Json"),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one branch is described by all of these, and nothing else wants them together")]
    fn object_arm(
        &mut self,
        id: SchemaId,
        arm: &Arm,
        parts: &Parts,
        tag: Option<&str>,
        base: Option<&Parts>,
        objects: usize,
        origin: &Origin,
    ) -> Variant {
        let own = |name: &str| parts.properties.get(name).or_else(|| base?.properties.get(name));
        let tags: Vec<String> = tag.and_then(own).and_then(|(p, _)| self.string_values(*p)).unwrap_or_default();
        let mapped = tag.map_or_else(Vec::new, |_| self.mapped_tags(id, arm.schema));
        let tags = if mapped.is_empty() { tags } else { mapped };
        let required =
            tag.is_some_and(|t| parts.required.iter().any(|r| r == t) || base.is_some_and(|b| b.required.iter().any(|r| r == t)));
        let nullable = tag.and_then(own).is_some_and(|(p, _)| self.nullable(*p));
        let schema = self.graph.schema(arm.schema);
        let core = self.core(arm.schema);
        let named = self.graph.schema(core).component.is_some();
        let title = schema.notes.title.clone().or_else(|| self.graph.schema(core).notes.title.clone());
        let label = match (tags.first(), title) {
            (Some(first), _) if objects > 1 => Label::Tag(first.clone()),
            _ if named => Label::Payload,
            (_, Some(title)) => Label::Title(title),
            (Some(first), None) => Label::Tag(first.clone()),
            (None, None) => Label::Kind("Object"),
        };
        let part = match &label {
            Label::Tag(text) | Label::Title(text) | Label::Text(text) => text.clone(),
            Label::Kind(kind) => (*kind).to_owned(),
            Label::Payload => String::new(),
        };
        let payload = match base {
            None => self.use_of(arm.schema, &Origin::Inside(Box::new(arm.owner.clone()), Part::Branch(part))),
            Some(base) => {
                let part = if named { self.graph.schema(core).component.clone().unwrap_or_default() } else { part };
                let mut all = base.clone();
                let mut own = parts.clone();
                all.properties.extend(own.properties.drain(..));
                all.required.append(&mut own.required);
                let inside = Origin::Inside(Box::new(origin.clone()), Part::Branch(part));
                Use { ty: self.structure(arm.schema, &inside, None, &all), nullable: false }
            }
        };
        Variant {
            label,
            payload: Some(Use { nullable: false, ..payload }),
            text: None,
            tags,
            tag_optional: !required || nullable,
            notes: self.notes(arm.schema),
        }
    }

    fn mapped_tags(&self, id: SchemaId, arm: SchemaId) -> Vec<String> {
        let target = self.core(arm);
        let Some(discriminator) = &self.graph.schema(id).discriminator else { return Vec::new() };
        discriminator.mapping.iter().filter(|(_, t)| self.core(*t) == target).map(|(tag, _)| tag.clone()).collect()
    }

    /// The property that tells the objects apart: the declared one, or the one that every object has with values of its own.
    fn tag(&self, id: SchemaId, arms: &[Arm], base: Option<&Parts>) -> Option<String> {
        let objects: Vec<&Parts> = arms
            .iter()
            .filter_map(|a| match &a.class {
                Class::Object(parts) => Some(parts),
                _ => None,
            })
            .collect();
        let values = |parts: &Parts, name: &str| {
            let property = parts.properties.get(name).or_else(|| base?.properties.get(name));
            property.and_then(|(p, _)| self.string_values(*p))
        };
        if let Some(declared) = self.graph.schema(id).discriminator.as_ref() {
            let useful = !declared.mapping.is_empty() || objects.iter().any(|p| values(p, &declared.property).is_some());
            if useful {
                return Some(declared.property.clone());
            }
        }
        let first = objects.first().filter(|_| objects.len() > 1)?;
        let mut best: Option<(usize, &String)> = None;
        for name in first.properties.keys() {
            let sets: Option<Vec<Vec<String>>> = objects.iter().map(|p| values(p, name)).collect();
            let Some(sets) = sets else { continue };
            let apart = sets
                .iter()
                .enumerate()
                .filter(|(i, a)| sets.iter().enumerate().all(|(j, b)| *i == j || !a.iter().any(|v| b.contains(v))))
                .count();
            if apart >= 1 && best.is_none_or(|(most, _)| apart > most) {
                best = Some((apart, name));
            }
        }
        best.map(|(_, name)| name.clone())
    }

    /// A union of strings: an enum, open if any other string may stand there too.
    fn text_union(&mut self, id: SchemaId, origin: &Origin, slot: Option<TypeId>, arms: &[Arm]) -> Ty {
        let open = arms.iter().any(|a| matches!(a.class, Class::Text));
        let values: Vec<String> = arms
            .iter()
            .flat_map(|a| match &a.class {
                Class::Texts(values, _) => values.clone(),
                _ => Vec::new(),
            })
            .collect();
        if values.is_empty() {
            return Ty::String;
        }
        self.enumeration(id, origin, slot, values, open)
    }
}
