//! Owns the step from the document's Markdown to doc comments: first line a sentence, links absolute, bare addresses bracketed, fences with a language,
//! nothing that rustdoc would take for code or for a link. Knows no types.

use crate::resolve::Notes;

/// Turns descriptions into doc lines.
#[derive(Clone, Debug, Default)]
pub struct Docs {
    /// The address that relative links are relative to; empty: they become plain text.
    pub site: String,
}

impl Docs {
    /// Doc lines of a description.
    pub fn lines(&self, text: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut fence = false;
        let mut list = false;
        for line in text.replace("\r\n", "\n").replace('\t', "    ").lines() {
            let trimmed = line.trim();
            if let Some(language) = trimmed.strip_prefix("```") {
                fence = !fence;
                let language = match language.trim() {
                    _ if !fence => "",
                    "" | "rust" => "text",
                    other => other,
                };
                out.push(format!("```{language}"));
                continue;
            }
            if fence {
                out.push(line.trim_end().to_owned());
                continue;
            }
            if trimmed.is_empty() {
                if out.last().is_some_and(|l| !l.is_empty()) {
                    out.push(String::new());
                }
                continue;
            }
            let is_item = ["- ", "* ", "+ "].iter().any(|m| trimmed.starts_with(m))
                || trimmed.split_once(['.', ')']).is_some_and(|(n, rest)| {
                    !n.is_empty() && n.len() < 3 && n.chars().all(|c| c.is_ascii_digit()) && rest.starts_with(' ')
                });
            let indent = line.len() - line.trim_start().len();
            if is_item && !list && out.last().is_some_and(|l| !l.is_empty()) {
                out.push(String::new());
            }
            if list && !is_item && indent == 0 && out.last().is_some_and(|l| !l.is_empty()) {
                // What follows a list without an empty line would be taken for its last item's continuation.
                out.push(String::new());
                list = false;
            }
            list |= is_item;
            let pad = if is_item {
                "  ".repeat((indent / 2).min(3))
            } else if list {
                "  ".to_owned()
            } else {
                String::new()
            };
            out.push(format!("{pad}{}", self.prose(trimmed)));
            if out.last().is_some_and(|l| l.is_empty()) {
                list = false;
            }
        }
        if fence {
            out.push("```".to_owned());
        }
        while out.last().is_some_and(String::is_empty) {
            out.pop();
        }
        out.dedup_by(|a, b| a.is_empty() && b.is_empty());
        out
    }

    /// The docs of a type or field: description, else title; then bounds and default.
    pub fn of(&self, notes: &Notes, fallback: &str) -> Vec<String> {
        let mut out = match (&notes.description, &notes.title) {
            (Some(text), _) if !text.trim().is_empty() => self.lines(text),
            (_, Some(title)) if !title.trim().is_empty() => self.lines(title),
            _ => Vec::new(),
        };
        if out.is_empty() {
            out.extend(self.lines(fallback));
        }
        let mut facts = notes.bounds.clone();
        if let Some(default) = notes.default.as_ref().filter(|d| !d.is_array() && !d.is_object() && d.as_str() != Some("")) {
            let default = default.to_string();
            if !out.iter().any(|l| l.to_lowercase().contains("default")) && default.len() < 60 {
                facts.push(format!("`{}` by default", default.trim_matches('"')));
            }
        }
        if !facts.is_empty() {
            if !out.is_empty() {
                out.push(String::new());
            }
            let mut text = facts.join(", ");
            if let Some(first) = text.get(..1) {
                text = format!("{}{}.", first.to_uppercase(), &text[1..]);
            }
            out.push(text);
        }
        out
    }

    /// One line of prose: code spans stay, the rest is made safe.
    fn prose(&self, line: &str) -> String {
        let mut out = String::with_capacity(line.len() + 8);
        let spans = line.matches('`').count();
        for (index, part) in line.split('`').enumerate() {
            if index > 0 {
                out.push('`');
            }
            let in_code = index % 2 == 1 && (index < spans || spans.is_multiple_of(2));
            if in_code { out.push_str(part) } else { out.push_str(&self.plain(part)) }
        }
        if spans % 2 == 1 {
            out.push('`');
        }
        out
    }

    /// Text outside code: links absolute, bare addresses bracketed, lone brackets and angle brackets escaped.
    fn plain(&self, text: &str) -> String {
        let text = html(text);
        let mut out = String::with_capacity(text.len() + 8);
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            if c == '['
                && let Some((label, target, after)) = link(rest)
            {
                let label = label.replace('<', "\\<");
                match self.absolute(target) {
                    Some(target) => out.push_str(&format!("[{label}]({target})")),
                    None => out.push_str(&label),
                }
                rest = after;
                continue;
            }
            if rest.starts_with("https://") || rest.starts_with("http://") {
                let end =
                    rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | ')' | '\'' | '}' | ']')).unwrap_or(rest.len());
                let address = rest[..end].trim_end_matches(['.', ',', ';', ':']);
                // An address with a placeholder in it is no link.
                if address.contains(['{', '*']) {
                    out.push_str(&format!("`{address}`"))
                } else {
                    out.push_str(&format!("<{address}>"))
                }
                rest = &rest[address.len()..];
                continue;
            }
            if rest.starts_with('<')
                && let Some(end) = rest.find('>').filter(|_| rest[1..].starts_with("http"))
            {
                out.push_str(&rest[..=end]);
                rest = &rest[end + 1..];
                continue;
            }
            match c {
                '[' | ']' | '<' | '>' => {
                    out.push('\\');
                    out.push(c);
                }
                c => out.push(c),
            }
            rest = &rest[c.len_utf8()..];
        }
        out
    }

    /// The address in full; `None` for a relative one that is relative to nothing known.
    fn absolute(&self, target: &str) -> Option<String> {
        let target = target.split_whitespace().next().unwrap_or(target);
        if target.starts_with("http://") || target.starts_with("https://") || target.starts_with("mailto:") {
            return Some(target.to_owned());
        }
        if self.site.is_empty() || target.is_empty() || target.starts_with('#') {
            return None;
        }
        Some(format!("{}/{}", self.site.trim_end_matches('/'), target.trim_start_matches("./").trim_start_matches('/')))
    }
}

/// Line breaks and the like; other tags are escaped.
fn html(text: &str) -> String {
    text.replace("<br />", " ").replace("<br/>", " ").replace("<br>", " ").replace("<code>", "").replace("</code>", "")
}

/// `[label](target)` at the beginning of the text.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let close = text.find("](")?;
    let label = &text[1..close];
    if label.contains('[') {
        return None;
    }
    let target = &text[close + 2..];
    let end = target.find(')')?;
    Some((label, target[..end].trim(), &target[end + 1..]))
}
