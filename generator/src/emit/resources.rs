//! Owns the syntax of resources: the handle, its methods, the description of each operation, and how a list's page goes on.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{Emitter, deprecated, doc, ident, print};
use crate::model::{Answer, BodyForm, Credential, Cursor, GenAi, Operation, Page, Place, Resume, Shape, StreamEnd, Ty, TypeId, Use};

/// The items of a resource's file.
#[derive(Clone, Debug, Default)]
pub struct ResourceCode {
    /// The handle and its methods.
    pub handle: String,
    /// The operations' descriptions.
    pub operations: Vec<String>,
}

impl Emitter<'_> {
    /// The items of one resource.
    pub fn resource(&self, path: &[String]) -> ResourceCode {
        let resource = &self.plan.resources[path];
        let name = format_ident!("{}", self.names.handle(path.last().map_or("", String::as_str)));
        let dotted = path.join(".");
        let children = resource.children.iter().map(|child| {
            let method = ident(&crate::names::method_ident(child));
            let module = ident(&crate::names::module_ident(child));
            let child_handle = format_ident!("{}", self.names.handle(child));
            let docs = doc(&[format!("`{dotted}.{child}`")]);
            quote! {
                #docs
                pub fn #method(&self) -> #module::#child_handle { #module::#child_handle::new(&self.client) }
            }
        });
        let children: Vec<TokenStream> = children.collect();
        let methods: Vec<TokenStream> = resource.operations.iter().flat_map(|index| self.methods(*index)).collect();
        let mut docs = self.words_on_resource(path);
        docs.push(format!("`client.{}`", path.iter().map(|s| format!("{s}()")).collect::<Vec<_>>().join(".")));
        let docs = doc(&docs);
        let handle = quote! {
            #docs
            #[derive(Clone, Debug)]
            pub struct #name { pub(crate) client: Client }
            impl #name {
                pub(crate) fn new(client: &Client) -> Self { Self { client: client.clone() } }
                #(#children)*
                #(#methods)*
            }
        };
        let calls: Vec<usize> = resource.operations.iter().copied().filter(|index| self.api.operations[*index].socket.is_none()).collect();
        if !calls.is_empty() {
            self.mentions.borrow_mut().runtime.extend(["Call", "Operation"]);
        }
        self.mentions.borrow_mut().runtime.insert("Client");
        let descriptions = calls.iter().map(|index| self.description(*index));
        let polls = calls.iter().flat_map(|index| self.poll_descriptions(*index));
        let operations = descriptions.chain(polls).map(print).collect();
        ResourceCode { handle: print(handle), operations }
    }

    /// What the document says of the tag that everything in a resource has, unless it says so of what the resource is in; with an empty line at the end.
    pub fn words_on_resource(&self, path: &[String]) -> Vec<String> {
        let Some((_, parent)) = path.split_last() else { return Vec::new() };
        let described = self.tag_of(path).filter(|tag| self.tag_of(parent) != Some(tag)).and_then(|tag| self.graph.tags.get(tag));
        let mut lines = described.map(|words| self.docs.lines(words)).unwrap_or_default();
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }

    /// The one tag of all operations of a resource and of those in it.
    fn tag_of(&self, path: &[String]) -> Option<&str> {
        let inside = self.api.operations.iter().filter(|op| op.socket.is_none() && op.resource.starts_with(path));
        let mut tags = inside.map(|op| match self.graph.operations[op.index].tags.as_slice() {
            [only] => Some(only.as_str()),
            _ => None,
        });
        let first = tags.next()??;
        tags.all(|tag| tag == Some(first)).then_some(first)
    }

    /// The plain method and the streaming one.
    fn methods(&self, index: usize) -> Vec<TokenStream> {
        let operation = &self.api.operations[index];
        if operation.socket.is_some() {
            return vec![self.connecting_method(index)];
        }
        let names = &self.names.operations[index];
        let constant = format_ident!("{}", names.constant);
        let path_idents: Vec<_> = names.path_parameters.iter().map(|p| ident(p)).collect();
        let mut arguments: Vec<TokenStream> = path_idents.iter().map(|i| quote!(#i: impl Into<String>)).collect();
        let mut steps: Vec<TokenStream> =
            operation.path_parameters.iter().zip(&path_idents).map(|((wire, _), ident)| quote!(.path(#wire, #ident))).collect();
        if let Some(body) = &operation.body_argument {
            let body_ident = format_ident!("body");
            if let BodyForm::Bytes { content_type } = &operation.body {
                self.mentions.borrow_mut().runtime.insert("RequestBody");
                arguments.push(quote!(body: impl Into<RequestBody>));
                steps.push(quote!(.content(body, #content_type)));
            } else {
                let (ty, value) = self.argument(&body.ty, &body_ident);
                let plain = self.usage(body);
                arguments.push(quote!(body: #ty));
                steps.push(if value.to_string() == "body" { quote!(.body_json(&body)) } else { quote!(.body_json::<#plain>(&#value)) });
            }
        }
        if let Some(params) = &operation.params {
            let ty = self.ty(&params.ty);
            arguments.push(quote!(params: #ty));
            steps.push(quote!(.params(&params)));
        }
        let mut methods = Vec::new();
        let mut given = path_idents.clone();
        given.extend(operation.body_argument.as_ref().map(|_| format_ident!("body")));
        given.extend(operation.params.as_ref().map(|_| format_ident!("params")));
        let answer = self.answer_type(operation);
        let docs = doc(&self.method_docs(operation, None));
        let deprecation = deprecated(operation.deprecated);
        let method = ident(&names.method);
        let aliases = search_words(operation, &names.method, &operation.method);
        methods.push(quote! {
            #docs
            #aliases
            #deprecation
            #[inline]
            pub fn #method(&self, #(#arguments),*) -> Call<#answer> {
                Call::new(&self.client, &#constant) #(#steps)*
            }
        });
        if let Some(stream) = &operation.stream {
            self.mentions.borrow_mut().runtime.insert("EventStream");
            let events = self.ty(&stream.events.ty);
            let method = ident(&names.stream_method);
            let docs = doc(&self.method_docs(operation, Some("Streams the answer as it is made.")));
            // The official clients have no method of its own for it.
            let aliases = search_words(operation, &names.stream_method, &operation.method);
            methods.push(quote! {
                #docs
                #aliases
                #deprecation
                #[inline]
                pub fn #method(&self, #(#arguments),*) -> Call<EventStream<#events>> {
                    Call::new(&self.client, &#constant) #(#steps)* .streaming()
                }
            });
        }
        methods.extend(self.poll_methods(index, &arguments, &given));
        methods
    }

    /// The method that opens a connection. What it names is spelt out, because it is not always there.
    fn connecting_method(&self, index: usize) -> TokenStream {
        let operation = &self.api.operations[index];
        let names = &self.names.operations[index];
        let path_idents: Vec<_> = names.path_parameters.iter().map(|p| ident(p)).collect();
        let mut arguments: Vec<TokenStream> = path_idents.iter().map(|i| quote!(#i: impl Into<String>)).collect();
        let mut steps: Vec<TokenStream> =
            operation.path_parameters.iter().zip(&path_idents).map(|((wire, _), ident)| quote!(.path(#wire, #ident))).collect();
        if let Some((id, _)) = operation.params.as_ref().and_then(|params| self.api.as_struct(&params.ty)) {
            let family = ident(&crate::names::module_ident(self.plan.family_of.get(&id).map_or("", String::as_str)));
            let name = format_ident!("{}", self.name(id));
            arguments.push(quote!(params: crate::types::#family::#name));
            steps.push(quote!(.params(&params)));
        }
        let docs = doc(&self.method_docs(operation, None));
        let deprecation = deprecated(operation.deprecated);
        let method = ident(&names.method);
        let aliases = search_words(operation, &names.method, &operation.method);
        let (sender, opening) = (self.sender_path(index), self.opening_path(index));
        quote! {
            #docs
            #aliases
            #deprecation
            #[cfg(feature = "websocket")]
            #[inline]
            pub fn #method(&self, #(#arguments),*) -> openai_runtime::websocket::Connect<#sender> {
                openai_runtime::websocket::Connect::new(&self.client, &#opening) #(#steps)*
            }
        }
    }

    pub(super) fn answer_type(&self, operation: &Operation) -> TokenStream {
        match (&operation.answer, &operation.page) {
            (Answer::Nothing, _) => quote!(()),
            (Answer::Binary, _) => {
                self.mentions.borrow_mut().runtime.insert("Binary");
                quote!(Binary)
            }
            (Answer::Text, _) => {
                self.mentions.borrow_mut().runtime.insert("Text");
                quote!(Text)
            }
            (Answer::Json(answer), Some(_)) => {
                self.mentions.borrow_mut().runtime.insert("Page");
                let envelope = self.ty(&answer.ty);
                quote!(Page<#envelope>)
            }
            (Answer::Json(answer), None) => self.usage(answer),
        }
    }

    fn method_docs(&self, operation: &Operation, lead: Option<&str>) -> Vec<String> {
        let source = &self.graph.operations[operation.index];
        let mut out = Vec::new();
        if let Some(lead) = lead {
            out.extend([lead.to_owned(), String::new()]);
        }
        let summary = source.summary.clone().unwrap_or_default();
        let summary = self.docs.lines(&summary);
        let described = self.docs.lines(source.description.as_deref().unwrap_or_default());
        out.extend(summary.iter().cloned());
        if !described.is_empty() && described.first() != summary.first() {
            if !summary.is_empty() {
                out.push(String::new());
            }
            out.extend(described);
        }
        let with_docs: Vec<&(String, Option<String>)> = operation.path_parameters.iter().filter(|(_, d)| d.is_some()).collect();
        if !with_docs.is_empty() {
            out.push(String::new());
            for (name, docs) in with_docs {
                let lines = self.docs.lines(docs.as_deref().unwrap_or_default());
                out.push(format!("* `{name}`: {}", lines.join(" ")));
            }
        }
        if !out.is_empty() {
            out.push(String::new());
        }
        out.push(match operation.socket {
            Some(_) => format!("`WebSocket {}`", operation.path),
            None => format!("`{} {}`", operation.verb, source.path),
        });
        if let Some(url) = &source.docs_url {
            out.extend([String::new(), format!("[Reference]({url})")]);
        }
        out
    }

    /// The operation as data.
    pub(super) fn description(&self, index: usize) -> TokenStream {
        let operation = &self.api.operations[index];
        let constant = format_ident!("{}", self.names.operations[index].constant);
        let (id, name, path) = (&operation.id, operation.name(), &operation.path);
        let method = format_ident!("{}", heck::ToUpperCamelCase::to_upper_camel_case(operation.verb.to_lowercase().as_str()));
        self.mentions.borrow_mut().runtime.insert("Method");
        let mut optional = Vec::new();
        let pairs = |list: &[(String, String)]| {
            let pairs = list.iter().map(|(a, b)| quote!((#a, #b)));
            quote!(&[#(#pairs),*])
        };
        if !operation.query.is_empty() {
            let query = pairs(&operation.query);
            optional.push(quote!(query: #query,));
        }
        if !operation.headers.is_empty() {
            let headers = pairs(&operation.headers);
            optional.push(quote!(headers: #headers,));
        }
        match operation.credentials.as_slice() {
            [Credential::ApiKey] => {}
            credentials => {
                let credentials = credentials.iter().map(|c| match c {
                    Credential::ApiKey => quote!(Security::ApiKey),
                    Credential::AdminApiKey => quote!(Security::AdminApiKey),
                });
                let credentials: Vec<TokenStream> = credentials.collect();
                if !credentials.is_empty() {
                    self.mentions.borrow_mut().runtime.insert("Security");
                }
                optional.push(quote!(security: &[#(#credentials),*],));
            }
        }
        if operation.accept != "application/json" {
            let accept = &operation.accept;
            optional.push(quote!(accept: #accept,));
        }
        if let Some((field, values)) = &operation.text_when {
            optional.push(quote!(text_when: Some((#field, &[#(#values),*])),));
        }
        if let Some(body) = self.body(&operation.body) {
            self.mentions.borrow_mut().runtime.insert("Body");
            optional.push(quote!(body: #body,));
        }
        let fields =
            operation.params.as_ref().and_then(|p| self.api.as_struct(&p.ty)).map(|(id, s)| (self.names.fields[&id].clone(), &s.fields));
        if let Some((_, fields)) = fields {
            let query: Vec<&String> = fields.iter().filter(|f| f.place == Place::Query).map(|f| &f.wire).collect();
            if !query.is_empty() && operation.body != BodyForm::None {
                optional.push(quote!(query_fields: &[#(#query),*],));
            }
            let headers: Vec<TokenStream> = fields
                .iter()
                .filter(|f| f.place == Place::Header)
                .map(|f| {
                    let wire = &f.wire;
                    quote!((#wire, #wire))
                })
                .collect();
            if !headers.is_empty() {
                optional.push(quote!(header_fields: &[#(#headers),*],));
            }
        }
        if !operation.part_types.is_empty() {
            let parts = pairs(&operation.part_types);
            optional.push(quote!(part_types: #parts,));
        }
        if operation.page.as_ref().is_some_and(|page| page.cursor == Cursor::Single) {
            self.mentions.borrow_mut().runtime.insert("Paging");
            optional.push(quote!(pages: Paging::One,));
        }
        if !operation.defaults.is_empty() {
            let defaults = pairs(&operation.defaults);
            optional.push(quote!(defaults: #defaults,));
        }
        if let Some(GenAi { operation, provider, request, response, event }) = &operation.gen_ai {
            self.mentions.borrow_mut().runtime.insert("GenAi");
            self.mentions.borrow_mut().runtime.insert("Attribute");
            let (request, response) = (attributes(request), attributes(response));
            optional.push(quote! {
                gen_ai: Some(&GenAi { operation: #operation, provider: #provider, request: #request, response: #response, event: #event }),
            });
        }
        if let Some(stream) = &operation.stream {
            if let Some((field, value)) = &stream.field {
                let value = value.to_string();
                self.mentions.borrow_mut().runtime.insert("StreamFlag");
                optional.push(quote!(stream: Some(StreamFlag { field: #field, value: #value }),));
            }
            if let Some(end) = stream_end(&stream.end) {
                self.mentions.borrow_mut().runtime.insert("StreamEnd");
                optional.push(quote!(stream_end: #end,));
            }
            if stream.named {
                self.mentions.borrow_mut().runtime.insert("Events");
                optional.push(quote!(events: Events::Named,));
            } else if self.has_error_event(&stream.events) {
                self.mentions.borrow_mut().runtime.insert("Events");
                optional.push(quote!(events: Events::DataWithErrors,));
            }
            if let Some(resume) = &stream.resume {
                let resume = self.resume(&operation.resource, resume);
                optional.push(quote!(resume: Some(#resume),));
            }
        }
        quote! {
            pub(crate) static #constant: Operation = Operation {
                id: #id,
                name: #name,
                method: Method::#method,
                path: #path,
                #(#optional)*
                ..Operation::DEFAULT
            };
        }
    }

    /// How the stream of an operation of this resource goes on.
    fn resume(&self, resource: &[String], resume: &Resume) -> TokenStream {
        self.mentions.borrow_mut().runtime.insert("Resume");
        let by = &self.api.operations[resume.operation];
        let constant = format_ident!("{}", self.names.operations[resume.operation].constant);
        let module = (by.resource != resource).then(|| {
            let modules = by.resource.iter().map(|segment| ident(&crate::names::module_ident(segment)));
            quote!(crate::resources::#(#modules::)*)
        });
        let Resume { path, id, number, after, keeps, requires, .. } = resume;
        let requires = match requires {
            Some(param) => quote!(Some(#param)),
            None => quote!(None),
        };
        quote! {
            Resume {
                operation: &#module #constant,
                path: #path,
                id: &[#(#id),*],
                number: #number,
                after: #after,
                keeps: &[#(#keeps),*],
                requires: #requires,
            }
        }
    }

    /// Whether a variant of the events stands for an error.
    fn has_error_event(&self, events: &Use) -> bool {
        self.api.named(&events.ty).is_some_and(
            |id| matches!(&self.api.get(id).shape, Shape::Union(u) if u.variants.iter().any(|v| v.tags.iter().any(|t| t == "error"))),
        )
    }

    fn body(&self, form: &BodyForm) -> Option<TokenStream> {
        Some(match form {
            BodyForm::None => return None,
            BodyForm::Json => quote!(Body::Json),
            BodyForm::Multipart => quote!(Body::Multipart),
            BodyForm::MultipartIfFiles => quote!(Body::MultipartIfFiles),
            BodyForm::MultipartOrText { field, content_type } => {
                quote!(Body::MultipartOrText { field: #field, content_type: #content_type })
            }
            BodyForm::Form => quote!(Body::Form),
            // The body is an argument of its own and comes with its content type.
            BodyForm::Bytes { .. } => return None,
        })
    }

    /// The list that a type is a page of.
    fn listed(&self, envelope: TypeId) -> Option<&Page> {
        let lists =
            self.api.operations.iter().filter(|op| matches!(&op.answer, Answer::Json(a) if self.api.named(&a.ty) == Some(envelope)));
        // An operation that answers with one page says so itself.
        lists.filter_map(|op| op.page.as_ref()).min_by_key(|page| page.cursor == Cursor::Single)
    }

    /// What a field of a page is for.
    pub(super) fn words_on_page(&self, envelope: TypeId, wire: &str) -> Option<&'static str> {
        let page = self.listed(envelope)?;
        match wire {
            _ if wire == page.items => Some("The items of this page."),
            "has_more" => Some("Whether there are items after this page."),
            "first_id" => Some("The id of the first item of this page."),
            "last_id" => Some("The id of the last item of this page."),
            _ => matches!(&page.cursor, Cursor::Property(cursor) if cursor == wire).then_some("Where the next page begins."),
        }
    }

    /// How a list's page goes on, for the envelope's own file.
    pub fn page(&self, envelope: TypeId) -> Option<String> {
        let page = self.listed(envelope)?;
        let (_, s) = self.api.as_struct(&Ty::Type(envelope))?;
        let idents = &self.names.fields[&envelope];
        let access = |wire: &str| {
            let index = s.fields.iter().position(|f| f.wire == wire)?;
            let field = &s.fields[index];
            Some((ident(&idents[index]), field.required && !field.nullable, &field.ty))
        };
        let name = format_ident!("{}", self.name(envelope));
        let item = self.usage(&page.item);
        let (items, always, _) = access(&page.items)?;
        let (list, taken) = if always {
            (quote!(&self.#items), quote!(self.#items))
        } else {
            (quote!(self.#items.as_deref().unwrap_or_default()), quote!(self.#items.unwrap_or_default()))
        };
        self.mentions.borrow_mut().runtime.insert("Paged");
        self.mention_json("self");
        let has_more = match access("has_more") {
            Some((field, true, _)) => {
                quote!((!self.extra.is_missing(<Self as json::Object>::FIELDS, "has_more")).then_some(self.#field))
            }
            Some((field, false, _)) => quote!(self.#field),
            None => quote!(None),
        };
        let cursor = match &page.cursor {
            Cursor::Single => quote!(None),
            Cursor::Property(property) => match access(property) {
                Some((field, true, _)) => quote!(cursor_of(Some(&self.#field), &self.extra, #property)),
                Some((field, false, _)) => quote!(cursor_of(self.#field.as_deref(), &self.extra, #property)),
                None => quote!(None),
            },
            Cursor::ItemId => {
                let id = self.id_of(&page.item)?;
                quote!(self.items().last().and_then(|item| #id))
            }
        };
        if cursor.to_string().contains("cursor_of") {
            self.mentions.borrow_mut().runtime.insert("cursor_of");
        }
        let (parameter, property) = (&page.parameter, &page.items);
        self.mention_json("Extra");
        Some(print(quote! {
            impl Paged for #name {
                type Item = #item;
                const CURSOR_PARAM: &'static str = #parameter;
                const ITEMS: &'static str = #property;
                #[inline]
                fn items(&self) -> &[#item] { #list }
                #[inline]
                fn into_items(self) -> Vec<#item> { #taken }
                #[inline]
                fn has_more(&self) -> Option<bool> { #has_more }
                #[inline]
                fn next_cursor(&self) -> Option<String> { #cursor }
                #[inline]
                fn extra(&self) -> &Extra { &self.extra }
            }
        }))
    }

    /// The id of `item`, as an optional text.
    fn id_of(&self, item: &Use) -> Option<TokenStream> {
        let id = self.api.named(&item.ty)?;
        let of_struct = |id: TypeId| {
            let Shape::Struct(s) = &self.api.get(id).shape else { return None };
            let index = s.fields.iter().position(|f| f.wire == "id")?;
            let field = ident(&self.names.fields[&id][index]);
            let is_always_there = s.fields[index].required && !s.fields[index].nullable;
            let text = if is_always_there { quote!(Some(&item.#field)) } else { quote!(item.#field.as_deref()) };
            Some(quote!(cursor_of(#text, &item.extra, "id")))
        };
        match &self.api.get(id).shape {
            Shape::Struct(_) => of_struct(id),
            Shape::Union(union) => {
                let name = self.ty(&item.ty);
                let idents = &self.names.variants[&id];
                let arms = union.variants.iter().zip(idents).filter_map(|(variant, variant_ident)| {
                    let id = of_struct(self.api.named(&variant.payload.as_ref()?.ty)?)?;
                    let variant_ident = format_ident!("{variant_ident}");
                    Some(quote!(#name::#variant_ident(item) => #id,))
                });
                let arms: Vec<TokenStream> = arms.collect();
                let fallback = format_ident!("{}", self.names.fallback[&id]);
                let rest = (arms.len() < union.variants.len()).then(|| quote!(_ => None,));
                self.mention_json("Json");
                Some(quote!(match item { #(#arms)* #name::#fallback(item) => item.tag("id").map(Into::into), #rest }))
            }
            _ => None,
        }
    }
}

/// Other words under which a reader may look for a method: the operation's id, its path, by itself and after the verb, and the name that the official clients
/// have for it; `ident` is what it is called here.
pub(super) fn search_words(operation: &Operation, ident: &str, official: &str) -> TokenStream {
    let verb = if operation.socket.is_some() { "WebSocket" } else { operation.verb.as_str() };
    let id = Some(&operation.id).filter(|id| *id != ident && !id.is_empty() && !id.contains(char::is_whitespace));
    let path = &operation.path;
    let mut words: Vec<String> = id.cloned().into_iter().collect();
    words.extend([path.clone(), format!("{verb} {path}"), format!("{}.{official}", operation.resource.join("."))]);
    if official == operation.method {
        words.extend(operation.former_names.iter().cloned());
    }
    quote!(#[doc(alias(#(#words),*))])
}

/// What ends a stream properly; none where that is unknown.
fn stream_end(end: &StreamEnd) -> Option<TokenStream> {
    match end {
        StreamEnd::Unknown => None,
        StreamEnd::Types(types) => Some(quote!(StreamEnd::Types(&[#(#types),*]))),
        StreamEnd::Field(name) => Some(quote!(StreamEnd::Field(#name))),
    }
}

/// Attributes as the variants of the runtime's list, which has all that a span can have: one that it lacks does not compile.
fn attributes(list: &[(String, String)]) -> TokenStream {
    let pairs = list.iter().map(|(attribute, path)| {
        let variant = format_ident!("{}", heck::ToUpperCamelCase::to_upper_camel_case(attribute.as_str()));
        quote!((Attribute::#variant, #path))
    });
    quote!(&[#(#pairs),*])
}
