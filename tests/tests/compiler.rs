//! What the compiler says to somebody who forgot an `.await` or a feature. Only our own words are looked for, and where they stand: those of the compiler change.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use openai_tests::examples::cargo;
use serde_json::Value;

/// The features that the programs have. There is no TLS and no `blocking` among them, and few resources.
const FEATURES: &str = r#"["batches", "completions", "models"]"#;

/// What was said of each line of each program.
type Said = BTreeMap<(String, u64), Vec<Value>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Has the compiler look at the programs, in a package of their own.
fn compile(programs: &[&str]) -> Said {
    let package = tempfile::tempdir().unwrap();
    let quoted = |path: &Path| format!("{:?}", path.to_str().unwrap());
    let mut manifest = format!(
        "[package]\nname = \"beginner\"\nedition = \"2024\"\n[workspace]\n[dependencies]\ntokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n\
         openai = {{ path = {}, default-features = false, features = {FEATURES} }}\n",
        quoted(&root().join("generated"))
    );
    for name in programs {
        let path = root().join("tests/data/compiler").join(format!("{name}.rs"));
        manifest += &format!("[[bin]]\nname = \"{name}\"\npath = {}\n", quoted(&path));
    }
    fs::write(package.path().join("Cargo.toml"), manifest).unwrap();
    fs::copy(root().join("Cargo.lock"), package.path().join("Cargo.lock")).unwrap();
    // target/debug/deps/this-test
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let mut check = cargo();
    check.args(["check", "--offline", "--keep-going", "--message-format", "json", "--target-dir"]).arg(target);
    // The errors and warnings are the point, whatever the environment makes of them.
    let output = check.current_dir(package.path()).env_remove("RUSTFLAGS").output().unwrap();
    let mut said = Said::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let (Some(program), Some(spans)) = (record["target"]["name"].as_str(), record["message"]["spans"].as_array()) else { continue };
        for span in spans.iter().filter(|span| span["is_primary"] == true && programs.contains(&program)) {
            said.entry((program.to_owned(), span["line_start"].as_u64().unwrap())).or_default().push(record["message"].clone());
        }
    }
    assert!(!said.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// Every line that is marked is spoken of as its mark says, and there is no error elsewhere.
#[track_caller]
fn check(said: &Said, name: &str) {
    let program = fs::read_to_string(root().join(format!("tests/data/compiler/{name}.rs"))).unwrap();
    for (number, line) in (1..).zip(program.lines()) {
        let messages = said.get(&(name.to_owned(), number)).map(Vec::as_slice).unwrap_or_default();
        let shown: String = messages.iter().filter_map(|message| message["rendered"].as_str()).collect();
        match line.split_once("//~ ") {
            Some((_, words)) => {
                assert!(words.split('|').any(|words| shown.contains(words)), "{name}.rs:{number}: {words:?} is not in: {shown}")
            }
            None => assert!(messages.iter().all(|message| message["level"] != "error"), "{name}.rs:{number}: {shown}"),
        }
    }
}

#[test]
fn what_was_forgotten_is_named() {
    let said = compile(&["forgotten", "refused"]);
    check(&said, "forgotten");
    check(&said, "refused");
}
