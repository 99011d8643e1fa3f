//! Owns the questions that need the whole API at once: which types are twins, which are reached and from which side, where a box breaks a cycle,
//! how a union's bytes lead to a variant. One side table per question. Knows no names and no tokens.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Answer, Api, Origin, Shape, Ty, TypeId, Use};
use crate::overlay::Overlay;

mod dispatch;
mod kinds;
mod twins;

pub use dispatch::{Dispatch, Lists, Objects, Texts};

/// The answers.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// A type that says the same as another, and that other.
    pub twins: BTreeMap<TypeId, TypeId>,
    /// From which side each type is reached; twins are reached only through their names.
    pub reach: BTreeMap<TypeId, Reach>,
    /// Twins that would be reached: they become aliases.
    pub reached_twins: BTreeSet<TypeId>,
    /// Fields that need a box, by type and index.
    pub boxed: BTreeSet<(TypeId, usize)>,
    /// How each union is read.
    pub dispatch: BTreeMap<TypeId, Dispatch>,
    /// Fields that help to tell variants apart.
    pub telling: Telling,
    /// Unions that other types turn into, and those types.
    pub conversions: BTreeMap<TypeId, Vec<TypeId>>,
    /// Types that are an operation's parameters and nothing else.
    pub only_params: BTreeMap<TypeId, usize>,
    /// The root types from which the family of others follows: type, operation.
    pub operation_roots: Vec<(TypeId, usize)>,
}

/// Fields that help to tell variants apart, each as its type and wire name.
#[derive(Clone, Debug, Default)]
pub struct Telling {
    /// By their listed values.
    pub values: BTreeSet<(TypeId, String)>,
    /// By the kinds of JSON that they do not take: a bit for each, see `kinds`.
    pub refused: BTreeMap<(TypeId, String), u8>,
}

/// From which side a type is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// It is sent.
    pub request: bool,
    /// It is received.
    pub response: bool,
}

/// Answers all questions; twins are replaced by their originals in `api`.
pub fn analyze(api: &mut Api, overlay: &Overlay) -> Facts {
    let mut facts = Facts { twins: twins::find(api, overlay), ..Facts::default() };
    facts.reached_twins = twins::reached(api, overlay, &facts.twins);
    twins::replace(api, &facts.twins);
    reach(api, overlay, &mut facts);
    boxes(api, &mut facts);
    let unions: Vec<TypeId> = facts.reach.keys().copied().filter(|id| matches!(api.get(*id).shape, Shape::Union(_))).collect();
    for id in unions {
        let dispatch = dispatch::plan(api, id, &mut facts.telling);
        facts.dispatch.insert(id, dispatch);
    }
    conversions(api, overlay, &mut facts);
    only_params(api, overlay, &mut facts);
    facts
}

/// The type of a named schema, if it is emitted.
fn component(api: &Api, facts: &Facts, schema: &str) -> Option<TypeId> {
    let id = api.types.iter().position(|t| t.origin == Origin::Component(schema.to_owned())).map(TypeId)?;
    facts.reach.contains_key(&id).then_some(id)
}

/// Entries whose types are twins of others, or that name no union, have not matched.
fn conversions(api: &Api, overlay: &Overlay, facts: &mut Facts) {
    for entry in &overlay.convert {
        let from = component(api, facts, &entry.value.from);
        let to = component(api, facts, &entry.value.to).filter(|id| matches!(api.get(*id).shape, Shape::Union(_)));
        if let (Some(from), Some(to)) = (from, to) {
            entry.apply();
            facts.conversions.entry(to).or_default().push(from);
        }
    }
}

/// Every type that a type mentions directly.
pub fn mentions(shape: &Shape) -> Vec<TypeId> {
    let mut found = Vec::new();
    match shape {
        Shape::Struct(s) => s.fields.iter().filter(|f| f.constant.is_none()).for_each(|f| types_in(&f.ty, &mut found)),
        Shape::Union(u) => u.variants.iter().filter_map(|v| v.payload.as_ref()).for_each(|p| types_in(&p.ty, &mut found)),
        Shape::Alias(target) => types_in(&target.ty, &mut found),
        Shape::Enum(_) | Shape::Pending => {}
    }
    found
}

