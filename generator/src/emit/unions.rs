//! Owns the syntax of unions: the enum, and how it is read and written.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Emitter, deprecated, doc, ident, print};
use crate::analyze::{Dispatch, Objects};
use crate::model::{Shape, Ty, TypeId, Union, Use, Variant};

impl Emitter<'_> {
    /// The items of a union.
    pub(super) fn union(&self, id: TypeId, union: &Union) -> Vec<String> {
        self.mention_json("self");
        self.mention_json("Json");
        let mut items = vec![print(self.union_definition(id, union))];
        let mut methods: Vec<TokenStream> = self.tag(id, union).into_iter().chain(self.envelope(id, union)).collect();
        if self.is_sent(id) {
            methods.extend(self.constructors(id, union));
        }
        if !methods.is_empty() {
            let name = format_ident!("{}", self.name(id));
            items.push(print(quote! { impl #name { #(#methods)* } }));
        }
        if self.is_sent(id) {
            items.extend(self.conversions(id, union).into_iter().map(print));
            items.extend(self.returns(id, union).into_iter().map(print));
        }
        items.push(print(self.union_default(id)));
        items.push(print(self.union_decode(id, union)));
        items.push(print(self.union_encode(id, union)));
        items
    }

    /// Whether a payload is held in a box: objects are, so that all variants are about as large.
    pub(super) fn is_boxed(&self, payload: &Use) -> bool {
        self.api.named(&payload.ty).is_some_and(|id| matches!(self.api.get(id).shape, Shape::Struct(_) | Shape::Union(_)))
    }

    pub(super) fn variant_idents(&self, id: TypeId) -> Vec<Ident> {
        self.names.variants[&id].iter().map(|v| format_ident!("{v}")).collect()
    }

    pub(super) fn fallback(&self, id: TypeId) -> Ident {
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

    /// What to say of a variant that the document does not describe.
    pub(super) fn variant_words(&self, variant: &Variant) -> String {
        let held = variant.payload.as_ref().map(|p| &p.ty);
        self.words_on(held, || match (variant.tags.first().or(variant.text.as_ref()), held) {
            (Some(text), _) => format!("`{text}`"),
            (None, Some(held)) => format!("`{}`", self.plain_name(held)),
            (None, None) => String::new(),
        })
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

    /// The way to the tag of any variant.
    fn tag(&self, id: TypeId, union: &Union) -> Option<TokenStream> {
        let tag = union.tag.as_ref()?;
        let fallback = self.fallback(id);
        let arms =
            union.variants.iter().zip(self.variant_idents(id)).map(|(variant, ident)| match (variant.tags.as_slice(), &variant.payload) {
                ([only], _) => quote!(Self::#ident(_) => #only.into(),),
                ([], Some(_)) => quote!(Self::#ident(_) => "".into(),),
                ([], None) => quote!(Self::#ident => "".into(),),
                _ => quote!(Self::#ident(value) => json::tag_of(value, #tag).into(),),
            });
        let arms: Vec<TokenStream> = arms.collect();
        let docs = doc(&[format!("The value of `{tag}`, which tells the variants apart; empty if there is none.")]);
        self.mentions.borrow_mut().std.insert("std::borrow::Cow");
        Some(quote! {
            #docs
            #[inline]
            pub fn tag(&self) -> Cow<'_, str> {
                match self {
                    #(#arms)*
                    Self::#fallback(value) => value.tag(#tag).unwrap_or_default(),
                }
            }
        })
    }
}

impl Emitter<'_> {
    /// The way to the property that is about the message.
    fn envelope(&self, id: TypeId, union: &Union) -> Option<TokenStream> {
        let property = union.envelope.as_ref()?;
        let method = ident(&crate::names::method_ident(property));
        let fallback = self.fallback(id);
        let arms = union.variants.iter().zip(self.variant_idents(id)).map(|(variant, variant_ident)| {
            let of = variant.payload.as_ref().and_then(|payload| self.api.as_struct(&payload.ty));
            let Some((payload, of)) = of else { return quote!(Self::#variant_ident { .. } => return None,) };
            match of.fields.iter().position(|field| field.wire == *property && field.ty == Ty::String) {
                None => quote!(Self::#variant_ident(value) => &value.extra,),
                Some(index) => {
                    let field = ident(&self.names.fields[&payload][index]);
                    let is_always_there = of.fields[index].required && !of.fields[index].nullable;
                    let text = if is_always_there { quote!(Some(&value.#field)) } else { quote!(value.#field.as_deref()) };
                    quote!(Self::#variant_ident(value) => return #text.map(Into::into),)
                }
            }
        });
        let arms: Vec<TokenStream> = arms.collect();
        let docs = doc(&[format!("The value of `{property}`, which says where the event belongs; none where it does not say.")]);
        self.mentions.borrow_mut().std.insert("std::borrow::Cow");
        Some(quote! {
            #docs
            pub fn #method(&self) -> Option<Cow<'_, str>> {
                let extra = match self {
                    #(#arms)*
                    Self::#fallback(value) => return value.tag(#property),
                };
                extra.get(#property)?.text()
            }
        })
    }
}

/// The expression that reads a union.
struct Plan<'p> {
    emitter: &'p Emitter<'p>,
    id: TypeId,
    union: &'p Union,
    plan: &'p Dispatch,
    idents: Vec<Ident>,
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
