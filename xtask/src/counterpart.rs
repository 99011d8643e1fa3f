//! Servers that others have written, as processes of this machine: what to do where one cannot be had, where it listens, and that it ends. Knows none of them.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

/// What to do where a server cannot be installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// The chore fails.
    Fail,
    /// The chore says so, loudly, and passes.
    Pass,
}

/// Why nothing was run.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The server cannot be had on this machine.
    Absent(String),
    /// Something else went wrong.
    Other(String),
}

impl Fault {
    /// Something went wrong while doing this.
    pub(crate) fn while_doing(what: impl std::fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Other(format!("{what}: {error}"))
    }
}

/// What a chore comes to. `hint` says how what is missing is had.
pub(crate) fn conclude(ran: Result<ExitCode, Fault>, absent: Absent, what: &str, hint: &str) -> ExitCode {
    match ran {
        Ok(code) => code,
        Err(Fault::Absent(why)) if absent == Absent::Pass => {
            let line = "!".repeat(100);
            say(&format!("{line}\nNOT RUN: {what}. {why}\n{hint}\n{line}"));
            ExitCode::SUCCESS
        }
        Err(Fault::Absent(why) | Fault::Other(why)) => {
            say(&why);
            ExitCode::FAILURE
        }
    }
}

/// Cargo, to build and run what talks to a server. What it has told this chore about its package is taken away: build scripts that ask for it would run again, and
/// everything above them with it.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// A server's process, which ends with this value.
#[derive(Debug)]
pub(crate) struct Running {
    process: Child,
    address: SocketAddr,
}

impl Running {
    /// Starts a server that is told its port, and waits until it listens. What it says goes to `log`, or nowhere.
    pub(crate) fn start(command: impl FnOnce(SocketAddr) -> Result<Command, Fault>, log: Option<&Path>) -> Result<Self, Fault> {
        // A port that was free a moment ago: these servers cannot choose one by themselves.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(Fault::while_doing("a port"))?;
        let (said, complained) = match log {
            Some(path) => {
                let file = std::fs::File::create(path).map_err(Fault::while_doing(path.display()))?;
                let again = file.try_clone().map_err(Fault::while_doing(path.display()))?;
                (file.into(), again.into())
            }
            None => (Stdio::null(), Stdio::null()),
        };
        let process = command(address)?.stdin(Stdio::null()).stdout(said).stderr(complained).spawn();
        let mut running = Self { process: process.map_err(Fault::while_doing("starting the server"))?, address };
        for _ in 0..600 {
            if TcpStream::connect(address).is_ok() {
                return Ok(running);
            }
            if let Ok(Some(status)) = running.process.try_wait() {
                let log = log.map(|path| format!(", and says why in {}", path.display())).unwrap_or_default();
                return Err(Fault::Other(format!("the server ended with {status}{log}")));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(Fault::Other("the server does not listen after a minute".to_owned()))
    }

    /// Where it listens: `http://127.0.0.1:…`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
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
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Runs a command that this machine may not have, or may not be able to carry out.
pub(crate) fn succeed(command: &mut Command, what: &str) -> Result<(), Fault> {
    let output = command.output().map_err(|error| Fault::Absent(format!("`{what}` cannot be run ({error}).")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Fault::Absent(format!("`{what}` failed: {}", String::from_utf8_lossy(&output.stderr).trim())))
}
