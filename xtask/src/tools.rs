//! Programs from crates.io that chores use, each of one version, installed into target/tools. Knows which programs there are and what they are run with.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::outcome::{Absent, Fault, cargo, conclude, say, succeed};

/// A program from crates.io.
struct Tool {
    name: &'static str,
    version: &'static str,
}

const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
const SEMVER_CHECKS: Tool = Tool { name: "cargo-semver-checks", version: "0.51.0" };

/// Judges the packages that the workspace stands on by `deny.toml`: licences, sources, bans, and known vulnerabilities.
pub(crate) fn audit(root: &Path, absent: Absent) -> ExitCode {
    let run = || {
        let deny = DENY.installed(root)?;
        let judged = ran(Command::new(&deny).args(["check", "licenses", "bans", "sources"]).current_dir(root))?;
        // The list of vulnerabilities is in a git repository.
        let fetched = ran(Command::new(&deny).args(["fetch", "db"]).current_dir(root))?;
        if judged != ExitCode::SUCCESS || fetched != ExitCode::SUCCESS {
            let why = || Fault::Absent("The list of known vulnerabilities cannot be fetched.".to_owned());
            return if judged == ExitCode::SUCCESS { Err(why()) } else { Ok(judged) };
        }
        ran(Command::new(&deny).args(["check", "advisories"]).current_dir(root))
    };
    conclude(run(), absent, "the audit of known vulnerabilities", "Run `cargo xtask audit` where github.com can be reached.")
}

/// Compares the public API of the crates that are published with that of an earlier commit. What is emitted is compared by the generator as well, which knows more
/// of it; this is for what is written by hand.
pub(crate) fn semver(root: &Path, since: &str, absent: Absent) -> ExitCode {
    let run = || {
        let checks = SEMVER_CHECKS.installed(root)?;
        let mut check = Command::new(checks);
        check.args(["semver-checks", "--baseline-rev", since, "--package", "openai-runtime", "--package", "openai"]).current_dir(root);
        ran(&mut check)
    };
    conclude(run(), absent, "the comparison of public APIs", "Run `cargo xtask semver` where crates.io can be reached.")
}

impl Tool {
    /// The program, installed unless it is there.
    fn installed(&self, root: &Path) -> Result<PathBuf, Fault> {
        let folder = root.join("target").join("tools").join(format!("{}-{}", self.name, self.version));
        let program = folder.join("bin").join(self.name).with_extension(std::env::consts::EXE_EXTENSION);
        if !program.exists() {
            say(&format!("installing {} {} into target/tools, which takes minutes the first time", self.name, self.version));
            let mut install = cargo();
            install.args(["install", "--quiet", "--locked", "--version", self.version, self.name, "--root"]).arg(&folder);
            succeed(&mut install, &format!("cargo install {}", self.name))?;
        }
        Ok(program)
    }
}

fn ran(command: &mut Command) -> Result<ExitCode, Fault> {
    let status = command.status().map_err(Fault::while_doing("running a tool"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
