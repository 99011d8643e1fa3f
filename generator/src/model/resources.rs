//! Owns the names of operations: which resource, which method. Rules first (path shape, HTTP method, operationId), then the overlay's exceptions.
//!
//! A path's literal segments are the resource. `GET …/{id}` retrieves, `POST …/{id}` updates, `DELETE …/{id}` deletes. A `POST` to a leaf whose name is a verb
//! is that verb. `GET` of a collection lists, of a single thing retrieves; `POST` to it creates.

use std::collections::BTreeMap;

use crate::diagnostics::Diagnostics;
use crate::overlay::Overlay;
use crate::resolve::{Graph, Operation};

use super::STAGE;

/// Resource segments and method.
pub(super) type Name = (Vec<String>, String);

/// Names every operation; `lists` tells which answer with a list.
pub(super) fn name_all(diagnostics: &mut Diagnostics, graph: &Graph, overlay: &Overlay, lists: &[bool]) -> Vec<Name> {
    let version = shared_version(graph);
    let namer = Namer { graph, overlay, version };
    let mut names: Vec<Name> = graph.operations.iter().zip(lists).map(|(op, list)| namer.name(op, *list)).collect();
    namer.part_collisions(diagnostics, &mut names);
    names
}

/// `METHOD /path` with empty braces: the key under which the overlay knows an operation.
pub(crate) fn key_of(operation: &Operation) -> String {
    format!("{} {}", operation.method, erased(&operation.path))
}

/// The path with empty braces.
fn erased(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                out.push_str("{}");
            }
            '}' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// The version segment with which every path starts.
fn shared_version(graph: &Graph) -> Option<String> {
    let first = |path: &str| path.split('/').nth(1).map(str::to_owned);
    let candidate = graph.operations.first().and_then(|op| first(&op.path))?;
    let is_version = candidate.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    (is_version && graph.operations.iter().all(|op| first(&op.path).as_deref() == Some(&candidate))).then_some(candidate)
}

/// A segment as words: lower case, joined by underscores; never empty, and never with a digit in front.
pub(crate) fn snake(text: &str) -> String {
    use heck::ToSnakeCase;
    // What is not ASCII is spelt by its code: names in other scripts stay apart, and all are identifiers.
    let words: String = text.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!(" u{:x} ", u32::from(c)) }).collect();
    let snake = words.to_snake_case();
    match snake.chars().next() {
        None => "root".to_owned(),
        Some(c) if c.is_ascii_digit() => format!("n{snake}"),
        Some(_) => snake,
    }
}

struct Namer<'g> {
    graph: &'g Graph,
    overlay: &'g Overlay,
    version: Option<String>,
}

