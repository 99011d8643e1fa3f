//! What readers rely on: the guide is whole, `api.md` and the source agree, and searching rustdoc for what the API or the official clients call something finds
//! the method. Reads text; knows no type of the SDK.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use openai_generator::diagnostics::Diagnostics;
use openai_generator::load::load;
use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_path_buf()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The Rust files below a folder, by their paths from the root.
fn sources(folder: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut open = vec![root().join(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).expect("it is below").display().to_string();
            files.insert(name, fs::read_to_string(&path).expect("a text"));
        }
    }
    files
}

/// What stands between two marks, each time.
fn between<'t>(text: &'t str, start: &'t str, end: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(start).skip(1).map(move |rest| rest.split(end).next().unwrap_or_default())
}

/// The words for which rustdoc finds a method, and how many have each.
fn search_words() -> BTreeMap<String, usize> {
    let mut words = BTreeMap::new();
    for text in sources("generated/src/resources").values().chain(sources("generated/src/ext").values()) {
        let lists = between(text, "#[doc(alias(", "))]").chain(between(text, "#[doc(alias = ", ")]"));
        for word in lists.flat_map(|list| list.split('"').skip(1).step_by(2)) {
            *words.entry(word.to_owned()).or_default() += 1;
        }
    }
    words
}

#[track_caller]
fn check_none(missing: &[String], what: &str) {
    assert!(missing.is_empty(), "{} {what}:\n{}", missing.len(), missing.join("\n"));
}

#[test]
fn every_operation_is_found_by_its_id_and_path() {
    let words = search_words();
    let document = load(&mut Diagnostics::default(), &root().join("spec/openapi.yaml")).expect("the document").root;
    let methods = sources("generated/src/resources").into_values().collect::<String>();
    let mut missing = Vec::new();
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        let plain = path.split(['?', '#']).next().unwrap_or(path);
        for (verb, operation) in item.as_object().expect("a path item") {
            let Some(id) = operation["operationId"].as_str() else { continue };
            operations += 1;
            let verb = format!("{} {plain}", verb.to_uppercase());
            let wanted = [id, plain, &verb];
            // A method that is called as the operation is found by that.
            let is_found = |word: &str| words.contains_key(word) || methods.contains(&format!("pub fn {word}("));
            missing.extend(wanted.into_iter().filter(|word| !is_found(word)).map(|word| format!("{word} ({id})")));
        }
    }
    assert!(operations > 280, "{operations} operations");
    check_none(&missing, "words find nothing");
}

