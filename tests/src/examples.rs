//! The example programs of the SDK, as processes. Owns how they are built and found; knows none of them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The program of that name. It finds no `.env` file, and nothing of the environment's but what is set on the command.
///
/// # Panics
/// When the examples cannot be built.
pub fn command(name: &str) -> Command {
    Command::new(folder().join(name))
}

/// The names of all examples.
///
/// # Panics
/// When their folder cannot be read.
pub fn names() -> Vec<String> {
    let sources = root().join("generated").join("examples");
    let mut names: Vec<String> = std::fs::read_dir(sources)
        .expect("generated/examples")
        .filter_map(|entry| entry.ok()?.path().file_stem().map(|name| name.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
}

/// Where they are, built. Of the whole workspace, so that they are those that `cargo test --workspace` has built.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // target/debug/deps/this-test
        let this = std::env::current_exe().expect("this program");
        let profile = this.ancestors().nth(2).expect("a test is in the folder of its profile");
        let target = profile.parent().expect("a profile is in the folder of all");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--workspace", "--examples", "--target-dir"]).arg(target);
        if profile.ends_with("release") {
            build.arg("--release");
        }
        let status = build.current_dir(root()).status().expect("cargo runs");
        assert!(status.success(), "the examples are built: {status}");
        profile.join("examples")
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