impl Namer<'_> {
    fn name(&self, operation: &Operation, list: bool) -> Name {
        let key = key_of(operation);
        if let Some(entry) = self.overlay.operation.iter().find(|e| e.value.key == key) {
            return split(&entry.apply().name);
        }
        let (path, query) = operation.path.split_once('?').map_or((operation.path.as_str(), None), |(p, q)| (p, Some(q)));
        let path = path.split('#').next().unwrap_or(path);
        if let Some(edition) = query.and_then(|q| self.overlay.edition.iter().find(|e| e.value.query == q)) {
            let twin = self.graph.operations.iter().find(|op| op.method == operation.method && erased(&op.path) == erased(path));
            if let Some(twin) = twin {
                let (mut resource, method) = self.name(twin, list);
                resource.splice(0..0, split_resource(&edition.apply().resource));
                return (resource, method);
            }
        }
        if let Some(id) = &operation.id
            && let Some(entry) = self.overlay.verbs.iter().find(|e| id.starts_with(&e.value.operation_id_prefix))
        {
            let method = path.rsplit('/').find(|s| !s.contains('{')).unwrap_or("call");
            return (split_resource(&entry.apply().resource), snake(method));
        }
        self.by_rule(operation, path, list)
    }

    fn by_rule(&self, operation: &Operation, path: &str, list: bool) -> Name {
        let (mut resource, rest) = self.prefixed(path);
        let mut ends_in_parameter = false;
        for segment in rest.split('/').filter(|s| !s.is_empty()) {
            ends_in_parameter = segment.contains('{');
            // `{name}:access` carries a literal verb behind its parameter.
            let literal = segment.split('}').next_back().filter(|_| ends_in_parameter).unwrap_or(segment);
            let literal = literal.trim_start_matches([':', '.', '-']);
            if !literal.is_empty() && !literal.contains('{') {
                ends_in_parameter = false;
                resource.push(snake(literal));
            }
        }
        let id = operation.id.as_deref().unwrap_or_default();
        if resource.is_empty() {
            let resource = operation.tags.first().map_or_else(|| "default".to_owned(), |t| snake(t));
            let method = if id.is_empty() { operation.method.to_lowercase() } else { snake(id) };
            return (vec![resource], method);
        }
        let first_word = snake(id).split('_').next().unwrap_or_default().to_owned();
        let siblings: Vec<&str> =
            self.graph.operations.iter().filter(|op| erased(&op.path) == erased(&operation.path)).map(|op| op.method.as_str()).collect();
        let has = |m: &str| siblings.contains(&m);
        if ends_in_parameter {
            let method = match operation.method.as_str() {
                "GET" => "retrieve",
                "POST" if first_word == "cancel" => "cancel",
                "POST" => "update",
                "PUT" if has("POST") => "replace",
                "PUT" => "update",
                "PATCH" if has("POST") || has("PUT") => "patch",
                "PATCH" => "update",
                "DELETE" => "delete",
                "HEAD" => "head",
                "OPTIONS" => "options",
                _ => "trace",
            };
            return (resource, method.to_owned());
        }
        if operation.method == "POST" && siblings.len() == 1 && resource.len() > 1 && self.is_verb(operation, path, &resource) {
            let method = resource.pop().unwrap_or_default();
            return (resource, method);
        }
        let method = match operation.method.as_str() {
            "GET" if list => "list",
            "GET" => "retrieve",
            "DELETE" => "delete",
            "POST" if ["update", "modify"].iter().any(|verb| id.to_lowercase().starts_with(verb)) => "update",
            "POST" => "create",
            "PUT" if has("POST") => "replace",
            "PUT" => "update",
            "PATCH" if has("POST") || has("PUT") => "patch",
            "PATCH" => "update",
            "HEAD" => "head",
            "OPTIONS" => "options",
            _ => "trace",
        };
        (resource, method.to_owned())
    }

    /// The resource that a table row gives to the beginning of the path, and the rest of the path.
    fn prefixed<'p>(&self, path: &'p str) -> (Vec<String>, &'p str) {
        let matching = |prefix: &str| path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
        let best = self.overlay.prefix.iter().filter(|e| matching(&e.value.path)).max_by_key(|e| e.value.path.len());
        if let Some(entry) = best {
            let prefix = entry.apply();
            return (split_resource(&prefix.resource), &path[prefix.path.len()..]);
        }
        if let Some(version) = &self.version
            && let Some(rest) = path[1..].strip_prefix(version.as_str())
            && rest.len() > 1
        {
            return (Vec::new(), rest);
        }
        (Vec::new(), path)
    }

    /// A leaf that is a verb: the operationId starts with its first word, and nothing lies below it.
    fn is_verb(&self, operation: &Operation, path: &str, resource: &[String]) -> bool {
        let below = format!("{}/", erased(path));
        if self.graph.operations.iter().any(|op| erased(&op.path).starts_with(&below)) {
            return false;
        }
        let letters: String =
            operation.id.iter().flat_map(|id| id.chars()).filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
        let last = resource.last().map_or("", String::as_str);
        let word = last.split('_').next().unwrap_or(last);
        !word.is_empty() && letters.starts_with(word)
    }

    /// Two operations under one name, or a method that is also a resource: the rule-made name gives way to the operationId.
    fn part_collisions(&self, diagnostics: &mut Diagnostics, names: &mut [Name]) {
        let resources: Vec<Vec<String>> = names.iter().flat_map(|(r, _)| (1..=r.len()).map(|n| r[..n].to_vec())).collect();
        let mut taken: BTreeMap<Name, usize> = BTreeMap::new();
        for index in 0..names.len() {
            let operation = &self.graph.operations[index];
            let mut path = names[index].0.clone();
            path.push(names[index].1.clone());
            let clashes = taken.contains_key(&names[index]) || resources.contains(&path);
            // Several things and one of them are both retrieved; where the rule cannot see that the former are a list, their paths tell.
            let collection = format!("{}/{{}}", erased(&operation.path));
            if names[index].1 == "retrieve"
                && is_shared(names, index)
                && self.graph.operations.iter().any(|op| op.method == "GET" && erased(&op.path) == collection)
            {
                let list = (names[index].0.clone(), "list".to_owned());
                if !names.contains(&list) {
                    names[index] = list.clone();
                    taken.insert(list, index);
                    continue;
                }
            }
            if clashes {
                let by_id = operation.id.as_deref().map_or_else(|| snake(&format!("{} {}", operation.method, operation.path)), snake);
                diagnostics
                    .warning(
                        STAGE,
                        &operation.pointer,
                        format!("the rules name it `{}`, which is taken; it is called `{by_id}`", path.join(".")),
                    )
                    .hint(format!("[[operation]]\nkey = \"{}\"\nname = \"…\"\nreason = \"…\"", key_of(operation)));
                names[index].1 = by_id;
                let mut number = 2;
                while taken.contains_key(&names[index])
                    || resources.contains(&[names[index].0.as_slice(), &[names[index].1.clone()]].concat())
                {
                    names[index].1 = format!("{}_{number}", snake(&operation.method));
                    number += 1;
                }
            }
            taken.insert(names[index].clone(), index);
        }
    }
}

/// Whether another operation has the same name.
fn is_shared(names: &[Name], index: usize) -> bool {
    names.iter().enumerate().any(|(other, name)| other != index && *name == names[index])
}

fn split_resource(dotted: &str) -> Vec<String> {
    dotted.split('.').filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

fn split(dotted: &str) -> Name {
    let mut segments = split_resource(dotted);
    let method = segments.pop().unwrap_or_default();
    (segments, method)
}
