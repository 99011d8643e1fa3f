//! Owns the table of names: one short expression for each operation and each type. Knows no file.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Emitter, ident};
use crate::model::{Answer, BodyForm, Operation, Origin, TypeId};
use crate::names::module_ident;

impl Emitter<'_> {
    /// The entry of an operation: what it takes and what it returns.
    pub fn named_operation(&self, index: usize) -> String {
        let operation = &self.api.operations[index];
        let modules = operation.resource.iter().map(|segment| ident(&module_ident(segment)));
        let constant = format_ident!("{}", self.names.operations[index].constant);
        let mut steps = Vec::new();
        let renamed = self.renamed(index);
        if !renamed.is_empty() {
            steps.push(quote!(.renamed(&[#(#renamed),*])));
        }
        if let Some(params) = &operation.params {
            let ty = self.ty(&params.ty);
            steps.push(quote!(.params::<#ty>()));
        }
        steps.extend(self.named_body(operation));
        steps.extend(match (&operation.answer, &operation.page) {
            (Answer::Nothing, _) => None,
            (Answer::Binary, _) => Some(quote!(.binary())),
            (Answer::Text, _) => Some(quote!(.text())),
            (Answer::Json(answer), Some(_)) => {
                let envelope = self.ty(&answer.ty);
                Some(quote!(.page::<#envelope>()))
            }
            (Answer::Json(answer), None) => {
                let ty = self.usage(answer);
                Some(quote!(.json::<#ty>()))
            }
        });
        if let Some(stream) = &operation.stream {
            let events = self.ty(&stream.events.ty);
            steps.push(quote!(.events::<#events>()));
        }
        quote!(NamedOperation::new(&#(#modules::)* #constant) #(#steps)*).to_string()
    }

    fn named_body(&self, operation: &Operation) -> Option<TokenStream> {
        let body = operation.body_argument.as_ref()?;
        Some(match &operation.body {
            BodyForm::Bytes { content_type } => quote!(.bytes(#content_type)),
            _ => {
                let ty = self.usage(body);
                quote!(.body::<#ty>())
            }
        })
    }

    /// The arguments that are called otherwise in Rust than on the wire, unless that is another one's wire name.
    fn renamed(&self, index: usize) -> Vec<TokenStream> {
        let operation = &self.api.operations[index];
        let mut arguments: Vec<(&str, &str)> = Vec::new();
        let paths = operation.path_parameters.iter().map(|(wire, _)| wire.as_str());
        arguments.extend(self.names.operations[index].path_parameters.iter().map(String::as_str).zip(paths));
        if let Some((id, params)) = operation.params.as_ref().and_then(|params| self.api.as_struct(&params.ty)) {
            arguments.extend(self.names.fields[&id].iter().map(String::as_str).zip(params.fields.iter().map(|field| field.wire.as_str())));
        }
        let wires: BTreeSet<&str> = arguments.iter().map(|(_, wire)| *wire).collect();
        let spoken = arguments.iter().map(|(ident, wire)| (ident.trim_start_matches("r#"), *wire));
        spoken.filter(|(name, _)| !wires.contains(name)).map(|(name, wire)| quote!((#name, #wire))).collect()
    }

    /// The entry of a type under a name.
    pub fn named_type(&self, id: TypeId, name: &str) -> String {
        let ty = format_ident!("{name}");
        let schema = match &self.api.get(id).origin {
            Origin::Component(schema) if self.names.types.get(&id).is_some_and(|own| own == name) => quote!(.called(#schema)),
            _ => TokenStream::new(),
        };
        quote!(NamedType::of::<#ty>(#name) #schema).to_string()
    }
}
