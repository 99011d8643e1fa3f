//! Owns how a union is read: by JSON type first, then by the tag, then by what fits best. The plan is data; the emitted code carries it out.

use super::{Telling, kinds};
use crate::model::{Api, Shape, Struct, Ty, TypeId, Union, Variant};

/// How a union is read. Numbers are indices of variants.
#[derive(Clone, Debug, Default)]
pub struct Dispatch {
    /// Strings.
    pub texts: Texts,
    /// Whole numbers.
    pub integer: Option<usize>,
    /// Numbers.
    pub number: Option<usize>,
    /// Booleans.
    pub boolean: Option<usize>,
    /// Lists.
    pub lists: Lists,
    /// Objects.
    pub objects: Objects,
    /// A variant that takes anything.
    pub any: Option<usize>,
    /// A variant that holds a file.
    pub file: Option<usize>,
}

/// How strings are read.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// Strings that are variants themselves.
    pub units: Vec<(String, usize)>,
    /// The variant that holds any string.
    pub payload: Option<usize>,
}

/// How lists are read.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// By the kind of the first element: `String`, `Integer`, `Number`, `Boolean`, `Array`, `Object`.
    pub by_element: Vec<(&'static str, usize)>,
    /// An empty list, or one whose elements are of another kind.
    pub otherwise: Option<usize>,
}

/// How objects are read.
#[derive(Clone, Debug, Default)]
pub struct Objects {
    /// The tag.
    pub tag: Option<String>,
    /// Tag values and the variants that they may mean.
    pub cases: Vec<(Vec<String>, Vec<usize>)>,
    /// Candidates when the tag is absent, or when there is none.
    pub untagged: Vec<usize>,
    /// A variant that takes any object.
    pub map: Option<usize>,
}

/// Plans how the union is read, and notes the fields whose values or kinds tell variants with the same tag apart.
pub(super) fn plan(api: &Api, id: TypeId, telling: &mut Telling) -> Dispatch {
    let Shape::Union(union) = &api.get(id).shape else { unreachable!("only unions are planned") };
    let mut plan = Dispatch::default();
    for (index, variant) in union.variants.iter().enumerate() {
        let Some(payload) = &variant.payload else {
            plan.texts.units.push((variant.text.clone().unwrap_or_default(), index));
            continue;
        };
        match api.expand(&payload.ty) {
            Ty::String => plan.texts.payload = Some(index),
            Ty::Integer => plan.integer = Some(index),
            Ty::Number => plan.number = Some(index),
            Ty::Boolean => plan.boolean = Some(index),
            Ty::Binary => plan.file = Some(index),
            Ty::Json => plan.any = Some(index),
            Ty::Map(_) => plan.objects.map = Some(index),
            Ty::Floats => plan.lists.by_element.push(("Number", index)),
            Ty::List(item) => match element_kind(api, &item.ty) {
                Some(kind) if !plan.lists.by_element.iter().any(|(k, _)| *k == kind) => plan.lists.by_element.push((kind, index)),
                _ => {
                    plan.lists.otherwise.get_or_insert(index);
                }
            },
            Ty::Type(inner) => match &api.get(*inner).shape {
                Shape::Enum(_) => plan.texts.payload = Some(index),
                Shape::Struct(_) => {}
                _ => plan.any = plan.any.or(Some(index)),
            },
        }
    }
    if let Some((_, first)) = plan.lists.by_element.first() {
        plan.lists.otherwise.get_or_insert(*first);
    }
    plan_objects(api, union, &mut plan.objects);
    for (_, candidates) in &plan.objects.cases {
        tell_apart(api, union, candidates, telling);
    }
    tell_apart(api, union, &plan.objects.untagged, telling);
    plan
}

