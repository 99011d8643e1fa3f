//! Owns Rust syntax: the tokens of one item at a time, printed. Takes no decision; what it needs to know, the stages before it have decided.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::analyze::Facts;
use crate::docs::Docs;
use crate::layout::CratePlan;
use crate::model::{Api, Shape, Ty, TypeId, Use};
use crate::names::Names;
use crate::resolve::Graph;

mod connections;
mod conversions;
mod dynamic;
mod enums;
mod polling;
mod print;
mod resources;
mod structs;
mod unions;

pub use connections::ConnectionCode;
pub use print::print;
pub use resources::ResourceCode;

/// Everything that tokens are made from.
#[derive(Clone, Copy)]
pub struct Emitter<'a> {
    /// The document.
    pub graph: &'a Graph,
    /// Types and operations.
    pub api: &'a Api,
    /// Side tables.
    pub facts: &'a Facts,
    /// Identifiers.
    pub names: &'a Names,
    /// Files.
    pub plan: &'a CratePlan,
    /// Descriptions.
    pub docs: &'a Docs,
    /// What the file being emitted mentions.
    pub mentions: &'a RefCell<Mentions>,
}

/// What a file mentions and therefore imports.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    /// Types of the API.
    pub types: BTreeSet<TypeId>,
    /// Paths from the standard library.
    pub std: BTreeSet<&'static str>,
    /// Names from the runtime's root.
    pub runtime: BTreeSet<&'static str>,
    /// Names from the runtime's `json`, `self` included.
    pub json: BTreeSet<&'static str>,
}

/// The items of a file of types.
#[derive(Clone, Debug, Default)]
pub struct TypesCode {
    /// Printed items in order.
    pub items: Vec<String>,
    /// Structs and unions that want the serde bridge.
    pub bridged: Vec<String>,
    /// Enums that want their common impls.
    pub string_enums: Vec<String>,
}

