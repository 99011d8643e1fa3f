//! The chores of this workspace: `cargo xtask` lists them.

mod counterpart;
mod live;
mod steady;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use counterpart::Absent;
use openai_generator::cli::{Command, run};
use openai_generator::dump::Stage;
use openai_generator::format::Rustfmt;

/// The chores of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Regenerate the SDK in generated/ from spec/openapi.yaml, and report what changes in its public surface.
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
    /// Call every operation against `steady`, the mock server that the official SDKs are tested against: it judges each request by the document. Installs it
    /// from the npm registry into target/.
    Steady(Counterpart),
    /// Run the live tests that any server of this API must pass against an independent one, `llama-cpp-python`, with a tiny model of random weights. Installs it from
    /// the Python registry into target/, which builds it from C++.
    Live(Counterpart),
}

#[derive(Debug, Args)]
struct Counterpart {
    /// Where it cannot be installed, say so and pass.
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
    }
}

fn regen(check: bool, spec: Option<PathBuf>, dump: Option<Stage>, notes: bool) -> ExitCode {
    let root = root();
    run(&Command {
        lenient_overlay: spec.is_some(),
        spec: spec.unwrap_or_else(|| root.join("spec/openapi.yaml")),
        overlay: root.join("spec/overlay"),
        out: root.join("generated"),
        check,
        dump,
        runtime: None,
        label: Some("spec/openapi.yaml".to_owned()),
        rustfmt: Rustfmt::Run,
        notes,
        mend: "cargo xtask regen".to_owned(),
    })
}

/// The workspace's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
