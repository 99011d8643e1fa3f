//! `corpus FILE…`: performs the cases of files shaped like those of the corpus, prints a line a case and the counts. The exit code is 1 if any differs.

use std::io::{Write, stdout};
use std::path::Path;
use std::process::ExitCode;

use openai_tests::corpus::{Deviations, load, run};

fn main() -> ExitCode {
    match perform(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(stdout(), "{error}");
            ExitCode::from(2)
        }
    }
}

fn perform(files: &[String]) -> Result<ExitCode, String> {
    let mut cases = Vec::new();
    for file in files {
        cases.extend(load(Path::new(file))?);
    }
    let report = run(cases, &Deviations::listed()?);
    let mut out = stdout().lock();
    for (case, verdict) in report.verdicts() {
        writeln!(out, "{} {}: {verdict}", case.category, case.name).map_err(|error| error.to_string())?;
    }
    write!(out, "{report}").map_err(|error| error.to_string())?;
    Ok(if report.failures().next().is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
