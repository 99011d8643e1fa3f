//! Owns the release manager's report: what a regeneration added, removed, renamed and changed in the public surface, and what of it breaks users' code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Compares two surfaces (see [`crate::dump::surface`]) and says what changed, as Markdown.
pub fn report(before: &str, after: &str) -> String {
    let (mut before, after) = (Surface::read(before), Surface::read(after));
    let renamed = before.renamed(&after);
    for (old, new) in &renamed {
        before.rename(old, new);
    }
    let mut lines = Vec::new();
    for (old, new) in &renamed {
        lines.push(Line { kind: "type", what: format!("`{old}` is called `{new}`"), change: Change::Renamed, breaking: true });
    }
    let gone = |key: &str| !after.entries.contains_key(key);
    for (key, old) in &before.entries {
        match after.entries.get(key) {
            None if before.owner_is(key, &gone) => {}
            None => lines.push(Line::new(key, Change::Removed, String::new(), true)),
            Some(new) if new == old => {}
            Some(new) => lines.push(Line::new(key, Change::Changed, format!(": `{old}` → `{new}`"), true)),
        }
    }
    let fresh = |key: &str| !before.entries.contains_key(key);
    for (key, new) in &after.entries {
        if before.entries.contains_key(key) || after.owner_is(key, &fresh) {
            continue;
        }
        // A new field that the API requires is an argument of the constructor, where there is one.
        let asked = key.starts_with("field ") && !new.starts_with("Option<") && !new.starts_with("const ");
        let detail = if asked { format!(": `{new}`, required (a constructor may ask for it)") } else { String::new() };
        lines.push(Line::new(key, Change::Added, detail, asked));
    }
    render(&lines)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Added,
    Removed,
    Renamed,
    Changed,
}

struct Line {
    kind: &'static str,
    what: String,
    change: Change,
    breaking: bool,
}

impl Line {
    fn new(key: &str, change: Change, detail: String, breaking: bool) -> Self {
        let (kind, name) = key.split_once(' ').unwrap_or(("", key));
        let kind = match kind {
            "operation" => "operation",
            "type" => "type",
            "field" => "field",
            "value" => "enum value",
            _ => "variant",
        };
        Self { kind, what: format!("`{name}`{detail}"), change, breaking }
    }
}

/// A surface by key: `field X.y` to its type.
struct Surface {
    entries: BTreeMap<String, String>,
}

impl Surface {
    fn read(text: &str) -> Self {
        let entries = text.lines().filter_map(|line| {
            let (kind, rest) = line.split_once(' ')?;
            let (name, value) = if kind == "operation" { rest.split_once(' ')? } else { rest.split_once(" = ")? };
            Some((format!("{kind} {name}"), value.to_owned()))
        });
        Self { entries: entries.collect() }
    }

    fn types(&self) -> BTreeSet<&str> {
        self.entries.keys().filter_map(|k| k.strip_prefix("type ")).collect()
    }

    /// The members of a type without its name.
    fn members(&self, name: &str) -> Vec<(String, &String)> {
        let mut members = Vec::new();
        for (prefix, separator) in [("field", "."), ("value", "::"), ("variant", "::")] {
            let start = format!("{prefix} {name}{separator}");
            members.extend(
                self.entries
                    .range(start.clone()..)
                    .take_while(|(k, _)| k.starts_with(&start))
                    .map(|(k, v)| (k[start.len()..].to_owned(), v)),
            );
        }
        members
    }

    /// Types that vanished and types that came with the same members, where there is no doubt.
    fn renamed(&self, after: &Self) -> Vec<(String, String)> {
        let (old, new) = (self.types(), after.types());
        let vanished: Vec<&str> = old.difference(&new).copied().collect();
        let came: Vec<&str> = new.difference(&old).copied().collect();
        let mut pairs = Vec::new();
        for name in &vanished {
            let members = self.members(name);
            let alike: Vec<&&str> = came.iter().filter(|c| !members.is_empty() && after.members(c) == members).collect();
            if let [only] = alike.as_slice() {
                pairs.push(((*name).to_owned(), (**only).to_owned()));
            }
        }
        pairs
    }

    fn rename(&mut self, old: &str, new: &str) {
        let renamed = |key: &str| {
            for prefix in ["type", "field", "value", "variant"] {
                if let Some(rest) = key.strip_prefix(&format!("{prefix} {old}"))
                    && (rest.is_empty() || rest.starts_with('.') || rest.starts_with("::"))
                {
                    return format!("{prefix} {new}{rest}");
                }
            }
            key.to_owned()
        };
        let word = |text: &str| {
            let mut out = String::new();
            let mut current = String::new();
            for c in text.chars().chain([' ']) {
                if c.is_alphanumeric() || c == '_' {
                    current.push(c);
                } else {
                    out.push_str(if current == old { new } else { &current });
                    current.clear();
                    out.push(c);
                }
            }
            out.trim_end().to_owned()
        };
        self.entries = std::mem::take(&mut self.entries).into_iter().map(|(k, v)| (renamed(&k), word(&v))).collect();
    }

    /// Whether the member's whole type is concerned, so that the member need not be named.
    fn owner_is(&self, key: &str, concerned: &dyn Fn(&str) -> bool) -> bool {
        let Some((kind, name)) = key.split_once(' ') else { return false };
        if !matches!(kind, "field" | "value" | "variant") {
            return false;
        }
        let owner = name.split(['.', ':']).next().unwrap_or(name);
        concerned(&format!("type {owner}"))
    }
}

fn render(lines: &[Line]) -> String {
    let mut out = String::from("## What changes in the public surface\n\n");
    let breaking = lines.iter().filter(|l| l.breaking).count();
    let _ = writeln!(out, "{} changes, {breaking} of them breaking.\n", lines.len());
    for change in [Change::Removed, Change::Renamed, Change::Changed, Change::Added] {
        for kind in ["operation", "type", "field", "enum value", "variant"] {
            let chosen: Vec<&Line> = lines.iter().filter(|l| l.change == change && l.kind == kind).collect();
            if chosen.is_empty() {
                continue;
            }
            let plural = if chosen.len() == 1 { "" } else { "s" };
            let _ = writeln!(out, "### {} {kind}{plural} {}\n", chosen.len(), format!("{change:?}").to_lowercase());
            for line in chosen {
                let mark = if line.breaking { "**breaking** " } else { "" };
                let _ = writeln!(out, "- {mark}{}", line.what);
            }
            out.push('\n');
        }
    }
    out
}
