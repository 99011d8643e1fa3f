//! Cases, as they stand in files. Knows the shapes of the files, and nothing of what the categories mean.

use std::path::Path;

use openai::Json;
use serde_json::Value;

/// The client's versions, the newest first: where they differ, the newest counts.
const VERSIONS: &[&str] = &["python-3.3.1+e43b4224", "python-3.3.1", "python-2.33.0"];

/// The client's versions, the newest first.
pub fn versions() -> &'static [&'static str] {
    VERSIONS
}

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// `wire`, `decode`, `retries`, …
    pub category: String,
    /// Its name, unique within its category.
    pub name: String,
    /// All that its file says of it.
    pub value: Value,
}

impl Case {
    /// What goes in, for the newest version.
    pub fn input(&self) -> &Value {
        self.newest("input_by_version").unwrap_or(&self.value["input"])
    }

    /// What is expected, of the newest version.
    pub fn expected(&self) -> &Value {
        self.newest("expected_by_version").unwrap_or(&self.value["expected"])
    }

    fn newest(&self, key: &str) -> Option<&Value> {
        let by_version = self.value.get(key)?;
        let has = |version: &&str| self.value["versions"].as_array().is_some_and(|all| all.iter().any(|v| v == *version));
        by_version.get(VERSIONS.iter().find(|version| has(version))?)
    }
}

/// The cases of a file: lines of JSON (wire, decode), or an object with a category and its cases.
///
/// # Errors
/// When the file cannot be read, or has another shape.
pub fn load(path: &Path) -> Result<Vec<Case>, String> {
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| at(&error))?;
    if path.extension().is_some_and(|extension| extension == "jsonl") {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        return lines.map(|line| parse(line).map_err(|error| at(&error)).and_then(|value| of_line(value).map_err(|e| at(&e)))).collect();
    }
    let file = parse(&text).map_err(|error| at(&error))?;
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let category = file["category"].as_str().unwrap_or(&name);
    let cases = file["cases"].as_array().or(file.as_array()).ok_or_else(|| at(&"neither lines nor cases"))?;
    cases.iter().map(|value| of_case(category, value).map_err(|error| at(&error))).collect()
}

/// JSON with its numbers read exactly, which `serde_json` does not do by itself.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    Json::from_text(text).map(|json| json.to_value()).map_err(|error| error.to_string())
}

fn of_line(value: Value) -> Result<Case, String> {
    if let Some(category) = value.get("category").and_then(Value::as_str) {
        return of_case(category, &value);
    }
    let category = if value.get("expect").is_some() { "wire" } else { "decode" };
    let name = value["id"].as_str().ok_or("a line has no id")?.to_owned();
    Ok(Case { category: category.to_owned(), name, value })
}

fn of_case(category: &str, value: &Value) -> Result<Case, String> {
    let name = value["name"].as_str().ok_or("a case has no name")?.to_owned();
    Ok(Case { category: category.to_owned(), name, value: value.clone() })
}
