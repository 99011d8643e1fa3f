//! What holds for every document: the same input gives the same files in either spelling, `--check` names each drift, the lowering loses nothing,
//! and no mutation of a document makes the generator panic.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use openai_generator::cli::{Command, run_to};
use openai_generator::diagnostics::Diagnostics;
use openai_generator::dump::Stage;
use openai_generator::format::Rustfmt;
use openai_generator::overlay::Unmatched;
use openai_generator::{Settings, generate, load, lower, parse};
use serde_json::{Value, json};

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(path)
}

/// The unformatted files of a document, and the diagnostics; `None` if it has faults.
fn files(spec: &Path, overlay: &Path) -> (Option<BTreeMap<String, String>>, String) {
    files_up_to(spec, overlay, None)
}

/// The same, but for a stage to stop at.
fn files_up_to(spec: &Path, overlay: &Path, dump: Option<Stage>) -> (Option<BTreeMap<String, String>>, String) {
    let mut diagnostics = Diagnostics::default();
    let settings = Settings {
        spec: spec.to_path_buf(),
        overlay: overlay.to_path_buf(),
        unmatched: Unmatched::Warning,
        runtime: None,
        label: None,
        dump,
    };
    let files = generate(&mut diagnostics, &settings).ok().map(|generated| generated.files);
    (files, diagnostics.iter().map(|d| format!("{d}\n")).collect())
}

fn obstacles() -> Value {
    let mut diagnostics = Diagnostics::default();
    load::load(&mut diagnostics, &data("obstacles.yaml")).expect("it is well-formed").root
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let run = || files(&data("obstacles.yaml"), &data("obstacles.overlay"));
    let (first, second) = (run(), run());
    assert!(first.0.is_some(), "{}", first.1);
    assert!(first == second, "two runs differ");
}

#[test]
fn yaml_and_json_give_the_same_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = folder.path().join("obstacles.json");
    fs::write(&spec, serde_json::to_string_pretty(&obstacles()).expect("it is JSON")).expect("writing the document");
    let (json, faults) = files(&spec, &data("obstacles.overlay"));
    let mut json = json.unwrap_or_else(|| panic!("{faults}"));
    let mut yaml = files(&data("obstacles.yaml"), &data("obstacles.overlay")).0.expect("no faults");
    // Every file names its source, and the manifest holds the digest of the bytes.
    for text in json.values_mut().chain(yaml.values_mut()) {
        let lines = text.lines().filter(|line| !line.starts_with("document_sha256"));
        *text = lines.map(|line| line.replace("obstacles.json", "obstacles.yaml")).collect::<Vec<_>>().join("\n");
    }
    assert_eq!(yaml.keys().collect::<Vec<_>>(), json.keys().collect::<Vec<_>>());
    for (path, text) in &yaml {
        assert_eq!(*text, json[path], "{path}");
    }
}

/// Generates the obstacle course into a folder, or compares it; gives the exit code and what was said.
fn run(folder: &Path, check: bool) -> (u8, String) {
    let command = Command {
        spec: data("obstacles.yaml"),
        overlay: data("obstacles.overlay"),
        out: folder.to_path_buf(),
        check,
        dump: None,
        lenient_overlay: false,
        runtime: None,
        label: None,
        rustfmt: Rustfmt::Skip,
        notes: false,
        mend: "run it again".to_owned(),
    };
    let (mut said, mut complained) = (Vec::new(), Vec::new());
    let code = run_to(&command, &mut said, &mut complained);
    (code, String::from_utf8(complained).expect("it is text"))
}

#[test]
fn files_that_no_generation_wrote_are_left_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let own = folder.path().join("src/main.rs");
    fs::create_dir(folder.path().join("src")).expect("a folder");
    fs::write(&own, "fn main() {}").expect("a file");
    let (code, complained) = run(folder.path(), false);
    assert_ne!(code, 0);
    assert!(complained.contains("src/main.rs") && complained.contains("choose another folder"), "{complained}");
    assert_eq!(fs::read_to_string(own).expect("it is still there"), "fn main() {}");
}

#[test]
fn check_names_stale_missing_and_orphan_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |check: bool| run(folder.path(), check);
    assert_eq!(run(false).0, 0);
    assert_eq!(run(true).0, 0, "nothing has changed yet");
    fs::write(folder.path().join("src/lib.rs"), "// touched\n").expect("touching a file");
    fs::remove_file(folder.path().join("src/client.rs")).expect("removing a file");
    fs::write(folder.path().join("src/extra.rs"), "").expect("adding a file");
    let (code, complained) = run(true);
    assert_eq!(code, 1);
    let said: Vec<&str> =
        complained.lines().filter(|line| !line.starts_with("warning") && !line.contains(" = ") && !line.starts_with("  hint")).collect();
    assert_eq!(
        said,
        [
            "stale: src/lib.rs",
            "missing: src/client.rs",
            "orphan: src/extra.rs",
            "the crate differs from what is generated; to mend it: run it again"
        ]
    );
    assert_eq!(run(false).0, 0);
    assert_eq!(run(true).0, 0, "regeneration mends it");
}

