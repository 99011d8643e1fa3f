//! `steady`: the mock server that the official SDKs are tested against. Installs it, starts it on this workspace's document, and has every operation called
//! against it. Owns processes and files; knows no operation.

use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use openai_generator::cli;
use openai_generator::dump::Stage;
use openai_generator::format::Rustfmt;
use serde_json::Value;

/// What to do where it cannot be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// The chore fails.
    Fail,
    /// The chore says so, loudly, and passes.
    Pass,
}

/// Why nothing was judged.
#[derive(Debug)]
enum Fault {
    /// The server cannot be had on this machine.
    Absent(String),
    /// Something else went wrong.
    Other(String),
}

/// Installs and starts the server, and runs all calls.
pub(crate) fn steady(root: &Path, absent: Absent) -> ExitCode {
    match run(root) {
        Ok(code) => code,
        Err(Fault::Absent(why)) if absent == Absent::Pass => {
            let line = "!".repeat(100);
            say(&format!("{line}\nNOT RUN: the calls against steady. {why}\nInstall Node and npm, and run `cargo xtask steady`.\n{line}"));
            ExitCode::SUCCESS
        }
        Err(Fault::Absent(why) | Fault::Other(why)) => {
            say(&why);
            ExitCode::FAILURE
        }
    }
}

fn run(root: &Path) -> Result<ExitCode, Fault> {
    let folder = root.join("target").join("steady");
    install(&root.join("tests").join("steady"), &folder)?;
    let document = folder.join("openapi.json");
    fs::write(&document, document_without_examples(root)?).map_err(|error| Fault::Other(format!("writing the document: {error}")))?;
    let server = Running::start(&folder, &document)?;
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "-p", "openai-tests", "--bin", "steady", "--", &server.url])
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
    let command = cli::Command {
        spec: root.join("spec/openapi.yaml"),
        overlay: root.join("spec/overlay"),
        out: root.join("generated"),
        check: true,
        dump: Some(Stage::Load),
        lenient_overlay: false,
        runtime: None,
        label: None,
        rustfmt: Rustfmt::Skip,
        notes: false,
        mend: String::new(),
    };
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

/// The server's process, which ends with this value.
struct Running {
    process: Child,
    url: String,
}

impl Running {
    fn start(folder: &Path, document: &Path) -> Result<Self, Fault> {
        let failed = |error: io::Error| Fault::Other(format!("starting the server: {error}"));
        let executable = executable(folder).ok_or_else(|| Fault::Absent("there is no build of it for this platform.".to_owned()))?;
        // A port that was free a moment ago; the server cannot choose one by itself.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(failed)?;
        let formats =
            ["query-array", "query-object", "form-array", "form-object"].map(|what| format!("--validator-{what}-format=brackets"));
        let process = Command::new(executable)
            .arg(format!("--port={}", address.port()))
            .args(formats)
            .args(["--generator-seed=7", "--log=false", "--no-color"])
            .arg(document)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let mut running = Self { process, url: format!("http://{address}") };
        for _ in 0..600 {
            if TcpStream::connect(address).is_ok() {
                return Ok(running);
            }
            if let Ok(Some(status)) = running.process.try_wait() {
                return Err(Fault::Other(format!("the server ended with {status}")));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(Fault::Other("the server does not listen after a minute".to_owned()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[allow(clippy::print_stdout, reason = "a chore tells what it does")]
fn say(text: &str) {
    println!("{text}");
}
