//! Owns the graph: every schema of the document in one arena, every reference an index into it, every operation with its parts resolved.
//! The last stage that sees `openapiv3`; the stages behind it know schemas by their ids. Gives no meaning to what it finds.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use openapiv3 as oas;
use serde_json::Value;

use crate::diagnostics::{Diagnostics, Failed, Pointer};
use crate::lower::KEPT;
use crate::parse::Parsed;

mod operations;
mod schemas;

pub(crate) use operations::placeholders;

const STAGE: &str = "resolve";

/// An index into [`Graph::schemas`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub usize);

/// The document with nothing left to look up.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// What the API is called.
    pub title: String,
    /// What the document says of its tags.
    pub tags: BTreeMap<String, String>,
    /// What the document says of its version.
    pub version: String,
    /// The URL of the first server.
    pub server: Option<String>,
    /// Every schema.
    pub schemas: Vec<Schema>,
    /// The named schemas, in the order of the document.
    pub components: IndexMap<String, SchemaId>,
    /// The operations, in the order of the document.
    pub operations: Vec<Operation>,
    /// The webhooks, in the order of the document.
    pub webhooks: Vec<Webhook>,
}

impl Graph {
    /// The schema with this id.
    pub fn schema(&self, id: SchemaId) -> &Schema {
        &self.schemas[id.0]
    }
}

/// One schema. All keywords lie side by side, as they may occur together.
#[derive(Clone, Debug)]
pub struct Schema {
    /// Where it stands.
    pub pointer: Pointer,
    /// Its name, if it stands under `components.schemas`.
    pub component: Option<String>,
    /// What it says in prose and beside the types.
    pub notes: Notes,
    /// Whether it takes null.
    pub nullable: bool,
    /// The schema that a `$ref` leads to; nothing else is set then.
    pub reference: Option<SchemaId>,
    /// `$recursiveRef`: this is the enclosing schema that carries `$recursiveAnchor`.
    pub recursive: bool,
    /// `$recursiveAnchor`.
    pub anchor: bool,
    /// The type keyword.
    pub kind: Kind,
    /// `format`.
    pub format: Option<String>,
    /// `enum`: the values.
    pub values: Vec<Value>,
    /// `properties`.
    pub properties: IndexMap<String, SchemaId>,
    /// `required`.
    pub required: Vec<String>,
    /// `additionalProperties`.
    pub additional: Additional,
    /// `items`.
    pub items: Option<SchemaId>,
    /// `allOf`.
    pub all_of: Vec<SchemaId>,
    /// `oneOf` or `anyOf`; for a response they mean the same.
    pub one_of: Vec<SchemaId>,
    /// `discriminator`.
    pub discriminator: Option<Discriminator>,
    /// Keywords that no type can express: they are reported when the type is built.
    pub beyond: Vec<String>,
}

/// What a schema says beside its types.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// `title`.
    pub title: Option<String>,
    /// `description`, Markdown.
    pub description: Option<String>,
    /// `deprecated`.
    pub deprecated: bool,
    /// `default`.
    pub default: Option<Value>,
    /// Bounds in words: "at least 1", "at most 64 characters".
    pub bounds: Vec<String>,
}

/// `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No type keyword.
    Any,
    /// `string`.
    String,
    /// `integer`.
    Integer,
    /// `number`.
    Number,
    /// `boolean`.
    Boolean,
    /// `array`.
    Array,
    /// `object`.
    Object,
}

/// `additionalProperties`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Additional {
    /// The keyword is not there.
    Unsaid,
    /// `true`.
    Any,
    /// `false`.
    None,
    /// A schema.
    Schema(SchemaId),
}

/// `discriminator`.
#[derive(Clone, Debug)]
pub struct Discriminator {
    /// The property that tells the branches apart.
    pub property: String,
    /// Tag values to schemas.
    pub mapping: Vec<(String, SchemaId)>,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// Into the path.
    Path,
    /// Into the query.
    Query,
    /// Into the headers.
    Header,
    /// Into a cookie.
    Cookie,
}

