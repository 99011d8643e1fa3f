//! Owns every file of the crate: each comes out of a template, with the emitted items as finished slots. Knows no name and no shape of a schema.

mod dynamic;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Environment, UndefinedBehavior, Value, context};

use crate::emit::{Emitter, Mentions, TypesCode};
use crate::layout::{CratePlan, Family, FeatureSet, condition, feature};
use crate::model::{Answer, Operation, TypeId};
use crate::names::{connection_module, method_ident, module_ident};

macro_rules! templates {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("../../templates/", $name, ".j2")))),*] };
}

const TEMPLATES: &[(&str, &str)] = templates!(
    "lib.rs",
    "dynamic.rs",
    "dynamic_operations.rs",
    "dynamic_resource.rs",
    "dynamic_types.rs",
    "dynamic_family.rs",
    "client.rs",
    "off.rs",
    "types.rs",
    "types_family.rs",
    "types_file.rs",
    "resources.rs",
    "resource.rs",
    "connections.rs",
    "connection.rs",
    "Cargo.toml",
    "README.md",
    "api.md",
    "manifest.toml",
);

/// The files of the crate: path below its folder, content.
pub type FileTree = BTreeMap<String, String>;

/// What the files say of themselves.
#[derive(Clone, Debug)]
pub struct About {
    /// The document, as the header names it.
    pub source: String,
    /// Digest of the document.
    pub document: String,
    /// Digest of the overlay.
    pub overlay: String,
    /// The hand-written module, if there is one.
    pub extension: Option<String>,
    /// What the crate's documentation begins with, below `src`.
    pub front: Option<String>,
    /// Path to the runtime for a crate that stands alone; `None`: a member of this workspace.
    pub runtime: Option<String>,
    /// The paths for which Azure names a deployment in the URL.
    pub deployments: Vec<String>,
}

/// Renders every file.
pub fn render(emitter: Emitter<'_>, about: &About) -> FileTree {
    let renderer = Renderer { environment: environment(), about, emitter };
    let mut files = FileTree::new();
    renderer.root(&mut files);
    renderer.types(&mut files);
    renderer.resources(&mut files);
    renderer.connections(&mut files);
    renderer.dynamic(&mut files);
    files
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    for (name, text) in TEMPLATES {
        if let Err(e) = environment.add_template(name, text) {
            unreachable!("template {name} is well-formed: {e}");
        }
    }
    environment
}

struct Renderer<'a> {
    environment: Environment<'static>,
    about: &'a About,
    emitter: Emitter<'a>,
}

