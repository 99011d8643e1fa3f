//! The example programs of the SDK, as processes. Owns how they are built and found; knows none of them.

mod case;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

pub use case::Case;

/// The program of that name. It finds no `.env` file, and nothing of the environment's but what is set on the command.
///
/// # Panics
/// When the examples cannot be built.
pub fn command(name: &str) -> Command {
    Command::new(folder().join(name))
}

/// The names of all examples: files of Rust, and folders with a `main.rs`.
///
/// # Panics
/// When their folder cannot be read.
pub fn names() -> Vec<String> {
    let entries = std::fs::read_dir(sources()).expect("generated/examples").map(|entry| entry.expect("an entry").path());
    let examples = entries.filter(|path| path.extension().is_some_and(|extension| extension == "rs") || path.join("main.rs").is_file());
    let mut names: Vec<String> = examples.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned())).collect();
    names.sort();
    names
}

/// The source of an example; that of its `main.rs`, if it has several files.
///
/// # Panics
/// When there is none of that name.
pub fn source(name: &str) -> String {
    let file = sources().join(format!("{name}.rs"));
    let file = if file.is_file() { file } else { sources().join(name).join("main.rs") };
    std::fs::read_to_string(file).expect("the example's source")
}

/// The table of examples, for those who look for one.
///
/// # Panics
/// When it cannot be read.
pub fn table() -> String {
    std::fs::read_to_string(sources().join("README.md")).expect("generated/examples/README.md")
}

fn sources() -> PathBuf {
    root().join("generated").join("examples")
}

/// Where they are, built. Of the whole workspace, so that they are those that `cargo test --workspace` has built.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // target/debug/deps/this-test
        let this = std::env::current_exe().expect("this program");
        let profile = this.ancestors().nth(2).expect("a test is in the folder of its profile");
        let target = profile.parent().expect("a profile is in the folder of all");
        let mut build = cargo();
        build.args(["build", "--quiet", "--workspace", "--examples", "--target-dir"]).arg(target);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let status = build.current_dir(root()).status().expect("cargo runs");
        assert!(status.success(), "the examples are built: {status}");
        profile.join("examples")
    })
}

/// Cargo, for a test. What it has told the test about its package is no business of another build: scripts that ask for it (that of `ring` does) would run again, and
/// everything above them with it.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_a_package(&name.to_string_lossy())) {
        cargo.env_remove(name);
    }
    cargo
}

fn is_of_a_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| variable.starts_with(prefix))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
