//! Reads which types an operation takes and returns from the emitted table of operations.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use syn::visit::Visit;
use syn::{Expr, ExprMethodCall, Item};

use super::read::imported;
use super::shapes::Key;

/// The types of an operation.
#[derive(Default)]
pub struct Operation {
    /// The name of its constant: `CHAT_COMPLETIONS_CREATE`.
    pub name: String,
    pub params: Option<Key>,
    pub result: Option<Key>,
    pub event: Option<Key>,
}

/// Reads every file of the table.
pub fn read(folder: &Path) -> Vec<Operation> {
    let mut files: Vec<_> = fs::read_dir(folder).expect("the emitted table").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files.iter().flat_map(|file| read_file(file)).collect()
}

fn read_file(file: &Path) -> Vec<Operation> {
    let text = fs::read_to_string(file).expect("a readable file");
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let mut imports = HashMap::new();
    for item in &parsed.items {
        if let Item::Use(found) = item {
            imported(&found.tree, &mut Vec::new(), &mut imports);
        }
    }
    let mut reader = Reader { imports, operations: Vec::new() };
    reader.visit_file(&parsed);
    reader.operations
}

struct Reader {
    imports: HashMap<String, String>,
    operations: Vec<Operation>,
}

/// Chains such as `NamedOperation::new(&X_LIST).params::<P>().page::<E>()`.
impl Visit<'_> for Reader {
    fn visit_expr_method_call(&mut self, call: &ExprMethodCall) {
        let mut operation = Operation::default();
        self.chain(&mut operation, call);
        self.operations.push(operation);
    }
}

impl Reader {
    fn chain(&self, operation: &mut Operation, call: &ExprMethodCall) {
        match &*call.receiver {
            Expr::MethodCall(inner) => self.chain(operation, inner),
            Expr::Call(new) => operation.name = constant_name(new.args.first()).unwrap_or_default(),
            _ => {}
        }
        let key = call.turbofish.as_ref().and_then(|arguments| match arguments.args.first() {
            Some(syn::GenericArgument::Type(syn::Type::Path(ty))) => self.key(&ty.path),
            _ => None,
        });
        match call.method.to_string().as_str() {
            "params" => operation.params = key,
            "json" | "page" => operation.result = key,
            "events" => operation.event = key,
            _ => {}
        }
    }

    /// Where a type is: imported by its name, or written with its path. None for one that is no emitted type.
    fn key(&self, path: &syn::Path) -> Option<Key> {
        let name = path.segments.last()?.ident.to_string();
        let family = match path.segments.iter().rev().nth(1) {
            Some(family) => family.ident.to_string(),
            None => self.imports.get(&name)?.clone(),
        };
        Some(Key { family, name })
    }
}

/// The last word of `&chat::completions::CHAT_COMPLETIONS_CREATE`.
fn constant_name(argument: Option<&Expr>) -> Option<String> {
    let Some(Expr::Reference(reference)) = argument else { return None };
    let Expr::Path(path) = &*reference.expr else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}
