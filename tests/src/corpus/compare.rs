//! Differences between what is expected and what was found, each with its place. Knows JSON, and nothing of what it means.

use std::fmt;

use serde_json::Value;

/// One place where something is not as expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where: `request.json.messages[0].role`.
    pub at: String,
    /// What was expected there; None: nothing.
    pub expected: Option<Value>,
    /// What was found; None: nothing.
    pub found: Option<Value>,
}

/// All differences of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences(Vec<Difference>);

/// Whether members that are not expected are differences.
#[derive(Clone, Copy, PartialEq)]
enum Members {
    Exact,
    AtLeast,
}

impl Differences {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a difference.
    pub fn note(&mut self, at: impl Into<String>, expected: impl Into<Option<Value>>, found: impl Into<Option<Value>>) {
        self.0.push(Difference { at: at.into(), expected: expected.into(), found: found.into() });
    }

    /// Compares two texts, numbers or other plain things.
    pub fn plain<T: PartialEq + Into<Value>>(&mut self, at: &str, expected: T, found: T) {
        if expected != found {
            self.note(at, expected.into(), found.into());
        }
    }

    /// Compares JSON by its meaning: neither the order of keys nor the spelling of numbers counts.
    pub fn json(&mut self, at: &str, expected: &Value, found: &Value) {
        self.compare(at, expected, found, Members::Exact);
    }

    /// The same, but objects may have more members than are expected.
    pub fn json_at_least(&mut self, at: &str, expected: &Value, found: &Value) {
        self.compare(at, expected, found, Members::AtLeast);
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Difference> {
        self.0.iter()
    }

    /// Whether all was as expected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds those of another comparison.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    fn compare(&mut self, at: &str, expected: &Value, found: &Value, members: Members) {
        match (expected, found) {
            (Value::Object(expected), Value::Object(found)) => {
                for (name, value) in expected {
                    let at = format!("{at}.{name}");
                    match found.get(name) {
                        Some(found) => self.compare(&at, value, found, members),
                        None => self.note(at, value.clone(), None),
                    }
                }
                let more = found.iter().filter(|(name, _)| members == Members::Exact && !expected.contains_key(*name));
                more.for_each(|(name, value)| self.note(format!("{at}.{name}"), None, value.clone()));
            }
            (Value::Array(expected), Value::Array(found)) => {
                for index in 0..expected.len().max(found.len()) {
                    let at = format!("{at}[{index}]");
                    match (expected.get(index), found.get(index)) {
                        (Some(expected), Some(found)) => self.compare(&at, expected, found, members),
                        (expected, found) => self.note(at, expected.cloned(), found.cloned()),
                    }
                }
            }
            (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
            (expected, found) if expected == found => {}
            (expected, found) => self.note(at, expected.clone(), found.clone()),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), shorten);
        write!(f, "{}: expected {}, found {}", self.at, show(&self.expected), show(&self.found))
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More do not help.
        const SHOWN: usize = 6;
        let shown: Vec<String> = self.0.iter().take(SHOWN).map(ToString::to_string).collect();
        f.write_str(&shown.join("; "))?;
        if self.0.len() > SHOWN {
            write!(f, "; and {} more", self.0.len() - SHOWN)?;
        }
        Ok(())
    }
}

fn shorten(value: &Value) -> String {
    const MOST: usize = 200;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(expected: Value, found: Value, exact: &[&str], at_least: &[&str]) {
        let places = |differences: &Differences| differences.iter().map(|d| d.at.clone()).collect::<Vec<_>>();
        let (mut strict, mut loose) = (Differences::new(), Differences::new());
        strict.json("$", &expected, &found);
        loose.json_at_least("$", &expected, &found);
        assert_eq!(
            (places(&strict), places(&loose)),
            (exact.iter().map(|s| (*s).to_owned()).collect(), at_least.iter().map(|s| (*s).to_owned()).collect())
        );
    }

    #[test]
    fn every_difference_is_found_at_its_place() {
        check(json!({"a": 1, "b": [1.0, "x"]}), json!({"b": [1, "x"], "a": 1.0}), &[], &[]);
        check(json!({"a": {"b": 1}}), json!({"a": {"b": 2, "c": 3}}), &["$.a.b", "$.a.c"], &["$.a.b"]);
        check(json!([1, 2]), json!([1]), &["$[1]"], &["$[1]"]);
        check(json!([1]), json!([1, null]), &["$[1]"], &["$[1]"]);
        check(json!({"a": null}), json!({}), &["$.a"], &["$.a"]);
        check(json!("1"), json!(1), &["$"], &["$"]);
    }
}
