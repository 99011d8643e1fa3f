//! Owns the overlay: every exception to the rules, as data with a reason. An entry that matches nothing is reported with its reason.
//! `spec/README.md` shows every key by example. Does not know what any stage does with an entry.

mod sections;

use std::cell::Cell;
use std::path::Path;

use serde_json::Value;

use crate::diagnostics::{Diagnostics, Failed, Pointer, Severity};
pub use sections::*;
use sections::{Describe, File};

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
                    .hint("remove the entry, or correct its key");
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
