//! Owns what the commands print and how they exit: 0 when all is well, 1 when the document has faults or the output drifted, 2 when the machine stands in the way.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the command line's voice")]

use std::path::PathBuf;
use std::process::ExitCode;

use crate::diagnostics::{Diagnostics, Severity};
use crate::format::{Rustfmt, format};
use crate::output::{ByHand, drift, write};
use crate::overlay::Unmatched;
use crate::report::report;
use crate::{Generated, SURFACE, Settings, dump, generate};

/// A run of the generator.
#[derive(Clone, Debug)]
pub struct Command {
    /// The document.
    pub spec: PathBuf,
    /// The folder with the overlay.
    pub overlay: PathBuf,
    /// The folder of the crate.
    pub out: PathBuf,
    /// Compare instead of writing.
    pub check: bool,
    /// Print a stage instead of writing.
    pub dump: Option<dump::Stage>,
    /// Whether unmatched overlay entries are warnings.
    pub lenient_overlay: bool,
    /// Path to the runtime for a crate that stands alone.
    pub runtime: Option<String>,
    /// Whether rustfmt runs.
    pub rustfmt: Rustfmt,
    /// Whether notes are printed.
    pub notes: bool,
    /// The command that mends a drift.
    pub mend: String,
}

/// Runs it.
pub fn run(command: &Command) -> ExitCode {
    let mut diagnostics = Diagnostics::default();
    let settings = Settings {
        spec: command.spec.clone(),
        overlay: command.overlay.clone(),
        unmatched: if command.lenient_overlay { Unmatched::Warning } else { Unmatched::Error },
        runtime: command.runtime.clone(),
        dump: command.dump,
    };
    let generated = generate(&mut diagnostics, &settings);
    let least = if command.notes { Severity::Note } else { Severity::Warning };
    for diagnostic in diagnostics.iter().filter(|d| d.severity >= least) {
        eprintln!("{diagnostic}");
    }
    let Ok(generated) = generated else {
        let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        eprintln!("{errors} error{}; nothing was written", if errors == 1 { "" } else { "s" });
        return ExitCode::from(1);
    };
    if let Some(text) = &generated.dump {
        print!("{text}");
        return ExitCode::SUCCESS;
    }
    match finish(command, generated) {
        Ok(code) => code,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::from(2)
        }
    }
}

fn finish(command: &Command, mut generated: Generated) -> anyhow::Result<ExitCode> {
    format(&mut generated.files, command.rustfmt, generated.extension.as_deref())?;
    let by_hand = ByHand {
        paths: generated.extension.iter().flat_map(|module| [format!("src/{module}"), format!("src/{module}.rs")]).collect(),
    };
    if command.check {
        let drift = drift(&generated.files, &command.out, &by_hand)?;
        if drift.is_empty() {
            println!("{} files are as they would be generated", generated.files.len());
            return Ok(ExitCode::SUCCESS);
        }
        for line in drift.lines() {
            eprintln!("{line}");
        }
        eprintln!("the crate differs from what is generated; to mend it: {}", command.mend);
        return Ok(ExitCode::from(1));
    }
    let before = std::fs::read_to_string(command.out.join(SURFACE)).ok();
    let drift = write(&generated.files, &command.out, &by_hand)?;
    let after = &generated.files[SURFACE];
    if let Some(before) = before.filter(|before| before != after) {
        print!("{}", report(&before, after));
    }
    let c = generated.counts;
    println!(
        "{} operations; {} schemas: {} emitted, {} aliases of their twins, {} reached by nothing; {} types; {} places stay raw JSON (--notes lists them)",
        c.operations, c.schemas, c.emitted, c.aliased, c.unreached, c.types, c.untyped
    );
    println!(
        "{} files: {} changed, {} new, {} removed",
        generated.files.len(),
        drift.stale.len(),
        drift.missing.len(),
        drift.orphan.len()
    );
    Ok(ExitCode::SUCCESS)
}