impl Renderer<'_> {
    fn file(&self, template: &str, slots: Value) -> String {
        let source = self.about.source.as_str();
        let rendered = self.environment.get_template(template).and_then(|t| t.render(context! { source, ..slots }));
        match rendered {
            Ok(text) => text,
            Err(e) => unreachable!("template {template} has all its slots: {e:#}"),
        }
    }

    fn plan(&self) -> &CratePlan {
        self.emitter.plan
    }

    fn root(&self, files: &mut FileTree) {
        let title = self.emitter.graph.title.replace('"', "'").replace('\\', "/");
        let operations = self.emitter.api.operations.iter().filter(|op| op.socket.is_none()).count();
        let types = self.emitter.facts.reach.len();
        let about = self.about;
        let top: Vec<Value> = self
            .plan()
            .resources
            .keys()
            .filter(|path| path.len() == 1)
            .map(|path| {
                context! { docs => self.emitter.words_on_resource(path), segment => &path[0], method => method_ident(&path[0]), module => module_ident(&path[0]), handle => self.emitter.names.handle(&path[0]), feature => feature(&path[0]) }
            })
            .collect();
        let all = &self.plan().features.all;
        let features: Vec<Value> = all.iter().map(|name| context! { name, needs => self.plan().features.needs(name).to_vec() }).collect();
        let families: Vec<Value> = self
            .plan()
            .families
            .iter()
            .map(|(name, family)| context! { module => module_ident(name), condition => condition(&self.features_of(name, family), all) })
            .collect();
        let mut put = |path: &str, text: String| drop(files.insert(path.to_owned(), text));
        let connections = self.emitter.api.operations.iter().any(|op| op.socket.is_some());
        put(
            "src/lib.rs",
            self.file("lib.rs", context! { title => &title, extension => &about.extension, front => &about.front, connections }),
        );
        put("src/client.rs", self.file("client.rs", context! { resources => &top, deployments => &about.deployments }));
        put("src/off.rs", self.file("off.rs", context! { resources => &top }));
        put("src/types.rs", self.file("types.rs", context! { families }));
        put("src/resources.rs", self.file("resources.rs", context! { resources => &top }));
        put(
            "Cargo.toml",
            self.file(
                "Cargo.toml",
                context! { title => &title, standalone => about.runtime.is_some(), runtime => about.runtime.clone().unwrap_or_default(), features, extension => &about.extension },
            ),
        );
        put("README.md", self.file("README.md", context! { title => &title, operations, types }));
        put("api.md", self.file("api.md", context! { operations, resources => self.ledger() }));
        put(
            "manifest.toml",
            self.file(
                "manifest.toml",
                context! { document => &about.document, overlay => &about.overlay, generator => env!("GENERATOR_DIGEST"), operations, types },
            ),
        );
    }

    /// The lines of `api.md`.
    fn ledger(&self) -> Vec<Value> {
        let mut out = Vec::new();
        for (path, resource) in &self.plan().resources {
            if resource.operations.is_empty() {
                continue;
            }
            let methods: Vec<Value> = resource
                .operations
                .iter()
                .flat_map(|index| {
                    let operation = &self.emitter.api.operations[*index];
                    let names = &self.emitter.names.operations[*index];
                    let mut arguments = names.path_parameters.clone();
                    let mut type_name = |u: &crate::model::Use| self.emitter.plain_name(&u.ty);
                    arguments.extend(operation.body_argument.as_ref().map(&mut type_name));
                    arguments.extend(operation.params.as_ref().map(&mut type_name));
                    let polled = |asked: usize| self.answer_name(&self.emitter.api.operations[asked]);
                    let marks = if operation.deprecated { " (deprecated)" } else { "" };
                    let source = &self.emitter.graph.operations[operation.index];
                    let (answer, verb, path) = match operation.socket {
                        Some(_) => (format!("{}Connection", names.connection), "WebSocket", &operation.path),
                        None => (self.answer_name(operation), operation.verb.as_str(), &source.path),
                    };
                    let line = |name: &str, answer: String| {
                        context! { name => name.trim_start_matches("r#"), arguments => arguments.join(", "), answer, verb, path, marks }
                    };
                    let mut lines = vec![line(&names.method, answer)];
                    if let Some(stream) = &operation.stream {
                        lines.push(line(&names.stream_method, format!("EventStream<{}>", type_name(&stream.events))));
                    }
                    if let Some(poll) = &names.poll {
                        lines.push(line(&poll.method, format!("Poll<{}>", polled(*index))));
                    }
                    if let (Some(poll), Some(start)) = (&names.poll_start, &operation.poll_start) {
                        lines.push(line(&poll.method, format!("Poll<{}>", polled(start.operation))));
                    }
                    lines
                })
                .collect();
            let call = path.iter().map(|s| format!("{}()", method_ident(s))).collect::<Vec<_>>().join(".");
            out.push(context! { dotted => path.join("."), call, file => resource_path(path), methods });
        }
        out
    }

    /// What an operation answers with, in the words of `api.md`.
    fn answer_name(&self, operation: &Operation) -> String {
        match (&operation.answer, &operation.page) {
            (Answer::Nothing, _) => "()".to_owned(),
            (Answer::Binary, _) => "Binary".to_owned(),
            (Answer::Text, _) => "Text".to_owned(),
            (Answer::Json(answer), Some(_)) => format!("Page<{}>", self.emitter.plain_name(&answer.ty)),
            (Answer::Json(answer), None) => self.emitter.plain_name(&answer.ty),
        }
    }

    fn types(&self, files: &mut FileTree) {
        for (name, family) in &self.plan().families {
            let module = module_ident(name);
            let surroundings = self.features_of(name, family);
            let mut entries: Vec<Value> = Vec::new();
            for (file, ids) in &family.files {
                let mentions = RefCell::new(Mentions::default());
                let emitter = Emitter { mentions: &mentions, ..self.emitter };
                let mut code = emitter.types(ids);
                code.items.extend(ids.iter().filter_map(|id| emitter.page(*id)));
                let text = self.types_file(ids, &code, &mentions.borrow());
                files.insert(format!("src/types/{module}/{file}.rs"), text);
                entries.push(context! { name => file, condition => condition(&self.plan().features.of_file(name, file), &surroundings) });
            }
            let aliases = self.aliases(name, family, &surroundings);
            let text = self.file("types_family.rs", context! { family => name.clone(), files => entries, aliases });
            files.insert(format!("src/types/{module}.rs"), text);
        }
    }

    fn types_file(&self, ids: &[TypeId], code: &TypesCode, mentions: &Mentions) -> String {
        let own: BTreeSet<TypeId> = ids.iter().copied().collect();
        let imports = self.imports(mentions, &own, code.bridged.is_empty() && code.string_enums.is_empty());
        let first = ids.first().and_then(|id| self.emitter.names.types.get(id)).cloned().unwrap_or_default();
        let summary = if ids.len() == 1 { format!("[`{first}`].") } else { format!("[`{first}`] and what belongs to it.") };
        self.file(
            "types_file.rs",
            context! { summary, imports, items => &code.items, bridged => &code.bridged, string_enums => &code.string_enums },
        )
    }

    /// The `use` lines of a file.
    fn imports(&self, mentions: &Mentions, own: &BTreeSet<TypeId>, plain: bool) -> Vec<String> {
        let mut imports: Vec<String> = mentions.std.iter().map(|path| (*path).to_owned()).collect();
        let mut json: Vec<&str> = mentions.json.iter().copied().collect();
        if plain {
            json.retain(|name| *name != "self");
        }
        if !json.is_empty() {
            imports.push(format!("openai_runtime::json::{{{}}}", json.join(", ")));
        }
        if !mentions.runtime.is_empty() {
            let names: Vec<&str> = mentions.runtime.iter().copied().collect();
            imports.push(format!("openai_runtime::{{{}}}", names.join(", ")));
        }
        let mut by_family: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for id in mentions.types.difference(own) {
            if let Some(family) = self.plan().family_of.get(id) {
                by_family.entry(module_ident(family)).or_default().insert(&self.emitter.names.types[id]);
            }
        }
        for (family, names) in by_family {
            let names: Vec<&str> = names.into_iter().collect();
            imports.push(format!("crate::types::{family}::{{{}}}", names.join(", ")));
        }
        imports
    }

    /// The features that lead to anything in a family.
    fn features_of(&self, name: &str, family: &Family) -> FeatureSet {
        let features = &self.plan().features;
        let of_files = family.files.keys().map(|file| features.of_file(name, file));
        let second_names = family.aliases.iter().map(|index| self.emitter.names.aliases[*index].target);
        let twins = family.twins.iter().map(|twin| self.emitter.facts.twins[twin]);
        of_files.chain(second_names.chain(twins).map(|target| features.of_type(target))).flatten().collect()
    }

    fn aliases(&self, home: &str, family: &Family, surroundings: &FeatureSet) -> Vec<Value> {
        let names = self.emitter.names;
        let path = |id: &TypeId| match self.plan().family_of.get(id) {
            Some(family) if family != home => format!("crate::types::{}::{}", module_ident(family), names.types[id]),
            _ => names.types[id].clone(),
        };
        let link = |id: &TypeId| {
            let (name, path) = (&names.types[id], path(id));
            if *name == path { format!("[`{name}`]") } else { format!("[`{name}`]({path})") }
        };
        let condition = |id: TypeId| condition(&self.plan().features.of_type(id), surroundings);
        let mut lines: BTreeMap<String, (String, String, Option<String>)> = BTreeMap::new();
        for index in &family.aliases {
            let alias = &names.aliases[*index];
            let docs = match alias.operation {
                Some(op) => format!("Parameters of `{}`.", self.emitter.api.operations[op].name()),
                None => format!("Another name for {}.", link(&alias.target)),
            };
            lines.insert(alias.name.clone(), (path(&alias.target), docs, condition(alias.target)));
        }
        for twin in &family.twins {
            let original = self.emitter.facts.twins[twin];
            let docs = format!("The same as {}.", link(&original));
            lines.insert(names.types[twin].clone(), (path(&original), docs, condition(original)));
        }
        lines.into_iter().map(|(name, (target, docs, condition))| context! { name, target, docs, condition }).collect()
    }

    fn resources(&self, files: &mut FileTree) {
        for (path, resource) in &self.plan().resources {
            let mentions = RefCell::new(Mentions::default());
            let emitter = Emitter { mentions: &mentions, ..self.emitter };
            let code = emitter.resource(path);
            let imports = self.imports(&mentions.borrow(), &BTreeSet::new(), true);
            let modules: Vec<String> = resource.children.iter().map(|c| module_ident(c)).collect();
            let text = self.file(
                "resource.rs",
                context! { docs => self.emitter.words_on_resource(path), dotted => path.join("."), modules, imports, handle => &code.handle, operations => &code.operations },
            );
            files.insert(resource_path(path), text);
        }
    }
}

