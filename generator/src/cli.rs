//! Owns what the commands print and how they exit: 0 when all is well, 1 when the document has faults or the output drifted, 2 when the machine stands in the way.

use std::fmt::Display;
use std::io::Write;
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
    /// How the files name the document; `None`: by its own name.
    pub label: Option<String>,
    /// Whether rustfmt runs.
    pub rustfmt: Rustfmt,
    /// Whether notes are printed.
    pub notes: bool,
    /// The command that mends a drift.
    pub mend: String,
}

/// Where the words go.
struct Voice<'w> {
    out: &'w mut dyn Write,
    err: &'w mut dyn Write,
}

impl Voice<'_> {
    // A reader that hangs up (`| head`) is no reason to stop.
    fn say(&mut self, line: impl Display) {
        let _ = writeln!(self.out, "{line}");
    }

    fn warn(&mut self, line: impl Display) {
        let _ = writeln!(self.err, "{line}");
    }
}

/// Runs it.
pub fn run(command: &Command) -> ExitCode {
    ExitCode::from(run_to(command, &mut std::io::stdout(), &mut std::io::stderr()))
}

/// Runs it with its words going to `out` and `err`, and answers with the exit code.
pub fn run_to(command: &Command, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let mut voice = Voice { out, err };
    let mut diagnostics = Diagnostics::default();
    let settings = Settings {
        spec: command.spec.clone(),
        overlay: command.overlay.clone(),
        unmatched: if command.lenient_overlay { Unmatched::Warning } else { Unmatched::Error },
        runtime: command.runtime.clone(),
        label: command.label.clone(),
        dump: command.dump,
    };
    let generated = generate(&mut diagnostics, &settings);
    let least = if command.notes { Severity::Note } else { Severity::Warning };
    for diagnostic in diagnostics.iter().filter(|d| d.severity >= least) {
        voice.warn(diagnostic);
    }
    let Ok(generated) = generated else {
        let errors = diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        voice.warn(format!("{errors} error{}; nothing was written", if errors == 1 { "" } else { "s" }));
        return 1;
    };
    if let Some(text) = &generated.dump {
        voice.say(text.trim_end_matches('\n'));
        return 0;
    }
    match finish(command, generated, &mut voice) {
        Ok(code) => code,
        Err(e) => {
            voice.warn(format!("error: {e:#}"));
            2
        }
    }
}

fn finish(command: &Command, mut generated: Generated, voice: &mut Voice<'_>) -> anyhow::Result<u8> {
    format(&mut generated.files, command.rustfmt, generated.extension.as_deref())?;
    let by_hand =
        ByHand { paths: generated.extension.iter().flat_map(|module| [format!("src/{module}"), format!("src/{module}.rs")]).collect() };
    let before = std::fs::read_to_string(command.out.join(SURFACE)).ok();
    let after = &generated.files[SURFACE];
    if command.check {
        let drift = drift(&generated.files, &command.out, &by_hand)?;
        if drift.is_empty() {
            voice.say(format!("{} files are as they would be generated", generated.files.len()));
            return Ok(0);
        }
        if let Some(before) = before.filter(|before| before != after) {
            voice.say(report(&before, after).trim_end_matches('\n'));
        }
        for line in drift.lines() {
            voice.warn(line);
        }
        voice.warn(format!("the crate differs from what is generated; to mend it: {}", command.mend));
        return Ok(1);
    }
    let drift = write(&generated.files, &command.out, &by_hand)?;
    if let Some(before) = before.filter(|before| before != after) {
        voice.say(report(&before, after).trim_end_matches('\n'));
    }
    let c = generated.counts;
    voice.say(format!(
        "{} operations; {} schemas: {} emitted, {} aliases of their twins, {} reached by nothing; {} types; {} places stay raw JSON (--notes lists them)",
        c.operations, c.schemas, c.emitted, c.aliased, c.unreached, c.types, c.untyped
    ));
    voice.say(format!(
        "{} files: {} changed, {} new, {} removed",
        generated.files.len(),
        drift.stale.len(),
        drift.missing.len(),
        drift.orphan.len()
    ));
    Ok(0)
}
