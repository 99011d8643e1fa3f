//! Owns the overlay: every exception to the rules, as data with a reason. An entry that matches nothing is reported with its reason.
//! `spec/README.md` shows every key by example. Does not know what any stage does with an entry.

use std::cell::Cell;
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
    /// What an operation answers with, where the document is wrong or several forms are declared.
    answer: AnswerRule {
        /// `METHOD /path`.
        key: String,
        /// `binary`, `text`, `json` or `nothing`.
        form: String,
        /// The Accept header; absent: by the form.
        #[serde(default)] accept: Option<String>,
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
    /// The security scheme that stands for the administrator's key.
    security: SecurityRule {
        /// The scheme's name in the document.
        scheme: String,
        /// `api_key` or `admin_api_key`.
        credential: String,
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
    /// A word that is spelt its own way.
    word: WordRule {
        /// As it comes out of the rules, in UpperCamelCase.
        from: String,
        /// As it shall be.
        to: String,
    }
    /// A union of one branch that stays a union, because it will grow.
    growing: GrowingRule {
        /// The schema's name.
        schema: String,
    }
    /// The family (module) of a type.
    family: FamilyRule {
        /// The type's name in Rust.
        name: String,
        /// The family.
        family: String,
    }
    /// A type that turns into another: same variants, or a subset of them.
    convert: ConvertRule {
        /// The type that is given.
        from: String,
        /// The union that is wanted.
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
            let parsed = std::fs::read_to_string(&path).map_err(|e| e.to_string()).and_then(|text| {
                all.push_str(&name);
                all.push_str(&text);
                toml::from_str::<File>(&text).map_err(|e| e.to_string())
            });
            match parsed {
                Ok(file) => overlay.add(&name, file),
                Err(e) => {
                    diagnostics.error(STAGE, &root, format!("{name}: {e}")).expected("the keys of spec/README.md");
                }
            }
        }
        overlay.digest = crate::load::digest(all.as_bytes());
        overlay.each(|file, entry, _| {
            if entry.reason().trim().is_empty() {
                diagnostics.error(STAGE, &root, format!("{file}: {} has no reason", entry.describe())).expected("why the rule is not enough");
            }
        });
        diagnostics.checkpoint()?;
        Ok(overlay)
    }

    /// Reports every entry that matched nothing.
    pub fn report_unmatched(&self, diagnostics: &mut Diagnostics, unmatched: Unmatched) {
        let severity = match unmatched {
            Unmatched::Error => Severity::Error,
            Unmatched::Warning => Severity::Warning,
        };
        self.each(|file, entry, used| {
            if !used {
                diagnostics
                    .add(severity, STAGE, &Pointer::root(), format!("{file}: {} matches nothing (it is there because: {})", entry.describe(), entry.reason()))
                    .expected("something in the document that it applies to")
                    .hint("remove the entry, or correct its key; --lenient-overlay turns this into a warning");
            }
        });
    }

    /// Applies the patches to a document.
    pub fn patch(&self, diagnostics: &mut Diagnostics, root: &mut Value) {
        for entry in &self.patch {
            let patch = &entry.value;
            let pointer = Pointer::from_text(&patch.at);
            let path = patch.at.trim_start_matches('#');
            let Some((parent, key)) = path.rsplit_once('/') else { continue };
            let key = key.replace("~1", "/").replace("~0", "~");
            if root.pointer(path) != patch.expect.as_ref() {
                continue;
            }
            match root.pointer_mut(parent) {
                Some(Value::Object(object)) => {
                    match &patch.value {
                        Some(value) => drop(object.insert(key, value.clone())),
                        None => drop(object.shift_remove(&key)),
                    }
                    entry.apply();
                }
                Some(Value::Array(items)) => {
                    match (key.parse::<usize>(), &patch.value) {
                        (Ok(index), Some(value)) if index < items.len() => items[index] = value.clone(),
                        (Ok(index), None) if index < items.len() => drop(items.remove(index)),
                        _ => continue,
                    }
                    entry.apply();
                }
                _ => {
                    diagnostics.warning(STAGE, &pointer, "a patch finds nothing to change").hint("the place it names is gone");
                }
            }
        }
    }
}