/// One parameter of an operation.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Where it stands.
    pub pointer: Pointer,
    /// Its name on the wire.
    pub name: String,
    /// Where it goes.
    pub location: Location,
    /// Whether it must be there.
    pub required: bool,
    /// Markdown.
    pub description: Option<String>,
    /// `deprecated`.
    pub deprecated: bool,
    /// What it holds.
    pub schema: SchemaId,
    /// `x-` keys.
    pub extensions: BTreeMap<String, Value>,
}

/// A body in one media type.
#[derive(Clone, Debug)]
pub struct Media {
    /// Without parameters, in lower case.
    pub media_type: String,
    /// What it holds.
    pub schema: Option<SchemaId>,
    /// Content types of single parts.
    pub encoding: Vec<(String, String)>,
}

/// A response.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Three digits, `2XX`, or `default`.
    pub status: String,
    /// The forms it may come in.
    pub content: Vec<Media>,
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Where it stands.
    pub pointer: Pointer,
    /// `operationId`.
    pub id: Option<String>,
    /// In upper case.
    pub method: String,
    /// The key under `paths`, as it stands there.
    pub path: String,
    /// First line of the docs.
    pub summary: Option<String>,
    /// Markdown.
    pub description: Option<String>,
    /// `deprecated`.
    pub deprecated: bool,
    /// `tags`.
    pub tags: Vec<String>,
    /// All parameters, those of the path item included.
    pub parameters: Vec<Parameter>,
    /// The forms the request body may take; empty where there is none.
    pub body: Vec<Media>,
    /// Whether the body must be there.
    pub body_required: bool,
    /// The responses.
    pub responses: Vec<Answer>,
    /// Names of security schemes, in order of preference; `None`: nothing is said anywhere.
    pub security: Option<Vec<String>>,
    /// `externalDocs`.
    pub docs_url: Option<String>,
}

/// One webhook.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Where it stands.
    pub pointer: Pointer,
    /// Its key.
    pub name: String,
    /// What is posted.
    pub schema: Option<SchemaId>,
}

/// Resolves `parsed`.
pub fn resolve(diagnostics: &mut Diagnostics, parsed: &Parsed) -> Result<Graph, Failed> {
    let openapi = &parsed.openapi;
    let empty = oas::Components::default();
    let components = openapi.components.as_ref().unwrap_or(&empty);
    let mut resolver = Resolver { diagnostics, components, graph: Graph::default() };
    // The title goes into files of several syntaxes, in all of which a line is a line and nothing turns the direction of the text.
    let separates = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    resolver.graph.title = openapi.info.title.split(separates).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    resolver.graph.version = openapi.info.version.clone();
    resolver.graph.tags = openapi.tags.iter().filter_map(|tag| Some((tag.name.clone(), tag.description.clone()?))).collect();
    resolver.graph.server = openapi.servers.first().map(|s| s.url.clone());
    resolver.components();
    resolver.operations(openapi);
    resolver.webhooks(&parsed.webhooks);
    let graph = resolver.graph;
    schemas::check_cycles(diagnostics, &graph);
    diagnostics.checkpoint()?;
    Ok(graph)
}

struct Resolver<'a> {
    diagnostics: &'a mut Diagnostics,
    components: &'a oas::Components,
    graph: Graph,
}

/// The name at the end of `#/components/<section>/<name>`.
fn component_name(reference: &str, section: &str) -> Option<String> {
    let rest = reference.strip_prefix("#/components/")?.strip_prefix(section)?.strip_prefix('/')?;
    Some(crate::lower::percent_decoded(rest).replace("~1", "/").replace("~0", "~"))
}

fn kept<'v>(extensions: &'v IndexMap<String, Value>, key: &str) -> Option<&'v Value> {
    extensions.get(&format!("{KEPT}{key}"))
}
