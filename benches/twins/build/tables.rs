//! Writes what is known of the types as tables that the program of comparisons goes by.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::operations::Operation;
use super::shapes::{Key, Payload, Shape, Shapes};

/// `TYPES`, `OPERATIONS` and `UNIONS`, as described where they are included.
pub fn write(shapes: &Shapes, operations: &[Operation]) -> String {
    let types = shapes.keys().map(|key| {
        let (path, name) = (path(key), qualified(key));
        quote!((#name, check::<#path>))
    });
    let operations = operations.iter().map(|operation| {
        let name = &operation.name;
        let [params, result, event] = [&operation.params, &operation.result, &operation.event].map(|key| match key {
            Some(key) => {
                let name = qualified(key);
                quote!(Some(#name))
            }
            None => quote!(None),
        });
        quote!(OperationTypes { name: #name, params: #params, result: #result, event: #event })
    });
    let unions = shapes.iter().flat_map(|(key, shape)| members(key, shape)).map(|(union, member)| quote!((#union, #member)));
    let tokens = quote! {
        pub static TYPES: &[(&str, Check)] = &[#(#types),*];
        pub static OPERATIONS: &[OperationTypes] = &[#(#operations),*];
        pub static UNIONS: &[(&str, &str)] = &[#(#unions),*];
    };
    prettyplease::unparse(&syn::parse2(tokens).expect("what is written here is Rust"))
}

fn path(key: &Key) -> TokenStream {
    let (family, name) = (format_ident!("{}", key.family), format_ident!("{}", key.name));
    quote!(crate::types::#family::#name)
}

fn qualified(key: &Key) -> String {
    format!("{}::{}", key.family, key.name)
}

/// A union that goes by a tag alone, with each type that it holds.
fn members(key: &Key, shape: &Shape) -> Vec<(String, String)> {
    let Shape::Union(union) = shape else { return Vec::new() };
    if union.tag.is_none() {
        return Vec::new();
    }
    let payloads = union.variants.iter().filter_map(|variant| match &variant.payload {
        Payload::Type(ty) => boxed_key(ty),
        Payload::Text(_) => None,
    });
    payloads.map(|member| (qualified(key), member)).collect()
}

/// `chat::X` of `Box<crate::types::chat::X>`.
fn boxed_key(ty: &syn::Type) -> Option<String> {
    let syn::Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if let syn::PathArguments::AngleBracketed(arguments) = &last.arguments {
        return match arguments.args.first() {
            Some(syn::GenericArgument::Type(inner)) if last.ident == "Box" => boxed_key(inner),
            _ => None,
        };
    }
    let family = path.path.segments.iter().rev().nth(1)?;
    Some(format!("{}::{}", family.ident, last.ident))
}
