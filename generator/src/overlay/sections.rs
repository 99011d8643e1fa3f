//! Owns the table of sections: what an entry of each says. `spec/README.md` shows every one by example. Knows neither files nor what is done with an entry.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Entry;

macro_rules! sections {
    ($($(#[$doc:meta])* $field:ident : $entry:ident { $($(#[$fdoc:meta])* $name:ident : $type:ty),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $entry {
                $($(#[$fdoc])* pub $name: $type,)*
                /// Why the rule is not enough.
                pub reason: String,
            }
            impl Describe for $entry {
                fn describe(&self) -> String {
                    let parts = [$(format!("{} = {:?}", stringify!($name), self.$name)),*];
                    format!("[[{}]] {}", stringify!($field), parts.first().cloned().unwrap_or_default())
                }
                fn reason(&self) -> &str { &self.reason }
            }
        )*
        /// The whole overlay: all files of the folder together.
        #[derive(Clone, Debug, Default)]
        pub struct Overlay {
            $($(#[$doc])* pub $field: Vec<Entry<$entry>>,)*
            /// SHA-256 of the files, names included.
            pub digest: String,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct File { $(#[serde(default)] $field: Vec<$entry>,)* }
        impl Overlay {
            pub(super) fn add(&mut self, name: &str, file: File) {
                $(self.$field.extend(file.$field.into_iter().map(|value| Entry { value, file: name.to_owned(), used: Cell::new(false) }));)*
            }
            pub(super) fn each(&self, mut f: impl FnMut(&str, &dyn Describe, bool)) {
                $(for entry in &self.$field { f(&entry.file, &entry.value, entry.used.get()); })*
            }
        }
    };
}

/// What every entry can say of itself.
pub(super) trait Describe {
    /// The entry, by its section and first key.
    fn describe(&self) -> String;

    /// Why it is there.
    fn reason(&self) -> &str;
}

sections! {
    /// A correction of the document.
    patch: Patch {
        /// Where.
        at: String,
        /// What is expected to stand there; absent: nothing stands there.
        #[serde(default)] expect: Option<Value>,
        /// What shall stand there instead; absent: it is removed.
        #[serde(default)] value: Option<Value>,
    }
    /// Where the document's relative links lead.
    site: SiteRule {
        /// The address.
        docs: String,
    }
    /// A module of the crate that is written by hand.
    extension: ExtensionRule {
        /// The module below `src`.
        module: String,
        /// A Markdown file below the module that the crate's documentation begins with.
        #[serde(default)] front: Option<String>,
    }
    /// A prefix of paths and the resource that it stands for.
    prefix: Prefix {
        /// The beginning of the path, whole segments.
        path: String,
        /// The resource's dotted name; what follows the prefix is appended.
        resource: String,
    }
    /// Operations whose id starts alike and whose last path segment is the method of one resource.
    verbs: Verbs {
        /// The beginning of the operationId.
        operation_id_prefix: String,
        /// The resource.
        resource: String,
    }
    /// A constant query of a path that marks another edition of the same operation.
    edition: Edition {
        /// The query, such as `beta=true`.
        query: String,
        /// The resource under which the editions stand.
        resource: String,
        /// The prefix of its schemas' names.
        schema_prefix: String,
    }
    /// An operation's name.
    operation: OperationName {
        /// `METHOD /path` with empty braces in place of path parameters.
        key: String,
        /// Resource and method, dotted.
        name: String,
    }
    /// Another name that the official clients have for an operation, to be found by.
    former_name: FormerName {
        /// `METHOD /path` with empty braces in place of path parameters.
        key: String,
        /// Resource and method, dotted.
        name: String,
    }
    /// A header that all operations below a path carry.
    header: HeaderRule {
        /// The beginning of the path, whole segments.
        path: String,
        /// The header.
        name: String,
        /// Its value.
        value: String,
    }
    /// A parameter's or header field's name in Rust.
    parameter: ParameterName {
        /// Name on the wire.
        wire: String,
        /// Name in Rust.
        name: String,
    }
    /// A streaming form of an operation that the document does not declare, or declares without its events.
    stream: StreamRule {
        /// `METHOD /path`.
        key: String,
        /// The schema of the events.
        events: String,
        /// The parameter that turns streaming on.
        field: String,
        /// The value that does.
        value: Value,
    }
    /// What ends a stream properly, besides `[DONE]`: an event with one of the tags, or one in which the field is not null.
    stream_end: StreamEndRule {
        /// The schema of the events.
        events: String,
        /// The tags of the events that come last.
        #[serde(default)] types: Vec<String>,
        /// A field that is not null at the end only, at any depth.
        #[serde(default)] field: Option<String>,
    }
    /// An operation that opens a WebSocket.
    websocket: WebSocketRule {
        /// `METHOD /path`.
        key: String,
        /// The schema of the union of what is sent.
        client: String,
        /// The schema of the union of what is received.
        server: String,
        /// The tags of the events that configure a session.
        #[serde(default)] configuration: Vec<String>,
    }
    /// How a stream goes on after it broke off.
    resume: ResumeRule {
        /// `METHOD /path` of the operation whose stream it is.
        key: String,
        /// `METHOD /path` of the operation that streams the rest; it has one path parameter.
        by: String,
        /// Where the events name what is streamed, dotted; absent: the path parameter is known.
        #[serde(default)] id: String,
        /// The field that numbers the events.
        number: String,
        /// The parameter that takes the number of the last event.
        after: String,
        /// Parameters of the first call that the others take as well.
        #[serde(default)] keeps: Vec<String>,
        /// The parameter that must be true in the first call.
        #[serde(default)] requires: Option<String>,
    }
    /// How an operation is asked again and again until what it answers with is ready.
    poll: PollRule {
        /// `METHOD /path` of the operation that is asked.
        key: String,
        /// The method's name.
        name: String,
        /// Where its answer says how far it is, dotted.
        state: String,
        /// The states in which it is not ready; all others are returned.
        #[serde(default)] pending: Vec<String>,
        /// The states in which it is ready; in all others it is asked again. Neither these nor those: the state is a number, and zero means ready.
        #[serde(default)] ready: Vec<String>,
        /// Milliseconds between two requests, when neither the caller nor the server says.
        #[serde(default)] interval_ms: Option<u64>,
        /// Seconds after which to give up, unless the caller says otherwise.
        #[serde(default)] limit_s: Option<u64>,
        /// Whether the requests lack the headers of a polling helper.
        #[serde(default)] unmarked: bool,
    }
    /// An operation that begins something that is then polled for.
    poll_start: PollStartRule {
        /// `METHOD /path` of the operation that begins it.
        key: String,
        /// `METHOD /path` of the operation that is asked, which has a `poll` entry.
        by: String,
        /// The method's name.
        name: String,
        /// Path parameters that the answer gives, and the fields that they stand in. The others are those of the operation itself.
        ids: BTreeMap<String, String>,
        /// Fields that are sent whatever the caller says.
        #[serde(default)] sets: BTreeMap<String, Value>,
        /// Parameters of the first call that the others take as well.
        #[serde(default)] keeps: Vec<String>,
    }
    /// What an operation answers with, where the document is wrong or several forms are declared.
    answer: AnswerRule {
        /// `METHOD /path`.
        key: String,
        /// `binary`, `text`, `json` or `nothing`.
        form: String,
        /// The Accept header; absent: by the form.
        #[serde(default)] accept: Option<String>,
    }
    /// A parameter by which an operation answers with plain text in place of JSON.
    text_answer: TextAnswer {
        /// `METHOD /path`.
        key: String,
        /// The parameter.
        field: String,
        /// Its values that mean text.
        values: Vec<String>,
    }
    /// How a request body is sent, where several forms are declared.
    body: BodyRule {
        /// `METHOD /path`.
        key: String,
        /// `json`, `multipart`, `multipart_if_files`, or `multipart_or_text`.
        form: String,
    }
    /// How a list goes on, where the rules would say otherwise.
    page: PageRule {
        /// `METHOD /path`.
        key: String,
        /// `item_id`, `last_id`, `next`, `page_token` or `single`.
        cursor: String,
    }
    /// A field that is sent although the caller left it out.
    default: DefaultRule {
        /// `METHOD /path`.
        key: String,
        /// The field.
        field: String,
        /// What is sent.
        value: Value,
    }
    /// What an operation is to OpenTelemetry's conventions for generative AI.
    gen_ai: GenAiRule {
        /// `METHOD /path`.
        key: String,
        /// `gen_ai.operation.name`.
        operation: String,
        /// `gen_ai.provider.name`.
        provider: String,
        /// Places in the parameters, and the attributes that they give: keys with `/` between them, `*` for all elements of a list.
        #[serde(default)] request: BTreeMap<String, String>,
        /// Places in the result, and the attributes that they give.
        #[serde(default)] response: BTreeMap<String, String>,
        /// The property of a stream's events that holds the result; absent: the event is part of it.
        #[serde(default)] event: String,
    }
    /// A list of numbers that is read as 32-bit floats, also where it comes packed in base64.
    floats: FloatsRule {
        /// The schema.
        schema: String,
        /// Its property.
        property: String,
    }
    /// The security scheme that stands for the administrator's key.
    security: SecurityRule {
        /// The scheme's name in the document.
        scheme: String,
        /// `api_key` or `admin_api_key`.
        credential: String,
    }
    /// A path for which Azure names a deployment in the URL.
    deployment: DeploymentRule {
        /// The path, as it stands in the document.
        path: String,
    }
    /// A schema that is public although no operation reaches it.
    root: RootRule {
        /// The schema's name in the document.
        schema: String,
        /// `client`: sent; `server`: received.
        direction: String,
        /// The family (module) it belongs to.
        #[serde(default)] family: Option<String>,
    }
    /// A type's name.
    name: TypeName {
        /// The schema's name in the document, or the rule-made name of an inline type.
        schema: String,
        /// The name in Rust.
        name: String,
    }
    /// A second name for a type.
    alias: AliasRule {
        /// The second name.
        name: String,
        /// The first.
        target: String,
        /// The family (module) it stands in; absent: that of the target.
        #[serde(default)] family: Option<String>,
    }
    /// A beginning of a resource's name and what stands for it at the beginning of type names.
    stem: StemRule {
        /// The dotted resource, or its beginning.
        resource: String,
        /// The words that stand for it.
        stem: String,
    }
    /// Inline enums with these values are one type.
    shared_enum: SharedEnum {
        /// The type's name.
        name: String,
        /// The values, in any order.
        values: Vec<String>,
    }
    /// Constants that are not fields even where they are optional.
    constant: ConstantRule {
        /// The property.
        property: String,
    }
    /// The order in which a constructor asks, where it is not that of the document.
    arguments: ArgumentsRule {
        /// The schema's name.
        schema: String,
        /// Required properties; the others follow.
        first: Vec<String>,
    }
    /// A word that is spelt its own way.
    word: WordRule {
        /// As it comes out of the rules, in UpperCamelCase.
        from: String,
        /// As it shall be.
        to: String,
    }
    /// A union whose branches are other schemas with one more property, which is about the message and not part of the event.
    envelope: EnvelopeRule {
        /// The schema's name.
        schema: String,
        /// The property. It stays where unknown ones are.
        property: String,
    }
    /// A union of one branch that stays a union, because it will grow.
    growing: GrowingRule {
        /// The schema's name.
        schema: String,
    }
    /// What a resource's feature needs of the runtime besides.
    feature: FeatureRule {
        /// The resource at the top.
        resource: String,
        /// Features of the runtime.
        needs: Vec<String>,
    }
    /// The family (module) of a type.
    family: FamilyRule {
        /// The type's name in Rust.
        name: String,
        /// The family.
        family: String,
    }
    /// A family that keeps what it shares with one or two others.
    main_family: MainFamily {
        /// The family.
        family: String,
    }
    /// What is received that can be sent back: a type that turns into another.
    convert: ConvertRule {
        /// The schema that is received.
        from: String,
        /// The schema of the union that is sent.
        to: String,
    }
}