impl Emitter<'_> {
    /// The items of one file of types.
    pub fn types(&self, ids: &[TypeId]) -> TypesCode {
        let mut code = TypesCode::default();
        for id in ids {
            let name = self.name(*id).to_owned();
            match &self.api.get(*id).shape {
                Shape::Struct(s) => {
                    code.items.extend(self.structure(*id, s));
                    code.bridged.push(name);
                }
                Shape::Enum(e) => {
                    code.items.extend(self.enumeration(*id, e));
                    code.string_enums.push(name);
                }
                Shape::Union(u) => {
                    code.items.extend(self.union(*id, u));
                    code.bridged.push(name);
                }
                Shape::Alias(target) => code.items.push(self.alias(*id, target)),
                Shape::Pending => {}
            }
        }
        code
    }

    fn alias(&self, id: TypeId, target: &Use) -> String {
        let name = format_ident!("{}", self.name(id));
        let docs = self.docs.of(&self.api.get(id).notes, &format!("Another name for `{}`.", self.plain_name(&target.ty)));
        let docs = doc(&docs);
        let target = self.ty(&target.ty);
        print(quote! { #docs pub type #name = #target; })
    }

    /// The words for a type in prose.
    pub(crate) fn plain_name(&self, ty: &Ty) -> String {
        self.ty(ty).to_string().replace(' ', "")
    }

    /// What to say of a place that the document does not describe: the first paragraph on the type that it holds, or something else.
    fn words_on(&self, held: Option<&Ty>, otherwise: impl FnOnce() -> String) -> String {
        let described = match held {
            Some(Ty::Type(id)) => self.first_paragraph(*id),
            _ => None,
        };
        described.unwrap_or_else(otherwise)
    }

    /// The first paragraph of a type's own description.
    fn first_paragraph(&self, id: TypeId) -> Option<String> {
        let description = self.api.get(id).notes.description.as_deref()?;
        description.trim().split("\n\n").next().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The identifier of a type.
    fn name(&self, id: TypeId) -> &str {
        self.names.types.get(&id).map_or("", String::as_str)
    }

    /// Whether values of this type are sent.
    fn is_sent(&self, id: TypeId) -> bool {
        self.facts.reach.get(&id).is_some_and(|r| r.request)
    }

    /// Whether an operation takes values of this type as its parameters.
    fn is_params(&self, id: TypeId) -> bool {
        self.api.operations.iter().any(|operation| matches!(operation.params, Some(Use { ty: Ty::Type(params), .. }) if params == id))
    }

    fn mention_json(&self, name: &'static str) {
        self.mentions.borrow_mut().json.insert(name);
    }

    /// A type as it stands in a field or an argument.
    fn ty(&self, ty: &Ty) -> TokenStream {
        match ty {
            Ty::String => quote!(String),
            Ty::Integer => quote!(i64),
            Ty::Number => quote!(f64),
            Ty::Boolean => quote!(bool),
            Ty::Json => {
                self.mention_json("Json");
                quote!(Json)
            }
            Ty::Binary => {
                self.mentions.borrow_mut().runtime.insert("Upload");
                quote!(Upload)
            }
            Ty::Floats => quote!(Vec<f32>),
            Ty::List(item) => {
                let item = self.usage(item);
                quote!(Vec<#item>)
            }
            Ty::Map(value) => {
                self.mention_json("Map");
                let value = self.usage(value);
                quote!(Map<#value>)
            }
            Ty::Type(id) => {
                self.mentions.borrow_mut().types.insert(*id);
                let name = format_ident!("{}", self.name(*id));
                quote!(#name)
            }
        }
    }

    /// A type that may be null.
    fn usage(&self, usage: &Use) -> TokenStream {
        let ty = self.ty(&usage.ty);
        if usage.nullable { quote!(Option<#ty>) } else { ty }
    }

    /// How a value is taken by a setter or constructor: the argument's type, and the expression that turns `value` into the field's type.
    fn argument(&self, ty: &Ty, value: &proc_macro2::Ident) -> (TokenStream, TokenStream) {
        let into = || {
            let plain = self.ty(ty);
            (quote!(impl Into<#plain>), quote!(#value.into()))
        };
        match ty {
            Ty::Integer | Ty::Number | Ty::Boolean => (self.ty(ty), quote!(#value)),
            Ty::List(item) if item.nullable => (self.ty(ty), quote!(#value)),
            Ty::List(item) => match self.api.expand(&item.ty) {
                Ty::Integer | Ty::Number | Ty::Boolean | Ty::List(_) => {
                    let item = self.usage(item);
                    (quote!(impl IntoIterator<Item = #item>), quote!(#value.into_iter().collect()))
                }
                _ => {
                    let item = self.usage(item);
                    (quote!(impl IntoIterator<Item = impl Into<#item>>), quote!(#value.into_iter().map(Into::into).collect()))
                }
            },
            Ty::Type(_) => match self.api.expand(ty) {
                inner @ (Ty::Integer | Ty::Number | Ty::Boolean | Ty::List(_)) => {
                    let inner = inner.clone();
                    self.argument(&inner, value)
                }
                _ => into(),
            },
            _ => into(),
        }
    }
}

/// Doc attributes, one a line.
fn doc(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| if line.is_empty() { String::new() } else { format!(" {}", printable(line)) });
    quote!(#(#[doc = #lines])*)
}

/// Rust takes no carriage return in a doc comment, and no character that turns the direction of the text.
fn printable(line: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !turns(*c)).collect()
}

/// `#[deprecated]`, where it is so.
fn deprecated(is: bool) -> TokenStream {
    if is { quote!(#[deprecated]) } else { TokenStream::new() }
}

/// An identifier that may be a raw one.
fn ident(name: &str) -> proc_macro2::Ident {
    match name.strip_prefix("r#") {
        Some(raw) => proc_macro2::Ident::new_raw(raw, proc_macro2::Span::call_site()),
        None => format_ident!("{name}"),
    }
}
