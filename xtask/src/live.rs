//! `live`: an independent server that speaks this API, as a counterpart. Installs `llama-cpp-python[server]`, makes a tiny model with random weights, starts the
//! server on it, and runs those of the live tests that any such server must pass. Owns processes and files; knows no operation.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use serde_json::json;

use crate::counterpart::Running;
use crate::outcome::{Absent, Fault, cargo, conclude, say, succeed};

/// Installs and starts the server, and runs the tests.
pub(crate) fn live(root: &Path, absent: Absent) -> ExitCode {
    let hint = "Install Python with venv and pip, and a C++ compiler, and run `cargo xtask live`.";
    conclude(run(root), absent, "the calls against an independent server", hint)
}

fn run(root: &Path) -> Result<ExitCode, Fault> {
    let (sources, folder) = (root.join("tests").join("live"), root.join("target").join("live"));
    let python = install(&sources, &folder)?;
    let model = folder.join("tiny.gguf");
    let made = Command::new(&python).arg(sources.join("model.py")).arg(&model).status().map_err(Fault::while_doing("making the model"))?;
    if !made.success() {
        return Err(Fault::Other(format!("making the model ended with {made}")));
    }
    let log = folder.join("server.log");
    let settings = folder.join("server.json");
    let command = |address: SocketAddr| {
        fs::write(&settings, configuration(&model, address).to_string()).map_err(Fault::while_doing(settings.display()))?;
        let mut command = Command::new(&python);
        command.args(["-m", "llama_cpp.server", "--config_file"]).arg(&settings);
        Ok(command)
    };
    let server = Running::start(command, Some(&log))?;
    let status = cargo()
        .args(["test", "--package", "openai-tests", "--features", "live", "--test", "live", "--", "any_server"])
        .env("OPENAI_BASE_URL", format!("{}/v1", server.url()))
        .env("OPENAI_API_KEY", "sk-local")
        .env("OPENAI_LIVE_MODEL", "tiny")
        .env("OPENAI_LIVE_EMBEDDING_MODEL", "tiny-embedding")
        .current_dir(root)
        .status()
        .map_err(Fault::while_doing("running the tests"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Installs what is pinned into an environment of its own, unless it is there. The answer is its Python.
fn install(sources: &Path, folder: &Path) -> Result<PathBuf, Fault> {
    let pinned_file = sources.join("requirements.txt");
    let pinned = fs::read_to_string(&pinned_file).map_err(Fault::while_doing(pinned_file.display()))?;
    let (stamp, python) = (folder.join("installed"), folder.join("venv").join("bin").join("python"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pinned) && python.exists() {
        return Ok(python);
    }
    fs::create_dir_all(folder).map_err(Fault::while_doing(folder.display()))?;
    say("installing an inference server into target/live; it is built from C++, which takes minutes the first time");
    let venv = folder.join("venv");
    succeed(Command::new("python3").args(["-m", "venv"]).arg(venv), "python3 -m venv")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(pinned_file);
    // Neither pictures nor this machine's own instructions are needed for a tiny model.
    succeed(pip.env("CMAKE_ARGS", "-DLLAVA_BUILD=OFF -DGGML_NATIVE=OFF"), "pip install")?;
    fs::write(stamp, pinned).map_err(Fault::while_doing(folder.display()))?;
    Ok(python)
}

/// One model under two names: a server of this kind makes either text or vectors of it.
fn configuration(model: &Path, address: SocketAddr) -> serde_json::Value {
    let text = json!({ "model": model, "model_alias": "tiny", "n_ctx": 512, "n_threads": 2, "seed": 7 });
    let vectors = json!({ "model": model, "model_alias": "tiny-embedding", "n_ctx": 512, "n_threads": 2, "embedding": true });
    json!({ "host": address.ip(), "port": address.port(), "models": [text, vectors] })
}
