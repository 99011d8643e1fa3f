//! Owns which kinds of JSON a type takes. Must not know what that is good for.

use crate::model::{Api, Shape, Ty};

/// Strings.
const STRING: u8 = 1;
/// Numbers.
const NUMBER: u8 = 1 << 1;
/// Booleans.
const BOOLEAN: u8 = 1 << 2;
/// Arrays.
const ARRAY: u8 = 1 << 3;
/// Objects.
const OBJECT: u8 = 1 << 4;
/// All of them.
const ANY: u8 = STRING | NUMBER | BOOLEAN | ARRAY | OBJECT;

/// Unions inside unions, from which on anything is taken.
const DEEP: usize = 8;

/// The kinds that the type does not take, a bit for each, from strings to objects in the order of the constants above. Null is no kind.
pub(super) fn refused(api: &Api, ty: &Ty) -> u8 {
    ANY & !taken(api, ty, 0)
}

fn taken(api: &Api, ty: &Ty, depth: usize) -> u8 {
    match api.expand(ty) {
        Ty::String => STRING,
        Ty::Integer | Ty::Number => NUMBER,
        Ty::Boolean => BOOLEAN,
        Ty::List(_) => ARRAY,
        Ty::Floats => ARRAY | STRING,
        Ty::Map(_) => OBJECT,
        Ty::Json | Ty::Binary => ANY,
        Ty::Type(id) => match &api.get(*id).shape {
            Shape::Enum(_) => STRING,
            Shape::Struct(_) => OBJECT,
            Shape::Union(union) if depth < DEEP => {
                let held =
                    union.variants.iter().map(|variant| variant.payload.as_ref().map_or(STRING, |held| taken(api, &held.ty, depth + 1)));
                held.fold(0, |kinds, kind| kinds | kind)
            }
            Shape::Union(_) | Shape::Alias(_) | Shape::Pending => ANY,
        },
    }
}