fn types_in(ty: &Ty, found: &mut Vec<TypeId>) {
    match ty {
        Ty::Type(id) => found.push(*id),
        Ty::List(item) | Ty::Map(item) => types_in(&item.ty, found),
        _ => {}
    }
}

/// The types that stand at the edge: what operations, webhooks and the overlay's roots send and receive.
fn roots(api: &Api, overlay: &Overlay) -> Vec<(TypeId, Reach, Option<usize>)> {
    let request = Reach { request: true, response: false };
    let response = Reach { request: false, response: true };
    let mut roots = Vec::new();
    let mut add = |u: &Use, reach: Reach, operation: Option<usize>| {
        let mut found = Vec::new();
        types_in(&u.ty, &mut found);
        roots.extend(found.into_iter().map(|id| (id, reach, operation)));
    };
    for (index, operation) in api.operations.iter().enumerate() {
        for sent in operation.params.iter().chain(&operation.body_argument) {
            add(sent, request, Some(index));
        }
        if let Answer::Json(answer) = &operation.answer {
            add(answer, response, Some(index));
        }
        if let Some(stream) = &operation.stream {
            add(&stream.events, response, Some(index));
        }
    }
    if let Some(id) = api.webhooks {
        roots.push((id, response, None));
    }
    for entry in &overlay.root {
        let id = api.types.iter().position(|t| t.origin == Origin::Component(entry.value.schema.clone()));
        if let Some(id) = id {
            roots.push((TypeId(id), if entry.value.direction == "client" { request } else { response }, None));
        }
    }
    roots
}

fn reach(api: &Api, overlay: &Overlay, facts: &mut Facts) {
    for (root, from, operation) in roots(api, overlay) {
        if let Some(operation) = operation {
            facts.operation_roots.push((root, operation));
        }
        let mut stack = vec![root];
        while let Some(id) = stack.pop() {
            let reach = facts.reach.entry(id).or_default();
            let before = *reach;
            reach.request |= from.request;
            reach.response |= from.response;
            if before != *reach {
                stack.extend(mentions(&api.get(id).shape));
            }
        }
    }
}

/// Boxes the fields that close a cycle of structs by value. Variants hold their objects in boxes anyway.
fn boxes(api: &Api, facts: &mut Facts) {
    fn visit(api: &Api, id: TypeId, path: &mut Vec<TypeId>, done: &mut BTreeSet<TypeId>, boxed: &mut BTreeSet<(TypeId, usize)>) {
        path.push(id);
        if let Shape::Struct(s) = &api.get(id).shape {
            for (index, field) in s.fields.iter().enumerate() {
                let Some((next, _)) = api.as_struct(&field.ty) else { continue };
                if path.contains(&next) {
                    boxed.insert((id, index));
                } else if !done.contains(&next) {
                    visit(api, next, path, done, boxed);
                }
            }
        }
        path.pop();
        done.insert(id);
    }
    let mut done = BTreeSet::new();
    for id in facts.reach.keys() {
        if !done.contains(id) {
            visit(api, *id, &mut Vec::new(), &mut done, &mut facts.boxed);
        }
    }
}

/// Named schemas that are one operation's parameters and occur nowhere else take their name from the operation.
fn only_params(api: &Api, overlay: &Overlay, facts: &mut Facts) {
    let mut mentioned: BTreeMap<TypeId, usize> = BTreeMap::new();
    for id in facts.reach.keys() {
        for other in mentions(&api.get(*id).shape) {
            *mentioned.entry(other).or_default() += 1;
        }
    }
    for (id, _, _) in roots(api, overlay) {
        *mentioned.entry(id).or_default() += 1;
    }
    for (index, operation) in api.operations.iter().enumerate() {
        if let Some(Use { ty: Ty::Type(id), .. }) = &operation.params
            && mentioned.get(id) == Some(&1)
            && matches!(api.get(*id).shape, Shape::Struct(_) | Shape::Union(_))
        {
            facts.only_params.insert(*id, index);
        }
    }
}