/// Counts every scalar of a document, keys included.
fn scalars(value: &Value, counts: &mut BTreeMap<String, usize>) {
    match value {
        Value::Object(object) => {
            for (key, child) in object {
                *counts.entry(format!("key {}", key.trim_start_matches(lower::KEPT))).or_default() += 1;
                scalars(child, counts);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| scalars(item, counts)),
        scalar => *counts.entry(scalar.to_string()).or_default() += 1,
    }
}

/// Lowers a document and compares what is in it before and after. `rewritten` is what the table at the head of `lower.rs` puts in other words.
#[track_caller]
fn check_lowering(document: &load::Document, rewritten: &[&str]) {
    let mut diagnostics = Diagnostics::default();
    let lowered = lower::lower(&mut diagnostics, document).expect("it has no faults");
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    scalars(&document.root, &mut before);
    scalars(&lowered.root, &mut after);
    scalars(&Value::Object(lowered.webhooks.clone()), &mut after);
    let lost: Vec<String> = before
        .iter()
        .filter(|(scalar, count)| !rewritten.contains(&scalar.as_str()) && after.get(*scalar).copied().unwrap_or(0) < **count)
        .map(|(scalar, count)| format!("{scalar}: {count} before, {} after", after.get(scalar).copied().unwrap_or(0)))
        .collect();
    assert!(lost.is_empty(), "{lost:#?}");
    parse::parse(&mut diagnostics, lowered).expect("it is OpenAPI 3.0");
    let said: Vec<String> = diagnostics.iter().filter(|d| d.stage == "parse").map(ToString::to_string).collect();
    // What the 3.0 model does not hold would be reported here.
    assert!(said.iter().all(|line| line.contains("has no such keyword")), "{said:#?}");
}

/// Null branches become `nullable`, `const` becomes `enum`, references with siblings move into `allOf`; references into the middle of the document lead
/// to a copy with a name.
const REWRITTEN: &[&str] = &[
    "key anyOf",
    "key oneOf",
    "key const",
    "\"null\"",
    "null",
    "key type",
    "\"3.1.0\"",
    "key webhooks",
    "true",
    "false",
    "\"#/components/pathItems/Call\"",
    "\"#/components/schemas/Unions/properties/single\"",
    "\"#/paths/~1items~1{item_id}/parameters/0\"",
];

#[test]
fn the_lowering_of_the_obstacle_course_loses_nothing() {
    let mut diagnostics = Diagnostics::default();
    check_lowering(&load::load(&mut diagnostics, &data("obstacles.yaml")).expect("it is well-formed"), REWRITTEN);
}

#[test]
fn the_lowering_of_the_real_document_loses_nothing() {
    let mut diagnostics = Diagnostics::default();
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/openapi.yaml");
    check_lowering(&load::load(&mut diagnostics, &spec).expect("it is well-formed"), REWRITTEN);
}

/// A small generator of numbers that are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (bound.max(1) as u64)).expect("it is below a usize")
    }
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(object) => object.values().map(count).sum(),
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

/// Finds the node with a number, counted in the order of the document.
fn node<'v>(value: &'v mut Value, number: &mut usize) -> Option<&'v mut Value> {
    if *number == 0 {
        return Some(value);
    }
    *number -= 1;
    match value {
        Value::Object(object) => object.values_mut().find_map(|child| node(child, number)),
        Value::Array(items) => items.iter_mut().find_map(|child| node(child, number)),
        _ => None,
    }
}

/// Leaves every schema only a few of its properties, so that thousands of documents are made into crates in seconds.
fn thin(document: &mut Value, dice: &mut Dice) {
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut).expect("it has schemas");
    for properties in schemas.values_mut().filter_map(|schema| schema.get_mut("properties")?.as_object_mut()) {
        while properties.len() > 3 {
            let key = properties.keys().nth(dice.below(properties.len())).cloned().expect("it is not empty");
            properties.shift_remove(&key);
        }
    }
}

