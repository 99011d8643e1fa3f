//! Owns the look of the files: empty lines between items, then rustfmt, so that `cargo fmt` has nothing to do. Knows no meaning.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, bail};

use crate::render::FileTree;

/// The settings of this workspace, under which emitted crates are formatted too.
const SETTINGS: &str = include_str!("../../rustfmt.toml");

/// Whether rustfmt runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rustfmt {
    /// It runs.
    Run,
    /// It does not: for measuring, and for machines without it.
    Skip,
}

/// Formats every file of the tree; `extension` is the hand-written module, which is not in it.
///
/// # Errors
/// When rustfmt cannot be run, or refuses a file.
pub fn format(files: &mut FileTree, rustfmt: Rustfmt, extension: Option<&str>) -> anyhow::Result<()> {
    for (path, text) in files.iter_mut() {
        *text = if path.ends_with(".rs") { tidy(&spaced(text)) } else { tidy(text) };
    }
    if rustfmt == Rustfmt::Skip {
        return Ok(());
    }
    // A folder of its own for each crate that is formatted in this process at the same time.
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("openai-generator-{}-{number}", std::process::id()));
    let result = in_folder(files, &folder, extension);
    let cleared = std::fs::remove_dir_all(&folder);
    result.context("formatting with rustfmt (it comes with the toolchain: `rustup component add rustfmt`; --no-rustfmt does without)")?;
    cleared.with_context(|| format!("removing {}", folder.display()))
}

/// Lays the crate out in a folder and lets rustfmt follow its modules, in one process.
fn in_folder(files: &mut FileTree, folder: &Path, extension: Option<&str>) -> anyhow::Result<()> {
    let rust: Vec<String> = files.keys().filter(|path| path.ends_with(".rs")).cloned().collect();
    let write = |path: &str, text: &str| {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(target, text)
    };
    for path in &rust {
        write(path, &files[path])?;
    }
    if let Some(extension) = extension {
        write(&format!("src/{extension}.rs"), "")?;
    }
    write("rustfmt.toml", SETTINGS)?;
    let output =
        Command::new("rustfmt").arg("--edition").arg("2024").arg(folder.join("src/lib.rs")).output().context("starting rustfmt")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    for path in rust {
        let text = std::fs::read_to_string(folder.join(&path))?;
        files.insert(path, text);
    }
    Ok(())
}

/// One line end at the end, no more than one empty line in a row.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = false;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// prettyplease puts no empty line between items and none between methods: one goes behind every block that closes at the margin or one step in.
fn spaced(text: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for line in text.lines() {
        let opens = !line.trim().is_empty() && !line.trim_start().starts_with('}');
        let behind_item = out.last().is_some_and(|l| matches!(*l, "}" | "};")) && !line.starts_with(' ');
        let behind_method = out.last().is_some_and(|l| *l == "    }") && line.starts_with("    ") && !line.starts_with("     ");
        if opens && (behind_item || behind_method) {
            out.push("");
        }
        out.push(line);
    }
    out.join("\n")
}
