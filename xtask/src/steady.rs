//! `steady`: the mock server that the official SDKs are tested against. Installs it, starts it on this workspace's document, and has every operation called
//! against it. Owns processes and files; knows no operation.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use openai_generator::cli;
use openai_generator::dump::Stage;
use serde_json::Value;

use crate::counterpart::Running;
use crate::outcome::{Absent, Fault, cargo, conclude};

/// Installs and starts the server, and runs all calls.
pub(crate) fn steady(root: &Path, absent: Absent) -> ExitCode {
    conclude(run(root), absent, "the calls against steady", "Install Node and npm, and run `cargo xtask steady`.")
}

fn run(root: &Path) -> Result<ExitCode, Fault> {
    let folder = root.join("target").join("steady");
    install(&root.join("tests").join("steady"), &folder)?;
    let document = folder.join("openapi.json");
    fs::write(&document, document_without_examples(root)?).map_err(|error| Fault::Other(format!("writing the document: {error}")))?;
    let server = start(&folder, &document)?;
    let status = cargo()
        .args(["run", "--quiet", "-p", "openai-tests", "--bin", "steady", "--", &server.url()])
        .arg(&document)
        .current_dir(root)
        .status()
        .map_err(|error| Fault::Other(format!("running the calls: {error}")))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Installs what the lock file pins, unless it is there.
fn install(pinned: &Path, folder: &Path) -> Result<(), Fault> {
    let failed = |error: io::Error| Fault::Other(format!("preparing {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    let lock = fs::read_to_string(pinned.join("package-lock.json")).map_err(failed)?;
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) && executable(folder).is_some() {
        return Ok(());
    }
    for file in ["package.json", "package-lock.json"] {
        fs::copy(pinned.join(file), folder.join(file)).map_err(failed)?;
    }
    let output =
        Command::new("npm").args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(folder).output();
    let output = output.map_err(|error| Fault::Absent(format!("npm cannot be run ({error}).")))?;
    if !output.status.success() {
        return Err(Fault::Absent(format!("npm cannot install it: {}", String::from_utf8_lossy(&output.stderr).trim())));
    }
    fs::write(stamp, lock).map_err(failed)
}

/// The server's own executable; the script in front of it would survive it.
fn executable(folder: &Path) -> Option<PathBuf> {
    let packages = fs::read_dir(folder.join("node_modules").join("@stdy")).ok()?;
    let built = packages.flatten().map(|entry| entry.path().join("bin")).find(|bin| bin.is_dir())?;
    fs::read_dir(built).ok()?.flatten().map(|entry| entry.path()).next()
}

/// The document as the SDK is made from it, corrections included; without its examples, of which some are not valid by their own schemas, so that
/// answers are made from those.
fn document_without_examples(root: &Path) -> Result<Vec<u8>, Fault> {
    let (mut said, mut complained) = (Vec::new(), Vec::new());
    let command = cli::Command { dump: Some(Stage::Load), ..crate::regeneration(root) };
    if cli::run_to(&command, &mut said, &mut complained) != 0 {
        return Err(Fault::Other(String::from_utf8_lossy(&complained).into_owned()));
    }
    let mut document = serde_json::from_slice(&said).map_err(|error| Fault::Other(format!("the document: {error}")))?;
    drop_examples(&mut document, "");
    serde_json::to_vec(&document).map_err(|error| Fault::Other(format!("the document: {error}")))
}

/// Takes examples away. A property of an object may be called so too.
fn drop_examples(value: &mut Value, key: &str) {
    match value {
        Value::Object(members) => {
            if key != "properties" {
                members.retain(|key, _| key != "example" && key != "examples");
            }
            members.iter_mut().for_each(|(name, value)| drop_examples(value, if key == "properties" { "" } else { name }));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_examples(item, "")),
        _ => {}
    }
}

fn start(folder: &Path, document: &Path) -> Result<Running, Fault> {
    let executable = executable(folder).ok_or_else(|| Fault::Absent("there is no build of it for this platform.".to_owned()))?;
    let formats = ["query-array", "query-object", "form-array", "form-object"].map(|what| format!("--validator-{what}-format=brackets"));
    let command = |address: SocketAddr| {
        let mut command = Command::new(executable);
        command
            .arg(format!("--port={}", address.port()))
            .args(formats)
            .args(["--generator-seed=7", "--log=false", "--no-color"])
            .arg(document);
        Ok(command)
    };
    Running::start(command, None)
}
