//! Owns twins: schemas of another edition (`BetaX` beside `X`) that say exactly the same.

use std::collections::{BTreeMap, BTreeSet};

use super::{mentions, roots};
use crate::model::{Answer, Api, Origin, Shape, Ty, TypeId, Use};
use crate::overlay::Overlay;

/// Finds the twins by name and compares them all the way down.
pub(super) fn find(api: &Api, overlay: &Overlay) -> BTreeMap<TypeId, TypeId> {
    let by_name: BTreeMap<&str, TypeId> = api
        .types
        .iter()
        .enumerate()
        .filter_map(|(i, t)| match &t.origin {
            Origin::Component(name) => Some((name.as_str(), TypeId(i))),
            _ => None,
        })
        .collect();
    let mut twins = BTreeMap::new();
    for edition in &overlay.edition {
        for (name, id) in &by_name {
            let Some(original) = name.strip_prefix(&edition.value.schema_prefix).and_then(|n| by_name.get(n)) else { continue };
            edition.apply();
            if (Comparison { api, assumed: BTreeSet::new() }).same(*id, *original) {
                twins.insert(*id, *original);
            }
        }
    }
    twins
}

struct Comparison<'a> {
    api: &'a Api,
    /// Pairs that are being compared further up: they count as the same until something differs.
    assumed: BTreeSet<(TypeId, TypeId)>,
}

impl Comparison<'_> {
    fn same(&mut self, a: TypeId, b: TypeId) -> bool {
        if a == b || !self.assumed.insert((a, b)) {
            return true;
        }
        match (&self.api.get(a).shape, &self.api.get(b).shape) {
            (Shape::Struct(a), Shape::Struct(b)) => {
                a.fields.len() == b.fields.len()
                    && a.fields.iter().all(|x| {
                        b.field(&x.wire).is_some_and(|y| {
                            (x.required, x.nullable, &x.constant) == (y.required, y.nullable, &y.constant)
                                && (x.constant.is_some() || self.same_ty(&x.ty, &y.ty))
                        })
                    })
            }
            (Shape::Enum(a), Shape::Enum(b)) => {
                a.open == b.open && a.values.iter().collect::<BTreeSet<_>>() == b.values.iter().collect::<BTreeSet<_>>()
            }
            (Shape::Union(a), Shape::Union(b)) => {
                a.tag == b.tag
                    && a.variants.len() == b.variants.len()
                    && a.variants.iter().zip(&b.variants).all(|(x, y)| {
                        x.text == y.text
                            && x.tags == y.tags
                            && match (&x.payload, &y.payload) {
                                (Some(x), Some(y)) => self.same_use(x, y),
                                (None, None) => true,
                                _ => false,
                            }
                    })
            }
            (Shape::Alias(a), Shape::Alias(b)) => self.same_use(a, b),
            _ => false,
        }
    }

    fn same_use(&mut self, a: &Use, b: &Use) -> bool {
        a.nullable == b.nullable && self.same_ty(&a.ty, &b.ty)
    }

    fn same_ty(&mut self, a: &Ty, b: &Ty) -> bool {
        match (a, b) {
            (Ty::Type(a), Ty::Type(b)) => self.same(*a, *b),
            (Ty::List(a), Ty::List(b)) | (Ty::Map(a), Ty::Map(b)) => self.same_use(a, b),
            (a, b) => a == b,
        }
    }
}

/// The twins that something public mentions.
pub(super) fn reached(api: &Api, overlay: &Overlay, twins: &BTreeMap<TypeId, TypeId>) -> BTreeSet<TypeId> {
    let mut seen = BTreeSet::new();
    let mut stack: Vec<TypeId> = roots(api, overlay).into_iter().map(|(id, _, _)| id).collect();
    while let Some(id) = stack.pop() {
        if seen.insert(id) {
            stack.extend(mentions(&api.get(id).shape));
        }
    }
    seen.into_iter().filter(|id| twins.contains_key(id)).collect()
}

/// Puts originals in the place of their twins everywhere.
pub(super) fn replace(api: &mut Api, twins: &BTreeMap<TypeId, TypeId>) {
    fn ty(t: &mut Ty, twins: &BTreeMap<TypeId, TypeId>) {
        match t {
            Ty::Type(id) => {
                if let Some(original) = twins.get(id) {
                    *id = *original;
                }
            }
            Ty::List(item) | Ty::Map(item) => ty(&mut item.ty, twins),
            _ => {}
        }
    }
    for def in &mut api.types {
        match &mut def.shape {
            Shape::Struct(s) => s.fields.iter_mut().for_each(|f| ty(&mut f.ty, twins)),
            Shape::Union(u) => u.variants.iter_mut().filter_map(|v| v.payload.as_mut()).for_each(|p| ty(&mut p.ty, twins)),
            Shape::Alias(target) => ty(&mut target.ty, twins),
            Shape::Enum(_) | Shape::Pending => {}
        }
    }
    for operation in &mut api.operations {
        for sent in operation.params.iter_mut().chain(operation.body_argument.iter_mut()) {
            ty(&mut sent.ty, twins);
        }
        if let Answer::Json(answer) = &mut operation.answer {
            ty(&mut answer.ty, twins);
        }
        if let Some(stream) = &mut operation.stream {
            ty(&mut stream.events.ty, twins);
        }
        if let Some(page) = &mut operation.page {
            ty(&mut page.item.ty, twins);
        }
    }
}