impl Renderer<'_> {
    /// The connections, a file each.
    fn connections(&self, files: &mut FileTree) {
        let mut modules: Vec<Value> = Vec::new();
        for (index, operation) in self.emitter.api.operations.iter().enumerate().filter(|(_, op)| op.socket.is_some()) {
            let module = connection_module(&operation.resource);
            let mentions = RefCell::new(Mentions::default());
            let emitter = Emitter { mentions: &mentions, ..self.emitter };
            let code = emitter.connection(index);
            mentions.borrow_mut().std.insert("std::ops::Deref");
            mentions.borrow_mut().runtime.insert("Operation");
            let imports = self.imports(&mentions.borrow(), &BTreeSet::new(), true);
            let call = operation.resource.iter().map(|segment| format!("{}()", method_ident(segment))).collect::<Vec<_>>().join(".");
            let method = &self.emitter.names.operations[index].method;
            let slots = context! { call, method, imports, operation => &code.operation, sender => &code.sender, handles => &code.handles };
            files.insert(format!("src/connections/{module}.rs"), self.file("connection.rs", slots));
            modules.push(context! { name => module, feature => feature(&operation.resource[0]) });
        }
        if !modules.is_empty() {
            files.insert("src/connections.rs".to_owned(), self.file("connections.rs", context! { modules }));
        }
    }
}

/// The file of a resource.
fn resource_path(path: &[String]) -> String {
    let modules: Vec<String> = path.iter().map(|s| module_ident(s)).collect();
    format!("src/resources/{}.rs", modules.join("/"))
}
