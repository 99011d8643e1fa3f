//! Owns the syntax of structs: the type, its constructor and setters, and how it is read and written.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Emitter, deprecated, doc, ident, print};
use crate::model::{Field, Struct, Ty, TypeId};

impl Emitter<'_> {
    /// The items of a struct.
    pub(super) fn structure(&self, id: TypeId, s: &Struct) -> Vec<String> {
        let mut items = vec![print(self.definition(id, s))];
        if self.is_sent(id) {
            items.push(print(self.setters(id, s)));
        }
        items.push(print(self.object(id, s)));
        items.push(print(self.decode(id)));
        items.push(print(self.encode(id, s)));
        items
    }

    /// Field with its identifier, constants left out.
    fn stored<'f>(&self, id: TypeId, s: &'f Struct) -> Vec<(usize, &'f Field, proc_macro2::Ident)> {
        let idents = &self.names.fields[&id];
        s.fields.iter().enumerate().filter(|(_, f)| f.constant.is_none()).map(|(i, f)| (i, f, ident(&idents[i]))).collect()
    }

    /// The type of a field: boxed where it closes a cycle, optional where it may be absent or null.
    fn field_type(&self, id: TypeId, index: usize, field: &Field) -> TokenStream {
        let mut ty = self.ty(&field.ty);
        if self.facts.boxed.contains(&(id, index)) {
            ty = quote!(Box<#ty>);
        }
        if field.required && !field.nullable { ty } else { quote!(Option<#ty>) }
    }

    fn definition(&self, id: TypeId, s: &Struct) -> TokenStream {
        let def = self.api.get(id);
        let name = format_ident!("{}", self.name(id));
        let docs = doc(&self.docs.of(&def.notes, &format!("`{}`", self.name(id))));
        let deprecation = deprecated(def.notes.deprecated);
        let mut stored = self.stored(id, s);
        stored.sort_by_key(|(_, f, _)| !f.required);
        let fields = stored.iter().map(|(index, field, ident)| {
            let otherwise = || self.words_on_page(id, &field.wire).map_or_else(|| format!("`{}`", field.wire), ToOwned::to_owned);
            let docs = doc(&self.docs.of(&field.notes, &self.words_on(Some(&field.ty), otherwise)));
            let deprecation = deprecated(field.notes.deprecated);
            let ty = self.field_type(id, *index, field);
            quote! { #docs #deprecation pub #ident: #ty, }
        });
        self.mention_json("Extra");
        let fields: Vec<TokenStream> = fields.collect();
        let must_use = self.is_params(id).then(|| quote!(#[must_use = "params do nothing until they are given to a call"]));
        quote! {
            #docs
            #deprecation
            #[derive(Clone, Debug, Default, PartialEq)]
            #[non_exhaustive]
            #must_use
            pub struct #name {
                #(#fields)*
                #[doc = " What the fields above do not name or cannot hold."]
                pub extra: Extra,
            }
        }
    }

    /// Required fields that a constructor asks for, in its order.
    pub(super) fn asked<'f>(&self, id: TypeId, s: &'f Struct) -> Vec<(usize, &'f Field, proc_macro2::Ident)> {
        let mut asked: Vec<_> = self.stored(id, s).into_iter().filter(|(_, f, _)| f.required && !f.nullable).collect();
        asked.sort_by_key(|(_, field, _)| s.first.iter().position(|wire| *wire == field.wire).unwrap_or(s.first.len()));
        asked
    }

    fn setters(&self, id: TypeId, s: &Struct) -> TokenStream {
        let name = format_ident!("{}", self.name(id));
        let asked = self.asked(id, s);
        let boxed = |index: usize, value: TokenStream| {
            if self.facts.boxed.contains(&(id, index)) { quote!(Box::new(#value)) } else { value }
        };
        let arguments: Vec<TokenStream> = asked
            .iter()
            .map(|(_, field, ident)| {
                let (ty, _) = self.argument(&field.ty, ident);
                quote!(#ident: #ty)
            })
            .collect();
        let values: Vec<TokenStream> = asked
            .iter()
            .map(|(index, field, ident)| {
                let (_, value) = self.argument(&field.ty, ident);
                let value = boxed(*index, value);
                if *ident == value.to_string() { quote!(#ident) } else { quote!(#ident: #value) }
            })
            .collect();
        let intro = if asked.is_empty() { " With nothing set." } else { " With what the API requires." };
        let body = if asked.is_empty() { quote!(Self::default()) } else { quote!(Self { #(#values,)* ..Self::default() }) };
        let setters = self.stored(id, s).into_iter().filter(|(_, f, _)| !f.required || f.nullable).map(|(index, field, ident)| {
            let docs = doc(&[format!(
                "Sets [`{}`](Self::{}).",
                ident.to_string().trim_start_matches("r#"),
                ident.to_string().trim_start_matches("r#")
            )]);
            let deprecation = deprecated(field.notes.deprecated);
            let (ty, value) = self.argument(&field.ty, &ident);
            let value = boxed(index, value);
            let null = (field.nullable && !field.required).then(|| {
                let method = format_ident!("{}_null", ident.to_string().trim_start_matches("r#").trim_end_matches('_'));
                let docs = doc(&[format!("Sends `{}` as an explicit null.", field.wire)]);
                let wire = &field.wire;
                self.mention_json("self");
                quote! {
                    #docs
                    #deprecation
                    #[inline]
                    pub fn #method(mut self) -> Self {
                        self.#ident = None;
                        self.extra.set_null(<Self as json::Object>::FIELDS, #wire);
                        self
                    }
                }
            });
            quote! {
                #docs
                #deprecation
                pub fn #ident(mut self, #ident: #ty) -> Self {
                    self.#ident = Some(#value);
                    self
                }
                #null
            }
        });
        let setters: Vec<TokenStream> = setters.collect();
        self.mention_json("Json");
        self.mention_json("self");
        quote! {
            impl #name {
                #[doc = #intro]
                #[inline]
                pub fn new(#(#arguments),*) -> Self { #body }
                #(#setters)*
                #[doc = " Sets a field by its name on the wire, also one that this version does not know."]
                pub fn extra(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
                    json::set_extra(&mut self, name.into(), value.into());
                    self
                }
            }
        }
    }

    fn object(&self, id: TypeId, s: &Struct) -> TokenStream {
        self.mention_json("self");
        self.mention_json("Extra");
        self.mention_json("Field");
        let name = format_ident!("{}", self.name(id));
        let idents = &self.names.fields[&id];
        let fields = s.fields.iter().map(|field| {
            let wire = &field.wire;
            // What may be anything may be null.
            let nullable = field.nullable || matches!(self.api.expand(&field.ty), Ty::Json);
            let flags = u8::from(field.required) | u8::from(nullable) << 1 | u8::from(field.constant.is_some()) << 2;
            let refused = self.facts.telling.refused.get(&(id, field.wire.clone())).copied().unwrap_or_default();
            let flags = proc_macro2::Literal::u8_unsuffixed(flags | refused << 3);
            let telling = self.facts.telling.values.contains(&(id, field.wire.clone()));
            let values: Vec<&String> = match &field.constant {
                Some(constant) => vec![constant],
                None if telling => field.values.iter().collect(),
                None => Vec::new(),
            };
            quote!(Field { name: #wire, flags: #flags, values: &[#(#values),*] })
        });
        let arms = s.fields.iter().enumerate().map(|(index, field)| {
            let number = proc_macro2::Literal::usize_unsuffixed(index);
            let ident = ident(&idents[index]);
            match &field.constant {
                Some(constant) => quote!(#number => r.constant(#constant)),
                None if field.required && !field.nullable => quote!(#number => r.set(&mut self.#ident)),
                None => quote!(#number => r.set_optional(&mut self.#ident)),
            }
        });
        quote! {
            impl json::Object for #name {
                const FIELDS: &'static [Field] = &[#(#fields),*];
                #[inline]
                fn decode_field(&mut self, index: usize, r: &mut json::Reader<'_>) -> Result<(), json::Fault> {
                    match index {
                        #(#arms,)*
                        _ => r.skip(),
                    }
                }
                #[inline]
                fn extra_mut(&mut self) -> &mut Extra { &mut self.extra }
            }
        }
    }

    fn decode(&self, id: TypeId) -> TokenStream {
        let name = format_ident!("{}", self.name(id));
        self.mention_json("Json");
        quote! {
            impl json::Decode for #name {
                #[inline]
                fn decode(r: &mut json::Reader<'_>) -> Result<Self, json::Fault> { r.object() }
                #[inline]
                fn from_mismatch(raw: Json) -> Option<Self> { Some(json::object_from_mismatch(raw)) }
            }
        }
    }

    fn encode(&self, id: TypeId, s: &Struct) -> TokenStream {
        let name = format_ident!("{}", self.name(id));
        let idents = &self.names.fields[&id];
        let calls = s.fields.iter().enumerate().map(|(index, field)| {
            let number = proc_macro2::Literal::usize_unsuffixed(index);
            let ident = ident(&idents[index]);
            match &field.constant {
                Some(_) => quote!(o.constant(#number);),
                None if field.required => quote!(o.required(#number, &self.#ident);),
                None => quote!(o.optional(#number, &self.#ident);),
            }
        });
        quote! {
            impl json::Encode for #name {
                #[inline]
                fn encode(&self, w: &mut json::Writer) {
                    let mut o = w.object(<Self as json::Object>::FIELDS, &self.extra);
                    #(#calls)*
                    o.finish();
                }
            }
        }
    }

    /// The argument and expression of a short constructor for a payload: what its required fields ask for, with single-field structs entered.
    pub(super) fn short(&self, ty: &Ty, depth: usize) -> Option<(Vec<TokenStream>, TokenStream)> {
        let (id, s) = self.api.as_struct(ty)?;
        if !self.is_sent(id) {
            return None;
        }
        let asked = self.asked(id, s);
        if asked.len() > 2 {
            return None;
        }
        let name = self.ty(&Ty::Type(id));
        match asked.as_slice() {
            [] => Some((Vec::new(), quote!(#name::new()))),
            [(_, field, ident)] => {
                let inner = if depth < 3 { self.short(&field.ty, depth + 1) } else { None };
                match inner {
                    Some((arguments, value)) if !arguments.is_empty() => Some((arguments, quote!(#name::new(#value)))),
                    _ => {
                        let (ty, _) = self.argument(&field.ty, ident);
                        Some((vec![quote!(#ident: #ty)], quote!(#name::new(#ident))))
                    }
                }
            }
            [(_, first, a), (_, second, b)] => {
                let (first, _) = self.argument(&first.ty, a);
                let (second, _) = self.argument(&second.ty, b);
                Some((vec![quote!(#a: #first), quote!(#b: #second)], quote!(#name::new(#a, #b))))
            }
            _ => None,
        }
    }
}
