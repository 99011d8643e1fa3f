//! What the emitted types are, as data. Must not know how they were read or what becomes of them.

use std::collections::BTreeMap;

/// Every emitted type, by where it is.
pub type Shapes = BTreeMap<Key, Shape>;

/// A type's family and name: `chat`, `ChatCompletionChunk`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub family: String,
    pub name: String,
}

#[derive(Clone)]
pub enum Shape {
    Struct(Vec<Field>),
    Strings(Strings),
    Union(Union),
    Alias(syn::Type),
}

/// A property, in the order of the document.
#[derive(Clone)]
pub struct Field {
    pub wire: String,
    pub required: bool,
    pub slot: Slot,
}

/// Where a property's value is.
#[derive(Clone)]
pub enum Slot {
    /// In a field of that name and type.
    Stored(syn::Ident, syn::Type),
    /// Nowhere: it can only be this string.
    Constant(String),
}

/// A set of strings: variants with their wire values.
#[derive(Clone)]
pub struct Strings {
    pub values: Vec<(syn::Ident, String)>,
    /// The variant for any other string, where the document allows it.
    pub other: Option<syn::Ident>,
}

#[derive(Clone)]
pub struct Union {
    pub variants: Vec<Variant>,
    /// The property whose value alone chooses the variant, if there is one.
    pub tag: Option<String>,
}

/// A variant that the document describes; the one for anything else is left out.
#[derive(Clone)]
pub struct Variant {
    pub ident: syn::Ident,
    pub payload: Payload,
    /// The tag values that choose it.
    pub tags: Vec<String>,
}

#[derive(Clone)]
pub enum Payload {
    Type(syn::Type),
    /// The variant is this string.
    Text(String),
}
