//! The command line: `generator --spec FILE --overlay DIR --out DIR [--check] [--dump STAGE]`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use openai_generator::cli::{Command, run};
use openai_generator::dump::Stage;
use openai_generator::format::Rustfmt;

/// Turns an OpenAPI document into a Rust SDK crate.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// The document: YAML or JSON, OpenAPI 3.0 or 3.1.
    #[arg(long)]
    spec: PathBuf,
    /// The folder with the overlay's *.toml files; it may be empty.
    #[arg(long)]
    overlay: PathBuf,
    /// The folder of the crate.
    #[arg(long)]
    out: PathBuf,
    /// Write nothing; fail if the folder is not what would be written.
    #[arg(long)]
    check: bool,
    /// Print a stage's result and write nothing.
    #[arg(long, value_enum)]
    dump: Option<Stage>,
    /// Report overlay entries that match nothing as warnings.
    #[arg(long)]
    lenient_overlay: bool,
    /// Path to openai-runtime, as the crate's Cargo.toml shall name it: makes a crate that stands alone.
    #[arg(long)]
    runtime: Option<String>,
    /// Do not run rustfmt.
    #[arg(long)]
    no_rustfmt: bool,
    /// Also print the notes: what stays raw JSON, and why.
    #[arg(long)]
    notes: bool,
}

fn main() -> ExitCode {
    let a = Arguments::parse();
    let command = Command {
        spec: a.spec,
        overlay: a.overlay,
        out: a.out,
        check: a.check,
        dump: a.dump,
        lenient_overlay: a.lenient_overlay,
        runtime: a.runtime,
        label: None,
        rustfmt: if a.no_rustfmt { Rustfmt::Skip } else { Rustfmt::Run },
        notes: a.notes,
        mend: "run the same command without --check".to_owned(),
    };
    run(&command)
}
