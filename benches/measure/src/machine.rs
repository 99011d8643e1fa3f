//! The machine and the folders: how busy it is, where things are, how a command is run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The folder of this workspace.
pub fn benches() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package is in the workspace's folder")
}

/// Where everything that is built or downloaded goes.
pub fn target() -> PathBuf {
    benches().join("target")
}

/// How many processes were ready to run, on average over the last minute; what a table was measured under.
pub fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_owned()
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed:\n{stderr}");
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Cargo in this workspace, building into a folder of its own.
pub fn cargo(target: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(benches()).args(arguments).arg("--quiet").arg("--target-dir").arg(target).env("CARGO_INCREMENTAL", "0");
    command
}
