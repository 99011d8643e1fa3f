//! Which type an example is of: by the name of its schema, or by the operation that it belongs to.

use std::collections::HashMap;

use openai::dynamic::{self, NamedOperation, NamedType};
use twins::Check;
use twins::tables::{OPERATIONS, TYPES, UNIONS};

use crate::example::{Example, Kind};

/// A type on both sides.
#[derive(Clone, Copy)]
pub struct Pair {
    /// Module and name: `chat::ChatCompletion`.
    pub name: &'static str,
    pub ours: &'static NamedType,
    pub twin: Check,
}

/// What an example is decoded as.
pub struct Types {
    pub own: Pair,
    /// The unions by a tag that hold its type.
    pub unions: Vec<Pair>,
}

pub struct Catalog {
    pairs: HashMap<&'static str, Pair>,
    by_schema: HashMap<&'static str, Pair>,
    operations: HashMap<String, &'static twins::OperationTypes>,
}

impl Catalog {
    pub fn new() -> Self {
        let ours: HashMap<String, &NamedType> =
            dynamic::types().map(|(module, named)| (format!("{module}::{}", named.name()), named)).collect();
        let pairs: HashMap<_, _> =
            TYPES.iter().filter_map(|(name, twin)| ours.get(*name).map(|ours| (*name, Pair { name, ours, twin: *twin }))).collect();
        let by_schema = pairs.values().filter_map(|pair| pair.ours.schema().map(|schema| (schema, *pair))).collect();
        let operations = OPERATIONS.iter().map(|operation| (operation.name, operation));
        let constants: HashMap<_, _> = operations.collect();
        let named = |operation: &NamedOperation| operation.name().replace('.', "_").to_uppercase();
        let operations = dynamic::operations()
            .filter_map(|operation| constants.get(named(operation).as_str()).map(|types| (address(operation), *types)))
            .collect();
        Self { pairs, by_schema, operations }
    }

    /// The type of an example; none where the document gives it none.
    pub fn type_of(&self, example: &Example) -> Option<Types> {
        let own = match example.operation() {
            Some(_) if example.is_error() => return None,
            Some((verb, path)) => {
                let types = self.operations.get(&format!("{verb} {path}"))?;
                let name = match example.kind {
                    Kind::Request => types.params,
                    Kind::Event => types.event,
                    Kind::Response | Kind::Schema => types.result,
                };
                *self.pairs.get(name?)?
            }
            None => *self.by_schema.get(example.name.as_str()).or_else(|| self.public(&example.name))?,
        };
        let unions =
            UNIONS.iter().filter(|(_, member)| *member == own.name).filter_map(|(union, _)| self.pairs.get(union).copied()).collect();
        Some(Types { own, unions })
    }

    fn public(&self, name: &str) -> Option<&Pair> {
        self.pairs.values().find(|pair| pair.ours.name() == name)
    }
}

/// `POST /responses?beta=true`
fn address(operation: &NamedOperation) -> String {
    let operation = operation.operation();
    let query: Vec<String> = operation.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{} {}{mark}{}", format!("{:?}", operation.method).to_uppercase(), operation.path, query.join("&"))
}
