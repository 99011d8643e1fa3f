//! Owns the syntax of string enums.

use quote::{format_ident, quote};

use super::{Emitter, deprecated, doc, print};
use crate::model::{Enum, TypeId};

impl Emitter<'_> {
    /// The items of a string enum.
    pub(super) fn enumeration(&self, id: TypeId, e: &Enum) -> Vec<String> {
        self.mention_json("self");
        let def = self.api.get(id);
        let name = format_ident!("{}", self.name(id));
        let docs = doc(&self.docs.of(&def.notes, &format!("`{}`", self.name(id))));
        let deprecation = deprecated(def.notes.deprecated);
        let idents: Vec<_> = self.names.variants[&id].iter().map(|v| format_ident!("{v}")).collect();
        let fallback = format_ident!("{}", self.names.fallback[&id]);
        let values = &e.values;
        let variant_docs = values.iter().map(|v| doc(&[format!("`{}`", if v.is_empty() { "\"\"" } else { v })]));
        let definition = quote! {
            #docs
            #deprecation
            #[derive(Clone, Debug, PartialEq, Eq, Hash)]
            #[non_exhaustive]
            pub enum #name {
                #(#variant_docs #idents,)*
                #[doc = " Any other text, as it came."]
                #fallback(String),
            }
        };
        let open = e.open.then(|| {
            quote!(
                const OPEN: bool = true;
            )
        });
        let implementation = quote! {
            impl json::StringEnum for #name {
                const VALUES: &'static [&'static str] = &[#(#values),*];
                #open
                fn as_str(&self) -> &str {
                    match self {
                        #(Self::#idents => #values,)*
                        Self::#fallback(text) => text,
                    }
                }
                fn from_text(text: &str) -> Self {
                    match text {
                        #(#values => Self::#idents,)*
                        other => Self::#fallback(other.to_owned()),
                    }
                }
            }
        };
        vec![print(definition), print(implementation)]
    }
}
