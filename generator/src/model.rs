//! Owns what the document means: structs, open enums, unions, aliases, and operations with their parameters and answers.
//! Knows the overlay's exceptions; knows no Rust identifier and no file.

use serde_json::Value;

use crate::diagnostics::{Diagnostics, Failed, Pointer};
use crate::overlay::Overlay;
use crate::resolve::{Graph, Notes, SchemaId};

mod operations;
mod polling;
mod properties;
mod resources;
mod types;
mod unions;

const STAGE: &str = "model";

/// An index into [`Api::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub usize);

/// The API, as types and operations.
#[derive(Clone, Debug, Default)]
pub struct Api {
    /// Every type.
    pub types: Vec<TypeDef>,
    /// Every operation, in the order of the document.
    pub operations: Vec<Operation>,
    /// The union of what is posted to webhooks.
    pub webhooks: Option<TypeId>,
    /// What had to stay raw JSON: where, and why.
    pub untyped: Vec<(Pointer, String)>,
}

impl Api {
    /// The type with this id.
    pub fn get(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }

    /// Follows aliases to what they stand for.
    pub fn expand<'a>(&'a self, ty: &'a Ty) -> &'a Ty {
        let mut ty = ty;
        while let Ty::Type(id) = ty
            && let Shape::Alias(target) = &self.get(*id).shape
        {
            ty = &target.ty;
        }
        ty
    }

    /// The type behind `ty` after aliases, if it is one with an id.
    pub fn named(&self, ty: &Ty) -> Option<TypeId> {
        match self.expand(ty) {
            Ty::Type(id) => Some(*id),
            _ => None,
        }
    }

    /// The struct behind `ty`, if it is one.
    pub fn as_struct(&self, ty: &Ty) -> Option<(TypeId, &Struct)> {
        let id = self.named(ty)?;
        match &self.get(id).shape {
            Shape::Struct(s) => Some((id, s)),
            _ => None,
        }
    }
}

/// A type of the API.
#[derive(Clone, Debug)]
pub struct TypeDef {
    /// Where its name comes from.
    pub origin: Origin,
    /// Where it stands in the document.
    pub pointer: Pointer,
    /// Docs.
    pub notes: Notes,
    /// What it is.
    pub shape: Shape,
}

/// Where a type's name comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A named schema.
    Component(String),
    /// Something inside another type.
    Inside(Box<Origin>, Part),
    /// The parameters of the operation with this index.
    Params(usize),
    /// The answer of the operation with this index.
    Answer(usize),
    /// The union of all webhooks.
    Webhooks,
}

/// The way from a type to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A property.
    Property(String),
    /// An element of a list.
    Item,
    /// A value of a map.
    Value,
    /// A branch of a union: its tag, its title, or what it is.
    Branch(String),
}

/// What a type is.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Reserved while it is being built.
    Pending,
    /// An object with known properties.
    Struct(Struct),
    /// A set of strings.
    Enum(Enum),
    /// One of several.
    Union(Union),
    /// Another name for a type.
    Alias(Use),
}

/// An object with known properties.
#[derive(Clone, Debug, Default)]
pub struct Struct {
    /// In the order of the document.
    pub fields: Vec<Field>,
    /// Wire names of what a constructor asks for before the rest.
    pub first: Vec<String>,
}

impl Struct {
    /// The field with this wire name.
    pub fn field(&self, wire: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.wire == wire)
    }
}

/// Where a field of an operation's parameters goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Into the body.
    Body,
    /// Into the query.
    Query,
    /// Into a header.
    Header,
}

/// A property.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name on the wire.
    pub wire: String,
    /// Name to build the Rust name from, where the wire name is not to be used.
    pub hint: Option<String>,
    /// What it holds.
    pub ty: Ty,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// The only value it has: it is written and checked, and not a field in Rust.
    pub constant: Option<String>,
    /// The values it may have, where they are a listed set of strings.
    pub values: Vec<String>,
    /// Where it goes.
    pub place: Place,
    /// Docs.
    pub notes: Notes,
}

/// A type where it is used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Use {
    /// The type.
    pub ty: Ty,
    /// Whether null may stand in its place.
    pub nullable: bool,
}

