//! Owns the overlay: every exception to the rules, as data with a reason. An entry that matches nothing is reported with its reason.
//! `spec/README.md` shows every key by example. Does not know what any stage does with an entry.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::diagnostics::{Diagnostics, Failed, Pointer, Severity};

const STAGE: &str = "overlay";

/// What to do with entries that match nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmatched {
    /// They are errors: the overlay belongs to this document.
    Error,
    /// They are warnings: the document is another snapshot.
    Warning,
}

/// An entry and whether it has matched.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    /// What it says.
    pub value: T,
    file: String,
    used: Cell<bool>,
}

impl<T> Entry<T> {
    /// Notes that the entry matched, and hands out what it says.
    pub fn apply(&self) -> &T {
        self.used.set(true);
        &self.value
    }
}

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
        struct File { $(#[serde(default)] $field: Vec<$entry>,)* }
        impl Overlay {
            fn add(&mut self, name: &str, file: File) {
                $(self.$field.extend(file.$field.into_iter().map(|value| Entry { value, file: name.to_owned(), used: Cell::new(false) }));)*
            }
            fn each(&self, mut f: impl FnMut(&str, &dyn Describe, bool)) {
                $(for entry in &self.$field { f(&entry.file, &entry.value, entry.used.get()); })*
            }
        }
    };
}

trait Describe {
    fn describe(&self) -> String;
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

impl Overlay {
    /// Reads every `*.toml` of a folder, in the order of their names.
    pub fn read(diagnostics: &mut Diagnostics, folder: &Path) -> Result<Self, Failed> {
        let mut overlay = Self::default();
        let root = Pointer::root();
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) => {
                diagnostics
                    .error(STAGE, &root, format!("the folder `{}` cannot be read: {e}", folder.display()))
                    .expected("a folder with `*.toml` files; it may be empty");
                return Err(Failed);
            }
        };
        let mut paths: Vec<_> = entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
        paths.sort();
        let mut all = String::new();
        for path in paths {
            let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => text,
                Err(e) => {
                    diagnostics.error(STAGE, &root, format!("{name} cannot be read: {e}")).expected("a TOML file in UTF-8");
                    continue;
                }
            };
            all.push_str(&name);
            all.push_str(&text);
            match toml::from_str::<File>(&text) {
                Ok(file) => overlay.add(&name, file),
                Err(e) => {
                    let message = e.message().replace('\n', "; ");
                    let (found, expected) = message.split_once(", expected ").unwrap_or((&message, ""));
                    let diagnostic = diagnostics.error(STAGE, &root, format!("{name}: {found}"));
                    // The list of all sections helps nobody.
                    diagnostic
                        .expected(if expected.len() < 200 { expected } else { "one of the sections" })
                        .hint("spec/README.md shows every key by example");
                    diagnostic.position = e.span().map(|span| place_of(&text, span.start));
                }
            }
        }
        overlay.digest = crate::load::digest(all.as_bytes());
        overlay.each(|file, entry, _| {
            if entry.reason().trim().is_empty() {
                diagnostics
                    .error(STAGE, &root, format!("{file}: {} has no reason", entry.describe()))
                    .expected("why the rule is not enough");
            }
        });
        overlay.check_identifiers(diagnostics);
        diagnostics.checkpoint()?;
        Ok(overlay)
    }

    /// Names that become identifiers as they are have to be such.
    fn check_identifiers(&self, diagnostics: &mut Diagnostics) {
        let mut check = |file: &str, entry: &dyn Describe, name: &str| {
            if syn::parse_str::<syn::Ident>(name).is_err() {
                diagnostics
                    .error(STAGE, &Pointer::root(), format!("{file}: {}: `{name}` is not an identifier", entry.describe()))
                    .expected("letters, digits and underscores that are no keyword of Rust");
            }
        };
        self.name.iter().for_each(|e| check(&e.file, &e.value, &e.value.name));
        self.alias.iter().for_each(|e| check(&e.file, &e.value, &e.value.name));
        self.shared_enum.iter().for_each(|e| check(&e.file, &e.value, &e.value.name));
        self.extension.iter().for_each(|e| check(&e.file, &e.value, &e.value.module));
        for entry in &self.operation {
            // A method's keyword is escaped later; an empty part would be no name at all.
            if entry.value.name.split('.').any(|part| syn::parse_str::<syn::Ident>(&format!("{part}_")).is_err())
                || !entry.value.name.contains('.')
            {
                diagnostics
                    .error(
                        STAGE,
                        &Pointer::root(),
                        format!("{}: {}: `{}` is not a dotted name", entry.file, entry.value.describe(), entry.value.name),
                    )
                    .expected("`resource.method`, with identifiers between the dots");
            }
        }
    }

    /// Reports every entry that matched nothing.
    pub fn report_unmatched(&self, diagnostics: &mut Diagnostics, unmatched: Unmatched) {
        let severity = unmatched.severity();
        self.each(|file, entry, used| {
            if !used {
                diagnostics
                    .add(
                        severity,
                        STAGE,
                        &Pointer::root(),
                        format!("{file}: {} matches nothing (it is there because: {})", entry.describe(), entry.reason()),
                    )
                    .expected("something in the document that it applies to")
                    .hint("remove the entry, or correct its key; --lenient-overlay turns this into a warning");
            }
        });
    }

    /// Applies the patches to a document. A patch that finds something else than it expects is reported like an entry that matches nothing.
    pub fn patch(&self, diagnostics: &mut Diagnostics, root: &mut Value, unmatched: Unmatched) {
        for entry in &self.patch {
            let patch = &entry.value;
            let path = patch.at.trim_start_matches('#');
            let there = root.pointer(path);
            if there != patch.expect.as_ref() || !replace(root, path, patch.value.as_ref()) {
                let found = match root.pointer(path) {
                    Some(value) => format!("{} stands there", excerpt(value)),
                    None => "nothing stands there".to_owned(),
                };
                let expected = match &patch.expect {
                    Some(value) => excerpt(value),
                    None => "nothing, in an object that is there".to_owned(),
                };
                let found =
                    format!("{}: {} does not fit: {found} (the patch is there because: {})", entry.file, patch.describe(), patch.reason);
                diagnostics
                    .add(unmatched.severity(), STAGE, &Pointer::from_text(&patch.at), found)
                    .expected(expected)
                    .hint("remove the patch if the document has been mended, or correct its `at` and `expect`");
            }
            entry.apply();
        }
    }
}

impl Unmatched {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
        }
    }
}

/// Puts a value at a path, or takes away what stands there; whether there was a place for it.
fn replace(root: &mut Value, path: &str, value: Option<&Value>) -> bool {
    let Some((parent, key)) = path.rsplit_once('/') else { return false };
    let key = key.replace("~1", "/").replace("~0", "~");
    match (root.pointer_mut(parent), value) {
        (Some(Value::Object(object)), Some(value)) => drop(object.insert(key, value.clone())),
        (Some(Value::Object(object)), None) => return object.shift_remove(&key).is_some(),
        (Some(Value::Array(items)), value) => match (key.parse::<usize>(), value) {
            (Ok(index), Some(value)) if index < items.len() => items[index] = value.clone(),
            (Ok(index), None) if index < items.len() => drop(items.remove(index)),
            _ => return false,
        },
        _ => return false,
    }
    true
}

/// A value in a line.
fn excerpt(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 80 {
        return format!("`{text}`");
    }
    format!("`{}…`", text.chars().take(80).collect::<String>())
}

/// Line and column of a byte, counted from one.
fn place_of(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    (before.matches('\n').count() + 1, before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1)
}
