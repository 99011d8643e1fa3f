//! Owns the step from schemas to structs, enums, lists and aliases. Unions have a file of their own beside this one.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::properties::{Branches, Laid, Parts};
use super::{Api, Enum, Field, Origin, Part, Place, Shape, Struct, Ty, TypeDef, TypeId, Use, is_bare};
use crate::overlay::{FloatsRule, Overlay};
use crate::resolve::{Additional, Graph, Kind, Notes, SchemaId};

/// How many named schemas may be built inside one another; a chain of thousands would take the stack.
const MAX_DEPTH: usize = 256;

/// Builds types on demand and remembers them by schema.
pub(crate) struct Builder<'g> {
    pub(super) graph: &'g Graph,
    pub(super) overlay: &'g Overlay,
    pub(super) api: Api,
    memo: BTreeMap<SchemaId, Use>,
    /// Inline schemas that are being built: what they are called, and the type that was promised to those that lead back to them.
    open: BTreeMap<SchemaId, (Origin, Option<TypeId>)>,
    /// Named schemas whose building waits until the stack is shallow again.
    waiting: Vec<SchemaId>,
    depth: usize,
    /// Unions being built whose branches have properties in common.
    pub(super) distributing: Vec<SchemaId>,
    pub(super) laid: RefCell<Laid>,
    shared: BTreeMap<Vec<String>, TypeId>,
}

impl<'g> Builder<'g> {
    pub(super) fn new(graph: &'g Graph, overlay: &'g Overlay) -> Self {
        Self {
            graph,
            overlay,
            api: Api::default(),
            memo: BTreeMap::new(),
            open: BTreeMap::new(),
            waiting: Vec::new(),
            depth: 0,
            distributing: Vec::new(),
            laid: RefCell::default(),
            shared: BTreeMap::new(),
        }
    }

    /// Builds every named schema.
    pub(super) fn components(&mut self) {
        for id in self.graph.components.values() {
            self.component(*id);
            while let Some(id) = self.waiting.pop() {
                self.fill(id);
            }
        }
        self.cut_alias_cycles();
    }

    /// A list of itself has no type in Rust: what closes the circle stays raw.
    fn cut_alias_cycles(&mut self) {
        let mut state = vec![Visit::Ahead; self.api.types.len()];
        let mut cuts = Vec::new();
        for index in 0..state.len() {
            visit_alias(&self.api, TypeId(index), &mut state, &mut cuts);
        }
        for (id, inner) in cuts {
            if let Shape::Alias(target) = &mut self.api.types[id.0].shape {
                cut(&mut target.ty, inner);
            }
            let at = self.api.get(id).pointer.clone();
            self.api.untyped.push((at, "a list or map of itself has no type".to_owned()));
        }
    }

    /// The type of a named schema.
    pub(super) fn component(&mut self, id: SchemaId) -> Use {
        if let Some(known) = self.memo.get(&id) {
            return known.clone();
        }
        let schema = self.graph.schema(id);
        let name = schema.component.clone().unwrap_or_default();
        let slot = self.reserve(id, &Origin::Component(name));
        let this = Use { ty: Ty::Type(slot), nullable: self.nullable(id) };
        self.memo.insert(id, this.clone());
        if self.depth < MAX_DEPTH {
            self.depth += 1;
            self.fill(id);
            self.depth -= 1;
        } else {
            self.waiting.push(id);
        }
        this
    }

    /// Fills the slot that [`Self::component`] has reserved.
    fn fill(&mut self, id: SchemaId) {
        let Some(Use { ty: Ty::Type(slot), .. }) = self.memo.get(&id).cloned() else { return };
        let schema = self.graph.schema(id);
        let origin = self.api.get(slot).origin.clone();
        let built = if let Some(target) = schema.reference { self.component(target) } else { self.build(id, &origin, Some(slot)) };
        if built.ty != Ty::Type(slot) {
            self.api.types[slot.0].shape = Shape::Alias(Use { ty: built.ty, nullable: false });
        }
    }

    /// The type of a schema where it is used.
    pub(super) fn use_of(&mut self, id: SchemaId, origin: &Origin) -> Use {
        let schema = self.graph.schema(id);
        if schema.component.is_some() {
            return self.component(id);
        }
        if let Some(target) = schema.reference {
            return self.component(target);
        }
        if let Some(known) = self.memo.get(&id) {
            return known.clone();
        }
        if let Some((origin, promised)) = self.open.get(&id).cloned() {
            let slot = promised.unwrap_or_else(|| self.reserve(id, &origin));
            self.open.insert(id, (origin, Some(slot)));
            return Use { ty: Ty::Type(slot), nullable: self.nullable(id) };
        }
        self.open.insert(id, (origin.clone(), None));
        let built = self.build(id, origin, None);
        if let Some((_, Some(promised))) = self.open.remove(&id)
            && matches!(self.api.types[promised.0].shape, Shape::Pending)
        {
            self.api.types[promised.0].shape = Shape::Alias(built.clone());
        }
        self.memo.insert(id, built.clone());
        built
    }

