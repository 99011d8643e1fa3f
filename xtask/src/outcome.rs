//! What a chore comes to: where what it needs cannot be had, what is said then, and the commands that it runs. Knows no chore.

use std::io;
use std::process::{Command, ExitCode};

/// What to do where something that a chore needs cannot be installed.
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
    /// What it needs cannot be had on this machine.
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

/// Cargo. What it has told this chore about its package is taken away: build scripts that ask for it would run again, and
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
