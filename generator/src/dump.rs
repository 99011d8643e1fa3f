//! Owns the words in which a stage's result can be looked at (`--dump STAGE`), and the public surface as lines, from which two generations are compared.

use std::fmt::Write as _;

use serde_json::Value;

use crate::analyze::Facts;
use crate::model::{Answer, Api, Shape, Ty, TypeId, Use};
use crate::names::Names;

/// A stage whose result can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Stage {
    /// The document with the overlay's patches.
    Load,
    /// The document in OpenAPI 3.0 form.
    Lower,
    /// The graph of schemas and operations.
    Resolve,
    /// Types and operations.
    Model,
    /// Identifiers.
    Names,
    /// The public surface, one line a thing.
    Surface,
}

/// Indented JSON.
pub fn json(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Every identifier beside what it stands for.
pub fn names(api: &Api, names: &Names) -> String {
    let mut out = String::new();
    for operation in &api.operations {
        let _ = writeln!(out, "operation {} = {} {}", operation.name(), operation.verb, operation.path);
    }
    for (id, name) in &names.types {
        let _ = writeln!(out, "type {name} = {}", api.get(*id).pointer);
    }
    for alias in &names.aliases {
        let _ = writeln!(out, "alias {} = {}", alias.name, names.types[&alias.target]);
    }
    out
}

/// The public surface: a line for every operation, type, field, variant and value, with what matters to a user.
pub fn surface(api: &Api, facts: &Facts, names: &Names) -> String {
    let surface = Surface { api, names };
    let mut lines = Vec::new();
    for (index, operation) in api.operations.iter().enumerate() {
        let name = operation.name();
        let params = operation.params.as_ref().map_or_else(|| "()".to_owned(), |p| surface.usage(p));
        let answer = match &operation.socket {
            Some(_) => format!("{}Connection", names.operations[index].connection),
            None => surface.answer(&operation.answer),
        };
        let path = names.operations[index].path_parameters.join(",");
        lines.push(format!("operation {name} ({path}) {params} -> {answer}"));
        if let Some(stream) = &operation.stream {
            lines.push(format!("operation {name}_stream ({path}) {params} -> {}", surface.usage(&stream.events)));
        }
        let resource = operation.resource.join(".");
        if let Some(poll) = &operation.polling {
            lines.push(format!("operation {resource}.{} ({path}) {params} -> {answer}", poll.method));
        }
        if let Some(start) = &operation.poll_start {
            let asked = surface.answer(&api.operations[start.operation].answer);
            lines.push(format!("operation {resource}.{} ({path}) {params} -> {asked}", start.method));
        }
    }
    for id in facts.reach.keys() {
        surface.type_lines(*id, &mut lines);
    }
    lines.extend(names.aliases.iter().map(|a| format!("type {} = {}", a.name, names.types[&a.target])));
    lines.extend(facts.reached_twins.iter().map(|t| format!("type {} = {}", names.types[t], names.types[&facts.twins[t]])));
    lines.sort();
    lines.join("\n") + "\n"
}

struct Surface<'a> {
    api: &'a Api,
    names: &'a Names,
}

impl Surface<'_> {
    fn type_lines(&self, id: TypeId, lines: &mut Vec<String>) {
        let name = &self.names.types[&id];
        match &self.api.get(id).shape {
            Shape::Struct(s) => {
                lines.push(format!("type {name} = struct"));
                for (field, ident) in s.fields.iter().zip(&self.names.fields[&id]) {
                    let ty = match &field.constant {
                        Some(constant) => format!("const {constant:?}"),
                        None if field.required && !field.nullable => self.ty(&field.ty),
                        None if field.required => format!("Option<{}> required", self.ty(&field.ty)),
                        None => format!("Option<{}>", self.ty(&field.ty)),
                    };
                    lines.push(format!("field {name}.{ident} = {ty}"));
                }
            }
            Shape::Enum(e) => {
                lines.push(format!("type {name} = enum"));
                lines.extend(e.values.iter().zip(&self.names.variants[&id]).map(|(v, ident)| format!("value {name}::{ident} = {v:?}")));
            }
            Shape::Union(u) => {
                lines.push(format!("type {name} = union"));
                for (variant, ident) in u.variants.iter().zip(&self.names.variants[&id]) {
                    let payload = variant.payload.as_ref().map_or_else(|| "unit".to_owned(), |p| self.usage(p));
                    lines.push(format!("variant {name}::{ident} = {payload}"));
                }
            }
            Shape::Alias(target) => lines.push(format!("type {name} = {}", self.usage(target))),
            Shape::Pending => {}
        }
    }

    fn answer(&self, answer: &Answer) -> String {
        match answer {
            Answer::Nothing => "()".to_owned(),
            Answer::Binary => "Binary".to_owned(),
            Answer::Text => "Text".to_owned(),
            Answer::Json(answer) => self.usage(answer),
        }
    }

    fn usage(&self, usage: &Use) -> String {
        if usage.nullable { format!("Option<{}>", self.ty(&usage.ty)) } else { self.ty(&usage.ty) }
    }

    fn ty(&self, ty: &Ty) -> String {
        match ty {
            Ty::String => "String".to_owned(),
            Ty::Integer => "i64".to_owned(),
            Ty::Number => "f64".to_owned(),
            Ty::Boolean => "bool".to_owned(),
            Ty::Json => "Json".to_owned(),
            Ty::Binary => "Upload".to_owned(),
            Ty::Floats => "Vec<f32>".to_owned(),
            Ty::List(item) => format!("Vec<{}>", self.usage(item)),
            Ty::Map(value) => format!("Map<{}>", self.usage(value)),
            Ty::Type(id) => self.names.types.get(id).cloned().unwrap_or_default(),
        }
    }
}