    fn reserve(&mut self, id: SchemaId, origin: &Origin) -> TypeId {
        let notes = self.notes(id);
        self.add(origin.clone(), id, notes, Shape::Pending)
    }

    pub(super) fn add(&mut self, origin: Origin, id: SchemaId, notes: Notes, shape: Shape) -> TypeId {
        let pointer = self.graph.schema(id).pointer.clone();
        let type_id = TypeId(self.api.types.len());
        self.api.types.push(TypeDef { origin, pointer, notes, shape });
        type_id
    }

    /// Puts a shape into the reserved slot, or into a new one.
    pub(super) fn place(&mut self, slot: Option<TypeId>, id: SchemaId, origin: &Origin, shape: Shape) -> Ty {
        let slot = slot.or_else(|| self.open.get(&id)?.1).unwrap_or_else(|| self.reserve(id, origin));
        self.api.types[slot.0].shape = shape;
        Ty::Type(slot)
    }

    /// Whether null may stand where this schema is used.
    pub(super) fn nullable(&self, id: SchemaId) -> bool {
        let mut seen = BTreeSet::new();
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            let schema = self.graph.schema(id);
            let bare_null = schema.all_of.iter().any(|m| is_bare(self.graph, *m) && self.graph.schema(*m).nullable);
            if schema.nullable || bare_null {
                return true;
            }
            match schema.reference.or_else(|| self.thin(id)) {
                Some(inner) => stack.push(inner),
                None => stack.extend(&schema.one_of),
            }
        }
        false
    }

    /// The one schema that this one merely wraps.
    pub(super) fn thin(&self, id: SchemaId) -> Option<SchemaId> {
        let s = self.graph.schema(id);
        let nothing_own = s.reference.is_none()
            && s.values.is_empty()
            && s.properties.is_empty()
            && s.items.is_none()
            && !matches!(s.additional, Additional::Schema(_))
            && !s.recursive;
        if !nothing_own {
            return None;
        }
        if s.one_of.is_empty() && !s.all_of.is_empty() {
            let mut members = s.all_of.iter().filter(|m| !is_bare(self.graph, **m));
            return match (members.next(), members.next()) {
                (Some(only), None) => Some(*only),
                _ => None,
            };
        }
        if let ([only], true) = (s.one_of.as_slice(), s.all_of.iter().all(|m| is_bare(self.graph, *m))) {
            let growing = s.component.as_ref().is_some_and(|name| {
                self.overlay.growing.iter().any(|e| {
                    &e.value.schema == name && {
                        e.apply();
                        true
                    }
                })
            });
            return if growing { None } else { Some(*only) };
        }
        None
    }

    /// Follows references and thin wrappers to the schema that says something.
    pub(super) fn core(&self, id: SchemaId) -> SchemaId {
        let mut id = id;
        loop {
            match self.graph.schema(id).reference.or_else(|| self.thin(id)) {
                Some(next) => id = next,
                None => return id,
            }
        }
    }

    fn build(&mut self, id: SchemaId, origin: &Origin, slot: Option<TypeId>) -> Use {
        let schema = self.graph.schema(id);
        let nullable = self.nullable(id);
        if schema.recursive {
            return Use { ty: self.enclosing(id), nullable };
        }
        if let Some(inner) = self.thin(id) {
            let inner_schema = self.graph.schema(inner);
            let built = match inner_schema.reference {
                Some(target) => self.component(target),
                None => match self.memo.get(&inner) {
                    Some(known) => known.clone(),
                    None => {
                        let built = self.build(inner, origin, slot);
                        self.memo.insert(inner, built.clone());
                        built
                    }
                },
            };
            if let (Ty::Type(t), None) = (&built.ty, inner_schema.reference) {
                self.adopt_notes(*t, &schema.notes);
            }
            return Use { ty: built.ty, nullable };
        }
        if !schema.beyond.is_empty() {
            self.untyped(id, format!("`{}` cannot be expressed as a type", schema.beyond.join("`, `")));
        }
        let ty = self.shape(id, origin, slot);
        Use { ty, nullable }
    }

    /// A wrapper's own title and description describe the type that it wraps.
    fn adopt_notes(&mut self, id: TypeId, outer: &Notes) {
        let notes = &mut self.api.types[id.0].notes;
        if outer.description.is_some() {
            notes.description.clone_from(&outer.description);
        }
        if outer.title.is_some() {
            notes.title.clone_from(&outer.title);
        }
        notes.deprecated |= outer.deprecated;
    }

    /// The named schema around this place that carries the anchor of a `$recursiveRef`.
    fn enclosing(&mut self, id: SchemaId) -> Ty {
        let name = self.graph.schema(id).pointer.segments().nth(2).unwrap_or_default();
        match self.graph.components.get(&name).copied() {
            Some(component) if self.graph.schema(component).anchor => self.component(component).ty,
            _ => {
                self.untyped(id, "no schema around the recursive reference carries an anchor".to_owned());
                Ty::Json
            }
        }
    }

    pub(super) fn untyped(&mut self, id: SchemaId, why: String) {
        self.api.untyped.push((self.graph.schema(id).pointer.clone(), why));
    }

    fn shape(&mut self, id: SchemaId, origin: &Origin, slot: Option<TypeId>) -> Ty {
        let schema = self.graph.schema(id);
        if !schema.one_of.is_empty() && !self.only_constrains(id) {
            return match self.parts(id, origin, Branches::Ignore) {
                Some(base) if !base.properties.is_empty() => self.distribute(id, base, &[id], origin, slot),
                _ => self.union(id, origin, slot),
            };
        }
        if !schema.all_of.is_empty() {
            return self.all_of(id, origin, slot);
        }
        match schema.kind {
            Kind::String => self.string(id, origin, slot),
            Kind::Integer => Ty::Integer,
            Kind::Number => Ty::Number,
            Kind::Boolean => Ty::Boolean,
            Kind::Array => {
                let item = match schema.items {
                    Some(items) => self.use_of(items, &Origin::Inside(Box::new(origin.clone()), Part::Item)),
                    None => Use { ty: Ty::Json, nullable: false },
                };
                Ty::List(Box::new(item))
            }
            Kind::Object => self.object(id, origin, slot),
            Kind::Any if !schema.properties.is_empty() => self.object(id, origin, slot),
            Kind::Any => {
                if schema.beyond.is_empty() {
                    self.untyped(id, "the schema allows anything".to_owned());
                }
                Ty::Json
            }
        }
    }

    fn string(&mut self, id: SchemaId, origin: &Origin, slot: Option<TypeId>) -> Ty {
        let schema = self.graph.schema(id);
        if schema.format.as_deref() == Some("binary") {
            return Ty::Binary;
        }
        let values: Vec<String> = schema.values.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
        if values.is_empty() {
            return Ty::String;
        }
        self.enumeration(id, origin, slot, values, false)
    }

    /// An enum, or the shared one with these values.
    pub(super) fn enumeration(&mut self, id: SchemaId, origin: &Origin, slot: Option<TypeId>, values: Vec<String>, open: bool) -> Ty {
        let mut unique: Vec<String> = Vec::with_capacity(values.len());
        for value in values {
            if !unique.contains(&value) {
                unique.push(value);
            }
        }
        if slot.is_none() && !open {
            let mut key = unique.clone();
            key.sort();
            let rule = self.overlay.shared_enum.iter().find(|e| {
                let mut values = e.value.values.clone();
                values.sort();
                values == key
            });
            if let Some(rule) = rule {
                let name = rule.apply().name.clone();
                if let Some(known) = self.shared.get(&key) {
                    return Ty::Type(*known);
                }
                let values = rule.value.values.clone();
                let shape = Shape::Enum(Enum { values, open });
                let known = self.add(Origin::Component(name), id, Notes::default(), shape);
                self.shared.insert(key, known);
                return Ty::Type(known);
            }
        }
        self.place(slot, id, origin, Shape::Enum(Enum { values: unique, open }))
    }

    fn object(&mut self, id: SchemaId, origin: &Origin, slot: Option<TypeId>) -> Ty {
        let schema = self.graph.schema(id);
        if schema.properties.is_empty() {
            return match schema.additional {
                Additional::Schema(value) => {
                    let value = self.use_of(value, &Origin::Inside(Box::new(origin.clone()), Part::Value));
                    Ty::Map(Box::new(value))
                }
                _ => {
                    self.untyped(id, "the object's properties are not described".to_owned());
                    Ty::Json
                }
            };
        }
        match self.parts(id, origin, Branches::Ignore) {
            Some(parts) => self.structure(id, origin, slot, &parts),
            None => Ty::Json,
        }
    }

    /// A struct from laid-together properties.
    pub(super) fn structure(&mut self, id: SchemaId, origin: &Origin, slot: Option<TypeId>, parts: &Parts) -> Ty {
        // The slot is taken before the fields are built, so that a field can lead back here.
        let slot = slot.unwrap_or_else(|| self.reserve(id, origin));
        if let Some(Additional::Schema(value)) = parts.additional {
            let value = self.graph.schema(value).pointer.clone();
            self.api.untyped.push((value, "further properties of an object with known ones are kept as raw JSON".to_owned()));
        }
        let mut fields = Vec::with_capacity(parts.properties.len());
        for (wire, (property, owner)) in &parts.properties {
            let required = parts.required.contains(wire);
            fields.push(self.field(wire, *property, owner, required));
        }
        let first = self.first_arguments(origin, &fields);
        self.api.types[slot.0].shape = Shape::Struct(Struct { fields, first });
        Ty::Type(slot)
    }

    /// What a constructor asks for first. An entry that names something else than required properties has not matched.
    fn first_arguments(&self, origin: &Origin, fields: &[Field]) -> Vec<String> {
        let is_asked = |wire: &String| fields.iter().any(|f| f.wire == *wire && f.required);
        let entry = self
            .overlay
            .arguments
            .iter()
            .find(|e| matches!(origin, Origin::Component(name) if *name == e.value.schema) && e.value.first.iter().all(is_asked));
        entry.map(|e| e.apply().first.clone()).unwrap_or_default()
    }

    /// One field of a struct.
    pub(super) fn field(&mut self, wire: &str, id: SchemaId, owner: &Origin, required: bool) -> Field {
        let notes = self.notes(id);
        let values = self.string_values(id).unwrap_or_default();
        let nullable = self.nullable(id);
        let named = self.graph.schema(self.core(id)).component.is_some();
        let hidden = required
            || self.overlay.constant.iter().any(|e| {
                e.value.property == wire && {
                    e.apply();
                    true
                }
            });
        if let ([only], false, false, true) = (values.as_slice(), nullable, named, hidden) {
            return Field {
                wire: wire.to_owned(),
                hint: None,
                ty: Ty::String,
                required,
                nullable,
                constant: Some(only.clone()),
                values,
                place: Place::Body,
                notes,
            };
        }
        let origin = Origin::Inside(Box::new(owner.clone()), Part::Property(wire.to_owned()));
        let mut this = self.use_of(id, &origin);
        if matches!(&this.ty, Ty::List(item) if item.ty == Ty::Number) {
            let is_here = |e: &FloatsRule| *owner == Origin::Component(e.schema.clone()) && e.property == wire;
            if let Some(entry) = self.overlay.floats.iter().find(|e| is_here(&e.value)) {
                entry.apply();
                this.ty = Ty::Floats;
            }
        }
        Field {
            wire: wire.to_owned(),
            hint: None,
            ty: this.ty,
            required,
            nullable: this.nullable,
            constant: None,
            values,
            place: Place::Body,
            notes,
        }
    }

    /// The docs of a schema where it is used: its own, or those of what it wraps inline.
    pub(super) fn notes(&self, id: SchemaId) -> Notes {
        let mut notes = self.graph.schema(id).notes.clone();
        let mut at = id;
        while let Some(inner) = self.thin(at) {
            let inner_schema = self.graph.schema(inner);
            if inner_schema.reference.is_some() {
                break;
            }
            if notes.description.is_none() {
                notes.description.clone_from(&inner_schema.notes.description);
            }
            if notes.bounds.is_empty() {
                notes.bounds.clone_from(&inner_schema.notes.bounds);
            }
            if notes.default.is_none() {
                notes.default.clone_from(&inner_schema.notes.default);
            }
            notes.deprecated |= inner_schema.notes.deprecated;
            at = inner;
        }
        notes
    }

    /// The listed strings of a schema, if it is a closed set of strings.
    pub(super) fn string_values(&self, id: SchemaId) -> Option<Vec<String>> {
        let s = self.graph.schema(self.core(id));
        if s.kind == Kind::String && !s.values.is_empty() {
            return Some(s.values.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect());
        }
        None
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Ahead,
    Open,
    Done,
}

/// Goes from alias to alias and notes the links that lead back.
fn visit_alias(api: &Api, id: TypeId, state: &mut [Visit], cuts: &mut Vec<(TypeId, TypeId)>) {
    let Shape::Alias(target) = &api.get(id).shape else { return };
    if state[id.0] != Visit::Ahead {
        return;
    }
    state[id.0] = Visit::Open;
    let mut ty = &target.ty;
    while let Ty::List(inner) | Ty::Map(inner) = ty {
        ty = &inner.ty;
    }
    if let Ty::Type(next) = ty {
        if state[next.0] == Visit::Open {
            cuts.push((id, *next));
        } else {
            visit_alias(api, *next, state, cuts);
        }
    }
    state[id.0] = Visit::Done;
}

fn cut(ty: &mut Ty, id: TypeId) {
    match ty {
        Ty::List(inner) | Ty::Map(inner) => cut(&mut inner.ty, id),
        Ty::Type(found) if *found == id => *ty = Ty::Json,
        _ => {}
    }
}
