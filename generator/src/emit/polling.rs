//! Owns the syntax of polling: the methods that wait for what an operation begins, and what they do as data.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::resources::search_words;
use super::{Emitter, deprecated, doc, ident};
use crate::model::{Operation, PollStart, Polling, Unready};
use crate::names::{PollNames, module_ident};

impl Emitter<'_> {
    /// The methods that poll an operation, and what it begins; `arguments` are those of its plain method, `given` their names.
    pub(super) fn poll_methods(&self, index: usize, arguments: &[TokenStream], given: &[Ident]) -> Vec<TokenStream> {
        let operation = &self.api.operations[index];
        let names = &self.names.operations[index];
        let call = ident(&names.method);
        let mut methods = Vec::new();
        let mut add = |form: &PollNames, official: &str, asked: &Operation, how: &str, docs: &[String]| {
            self.mentions.borrow_mut().runtime.insert("Poll");
            let (method, constant, how) = (ident(&form.method), format_ident!("{}", form.constant), format_ident!("{how}"));
            let (docs, deprecation, answer) = (doc(docs), deprecated(operation.deprecated), self.answer_type(asked));
            let aliases = search_words(operation, &form.method, official);
            methods.push(quote! {
                #docs
                #aliases
                #deprecation
                #[inline]
                pub fn #method(&self, #(#arguments),*) -> Poll<#answer> {
                    Poll::#how(self.#call(#(#given),*), &#constant)
                }
            });
        };
        if let (Some(polling), Some(form)) = (&operation.polling, &names.poll) {
            add(form, &polling.method, operation, "new", &poll_docs(operation, polling));
        }
        if let (Some(start), Some(form)) = (&operation.poll_start, &names.poll_start) {
            let asked = &self.api.operations[start.operation];
            add(form, &start.method, asked, "start", &start_docs(operation, start, asked));
        }
        methods
    }

    /// The forms of polling as data.
    pub(super) fn poll_descriptions(&self, index: usize) -> Vec<TokenStream> {
        let operation = &self.api.operations[index];
        let names = &self.names.operations[index];
        let mut descriptions = Vec::new();
        if let (Some(polling), Some(form)) = (&operation.polling, &names.poll) {
            descriptions.push(self.polling(&names.constant, polling, form));
        }
        if let (Some(start), Some(form)) = (&operation.poll_start, &names.poll_start) {
            descriptions.push(self.poll_start(operation, start, form));
        }
        descriptions
    }

    fn polling(&self, asked: &str, polling: &Polling, form: &PollNames) -> TokenStream {
        let mentions = &mut self.mentions.borrow_mut();
        mentions.runtime.extend(["Polling", "Unready"]);
        let (constant, asked) = (format_ident!("{}", form.constant), format_ident!("{asked}"));
        let Polling { state, unready, interval_ms, limit_s, is_marked, .. } = polling;
        let state = (*state != ["status"]).then(|| quote!(state: &[#(#state),*],));
        let unready = match unready {
            Unready::While(states) => quote!(Unready::While(&[#(#states),*])),
            Unready::Until(states) => quote!(Unready::Until(&[#(#states),*])),
            Unready::AboveZero => quote!(Unready::AboveZero),
        };
        if interval_ms.is_some() || limit_s.is_some() {
            mentions.std.insert("std::time::Duration");
        }
        let number = |number: &u64| Literal::u64_unsuffixed(*number);
        let interval = interval_ms.as_ref().map(number).map(|milliseconds| quote!(interval: Duration::from_millis(#milliseconds),));
        let limit = limit_s.as_ref().map(number).map(|seconds| quote!(limit: Some(Duration::from_secs(#seconds)),));
        let mark = (!is_marked).then(|| quote!(is_marked: false,));
        quote! {
            pub(crate) static #constant: Polling = Polling {
                operation: &#asked,
                #state
                unready: #unready,
                #interval
                #limit
                #mark
                ..Polling::DEFAULT
            };
        }
    }

    fn poll_start(&self, operation: &Operation, start: &PollStart, form: &PollNames) -> TokenStream {
        self.mentions.borrow_mut().runtime.insert("PollStart");
        let constant = format_ident!("{}", form.constant);
        let polling = self.polling_path(&operation.resource, start.operation);
        let pairs = |pairs: &[(String, String)]| {
            let pairs = pairs.iter().map(|(first, second)| quote!((#first, #second)));
            quote!(&[#(#pairs),*])
        };
        let ids = pairs(&start.ids);
        let sets = (!start.sets.is_empty()).then(|| pairs(&start.sets)).map(|sets| quote!(sets: #sets,));
        let keeps = &start.keeps;
        let keeps = (!keeps.is_empty()).then(|| quote!(keeps: &[#(#keeps),*],));
        let rest = (sets.is_none() || keeps.is_none()).then(|| quote!(..PollStart::DEFAULT));
        quote! {
            pub(crate) static #constant: PollStart = PollStart {
                polling: &#polling,
                ids: #ids,
                #sets
                #keeps
                #rest
            };
        }
    }

    /// The path to how an operation is polled, from a resource.
    fn polling_path(&self, resource: &[String], asked: usize) -> TokenStream {
        let asked_resource = &self.api.operations[asked].resource;
        let constant = self.names.operations[asked].poll.as_ref().map_or_else(String::new, |form| form.constant.clone());
        let constant = format_ident!("{constant}");
        let module = |segment: &String| ident(&module_ident(segment));
        match asked_resource.strip_prefix(resource) {
            Some(below) => {
                let modules = below.iter().map(module);
                quote!(#(#modules::)* #constant)
            }
            None => {
                let modules = asked_resource.iter().map(module);
                quote!(crate::resources::#(#modules::)* #constant)
            }
        }
    }

    /// The entries of the table of names for the polling of an operation.
    pub fn named_polls(&self, index: usize) -> Vec<String> {
        let operation = &self.api.operations[index];
        let names = &self.names.operations[index];
        let modules = || operation.resource.iter().map(|segment| ident(&module_ident(segment)));
        let dotted = |method: &str| format!("{}.{method}", operation.resource.join("."));
        let mut entries = Vec::new();
        if let (Some(polling), Some(form)) = (&operation.polling, &names.poll) {
            let (name, modules, constant) = (dotted(&polling.method), modules(), format_ident!("{}", form.constant));
            entries.push(quote!(NamedPoll::asking(#name, &#(#modules::)* #constant)).to_string());
        }
        if let (Some(start), Some(form)) = (&operation.poll_start, &names.poll_start) {
            let (name, constant) = (dotted(&start.method), format_ident!("{}", form.constant));
            let (first, begun) = (modules(), modules());
            let operation = format_ident!("{}", names.constant);
            entries.push(quote!(NamedPoll::starting(#name, &#(#first::)* #operation, &#(#begun::)* #constant)).to_string());
        }
        entries
    }
}

fn poll_docs(operation: &Operation, polling: &Polling) -> Vec<String> {
    let list = |states: &[String]| states.iter().map(|state| format!("`{state}`")).collect::<Vec<_>>().join(", ");
    let field = polling.state.join(".");
    let until = match &polling.unready {
        Unready::While(states) if states.len() == 1 => format!("`{field}` is not {}", list(states)),
        Unready::While(states) => format!("`{field}` is none of {}", list(states)),
        Unready::Until(states) => format!("`{field}` is one of {}", list(states)),
        Unready::AboveZero => format!("`{field}` is 0"),
    };
    let method = &operation.method;
    let mut docs = vec![format!("Calls [`{method}`](Self::{method}) again and again until {until}."), String::new()];
    if let Some(limit) = polling.limit_s {
        docs.extend([format!("It gives up after {limit} seconds, unless another deadline is set."), String::new()]);
    }
    docs.extend([
        "Intervals, deadlines and progress are options of the [`Poll`].".to_owned(),
        String::new(),
        format!("`{} {}`", operation.verb, operation.path),
    ]);
    docs
}

fn start_docs(operation: &Operation, start: &PollStart, asked: &Operation) -> Vec<String> {
    let method = &operation.method;
    let mut docs = vec![format!("Calls [`{method}`](Self::{method}) and waits until what it began is ready."), String::new()];
    let sets: Vec<String> = start.sets.iter().map(|(field, value)| format!("`{field}: {value}`")).collect();
    if !sets.is_empty() {
        docs.extend([format!("It always sends {}.", sets.join(", ")), String::new()]);
    }
    docs.extend([
        "Intervals, deadlines and progress are options of the [`Poll`].".to_owned(),
        String::new(),
        format!("`{} {}`, then `{} {}`", operation.verb, operation.path, asked.verb, asked.path),
    ]);
    docs
}