/// A type, by structure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ty {
    /// Text.
    String,
    /// A whole number, 64 bits.
    Integer,
    /// A number, 64-bit float.
    Number,
    /// True or false.
    Boolean,
    /// Anything.
    Json,
    /// The content of a file.
    Binary,
    /// A list of 32-bit floats, which may come packed in base64.
    Floats,
    /// A list.
    List(Box<Use>),
    /// An object with keys of the caller's choice.
    Map(Box<Use>),
    /// A type of its own.
    Type(TypeId),
}

/// A set of strings.
#[derive(Clone, Debug)]
pub struct Enum {
    /// The listed values.
    pub values: Vec<String>,
    /// Whether the document allows any other string too.
    pub open: bool,
}

/// One of several.
#[derive(Clone, Debug)]
pub struct Union {
    /// The branches, in the order of the document, nested unions flattened.
    pub variants: Vec<Variant>,
    /// The property that tells objects apart.
    pub tag: Option<String>,
    /// A property that is about the message; it stays where unknown ones are.
    pub envelope: Option<String>,
}

/// A branch of a union.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What its name is made of: tag value, title, schema name or kind.
    pub label: Label,
    /// What it holds; `None`: it is this string itself.
    pub payload: Option<Use>,
    /// The string that it is, for a branch without payload.
    pub text: Option<String>,
    /// The tag values that lead here.
    pub tags: Vec<String>,
    /// Whether an object without the tag may be this one.
    pub tag_optional: bool,
    /// Docs.
    pub notes: Notes,
}

/// What a variant's name is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// A tag's value.
    Tag(String),
    /// The string that it is.
    Text(String),
    /// The title of its schema.
    Title(String),
    /// The type that it holds.
    Payload,
    /// What it is: `Text`, `Integer`, `Items`.
    Kind(&'static str),
}

/// What is spoken over a WebSocket.
#[derive(Clone, Debug)]
pub struct Socket {
    /// The union of what is sent.
    pub client: TypeId,
    /// The union of what is received.
    pub server: TypeId,
    /// The tags of the events that configure a session.
    pub configuration: Vec<String>,
}

/// One operation of the API.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Index into [`Graph::operations`].
    pub index: usize,
    /// Its id in the document, or `METHOD /path`.
    pub id: String,
    /// The dotted resource's segments.
    pub resource: Vec<String>,
    /// The method.
    pub method: String,
    /// Other dotted names that the official clients have for it.
    pub former_names: Vec<String>,
    /// HTTP method in upper case.
    pub verb: String,
    /// Path without query and fragment.
    pub path: String,
    /// Constant query pairs.
    pub query: Vec<(String, String)>,
    /// Constant headers.
    pub headers: Vec<(String, String)>,
    /// Names in braces, in order, with their docs.
    pub path_parameters: Vec<(String, Option<String>)>,
    /// The type of the parameters.
    pub params: Option<Use>,
    /// The body, where it is not part of the parameters.
    pub body_argument: Option<Use>,
    /// How the body is sent.
    pub body: BodyForm,
    /// Content types of single parts of a multipart body.
    pub part_types: Vec<(String, String)>,
    /// What comes back.
    pub answer: Answer,
    /// The parameter, and its values, with which it answers plain text in place of JSON.
    pub text_when: Option<(String, Vec<String>)>,
    /// The Accept header.
    pub accept: String,
    /// The streaming form.
    pub stream: Option<Stream>,
    /// What is spoken, if it opens a WebSocket.
    pub socket: Option<Socket>,
    /// How the list goes on.
    pub page: Option<Page>,
    /// How it is asked again and again.
    pub polling: Option<Polling>,
    /// How what it begins is asked for.
    pub poll_start: Option<PollStart>,
    /// Fields that are sent although the caller left them out, with their JSON text.
    pub defaults: Vec<(String, String)>,
    /// What it is to the conventions for tracing generative AI.
    pub gen_ai: Option<GenAi>,
    /// Credentials in order of preference.
    pub credentials: Vec<Credential>,
    /// `deprecated`.
    pub deprecated: bool,
}

impl Operation {
    /// `resource.method`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.resource.join("."), self.method)
    }
}

/// An operation in OpenTelemetry's conventions for generative AI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenAi {
    /// `gen_ai.operation.name`.
    pub operation: String,
    /// `gen_ai.provider.name`.
    pub provider: String,
    /// Attributes with their paths in the parameters.
    pub request: Vec<(String, String)>,
    /// Attributes with their paths in the result.
    pub response: Vec<(String, String)>,
    /// The property of a stream's events that holds the result; may be empty.
    pub event: String,
}

/// A kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// The API key.
    ApiKey,
    /// The administrator's key.
    AdminApiKey,
}

