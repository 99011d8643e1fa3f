//! Writes [`Shapes`] as a person would who builds an SDK on serde's derives: closed enums, required fields that have to come, unknown fields dropped.
//! Must not know how the emitted crate is written.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::shapes::{Field, Key, Payload, Shape, Shapes, Slot, Strings, Union, Variant};

/// The crate's text: `types::FAMILY::NAME` for every shape.
pub fn write(shapes: &Shapes) -> String {
    let mut writer = Writer { shapes, constants: BTreeMap::new(), bodies: BTreeMap::new() };
    let mut families: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
    for (key, shape) in shapes {
        families.entry(&key.family).or_default().push(writer.item(key, shape));
    }
    let types = modules(families.into_iter());
    let bodies = modules(writer.bodies.values().map(|(key, body)| (key.family.as_str(), vec![body.clone()])));
    let constants = writer.constants.iter().map(|(value, number)| {
        let name = constant_name(*number);
        quote! {
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            pub enum #name { #[serde(rename = #value)] Value }
        }
    });
    let tokens = quote! {
        /// The types, by family.
        pub mod types { #types }
        /// Structs without the tag that the union around them has.
        pub mod bodies { #bodies }
        /// Strings that are the only value of a property.
        pub mod constants {
            use serde::{Deserialize, Serialize};
            #(#constants)*
        }
    };
    let file = syn::parse2(tokens).expect("what is written here is Rust");
    prettyplease::unparse(&file)
}

fn modules<'s>(families: impl Iterator<Item = (&'s str, Vec<TokenStream>)>) -> TokenStream {
    let mut merged: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
    for (family, items) in families {
        merged.entry(family).or_default().extend(items);
    }
    let modules = merged.into_iter().map(|(family, items)| {
        let family = format_ident!("{family}");
        quote! {
            pub mod #family {
                #[allow(unused_imports)]
                use crate::{Json, Map, Upload};
                #[allow(unused_imports)]
                use serde::{Deserialize, Serialize};
                #(#items)*
            }
        }
    });
    quote!(#(#modules)*)
}

fn constant_name(number: usize) -> syn::Ident {
    format_ident!("Constant{number}")
}

struct Writer<'s> {
    shapes: &'s Shapes,
    /// A number for each string that is some property's only value.
    constants: BTreeMap<String, usize>,
    /// Structs without a tag, by key and tag.
    bodies: BTreeMap<(Key, String), (Key, TokenStream)>,
}

