//! What is claimed about this client and about others, as tables: `tests/features.toml` and `tests/comparison.toml`. Owns how they are read; judges nothing.

use serde::Deserialize;

/// A feature of the official clients, and what shows it here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Its number in the contract.
    pub number: u32,
    /// What it is.
    pub name: String,
    /// Tests, as `path/to/file.rs::function`.
    #[serde(default)]
    pub tests: Vec<String>,
    /// An example that runs.
    pub example: Option<String>,
    /// A category of the conformance corpus.
    pub corpus: Option<String>,
    /// What is done in another way, or why it is not done.
    pub otherwise: Option<String>,
}

/// A row of the comparison with others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What is compared.
    pub what: String,
    /// What this client does.
    pub ours: String,
    /// What openai-python does.
    pub python: String,
    /// What async-openai does.
    pub async_openai: String,
    /// The test that fails when `ours` is wrong; None where this client does nothing.
    pub test: Option<String>,
    /// Where `python` was looked up.
    pub python_source: String,
    /// Where `async_openai` was looked up.
    pub async_source: String,
}

impl Row {
    /// The row, as it is in the README.
    pub fn markdown(&self) -> String {
        format!("| {} | {} | {} | {} |", self.what, self.ours, self.python, self.async_openai)
    }
}

/// The features of the official clients.
///
/// # Errors
/// When the table is not well-formed.
pub fn features() -> Result<Vec<Feature>, String> {
    #[derive(Deserialize)]
    struct File {
        feature: Vec<Feature>,
    }
    toml::from_str(include_str!("../features.toml")).map(|file: File| file.feature).map_err(|error| format!("features.toml: {error}"))
}

/// The comparison with others.
///
/// # Errors
/// When the table is not well-formed.
pub fn rows() -> Result<Vec<Row>, String> {
    #[derive(Deserialize)]
    struct File {
        row: Vec<Row>,
    }
    toml::from_str(include_str!("../comparison.toml")).map(|file: File| file.row).map_err(|error| format!("comparison.toml: {error}"))
}
