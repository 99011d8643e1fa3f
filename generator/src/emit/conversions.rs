//! Owns how unions are made from what people have at hand: conversions, short constructors, and what was received turned into what is sent.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Emitter, doc, ident};
use crate::model::{Api, Shape, Ty, TypeId, Union, Use, Variant};
use crate::names::field_ident;

impl Emitter<'_> {
    /// `From` for every payload that only one variant holds.
    pub(super) fn conversions(&self, id: TypeId, union: &Union) -> Vec<TokenStream> {
        let name = format_ident!("{}", self.name(id));
        let mut out = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut texts: Option<Texts> = None;
        for (variant, ident) in union.variants.iter().zip(self.variant_idents(id)) {
            let Some(payload) = &variant.payload else { continue };
            let expanded = self.api.expand(&payload.ty).clone();
            let same = |other: &&Variant| other.payload.as_ref().is_some_and(|p| *self.api.expand(&p.ty) == expanded);
            if union.variants.iter().filter(same).count() > 1 || !seen.insert(format!("{expanded:?}")) {
                continue;
            }
            let value = if self.is_boxed(payload) { quote!(Box::new(value)) } else { quote!(value) };
            match &expanded {
                Ty::String => {
                    texts = Some(Texts { borrowed: quote!(Self::#ident(value.to_owned())), owned: quote!(Self::#ident(value)) });
                    continue;
                }
                Ty::Type(inner) if matches!(self.api.get(*inner).shape, Shape::Enum(_)) => {
                    let through = quote!(Self::#ident(value.into()));
                    texts.get_or_insert(Texts { borrowed: through.clone(), owned: through });
                }
                Ty::Json => {}
                Ty::List(item) => {
                    out.extend(self.list_conversions(&name, &ident, item, is_only_list(self.api, union)));
                    continue;
                }
                _ => {}
            }
            let ty = self.ty(&payload.ty);
            out.push(quote! {
                impl From<#ty> for #name {
                    #[inline]
                    fn from(value: #ty) -> Self { Self::#ident(#value) }
                }
            });
        }
        let units: Vec<(String, Ident)> = union
            .variants
            .iter()
            .zip(self.variant_idents(id))
            .filter_map(|(v, i)| Some((v.text.clone().filter(|_| v.payload.is_none())?, i)))
            .collect();
        if texts.is_some() || !units.is_empty() {
            let fallback = self.fallback(id);
            let texts = texts.unwrap_or_else(|| {
                let raw = quote!(Self::#fallback(value.into()));
                Texts { borrowed: raw.clone(), owned: raw }
            });
            let rest = texts.borrowed;
            let arms = units.iter().map(|(text, ident)| quote!(#text => Self::#ident,));
            let body = if units.is_empty() { rest } else { quote!(match value { #(#arms)* _ => #rest }) };
            out.push(quote! {
                impl From<&str> for #name {
                    #[inline]
                    fn from(value: &str) -> Self { #body }
                }
            });
            let owned = if units.is_empty() { texts.owned } else { quote!(Self::from(value.as_str())) };
            out.push(quote! {
                impl From<String> for #name {
                    #[inline]
                    fn from(value: String) -> Self { #owned }
                }
            });
        }
        out
    }

    /// `From` for lists: of anything that turns into an item where there is but one kind of list, else of the items themselves.
    fn list_conversions(&self, name: &Ident, variant: &Ident, item: &Use, only: bool) -> Vec<TokenStream> {
        let ty = self.usage(item);
        let is_plain = item.nullable || matches!(self.api.expand(&item.ty), Ty::Integer | Ty::Number | Ty::Boolean | Ty::List(_));
        if only && !is_plain {
            return vec![
                quote! {
                    impl<T: Into<#ty>> From<Vec<T>> for #name {
                        fn from(value: Vec<T>) -> Self { Self::#variant(value.into_iter().map(Into::into).collect()) }
                    }
                },
                quote! {
                    impl<T: Into<#ty>, const N: usize> From<[T; N]> for #name {
                        fn from(value: [T; N]) -> Self { Self::#variant(value.into_iter().map(Into::into).collect()) }
                    }
                },
            ];
        }
        let mut kinds = vec![(ty.clone(), quote!(value), quote!(value.into()))];
        if !item.nullable && *self.api.expand(&item.ty) == Ty::String {
            let each = quote!(value.into_iter().map(Into::into).collect());
            kinds.push((quote!(&str), each.clone(), each));
        }
        let both = |(ty, list, array): (TokenStream, TokenStream, TokenStream)| {
            [
                quote! {
                    impl From<Vec<#ty>> for #name {
                        #[inline]
                    fn from(value: Vec<#ty>) -> Self { Self::#variant(#list) }
                    }
                },
                quote! {
                    impl<const N: usize> From<[#ty; N]> for #name {
                        fn from(value: [#ty; N]) -> Self { Self::#variant(#array) }
                    }
                },
            ]
        };
        kinds.into_iter().flat_map(both).collect()
    }

    /// `From` for what is received and can be sent back: payloads of one type move over, the others are read from their JSON.
    pub(super) fn returns(&self, id: TypeId, union: &Union) -> Vec<TokenStream> {
        let name = format_ident!("{}", self.name(id));
        let (idents, ours) = (self.variant_idents(id), self.fallback(id));
        let from = self.facts.conversions.get(&id).into_iter().flatten();
        from.map(|from| {
            let given = self.ty(&Ty::Type(*from));
            let body = match &self.api.get(*from).shape {
                Shape::Union(received) => {
                    let theirs = self.fallback(*from);
                    let arms = received.variants.iter().zip(self.variant_idents(*from)).filter_map(|(variant, received)| {
                        let payload = variant.payload.as_ref()?;
                        let same = |v: &Variant| v.payload.as_ref() == Some(payload) && v.tags == variant.tags;
                        let sent = &idents[union.variants.iter().position(same)?];
                        Some(quote!(#given::#received(value) => Self::#sent(value),))
                    });
                    let arms: Vec<TokenStream> = arms.collect();
                    quote!(match value { #(#arms)* #given::#theirs(value) => Self::#ours(value), value => json::recast(&value) })
                }
                _ => quote!(json::recast(&value)),
            };
            quote! {
                impl From<#given> for #name {
                    #[inline]
                    fn from(value: #given) -> Self { #body }
                }
            }
        })
        .collect()
    }

    /// A short constructor for every variant whose payload asks for at most two things.
    pub(super) fn constructors(&self, id: TypeId, union: &Union) -> Vec<TokenStream> {
        let mut out = Vec::new();
        let mut taken = BTreeSet::from(["tag".to_owned()]);
        for (variant, ident_) in union.variants.iter().zip(self.variant_idents(id)) {
            let Some(payload) = &variant.payload else { continue };
            if variant.tags.is_empty() {
                continue;
            }
            let Some((arguments, value)) = self.short(&payload.ty, 0) else { continue };
            let method = field_ident(&ident_.to_string());
            if !taken.insert(method.clone()) {
                continue;
            }
            let method = ident(&method);
            let docs = doc(&self.docs.of(&variant.notes, &self.variant_words(variant)));
            out.push(quote! {
                #docs
                #[inline]
                pub fn #method(#(#arguments),*) -> Self { Self::#ident_(Box::new(#value)) }
            });
        }
        out
    }
}

/// Whether a union has one kind of list.
fn is_only_list(api: &Api, union: &Union) -> bool {
    let is_list = |v: &&Variant| v.payload.as_ref().is_some_and(|p| matches!(api.expand(&p.ty), Ty::List(_)));
    union.variants.iter().filter(is_list).count() == 1
}

/// The expressions that make the variant of a text out of `value`.
struct Texts {
    borrowed: TokenStream,
    owned: TokenStream,
}