#[test]
fn every_official_method_is_found_by_its_name() {
    let words = search_words();
    let mut official = BTreeSet::new();
    for category in ["wire", "pagination", "polling", "streams"] {
        for line in read(format!("tests/corpus/{category}.jsonl")).lines() {
            let case: Value = serde_json::from_str(line).expect("a case");
            match (&case["call"], &case["input"]["call"]) {
                (Value::Object(call), _) => official.extend(Some(format!("{}.{}", text(&call["resource"]), text(&call["method"])))),
                (_, Value::String(call)) => official.extend(Some(call.clone())),
                _ => {}
            }
        }
    }
    assert!(official.len() > 280, "{} methods", official.len());
    let missing: Vec<String> = official.into_iter().filter(|name| !words.contains_key(name)).collect();
    check_none(&missing, "official names find nothing");
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[test]
fn the_ledger_and_the_source_agree() {
    let sources = sources("generated/src/resources");
    let ledger = read("generated/api.md");
    let mut listed = BTreeSet::new();
    for line in ledger.lines().filter(|line| line.starts_with("- <code>client.")) {
        let file = between(line, "<a href=\"", "\"").next().expect("a link");
        let method = between(line, "\">", "</a>").next().expect("a method");
        let call = between(line, "— `", "`").next().expect("verb and path");
        let source = &sources[&format!("generated/{file}")];
        let (_, ident) = declarations(source).find(|(_, ident)| *ident == method).unwrap_or_else(|| panic!("{method} is not in {file}"));
        assert!(source.contains(&format!("/// `{call}`")), "{call} is not in {file}");
        assert!(listed.insert((format!("generated/{file}"), ident.to_owned())), "{file} {method} is listed twice");
    }
    assert!(listed.len() > 300, "{} methods", listed.len());
    let found = sources.iter().flat_map(|(file, source)| {
        declarations(source).filter(|(answer, _)| *answer != Answer::Handle).map(move |(_, ident)| (file.clone(), ident.to_owned()))
    });
    let missing: Vec<String> = found.filter(|key| !listed.contains(key)).map(|(file, ident)| format!("{ident} of {file}")).collect();
    check_none(&missing, "methods are not in api.md");
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Handle,
    Something,
}

/// The public methods of a resource's file, and whether they only lead to another resource.
fn declarations(source: &str) -> impl Iterator<Item = (Answer, &str)> {
    source.split("    pub fn ").skip(1).map(|rest| {
        let (ident, rest) = rest.split_once('(').expect("a method");
        let returns = between(rest, "-> ", " {").next().unwrap_or_default();
        let calls = ["Call<", "Poll<", "openai_runtime::websocket::Connect<"].iter().any(|kind| returns.starts_with(kind));
        (if calls { Answer::Something } else { Answer::Handle }, ident.trim_start_matches("r#"))
    })
}

#[test]
fn every_idiom_stands_beside_its_compiled_translation() {
    let chapter = read("generated/src/ext/guide/from_openai_python.md");
    let rows: Vec<&str> = between(&chapter, "<tr><th colspan=\"2\">", "</td></tr>").collect();
    assert!(rows.len() >= 40, "{} idioms", rows.len());
    assert!(read("README.md").contains(&format!("{} idioms", rows.len())), "the README says how many there are");
    for (index, row) in rows.iter().enumerate() {
        let title = row.split("</th>").next().unwrap_or_default();
        assert!(title.starts_with(&format!("{}. ", index + 1)), "{title} is number {}", index + 1);
        let languages: Vec<&str> = between(row, "\n```", "\n").filter(|language| !language.is_empty()).collect();
        // `rust` and `rust,no_run` are compiled.
        assert!(matches!(languages[..], ["python", "rust" | "rust,no_run"]), "{title}: {languages:?}");
    }
}

#[test]
fn every_chapter_is_in_the_guide() {
    let guide = read("generated/src/ext/guide.rs");
    let included: BTreeSet<String> = between(&guide, "include_str!(\"guide/", ".md\")").map(ToOwned::to_owned).collect();
    let listed: BTreeSet<String> = between(&guide, "| [`", "`] |").map(ToOwned::to_owned).collect();
    let files = fs::read_dir(root().join("generated/src/ext/guide")).expect("the chapters");
    let written: BTreeSet<String> =
        files.map(|file| file.expect("a chapter").path().file_stem().expect("a name").display().to_string()).collect();
    assert_eq!(included, written);
    assert_eq!(listed, written);
    for chapter in &written {
        let text = read(format!("generated/src/ext/guide/{chapter}.md"));
        let ignored: Vec<&str> = between(&text, "\n```", "\n").filter(|language| language.contains("ignore")).collect();
        assert_eq!(ignored, [""; 0], "{chapter} has code that nobody compiles");
    }
}

#[test]
fn every_feature_is_described() {
    let manifest = read("generated/Cargo.toml");
    let features = between(&manifest, "\n[features]\n", "\n[").next().expect("features");
    let resources = between(features, "full = [", "]").next().expect("the resources");
    let declared = features.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name)).filter(|name| *name != "default");
    let declared: Vec<&str> = declared.filter(|name| !resources.contains(&format!("\"{name}\""))).collect();
    assert!(declared.len() > 15, "{declared:?}");
    for place in ["generated/src/lib.rs", "generated/src/ext/guide/features.md", "README.md"] {
        let text = read(place);
        let missing: Vec<String> =
            declared.iter().filter(|name| !text.contains(&format!("`{name}`"))).map(|name| format!("`{name}` in {place}")).collect();
        check_none(&missing, "features are not described");
    }
}