fn element_kind(api: &Api, ty: &Ty) -> Option<&'static str> {
    Some(match api.expand(ty) {
        Ty::String => "String",
        Ty::Integer => "Integer",
        Ty::Number => "Number",
        Ty::Boolean => "Bool",
        Ty::List(_) | Ty::Floats => "Array",
        Ty::Map(_) => "Object",
        Ty::Binary | Ty::Json => return None,
        Ty::Type(id) => match &api.get(*id).shape {
            Shape::Enum(_) => "String",
            Shape::Struct(_) => "Object",
            Shape::Union(u) if u.variants.iter().all(|v| v.payload.as_ref().is_some_and(|p| api.as_struct(&p.ty).is_some())) => "Object",
            _ => return None,
        },
    })
}

fn payload_struct<'a>(api: &'a Api, variant: &Variant) -> Option<(TypeId, &'a Struct)> {
    // `expand` borrows from the API alone, so the variant may be shorter-lived.
    let id = api.named(&variant.payload.as_ref()?.ty)?;
    match &api.get(id).shape {
        Shape::Struct(s) => Some((id, s)),
        _ => None,
    }
}

fn plan_objects(api: &Api, union: &Union, plan: &mut Objects) {
    let objects: Vec<usize> = union.variants.iter().enumerate().filter(|(_, v)| payload_struct(api, v).is_some()).map(|(i, _)| i).collect();
    let Some(tag) = union.tag.as_ref().filter(|_| objects.len() > 1 || plan.map.is_some()) else {
        // A single object needs no tag to be told from a text or a list; a union that is nothing but it goes by the tag all the same.
        match (&union.tag, objects.as_slice()) {
            (Some(tag), [only]) if union.variants.len() == 1 && !union.variants[*only].tags.is_empty() => {
                plan.tag = Some(tag.clone());
                plan.cases.push((union.variants[*only].tags.clone(), vec![*only]));
            }
            _ => plan.untagged = objects,
        }
        return;
    };
    plan.tag = Some(tag.clone());
    for index in &objects {
        let variant = &union.variants[*index];
        if variant.tag_optional || variant.tags.is_empty() {
            plan.untagged.push(*index);
        }
        for value in &variant.tags {
            match plan.cases.iter_mut().find(|(values, _)| values.contains(value)) {
                Some((values, candidates)) if values.len() == 1 => {
                    if !candidates.contains(index) {
                        candidates.push(*index);
                    }
                }
                Some((values, candidates)) => {
                    // The value is shared by only some of the variants behind this case: it gets a case of its own.
                    let mut candidates = candidates.clone();
                    values.retain(|v| v != value);
                    candidates.push(*index);
                    plan.cases.push((vec![value.clone()], candidates));
                }
                None => match plan.cases.iter_mut().find(|(_, candidates)| candidates == &[*index]) {
                    Some((values, _)) => values.push(value.clone()),
                    None => plan.cases.push((vec![value.clone()], vec![*index])),
                },
            }
        }
    }
}

/// Fields with listed values that differ between the candidates help the runtime to choose, and so do those that take other kinds of JSON.
fn tell_apart(api: &Api, union: &Union, candidates: &[usize], telling: &mut Telling) {
    if candidates.len() < 2 {
        return;
    }
    let structs: Vec<(TypeId, &Struct)> = candidates.iter().filter_map(|i| payload_struct(api, &union.variants[*i])).collect();
    for (id, s) in &structs {
        for field in s.fields.iter().filter(|f| !f.values.is_empty()) {
            let differs = structs.iter().any(|(_, other)| other.field(&field.wire).is_some_and(|o| o.values != field.values));
            if differs {
                telling.values.insert((*id, field.wire.clone()));
            }
        }
        for field in &s.fields {
            let kinds = kinds::refused(api, &field.ty);
            let differs = structs.iter().any(|(_, other)| other.field(&field.wire).is_some_and(|o| kinds::refused(api, &o.ty) != kinds));
            if differs && kinds != 0 {
                telling.refused.insert((*id, field.wire.clone()), kinds);
            }
        }
    }
}