/// How a body is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// Not at all.
    None,
    /// As JSON.
    Json,
    /// As a form with parts.
    Multipart,
    /// As a form with parts when there is a file, else as JSON.
    MultipartIfFiles,
    /// As a form with parts, or as plain text when this field is alone.
    MultipartOrText {
        /// The field.
        field: String,
        /// Its content type.
        content_type: String,
    },
    /// As `application/x-www-form-urlencoded`.
    Form,
    /// The bytes of this field.
    Bytes {
        /// The content type.
        content_type: String,
    },
}

/// What an operation answers with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// A JSON value.
    Json(Use),
    /// Bytes.
    Binary,
    /// Text.
    Text,
}

/// The streaming form of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// What each event holds.
    pub events: Use,
    /// The parameter that turns it on.
    pub field: Option<(String, Value)>,
    /// Whether the events are told apart by their SSE name and not by what they hold.
    pub named: bool,
    /// What ends it properly.
    pub end: StreamEnd,
    /// How it goes on after it broke off.
    pub resume: Option<Resume>,
}

/// What ends a stream properly, besides `[DONE]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// The document does not say.
    Unknown,
    /// An event with one of these tags.
    Types(Vec<String>),
    /// An event in which this field is not null.
    Field(String),
}

/// How a stream goes on after it broke off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The operation that streams the rest, by index.
    pub operation: usize,
    /// Its path parameter.
    pub path: String,
    /// Where the events name what is streamed, from the outside in.
    pub id: Vec<String>,
    /// The field that numbers the events.
    pub number: String,
    /// The parameter that takes the number of the last event.
    pub after: String,
    /// Parameters of the first call that the others take as well.
    pub keeps: Vec<String>,
    /// The parameter that must be true in the first call.
    pub requires: Option<String>,
}

/// How an operation is asked again and again until what it answers with is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polling {
    /// The method.
    pub method: String,
    /// Where its answer says how far it is, from the outside in.
    pub state: Vec<String>,
    /// Which states mean that it is not ready.
    pub unready: Unready,
    /// Milliseconds between two requests, where that is not a second.
    pub interval_ms: Option<u64>,
    /// Seconds after which to give up.
    pub limit_s: Option<u64>,
    /// Whether the requests carry the headers of a polling helper.
    pub is_marked: bool,
}

/// Which states mean that something is not ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unready {
    /// These.
    While(Vec<String>),
    /// All but these.
    Until(Vec<String>),
    /// A number above zero.
    AboveZero,
}

/// How what an operation begins is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollStart {
    /// The method.
    pub method: String,
    /// The operation that is asked, by index.
    pub operation: usize,
    /// Path parameters that the answer gives, with its fields.
    pub ids: Vec<(String, String)>,
    /// Fields that are sent whatever the caller says, with their JSON text.
    pub sets: Vec<(String, String)>,
    /// Parameters of the first call that the others take as well.
    pub keeps: Vec<String>,
}

/// How a list goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it lists.
    pub item: Use,
    /// The property that holds the items.
    pub items: String,
    /// Where the next cursor comes from.
    pub cursor: Cursor,
    /// The query parameter that takes it.
    pub parameter: String,
}

/// Where the cursor of the next page comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// There is only this page.
    Single,
    /// The id of the last item.
    ItemId,
    /// A property of the page.
    Property(String),
}

/// Builds types and operations.
pub fn model(diagnostics: &mut Diagnostics, graph: &Graph, overlay: &Overlay) -> Result<Api, Failed> {
    let mut builder = types::Builder::new(graph, overlay);
    builder.components();
    operations::build(diagnostics, &mut builder)?;
    for (pointer, why) in &builder.api.untyped {
        diagnostics.note(STAGE, pointer, format!("stays raw JSON: {why}"));
    }
    diagnostics.checkpoint()?;
    Ok(builder.api)
}

/// Whether the schema says nothing of its own but that null may stand there.
pub(crate) fn is_bare(graph: &Graph, id: SchemaId) -> bool {
    let s = graph.schema(id);
    s.reference.is_none()
        && !s.recursive
        && s.kind == crate::resolve::Kind::Any
        && s.values.is_empty()
        && s.properties.is_empty()
        && s.all_of.is_empty()
        && s.one_of.is_empty()
        && s.items.is_none()
        && s.beyond.is_empty()
        && s.additional == crate::resolve::Additional::Unsaid
}
