//! The chores of this workspace: `cargo xtask` lists them.

mod counterpart;
mod live;
mod outcome;
mod package;
mod steady;
mod tools;
mod update;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use openai_generator::cli::{Command, run};
use openai_generator::dump::Stage;
use openai_generator::format::Rustfmt;
use outcome::Absent;
use package::Verify;

/// The chores of this workspace.
// Without a chore, the list goes to the error stream and the exit code is 2: whoever forgot its name must not take that for success.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Regenerate the SDK in generated/ from spec/openapi.yaml, and report what changes for users.
    Regen {
        /// Write nothing; fail if generated/ is not what would be written.
        #[arg(long)]
        check: bool,
        /// Another document, to see what an update would bring; overlay entries that match nothing are warnings then.
        #[arg(long)]
        spec: Option<PathBuf>,
        /// Print a stage's result and write nothing.
        #[arg(long, value_enum)]
        dump: Option<Stage>,
        /// Also print the notes: what stays raw JSON, and why.
        #[arg(long)]
        notes: bool,
    },
    /// Take upstream's newest document, regenerate, and write the report for the pull request.
    ///
    /// Overlay entries that match nothing any more are in the report, to be mended by hand. It fails when nothing can be generated from the document; the report
    /// then says why.
    Update {
        /// A file or a git repository, in place of the repository that spec/provenance.toml names.
        #[arg(long)]
        from: Option<String>,
        /// Where the report is written; without it, it is printed.
        #[arg(long)]
        report: Option<PathBuf>,
    },
    /// Call every operation against `steady`, the mock server that the official SDKs are tested against.
    ///
    /// It judges each request by the document. It is installed from the npm registry into target/.
    Steady(Counterpart),
    /// Run the live tests against an independent inference server with a tiny model of random weights.
    ///
    /// The server is `llama-cpp-python`. It is installed from the Python registry into target/, which builds it from C++.
    Live(Counterpart),
    /// Pack the crates that are published, and judge what is in the packages.
    Package {
        /// Build each of them as it was packed, too.
        #[arg(long)]
        verify: bool,
    },
    /// Judge the packages that the workspace stands on: licences, sources, known vulnerabilities.
    ///
    /// By `deny.toml`, with `cargo-deny`, which is installed from crates.io into target/.
    Audit(Counterpart),
    /// Compare the public API with that of an earlier commit.
    ///
    /// With `cargo-semver-checks`, which is installed from crates.io into target/. The emitted part is compared by `regen` as well.
    Semver {
        /// The commit, tag or branch to compare with.
        #[arg(long)]
        since: String,
        #[command(flatten)]
        counterpart: Counterpart,
    },
}

#[derive(Debug, Args)]
struct Counterpart {
    /// Where what it needs cannot be installed, say so and pass.
    #[arg(long)]
    if_possible: bool,
}

impl Counterpart {
    fn absent(&self) -> Absent {
        if self.if_possible { Absent::Pass } else { Absent::Fail }
    }
}

fn main() -> ExitCode {
    match Arguments::parse().chore {
        Chore::Regen { check, spec, dump, notes } => regen(check, spec, dump, notes),
        Chore::Steady(counterpart) => steady::steady(&root(), counterpart.absent()),
        Chore::Live(counterpart) => live::live(&root(), counterpart.absent()),
        Chore::Update { from, report } => update::update(&root(), from.as_deref(), report.as_deref()),
        Chore::Package { verify } => package::package(&root(), if verify { Verify::Build } else { Verify::Look }),
        Chore::Audit(counterpart) => tools::audit(&root(), counterpart.absent()),
        Chore::Semver { since, counterpart } => tools::semver(&root(), &since, counterpart.absent()),
    }
}

fn regen(check: bool, spec: Option<PathBuf>, dump: Option<Stage>, notes: bool) -> ExitCode {
    let usual = regeneration(&root());
    run(&Command { lenient_overlay: spec.is_some(), spec: spec.unwrap_or(usual.spec), check, dump, notes, ..usual })
}

/// The generation of the SDK in a workspace.
fn regeneration(root: &Path) -> Command {
    Command {
        lenient_overlay: false,
        spec: root.join("spec/openapi.yaml"),
        overlay: root.join("spec/overlay"),
        out: root.join("generated"),
        check: false,
        dump: None,
        runtime: None,
        label: Some("spec/openapi.yaml".to_owned()),
        rustfmt: Rustfmt::Run,
        notes: false,
        mend: "cargo xtask regen".to_owned(),
    }
}

/// The workspace's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