impl Writer<'_> {
    fn item(&mut self, key: &Key, shape: &Shape) -> TokenStream {
        let name = format_ident!("{}", key.name);
        match shape {
            Shape::Alias(ty) => quote!(pub type #name = #ty;),
            Shape::Struct(fields) => self.structure(&name, fields, None),
            Shape::Strings(strings) => string_enum(&name, strings),
            Shape::Union(union) => match &union.tag {
                Some(tag) if self.is_internally_tagged(union) => self.tagged(&name, union, tag),
                _ => untagged(&name, union),
            },
        }
    }

    fn structure(&mut self, name: &syn::Ident, fields: &[Field], without: Option<&str>) -> TokenStream {
        let fields: Vec<TokenStream> =
            fields.iter().filter(|field| Some(field.wire.as_str()) != without).map(|field| self.field(field)).collect();
        quote! {
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            pub struct #name { #(#fields)* }
        }
    }

    fn field(&mut self, field: &Field) -> TokenStream {
        let (ident, ty) = match &field.slot {
            Slot::Stored(ident, ty) => (ident.clone(), quote!(#ty)),
            Slot::Constant(value) => {
                let next = self.constants.len();
                let name = constant_name(*self.constants.entry(value.clone()).or_insert(next));
                let ty = quote!(crate::constants::#name);
                (format_ident!("{}_", rust_name(&field.wire)), if field.required { ty } else { quote!(Option<#ty>) })
            }
        };
        let rename = (ident.to_string().trim_start_matches("r#") != field.wire).then(|| {
            let wire = &field.wire;
            quote!(#[serde(rename = #wire)])
        });
        // Fields that are required and nullable are options too, and are written as null.
        let skip = (!field.required).then(|| quote!(#[serde(skip_serializing_if = "Option::is_none")]));
        quote!(#rename #skip pub #ident: #ty,)
    }

    /// Whether every variant is a struct of its own tag value, which is what `#[serde(tag = "…")]` can do.
    fn is_internally_tagged(&self, union: &Union) -> bool {
        union.variants.iter().all(|variant| !variant.tags.is_empty() && self.payload_struct(variant).is_some())
    }

    fn payload_struct(&self, variant: &Variant) -> Option<(&Key, &[Field])> {
        match &variant.payload {
            Payload::Type(ty) => self.as_struct(ty),
            Payload::Text(_) => None,
        }
    }

    /// The struct that a type is, through boxes and aliases.
    fn as_struct(&self, ty: &syn::Type) -> Option<(&Key, &[Field])> {
        let syn::Type::Path(path) = ty else { return None };
        let segments: Vec<_> = path.path.segments.iter().collect();
        if let [one] = segments.as_slice() {
            let syn::PathArguments::AngleBracketed(arguments) = &one.arguments else { return None };
            let Some(syn::GenericArgument::Type(inner)) = arguments.args.first() else { return None };
            return if one.ident == "Box" { self.as_struct(inner) } else { None };
        }
        let [_, _, family, name] = segments.as_slice() else { return None };
        let key = Key { family: family.ident.to_string(), name: name.ident.to_string() };
        let (key, shape) = self.shapes.get_key_value(&key)?;
        match shape {
            Shape::Struct(fields) => Some((key, fields)),
            Shape::Alias(ty) => self.as_struct(ty),
            Shape::Strings(_) | Shape::Union(_) => None,
        }
    }

    /// One variant a tag value, as serde knows no others.
    fn tagged(&mut self, name: &syn::Ident, union: &Union, tag: &str) -> TokenStream {
        let mut variants = Vec::new();
        for variant in &union.variants {
            let Some((key, fields)) = self.payload_struct(variant).map(|(key, fields)| (key.clone(), fields.to_vec())) else { continue };
            let payload = self.body(&key, &fields, tag);
            for (number, value) in variant.tags.iter().enumerate() {
                let ident = if number == 0 { variant.ident.clone() } else { format_ident!("{}{number}", variant.ident) };
                variants.push(quote!(#[serde(rename = #value)] #ident(Box<#payload>),));
            }
        }
        quote! {
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[serde(tag = #tag)]
            pub enum #name { #(#variants)* }
        }
    }

    /// The struct as serde wants it behind a tag, which it takes out itself.
    fn body(&mut self, key: &Key, fields: &[Field], tag: &str) -> TokenStream {
        let (family, name) = (format_ident!("{}", key.family), format_ident!("{}", key.name));
        if !fields.iter().any(|field| field.wire == tag) {
            return quote!(crate::types::#family::#name);
        }
        // A struct that stands behind two different tags is written once for each.
        let name = format_ident!("{name}Without_{}", rust_name(tag));
        let at = (key.clone(), tag.to_owned());
        if !self.bodies.contains_key(&at) {
            let body = self.structure(&name, fields, Some(tag));
            self.bodies.insert(at, (key.clone(), body));
        }
        quote!(crate::bodies::#family::#name)
    }
}

fn string_enum(name: &syn::Ident, strings: &Strings) -> TokenStream {
    let variants = strings.values.iter().map(|(ident, value)| quote!(#[serde(rename = #value)] #ident,));
    let other = strings.other.as_ref().map(|other| quote!(#[serde(untagged)] #other(String),));
    quote! {
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum #name { #(#variants)* #other }
    }
}

fn untagged(name: &syn::Ident, union: &Union) -> TokenStream {
    let text_name = format_ident!("{name}Text");
    let mut texts = Vec::new();
    let mut variants = Vec::new();
    for Variant { ident, payload, .. } in &union.variants {
        match payload {
            Payload::Type(ty) => variants.push(quote!(#ident(#ty),)),
            Payload::Text(text) => {
                if texts.is_empty() {
                    variants.push(quote!(Text_(#text_name),));
                }
                texts.push(quote!(#[serde(rename = #text)] #ident,));
            }
        }
    }
    let texts = (!texts.is_empty()).then(|| {
        quote! {
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            pub enum #text_name { #(#texts)* }
        }
    });
    quote! {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(untagged)]
        pub enum #name { #(#variants)* }
        #texts
    }
}

/// A wire name as part of an identifier.
fn rust_name(wire: &str) -> String {
    wire.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}
