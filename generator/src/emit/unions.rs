//! Owns the syntax of unions: the enum, how it is read and written, conversions and short constructors.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Emitter, deprecated, doc, ident, print};
use crate::analyze::{Dispatch, Objects};
use crate::model::{Shape, Ty, TypeId, Union, Use, Variant};
use crate::names::field_ident;

impl Emitter<'_> {
    /// The items of a union.
    pub(super) fn union(&self, id: TypeId, union: &Union) -> Vec<String> {
        self.mention_json("self");
        self.mention_json("Json");
        let mut items = vec![print(self.union_definition(id, union))];
        if self.is_sent(id) {
            let constructors = self.constructors(id, union);
            if !constructors.is_empty() {
                let name = format_ident!("{}", self.name(id));
                items.push(print(quote! { impl #name { #(#constructors)* } }));
            }
            items.extend(self.conversions(id, union).into_iter().map(print));
        }
        items.push(print(self.union_default(id)));
        items.push(print(self.union_decode(id, union)));
        items.push(print(self.union_encode(id, union)));
        items
    }

    /// Whether a payload is held in a box: objects are, so that all variants are about as large.
    fn is_boxed(&self, payload: &Use) -> bool {
        self.api.named(&payload.ty).is_some_and(|id| matches!(self.api.get(id).shape, Shape::Struct(_) | Shape::Union(_)))
    }

    fn variant_idents(&self, id: TypeId) -> Vec<proc_macro2::Ident> {
        self.names.variants[&id].iter().map(|v| format_ident!("{v}")).collect()
    }

    fn fallback(&self, id: TypeId) -> proc_macro2::Ident {
        format_ident!("{}", self.names.fallback[&id])
    }

    fn union_definition(&self, id: TypeId, union: &Union) -> TokenStream {
        let def = self.api.get(id);
        let name = format_ident!("{}", self.name(id));
        let docs = doc(&self.docs.of(&def.notes, &format!("`{}`", self.name(id))));
        let deprecation = deprecated(def.notes.deprecated);
        let fallback = self.fallback(id);
        let variants = union.variants.iter().zip(self.variant_idents(id)).map(|(variant, ident)| {
            let docs = doc(&self.docs.of(&variant.notes, &self.variant_words(variant)));
            match &variant.payload {
                None => quote!(#docs #ident,),
                Some(payload) => {
                    let ty = self.ty(&payload.ty);
                    let ty = if self.is_boxed(payload) { quote!(Box<#ty>) } else { ty };
                    quote!(#docs #ident(#ty),)
                }
            }
        });
        let variants: Vec<TokenStream> = variants.collect();
        quote! {
            #docs
            #deprecation
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum #name {
                #(#variants)*
                #[doc = " What no variant describes, as it came."]
                #fallback(Json),
            }
        }
    }

    /// What to say of a variant that the document does not describe: the first paragraph on what it holds, else its tag.
    fn variant_words(&self, variant: &Variant) -> String {
        let held = match variant.payload.as_ref().map(|p| &p.ty) {
            Some(Ty::Type(id)) => self.first_paragraph(*id),
            _ => None,
        };
        if let Some(paragraph) = held {
            return paragraph;
        }
        match (variant.tags.first(), &variant.text, &variant.payload) {
            (Some(tag), _, _) => format!("`{tag}`"),
            (None, Some(text), _) => format!("`{text}`"),
            (None, None, Some(payload)) => format!("`{}`", self.plain_name(&payload.ty)),
            (None, None, None) => String::new(),
        }
    }

    fn union_default(&self, id: TypeId) -> TokenStream {
        let name = format_ident!("{}", self.name(id));
        let fallback = self.fallback(id);
        quote! {
            impl Default for #name {
                fn default() -> Self { Self::#fallback(Json::null()) }
            }
        }
    }

    fn union_encode(&self, id: TypeId, union: &Union) -> TokenStream {
        let name = format_ident!("{}", self.name(id));
        let fallback = self.fallback(id);
        let arms = union.variants.iter().zip(self.variant_idents(id)).map(|(variant, ident)| match (&variant.payload, &variant.text) {
            (None, Some(text)) => quote!(Self::#ident => w.string(#text),),
            _ => quote!(Self::#ident(value) => value.encode(w),),
        });
        quote! {
            impl json::Encode for #name {
                #[inline]
                fn encode(&self, w: &mut json::Writer) {
                    match self {
                        #(#arms)*
                        Self::#fallback(value) => value.encode(w),
                    }
                }
            }
        }
    }

    fn union_decode(&self, id: TypeId, union: &Union) -> TokenStream {
        let name = format_ident!("{}", self.name(id));
        let fallback = self.fallback(id);
        let body = Plan { emitter: self, id, union, plan: &self.facts.dispatch[&id], idents: self.variant_idents(id) }.body();
        quote! {
            impl json::Decode for #name {
                #[inline]
                fn decode(r: &mut json::Reader<'_>) -> Result<Self, json::Fault> { Ok(#body) }
                #[inline]
                fn from_mismatch(raw: Json) -> Option<Self> { Some(Self::#fallback(raw)) }
            }
        }
    }

    /// `From` for every payload that only one variant holds.
    fn conversions(&self, id: TypeId, union: &Union) -> Vec<TokenStream> {
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
                    let item = self.usage(item);
                    out.push(quote! {
                        impl<const N: usize> From<[#item; N]> for #name {
                            fn from(value: [#item; N]) -> Self { Self::#ident(value.into()) }
                        }
                    });
                }
                _ => {}
            }
            let ty = self.ty(&payload.ty);
            out.push(quote! {
                impl From<#ty> for #name {
                    fn from(value: #ty) -> Self { Self::#ident(#value) }
                }
            });
        }
        let units: Vec<(String, proc_macro2::Ident)> = union
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
                    fn from(value: &str) -> Self { #body }
                }
            });
            let owned = if units.is_empty() { texts.owned } else { quote!(Self::from(value.as_str())) };
            out.push(quote! {
                impl From<String> for #name {
                    fn from(value: String) -> Self { #owned }
                }
            });
        }
        out
    }

    /// A short constructor for every variant whose payload asks for at most two things.
    fn constructors(&self, id: TypeId, union: &Union) -> Vec<TokenStream> {
        let mut out = Vec::new();
        let mut taken: BTreeSet<String> = BTreeSet::new();
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
                pub fn #method(#(#arguments),*) -> Self { Self::#ident_(Box::new(#value)) }
            });
        }
        out
    }
}

/// The expressions that make the variant of a text out of `value`.
struct Texts {
    borrowed: TokenStream,
    owned: TokenStream,
}

/// The expression that reads a union.
struct Plan<'p> {
    emitter: &'p Emitter<'p>,
    id: TypeId,
    union: &'p Union,
    plan: &'p Dispatch,
    idents: Vec<proc_macro2::Ident>,
}

