//! Owns the syntax of connections: the half that sends, with a method for each event, laid out as the events' tags are; and the description of the
//! operation that opens one.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Emitter, deprecated, doc, ident, print};
use crate::model::{Operation, Shape, Socket, Variant};
use crate::names::{connection_module, method_ident, upper_camel};

/// The items of a connection's file.
#[derive(Clone, Debug, Default)]
pub struct ConnectionCode {
    /// What opens it.
    pub operation: String,
    /// The type of the connection, the half that sends and its impls.
    pub sender: Vec<String>,
    /// The handles between the sender and the events.
    pub handles: Vec<String>,
}

/// The events below a beginning of their tags.
#[derive(Default)]
struct Node<'v> {
    /// By the last word of the tag.
    events: BTreeMap<String, (&'v str, &'v Variant)>,
    children: BTreeMap<String, Node<'v>>,
}

impl<'v> Node<'v> {
    fn add(&mut self, segments: &[&str], tag: &'v str, variant: &'v Variant) {
        match segments {
            [] => {}
            [last] => drop(self.events.insert((*last).to_owned(), (tag, variant))),
            [first, rest @ ..] => self.children.entry((*first).to_owned()).or_default().add(rest, tag, variant),
        }
    }
}

impl Emitter<'_> {
    /// The items of the connection that an operation opens.
    pub fn connection(&self, index: usize) -> ConnectionCode {
        let operation = &self.api.operations[index];
        let Some(socket) = &operation.socket else { return ConnectionCode::default() };
        let mut root = Node::default();
        if let Shape::Union(union) = &self.api.get(socket.client).shape {
            for variant in &union.variants {
                for tag in &variant.tags {
                    root.add(&tag.split('.').collect::<Vec<_>>(), tag, variant);
                }
            }
        }
        let mut handles = Vec::new();
        self.handles(&root, &mut Vec::new(), socket, &mut handles);
        ConnectionCode { operation: print(self.description(index)), sender: self.sender(index, operation, socket, &root), handles }
    }

    /// The path of the half that sends.
    pub(super) fn sender_path(&self, index: usize) -> TokenStream {
        let module = ident(&connection_module(&self.api.operations[index].resource));
        let sender = self.sender_name(index);
        quote!(crate::connections::#module::#sender)
    }

    /// The path of the description of the operation that opens a connection.
    pub(super) fn opening_path(&self, index: usize) -> TokenStream {
        let module = ident(&connection_module(&self.api.operations[index].resource));
        let constant = format_ident!("{}", self.names.operations[index].constant);
        quote!(crate::connections::#module::#constant)
    }

    fn sender_name(&self, index: usize) -> Ident {
        format_ident!("{}Sender", self.names.operations[index].connection)
    }

    fn sender(&self, index: usize, operation: &Operation, socket: &Socket, root: &Node<'_>) -> Vec<String> {
        let sender = self.sender_name(index);
        let connection = format_ident!("{}Connection", self.names.operations[index].connection);
        let (client, server) = (self.type_ident(socket.client), self.type_ident(socket.server));
        let call = operation.resource.iter().map(|segment| format!("{segment}()")).collect::<Vec<_>>().join(".");
        let about_connection = doc(&[format!("What `client.{call}.{}` opens.", operation.method)]);
        let about_sender = doc(&[format!("The half of a [`{connection}`] that sends. Clones share the connection.")]);
        let configuration = &socket.configuration;
        let methods = self.methods_of(root, &[], socket, &quote!(&self.0));
        let definition = quote! {
            #about_sender
            #[derive(Clone, Debug)]
            pub struct #sender(Sender<#client>);
        };
        let inherent = quote!(impl #sender { #(#methods)* });
        let conversion = quote! {
            impl From<Sender<#client>> for #sender {
                fn from(sender: Sender<#client>) -> Self { Self(sender) }
            }
        };
        let deref = quote! {
            impl Deref for #sender {
                type Target = Sender<#client>;
                fn deref(&self) -> &Sender<#client> { &self.0 }
            }
        };
        let protocol = quote! {
            impl Protocol for #sender {
                type Client = #client;
                type Server = #server;
                const CONFIGURATION: &'static [&'static str] = &[#(#configuration),*];
            }
        };
        let alias = quote!(#about_connection pub type #connection = Connection<#sender>;);
        [alias, definition, inherent, deref, conversion, protocol].map(print).into()
    }

    fn type_ident(&self, id: crate::model::TypeId) -> Ident {
        self.mentions.borrow_mut().types.insert(id);
        format_ident!("{}", self.name(id))
    }

    /// The handles below a node, outermost first.
    fn handles<'n>(&self, node: &'n Node<'_>, path: &mut Vec<&'n str>, socket: &Socket, handles: &mut Vec<String>) {
        for (segment, child) in &node.children {
            path.push(segment);
            let name = handle_name(path);
            let client = self.type_ident(socket.client);
            let docs = doc(&[format!("Sends the events `{}.…`.", path.join("."))]);
            let methods = self.methods_of(child, path, socket, &quote!(self.0));
            handles.push(print(quote! {
                #docs
                #[derive(Clone, Copy, Debug)]
                pub struct #name<'a>(&'a Sender<#client>);
            }));
            handles.push(print(quote!(impl<'a> #name<'a> { #(#methods)* })));
            self.handles(child, path, socket, handles);
            path.pop();
        }
    }

    /// The methods of a node: the way to what is below it, and its events. `sender` is the expression for what sends.
    fn methods_of(&self, node: &Node<'_>, path: &[&str], socket: &Socket, sender: &TokenStream) -> Vec<TokenStream> {
        let (this, lifetime) = if path.is_empty() { (quote!(&self), quote!('_)) } else { (quote!(self), quote!('a)) };
        let mut methods = Vec::new();
        for segment in node.children.keys() {
            let below = [path, &[segment.as_str()]].concat();
            // An event that is called as the beginning of others keeps the name.
            let method = if node.events.contains_key(segment) { format!("{segment}_events") } else { segment.clone() };
            let (method, handle) = (ident(&method_ident(&method)), handle_name(&below));
            let docs = doc(&[format!("The events `{}.…`.", below.join("."))]);
            methods.push(quote! {
                #docs
                #[inline]
                pub fn #method(#this) -> #handle<#lifetime> { #handle(#sender) }
            });
        }
        for (word, (tag, variant)) in &node.events {
            // Beside the methods of every sender, an event of one word says what it is.
            let method = if path.is_empty() { format!("send_{word}") } else { word.clone() };
            methods.extend(self.event(&ident(&method_ident(&method)), tag, variant, socket, sender, &this, &lifetime));
        }
        methods
    }

    #[allow(clippy::too_many_arguments, reason = "the pieces of one signature")]
    fn event(
        &self,
        method: &Ident,
        tag: &str,
        variant: &Variant,
        socket: &Socket,
        sender: &TokenStream,
        this: &TokenStream,
        lifetime: &TokenStream,
    ) -> Option<TokenStream> {
        let (id, of) = self.api.as_struct(&variant.payload.as_ref()?.ty)?;
        let (client, event) = (self.type_ident(socket.client), self.type_ident(id));
        let asked = self.asked(id, of);
        let arguments = asked.iter().map(|(_, field, ident)| {
            let (ty, _) = self.argument(&field.ty, ident);
            quote!(#ident: #ty)
        });
        let arguments: Vec<TokenStream> = arguments.collect();
        let values = asked.iter().map(|(_, _, ident)| ident);
        let mut lines = self.docs.of(&variant.notes, &self.variant_words(variant));
        let told = format!("`{tag}`");
        if lines.last() != Some(&told) {
            lines.extend([String::new(), told]);
        }
        let docs = doc(&lines);
        let deprecation = deprecated(variant.notes.deprecated);
        Some(quote! {
            #docs
            #deprecation
            #[inline]
            pub fn #method(#this, #(#arguments),*) -> Submit<#lifetime, #client, #event> {
                Submit::new(#sender, #event::new(#(#values),*))
            }
        })
    }
}

/// The handle for the events below a beginning of their tags.
fn handle_name(path: &[&str]) -> Ident {
    format_ident!("{}Events", upper_camel(&path.join("_")))
}
