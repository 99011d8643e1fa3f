//! Where the SDK deliberately does otherwise: `tests/deviations.toml`. Every entry says where, why, and by which section of the contract; one that covers
//! nothing is a fault.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::case::Case;
use super::compare::{Difference, Differences};
use super::glob::matches;

/// All deviations, as listed in the repository.
#[derive(Clone, Debug)]
pub struct Deviations(Vec<Deviation>);

/// One deviation.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// Its name.
    pub key: String,
    /// The category of its cases.
    pub category: String,
    /// Which cases: patterns with `*`.
    pub cases: Vec<String>,
    /// Which places may differ: patterns with `*`.
    pub at: Vec<String>,
    /// Why it is better so.
    pub reason: String,
    /// The section of the contract that describes what the official client does.
    pub contract: String,
    /// The test that states the better behaviour: a file of the repository, and the function in it.
    pub test: (String, String),
}

impl Deviations {
    /// Those of the repository.
    ///
    /// # Errors
    /// When the file is not well-formed.
    pub fn listed() -> Result<Self, String> {
        Self::parse(include_str!("../../deviations.toml"))
    }

    /// Those of a text.
    ///
    /// # Errors
    /// When it is not well-formed, an entry lacks something, or two have the same key for the same category.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: Table = text.parse().map_err(|error| format!("deviations.toml: {error}"))?;
        let entries = file.get("deviation").and_then(Value::as_array).cloned().unwrap_or_default();
        let deviations: Vec<Deviation> = entries.iter().map(Deviation::read).collect::<Result<_, String>>()?;
        let mut keys = BTreeSet::new();
        match deviations.iter().find(|deviation| !keys.insert((&deviation.key, &deviation.category))) {
            Some(twice) => Err(format!("deviations.toml: `{}` stands there twice", twice.key)),
            None => Ok(Self(deviations)),
        }
    }

    /// The deviations that cover all differences of a case; None if one is not covered.
    pub fn covering(&self, case: &Case, differences: &Differences) -> Option<BTreeSet<&str>> {
        let covering = |difference: &Difference| self.0.iter().find(|deviation| deviation.covers(case, difference)).map(|d| d.key.as_str());
        differences.iter().map(covering).collect()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Deviation> {
        self.0.iter()
    }
}

impl Deviation {
    fn covers(&self, case: &Case, difference: &Difference) -> bool {
        self.category == case.category
            && self.cases.iter().any(|pattern| matches(pattern, &case.name))
            && self.at.iter().any(|pattern| matches(pattern, &difference.at))
    }

    fn read(entry: &Value) -> Result<Self, String> {
        const KEYS: &[&str] = &["key", "category", "cases", "at", "reason", "contract", "test"];
        let name = entry.get("key").and_then(Value::as_str).unwrap_or("without a key");
        let fault = |what: String| format!("deviations.toml: `{name}` {what}");
        if let Some(unknown) = entry.as_table().into_iter().flat_map(Table::keys).find(|key| !KEYS.contains(&key.as_str())) {
            return Err(fault(format!("has the unknown key `{unknown}`")));
        }
        let text = |key: &str| {
            let text = entry.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
            text.map(ToOwned::to_owned).ok_or_else(|| fault(format!("needs `{key}`")))
        };
        let list = |key: &str| {
            let texts: Vec<String> = entry.get(key)?.as_array()?.iter().filter_map(|value| value.as_str().map(ToOwned::to_owned)).collect();
            Some(texts).filter(|texts| !texts.is_empty())
        };
        Ok(Self {
            key: text("key")?,
            category: text("category")?,
            cases: list("cases").ok_or_else(|| fault("needs `cases`".to_owned()))?,
            at: list("at").ok_or_else(|| fault("needs `at`".to_owned()))?,
            reason: text("reason")?,
            contract: text("contract")?,
            test: text("test")?
                .split_once("::")
                .map(|(file, function)| (file.to_owned(), function.to_owned()))
                .ok_or_else(|| fault("needs `test` as `path/to/file.rs::function`".to_owned()))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_says_where_and_why() {
        let whole = "[[deviation]]\nkey = \"k\"\ncategory = \"wire\"\ncases = [\"a*\"]\nat = [\"x\"]\nreason = \"r\"\ncontract = \"c\"\ntest = \"f::t\"\n";
        assert_eq!(Deviations::parse(whole).unwrap().iter().count(), 1);
        for line in whole.lines().skip(1) {
            let error = Deviations::parse(&whole.replace(&format!("{line}\n"), "")).unwrap_err();
            assert!(error.contains("needs") || error.contains("without a key"), "{error}");
        }
        assert!(Deviations::parse(&format!("{whole}more = 1\n")).unwrap_err().contains("more"));
        assert!(Deviations::parse(&format!("{whole}{whole}")).unwrap_err().contains("twice"));
    }

    #[test]
    fn a_case_is_covered_when_each_of_its_differences_is() {
        let deviations = Deviations::parse(
            "[[deviation]]\nkey = \"k\"\ncategory = \"wire\"\ncases = [\"a*\"]\nat = [\"x.*\"]\nreason = \"r\"\ncontract = \"c\"\ntest = \"f::t\"\n",
        )
        .unwrap();
        let covered = |category: &str, name: &str, places: &[&str]| {
            let case = Case { category: category.to_owned(), name: name.to_owned(), value: serde_json::Value::Null };
            let mut differences = Differences::new();
            places.iter().for_each(|at| differences.note(*at, None, None));
            deviations.covering(&case, &differences).is_some_and(|keys| keys.contains("k"))
        };
        assert!(covered("wire", "ab", &["x.y", "x.z"]));
        assert!(!covered("wire", "ab", &["x.y", "y"]));
        assert!(!covered("wire", "b", &["x.y"]));
        assert!(!covered("decode", "ab", &["x.y"]));
    }
}
