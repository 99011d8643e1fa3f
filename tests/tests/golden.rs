//! The obstacle course: `data/obstacles.yaml`, everything that other generators fell over in one small document, and the crate that must come of it,
//! `data/obstacles/`. `UPDATE_GOLDEN=1 cargo test -p openai-tests --test golden` writes the crate; read its difference before you keep it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Once;

use openai_generator::cli::{Command, run_to};
use openai_generator::format::Rustfmt;

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(path)
}

/// Generates the obstacle course into a folder.
fn generate(out: &Path) {
    let command = Command {
        spec: data("obstacles.yaml"),
        overlay: data("obstacles.overlay"),
        out: out.to_path_buf(),
        check: false,
        dump: None,
        lenient_overlay: false,
        runtime: Some("../../../runtime".to_owned()),
        label: None,
        rustfmt: Rustfmt::Run,
        notes: true,
        mend: String::new(),
    };
    let (mut said, mut complained) = (Vec::new(), Vec::new());
    let code = run_to(&command, &mut said, &mut complained);
    let notes = String::from_utf8(complained).expect("diagnostics are text");
    assert_eq!(code, 0, "{notes}");
    fs::write(out.join("notes.txt"), notes).expect("writing the notes");
}

/// Every file below a folder.
fn tree(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).expect("a folder").map(|e| e.expect("an entry").path()));
        } else {
            let name = path.strip_prefix(folder).expect("it is below").to_path_buf();
            let text = fs::read_to_string(&path).expect("a text");
            // The manifest holds the digest of the generator, which changes with every line of its source.
            let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("generator_sha256")).collect();
            files.insert(name, lines.join("\n"));
        }
    }
    files
}

/// The golden crate's folder, written anew if that is wanted.
fn golden() -> PathBuf {
    static UPDATE: Once = Once::new();
    let golden = data("obstacles");
    UPDATE.call_once(|| {
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(&golden).expect("the golden folder");
            generate(&golden);
        }
    });
    golden
}

#[test]
fn the_obstacle_course_comes_out_as_it_is_checked_in() {
    let golden = golden();
    let out = tempfile::tempdir().expect("a temporary folder");
    generate(out.path());
    let (found, expected) = (tree(out.path()), tree(&golden));
    let names = |files: &BTreeMap<PathBuf, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected), "the files");
    for (path, text) in &found {
        let differs = text
            .lines()
            .zip(expected[path].lines())
            .position(|(a, b)| a != b)
            .unwrap_or_else(|| text.lines().count().min(expected[path].lines().count()));
        assert!(
            *text == expected[path],
            "{} differs at line {}:\n  {}\n  {}",
            path.display(),
            differs + 1,
            expected[path].lines().nth(differs).unwrap_or_default(),
            text.lines().nth(differs).unwrap_or_default()
        );
    }
}

// The golden crate is called `openai` like the real one, and a lock file cannot hold two packages of one name and version. So it is no member of the
// workspace; a copy beside the other build products is checked on its own, with the workspace's lock file (which makes it resolve without a network
// after `cargo fetch`) and without the TLS features, which it has no need of. The target folder is its own and stays warm.
#[test]
fn the_obstacle_course_compiles() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace");
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("obstacles");
    if copy.exists() {
        fs::remove_dir_all(&copy).expect("clearing the copy");
    }
    for (path, text) in tree(&golden()) {
        let text =
            if path == Path::new("Cargo.toml") { text.replace("../../../runtime", &root.join("runtime").to_string_lossy()) } else { text };
        let target = copy.join(&path);
        fs::create_dir_all(target.parent().expect("a folder")).expect("creating a folder");
        fs::write(target, text).expect("copying a file");
    }
    fs::copy(root.join("Cargo.lock"), copy.join("Cargo.lock")).expect("copying the lock file");
    // With every resource, with each alone, and with none: what a resource needs comes with it.
    for features in ["full,serde,blocking,dynamic", "call", "items,dynamic", "n1st", "webhooks", "dynamic", ""] {
        let output = process::Command::new(env!("CARGO"))
            .args(["check", "--quiet", "--offline", "--no-default-features", "--features", features])
            .current_dir(&copy)
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("obstacles-target"))
            .env("RUSTFLAGS", "-D warnings")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "features {features:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