impl Plan<'_> {
    fn unknown(&self) -> TokenStream {
        if let Some(any) = self.plan.any {
            let ident = &self.idents[any];
            return quote!(Self::#ident(r.decode()?));
        }
        let fallback = self.emitter.fallback(self.id);
        quote!(Self::#fallback(r.unknown()?))
    }

    fn take(&self, index: usize) -> TokenStream {
        let ident = &self.idents[index];
        quote!(Self::#ident(r.decode()?))
    }

    fn body(&self) -> TokenStream {
        let plan = self.plan;
        let objects = self.objects();
        let only_objects = plan.texts.units.is_empty()
            && plan.texts.payload.is_none()
            && plan.integer.or(plan.number).or(plan.boolean).or(plan.lists.otherwise).or(plan.file).is_none();
        if let (true, Some(objects), true) = (only_objects, &objects, plan.objects.tag.is_some()) {
            return objects.clone();
        }
        let unknown = self.unknown();
        let mut arms = Vec::new();
        if let Some(texts) = self.texts() {
            arms.push(quote!(json::Kind::String => #texts,));
        }
        match (plan.integer, plan.number) {
            (Some(integer), Some(number)) => {
                let (integer, number) = (self.take(integer), self.take(number));
                arms.push(quote!(json::Kind::Integer => #integer,));
                arms.push(quote!(json::Kind::Number => #number,));
            }
            (Some(one), None) | (None, Some(one)) => {
                let one = self.take(one);
                arms.push(quote!(json::Kind::Integer | json::Kind::Number => #one,));
            }
            (None, None) => {}
        }
        if let Some(boolean) = plan.boolean {
            let boolean = self.take(boolean);
            arms.push(quote!(json::Kind::Bool => #boolean,));
        }
        if let Some(lists) = self.lists() {
            arms.push(quote!(json::Kind::Array => #lists,));
        }
        let objects = match (plan.file, objects) {
            (Some(file), Some(objects)) => {
                let file = self.take(file);
                Some(quote!(if r.has_keys(&["$file"])? { #file } else { #objects }))
            }
            (Some(file), None) => Some(self.take(file)),
            (None, objects) => objects,
        };
        if let Some(objects) = objects {
            arms.push(quote!(json::Kind::Object => #objects,));
        }
        quote!(match r.kind()? { #(#arms)* _ => #unknown })
    }

    fn texts(&self) -> Option<TokenStream> {
        let texts = &self.plan.texts;
        let rest = match texts.payload {
            Some(payload) => self.take(payload),
            None if texts.units.is_empty() => return None,
            None => self.unknown(),
        };
        if texts.units.is_empty() {
            return Some(rest);
        }
        let arms = texts.units.iter().map(|(text, index)| {
            let ident = &self.idents[*index];
            quote!(Some(#text) => { r.unit_variant()?; Self::#ident })
        });
        Some(quote!(match r.peek_text()?.as_deref() { #(#arms)* _ => #rest }))
    }

    fn lists(&self) -> Option<TokenStream> {
        let lists = &self.plan.lists;
        let otherwise = self.take(lists.otherwise?);
        let arms: Vec<TokenStream> = lists
            .by_element
            .iter()
            .filter(|(_, index)| Some(*index) != lists.otherwise)
            .map(|(kind, index)| {
                let kind = format_ident!("{kind}");
                let value = self.take(*index);
                quote!(Some(json::Kind::#kind) => #value,)
            })
            .collect();
        if arms.is_empty() { Some(otherwise) } else { Some(quote!(match r.element_kind()? { #(#arms)* _ => #otherwise })) }
    }

    fn objects(&self) -> Option<TokenStream> {
        let Objects { tag, cases, untagged, map } = &self.plan.objects;
        let Some(tag) = tag else {
            return match (untagged.as_slice(), map) {
                ([], None) => None,
                ([], Some(map)) => Some(self.take(*map)),
                (candidates, _) => Some(self.fitting(candidates)),
            };
        };
        let arms = cases.iter().map(|(values, candidates)| {
            let value = self.fitting(candidates);
            quote!(Some(#(#values)|*) => #value,)
        });
        let rest = match (untagged.as_slice(), map) {
            ([], Some(map)) => self.take(*map),
            _ => self.unknown(),
        };
        let absent = (!untagged.is_empty()).then(|| {
            let value = self.fitting(untagged);
            quote!(None if r.kind()? == json::Kind::Object => #value,)
        });
        Some(quote!(match r.tag(#tag)?.as_deref() { #(#arms)* #absent _ => #rest }))
    }

    /// The candidate that fits best.
    fn fitting(&self, candidates: &[usize]) -> TokenStream {
        let [many @ .., last] = candidates else { return self.unknown() };
        if many.is_empty() {
            return self.take(*last);
        }
        let shapes = candidates.iter().map(|index| {
            let payload = self.union.variants[*index].payload.as_ref().map_or(&Ty::Json, |p| &p.ty);
            let ty = self.emitter.ty(payload);
            quote!(<#ty as json::Object>::FIELDS)
        });
        let arms = many.iter().enumerate().map(|(number, index)| {
            let number = proc_macro2::Literal::usize_unsuffixed(number);
            let value = self.take(*index);
            quote!(#number => #value,)
        });
        let last = self.take(*last);
        quote!(match r.fit(&[#(#shapes),*])? { #(#arms)* _ => #last })
    }
}