fn mutate(document: &mut Value, dice: &mut Dice) {
    let donor = {
        let mut number = dice.below(count(document));
        node(document, &mut number).cloned().unwrap_or_default()
    };
    let mut number = 1 + dice.below(count(document) - 1);
    let Some(node) = node(document, &mut number) else { return };
    let odd = ["", "²", "ⓐ", "日本", "a\u{202e}b", "\r", "\"", "self", "#", "{", "..", "-1", "\0", "*/", "```"];
    match dice.below(7) {
        0 => *node = donor,
        1 => *node = [json!(null), json!(7), json!(-1.5), json!(true), json!([]), json!({}), json!("x")][dice.below(7)].clone(),
        2 => {
            let names = ["Unions", "Names", "Recursion", "Nullables", "TaggedUnion", "AllOf", "Nest", "Item"];
            *node = json!({ "$ref": format!("#/components/schemas/{}", names[dice.below(names.len())]) });
        }
        3 => *node = json!(odd[dice.below(odd.len())]),
        4 => {
            if let Value::Object(object) = node
                && let Some(key) = object.keys().nth(dice.below(object.len())).cloned()
            {
                object.shift_remove(&key);
            }
        }
        5 => {
            if let Value::Object(object) = node
                && let Some(key) = object.keys().nth(dice.below(object.len())).cloned()
            {
                let value = object.shift_remove(&key).unwrap_or_default();
                object.insert(format!("{}{key}", odd[dice.below(odd.len())]), value);
            }
        }
        _ => {
            if let Value::Object(object) = node {
                let key = ["allOf", "oneOf", "items", "type", "enum", "const", "nullable", "discriminator", "properties"][dice.below(9)];
                object.insert(key.to_owned(), donor);
            }
        }
    }
}

#[test]
fn no_mutation_makes_the_generator_panic() {
    let mut original = obstacles();
    // These refer into the middle of what is thinned out.
    original
        .pointer_mut("/components/schemas/Item/properties")
        .and_then(Value::as_object_mut)
        .expect("it is there")
        .shift_remove("hoisted");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = folder.path().join("mutant.json");
    let overlay = folder.path().join("overlay");
    fs::create_dir(&overlay).expect("an empty overlay");
    let mut dice = Dice(0x5eed_0bad_cafe);
    let cases: usize = std::env::var("MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let mut generated = 0;
    for case in 0..cases {
        let mut document = original.clone();
        thin(&mut document, &mut dice);
        for _ in 0..=dice.below(3) {
            mutate(&mut document, &mut dice);
        }
        fs::write(&spec, document.to_string()).expect("writing the document");
        // Most of the time goes into the templates, which see the least of a mutation.
        let stage = (case % 6 != 0).then_some(Stage::Names);
        let result = std::panic::catch_unwind(|| files_up_to(&spec, &overlay, stage));
        match result {
            Ok((Some(_), _)) => generated += 1,
            Ok((None, faults)) => assert!(faults.contains("error["), "case {case} fails without a word"),
            Err(_) => {
                let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("panic.json");
                fs::copy(&spec, &kept).expect("keeping the document");
                panic!("case {case} makes the generator panic: {}", kept.display());
            }
        }
    }
    assert!(generated > cases / 10, "only {generated} of {cases} mutants are documents still");
}

#[test]
fn deep_chains_of_types_do_not_take_the_stack() {
    let last = 3_000;
    let mut schemas = serde_json::Map::new();
    for index in 0..last {
        schemas.insert(
            format!("S{index}"),
            json!({ "type": "object", "properties": { "next": { "$ref": format!("#/components/schemas/S{}", index + 1) } } }),
        );
    }
    schemas.insert(format!("S{last}"), json!({ "type": "object", "properties": { "first": { "$ref": "#/components/schemas/S0" } } }));
    let answer =
        json!({ "200": { "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/S0" } } } } });
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Chain", "version": "1" },
        "paths": { "/chain": { "get": { "responses": answer } } }, "components": { "schemas": schemas },
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = folder.path().join("chain.json");
    fs::write(&spec, document.to_string()).expect("writing the document");
    let overlay = folder.path().join("overlay");
    fs::create_dir(&overlay).expect("an empty overlay");
    let (files, faults) = files(&spec, &overlay);
    assert!(files.is_some(), "{faults}");
}

#[test]
fn all_of_that_doubles_at_every_step_is_laid_together_once() {
    let mut schemas = serde_json::Map::new();
    let reference = |index: usize| json!({ "$ref": format!("#/components/schemas/S{index}") });
    for index in 0..60 {
        schemas.insert(format!("S{index}"), json!({ "allOf": [reference(index + 1), reference(index + 1)] }));
    }
    schemas.insert("S60".to_owned(), json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "string" } } }));
    let mut branches: Vec<Value> = (0..60).map(|_| json!({ "$ref": "#/components/schemas/Union" })).collect();
    branches.extend([json!({ "type": "string" }), reference(0)]);
    schemas.insert("Union".to_owned(), json!({ "oneOf": branches }));
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Union" } } });
    let document = json!({
        "openapi": "3.1.0", "info": { "title": "Bomb", "version": "1" },
        "paths": { "/bomb": { "get": { "responses": { "200": { "description": "", "content": content } } } } }, "components": { "schemas": schemas },
    });
    let folder = tempfile::tempdir().expect("a temporary folder");
    let spec = folder.path().join("bomb.json");
    fs::write(&spec, document.to_string()).expect("writing the document");
    let overlay = folder.path().join("overlay");
    fs::create_dir(&overlay).expect("an empty overlay");
    let (files, faults) = files(&spec, &overlay);
    assert!(files.is_some(), "{faults}");
}
