//! Owns the disk: writing the files that changed, or comparing them with what is there. Knows nothing of what is in them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::render::FileTree;

/// Folders and files below the output that are written by hand and never touched.
#[derive(Clone, Debug, Default)]
pub struct ByHand {
    /// Paths below the output folder; a folder stands for all in it.
    pub paths: Vec<String>,
}

/// What differs between the files and the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// On disk with another content.
    pub stale: Vec<String>,
    /// Not on disk.
    pub missing: Vec<String>,
    /// On disk and not wanted.
    pub orphan: Vec<String>,
}

impl Drift {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.stale.is_empty() && self.missing.is_empty() && self.orphan.is_empty()
    }

    /// The differences in words, one a line.
    pub fn lines(&self) -> Vec<String> {
        let line = |what: &str, paths: &[String]| paths.iter().map(|p| format!("{what}: {p}")).collect::<Vec<_>>();
        [line("stale", &self.stale), line("missing", &self.missing), line("orphan", &self.orphan)].concat()
    }
}

/// Compares the files with the disk.
///
/// # Errors
/// When the folder cannot be read.
pub fn drift(files: &FileTree, folder: &Path, by_hand: &ByHand) -> Result<Drift> {
    let mut drift = Drift::default();
    for (path, text) in files {
        match std::fs::read(folder.join(path)) {
            Ok(found) if found == text.as_bytes() => {}
            Ok(_) => drift.stale.push(path.clone()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => drift.missing.push(path.clone()),
            Err(e) => return Err(e).with_context(|| format!("reading {path}")),
        }
    }
    for path in on_disk(folder, by_hand)? {
        if !files.contains_key(&path) {
            drift.orphan.push(path);
        }
    }
    Ok(drift)
}

/// Writes what differs and removes what is not wanted.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(files: &FileTree, folder: &Path, by_hand: &ByHand) -> Result<Drift> {
    let drift = drift(files, folder, by_hand)?;
    for path in drift.stale.iter().chain(&drift.missing) {
        let target = folder.join(path);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("creating {}", parent.display()))?;
        }
        std::fs::write(&target, &files[path]).with_context(|| format!("writing {}", target.display()))?;
    }
    for path in &drift.orphan {
        let target = folder.join(path);
        std::fs::remove_file(&target).with_context(|| format!("removing {}", target.display()))?;
    }
    remove_empty(folder, folder)?;
    Ok(drift)
}

/// Every file below the folder that a generation owns, in order.
fn on_disk(folder: &Path, by_hand: &ByHand) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut stack: Vec<PathBuf> =
        ["src", "Cargo.toml", "README.md", "api.md", "manifest.toml", crate::SURFACE].iter().map(|p| folder.join(p)).collect();
    while let Some(path) = stack.pop() {
        let relative = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if by_hand.paths.iter().any(|own| relative == *own || relative.starts_with(&format!("{own}/"))) {
            continue;
        }
        if path.is_dir() {
            for entry in std::fs::read_dir(&path).with_context(|| format!("reading {}", path.display()))? {
                stack.push(entry?.path());
            }
        } else if path.is_file() {
            found.insert(relative);
        }
    }
    Ok(found)
}

fn remove_empty(folder: &Path, root: &Path) -> Result<()> {
    let source = if folder == root { root.join("src") } else { folder.to_path_buf() };
    let Ok(entries) = std::fs::read_dir(&source) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            remove_empty(&path, root)?;
            if std::fs::read_dir(&path)?.next().is_none() {
                std::fs::remove_dir(&path)?;
            }
        }
    }
    Ok(())
}
