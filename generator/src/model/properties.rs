//! Owns the properties of an object: what stands in it and in everything that its `allOf` names, laid together.

use std::collections::BTreeMap;
use std::rc::Rc;

use indexmap::IndexMap;

use super::types::Builder;
use super::{Origin, Ty, TypeId, is_bare};
use crate::resolve::{Additional, Kind, SchemaId};

/// Laid-together properties by schema, and whether its branches were refused; one may be large and is wanted often.
pub(super) type Laid = BTreeMap<(SchemaId, bool), Rc<Option<Parts>>>;

/// The properties of an object after everything in its `allOf` has been laid together.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    /// Wire name to schema, and the owner from which inline types take their names.
    pub properties: IndexMap<String, (SchemaId, Origin)>,
    /// Names of required properties.
    pub required: Vec<String>,
    /// The last word on further properties.
    pub additional: Option<Additional>,
}

impl Parts {
    pub(super) fn merge(&mut self, other: Self) {
        for (name, property) in other.properties {
            // A later member redefines what an earlier one said, in the earlier one's place.
            self.properties.insert(name, property);
        }
        for name in other.required {
            if !self.required.contains(&name) {
                self.required.push(name);
            }
        }
        self.additional = other.additional.or(self.additional);
    }
}

/// What to do with the branches of a schema whose properties are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Branches {
    /// They are somebody else's concern.
    Ignore,
    /// A schema with branches is not an object.
    Refuse,
}

impl Builder<'_> {
    pub(super) fn all_of(&mut self, id: SchemaId, origin: &Origin, slot: Option<TypeId>) -> Ty {
        if let Some(parts) = self.parts(id, origin, Branches::Refuse) {
            return self.structure(id, origin, slot, &parts);
        }
        let members: Vec<SchemaId> = self.graph.schema(id).all_of.clone();
        let mut unions = Vec::new();
        let mut base = Parts::default();
        let mut others = Vec::new();
        for member in members {
            let core = self.core(member);
            if !self.graph.schema(core).one_of.is_empty() && !self.only_constrains(core) {
                unions.push(member);
            } else if let Some(parts) = self.parts(member, origin, Branches::Refuse) {
                base.merge(parts);
            } else if !is_bare(self.graph, member) {
                others.push(member);
            }
        }
        if let Some(own) = self.own_parts(id, origin) {
            base.merge(own);
        }
        match (unions.as_slice(), others.as_slice()) {
            ([_, ..], []) => self.distribute(id, base, &unions, origin, slot),
            ([], [only]) if base.properties.is_empty() => self.use_of(*only, origin).ty,
            _ => {
                self.untyped(id, "`allOf` combines schemas that have no value in common".to_owned());
                Ty::Json
            }
        }
    }

    /// The properties that stand beside the combinators of a schema.
    fn own_parts(&self, id: SchemaId, origin: &Origin) -> Option<Parts> {
        let s = self.graph.schema(id);
        if !matches!(s.kind, Kind::Object | Kind::Any) || !s.values.is_empty() {
            return None;
        }
        Some(Parts {
            properties: s.properties.iter().map(|(name, p)| (name.clone(), (*p, origin.clone()))).collect(),
            required: s.required.clone(),
            additional: Some(s.additional).filter(|a| *a != Additional::Unsaid),
        })
    }

    /// Lays an object's properties together; `None` if it is not an object with properties of its own.
    pub(super) fn parts(&self, id: SchemaId, owner: &Origin, branches: Branches) -> Option<Parts> {
        let s = self.graph.schema(id);
        if let Some(target) = s.reference {
            // Many may refer to the same schema, on many ways: it is laid together once.
            let key = (target, branches == Branches::Refuse);
            if let Some(known) = self.laid.borrow().get(&key) {
                return (**known).clone();
            }
            let name = self.graph.schema(target).component.clone().unwrap_or_default();
            let parts = self.parts(target, &Origin::Component(name), branches);
            self.laid.borrow_mut().insert(key, Rc::new(parts.clone()));
            return parts;
        }
        if s.recursive || s.items.is_some() {
            return None;
        }
        if branches == Branches::Refuse && !s.one_of.is_empty() && !self.only_constrains(id) {
            // A union of one is that one.
            let inner = self.thin(id)?;
            return self.parts(inner, owner, branches);
        }
        let mut parts = Parts::default();
        for member in &s.all_of {
            parts.merge(self.parts(*member, owner, Branches::Refuse)?);
        }
        parts.merge(self.own_parts(id, owner)?);
        Some(parts)
    }

    /// Whether the branches only say which properties must be there.
    pub(super) fn only_constrains(&self, id: SchemaId) -> bool {
        let s = self.graph.schema(id);
        !s.one_of.is_empty()
            && s.one_of.iter().all(|b| {
                let b = self.graph.schema(*b);
                b.reference.is_none()
                    && matches!(b.kind, Kind::Any | Kind::Object)
                    && b.properties.is_empty()
                    && b.all_of.is_empty()
                    && b.one_of.is_empty()
                    && b.values.is_empty()
                    && b.additional == Additional::Unsaid
                    && (!b.required.is_empty() || b.beyond.iter().any(|k| k == "not"))
            })
    }
}
