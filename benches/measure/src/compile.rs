//! What compiling costs: CPU seconds and peak memory of rustc for a library alone, and for small programs on top of it.
//!
//! Everything that a crate depends on is built before. The crate is then built again from nothing, a few times; the middle one counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::machine::{self, benches, cargo, target};
use crate::table::{self, median};

/// How often each crate is built again, unless another number is given.
pub const ROUNDS: usize = 3;

/// A library with the programs on top of it.
struct Subject {
    name: &'static str,
    /// Its packages and how rustc calls them. Their sum is the library.
    packages: &'static [(&'static str, &'static str)],
    programs: &'static [&'static str],
}

const SUBJECTS: [Subject; 2] = [
    Subject {
        name: "openai",
        packages: &[("openai", "openai"), ("openai-runtime", "openai_runtime")],
        programs: &["program-ours-chat", "program-ours-responses"],
    },
    Subject {
        name: "async-openai",
        packages: &[("async-openai", "async_openai")],
        programs: &["program-peer-chat", "program-peer-responses"],
    },
];

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Build {
    Check,
    Debug,
    Release,
}

const BUILDS: [Build; 3] = [Build::Check, Build::Debug, Build::Release];

impl Build {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Check => &["check"],
            Self::Debug => &["build"],
            Self::Release => &["build", "--release"],
        }
    }

    /// The profile by which `cargo clean` knows what to remove.
    fn profile(self) -> &'static [&'static str] {
        match self {
            Self::Check | Self::Debug => &[],
            Self::Release => &["--release"],
        }
    }
}

/// What one compilation cost.
#[derive(Clone, Copy)]
struct Cost {
    cpu_seconds: f64,
    peak_mb: f64,
}

/// Prints the tables.
pub fn run(rounds: usize) -> Result<()> {
    let mut libraries = Vec::new();
    let mut programs = Vec::new();
    let mut crates = Vec::new();
    for subject in &SUBJECTS {
        let measured = Measured::new(subject, rounds)?;
        libraries.extend(measured.library_rows());
        programs.extend(measured.program_rows()?);
        crates.extend(measured.dependency_rows());
    }
    let header = ["library alone", "check CPU s", "MB", "debug CPU s", "MB", "release CPU s", "MB"];
    table::print("Compile cost of the library, dependencies prebuilt", &header, &libraries);
    let header = ["program alone", "debug CPU s", "MB", "release CPU s", "MB", "release KB, stripped"];
    table::print("Compile cost of a program, libraries prebuilt", &header, &programs);
    let header = ["everything, from nothing", "crates", "check CPU s", "debug CPU s", "release CPU s"];
    table::print("Compile cost of everything, for both programs", &header, &crates);
    Ok(())
}

struct Measured<'s> {
    subject: &'s Subject,
    target: PathBuf,
    /// By build and crate: the middle of the rounds.
    costs: BTreeMap<(Build, String), Cost>,
    /// By build: compilations and CPU seconds of the first build, in which everything is compiled.
    totals: BTreeMap<Build, (usize, f64)>,
}

impl<'s> Measured<'s> {
    fn new(subject: &'s Subject, rounds: usize) -> Result<Self> {
        let target = target().join("compile").join(subject.name);
        if target.exists() {
            fs::remove_dir_all(&target)?;
        }
        let mut measured = Self { subject, target, costs: BTreeMap::new(), totals: BTreeMap::new() };
        for build in BUILDS {
            measured.measure(build, rounds)?;
        }
        Ok(measured)
    }

    fn measure(&mut self, build: Build, rounds: usize) -> Result<()> {
        let first = self.build(build)?;
        self.totals.insert(build, (first.len(), first.iter().map(|(_, cost)| cost.cpu_seconds).sum()));
        let mut again: BTreeMap<String, Vec<Cost>> = BTreeMap::new();
        for _ in 0..rounds {
            self.clean(build)?;
            for (name, cost) in self.build(build)? {
                again.entry(name).or_default().push(cost);
            }
        }
        for (name, costs) in again {
            let cost = Cost {
                cpu_seconds: median(costs.iter().map(|cost| cost.cpu_seconds).collect()),
                peak_mb: median(costs.iter().map(|cost| cost.peak_mb).collect()),
            };
            self.costs.insert((build, name), cost);
        }
        Ok(())
    }

    /// Removes what was built of the library and the programs.
    fn clean(&self, build: Build) -> Result<()> {
        let mut command = cargo(&self.target, &["clean"]);
        command.args(build.profile());
        for package in self.subject.packages.iter().map(|(package, _)| package).chain(self.subject.programs) {
            command.args(["-p", package]);
        }
        machine::run(&mut command).map(drop)
    }

    /// Builds the programs and returns what each compilation cost, one after the other.
    fn build(&self, build: Build) -> Result<Vec<(String, Cost)>> {
        let log = self.target.with_extension("log");
        fs::create_dir_all(&self.target)?;
        fs::write(&log, "")?;
        let mut command = cargo(&self.target, build.arguments());
        command.args(["--jobs", "1"]).env("RUSTC_WRAPPER", benches().join("measure/rustc-timed.sh")).env("RUSTC_TIMES", &log);
        for program in self.subject.programs {
            command.args(["-p", program]);
        }
        machine::run(&mut command)?;
        costs(&log)
    }

    fn cost(&self, build: Build, name: &str) -> Option<Cost> {
        self.costs.get(&(build, name.to_owned())).copied()
    }

    fn library_rows(&self) -> Vec<Vec<String>> {
        let names: Vec<&str> = self.subject.packages.iter().map(|(_, name)| *name).collect();
        let mut rows: Vec<Vec<String>> = names.iter().map(|name| self.library_row(&name.replace('_', "-"), &[name])).collect();
        if names.len() > 1 {
            rows.push(self.library_row("  together", &names));
        }
        rows
    }

    fn library_row(&self, title: &str, names: &[&str]) -> Vec<String> {
        let mut row = vec![title.to_owned()];
        for build in BUILDS {
            let costs: Vec<Cost> = names.iter().filter_map(|name| self.cost(build, name)).collect();
            row.push(format!("{:.1}", costs.iter().map(|cost| cost.cpu_seconds).sum::<f64>()));
            row.push(format!("{:.0}", costs.iter().map(|cost| cost.peak_mb).fold(0.0, f64::max)));
        }
        row
    }

    fn program_rows(&self) -> Result<Vec<Vec<String>>> {
        self.subject.programs.iter().map(|program| self.program_row(program)).collect()
    }

    fn program_row(&self, program: &str) -> Result<Vec<String>> {
        let mut row = vec![program.trim_start_matches("program-").to_owned()];
        for build in [Build::Debug, Build::Release] {
            let cost = self.cost(build, &program.replace('-', "_")).with_context(|| format!("{program} was not compiled"))?;
            row.push(format!("{:.1}", cost.cpu_seconds));
            row.push(format!("{:.0}", cost.peak_mb));
        }
        row.push(format!("{:.0}", stripped_bytes(&self.target.join("release").join(program))? as f64 / 1024.0));
        Ok(row)
    }

    fn dependency_rows(&self) -> Vec<Vec<String>> {
        let mut row = vec![self.subject.name.to_owned()];
        row.push(self.totals.get(&Build::Check).map_or(0, |(count, _)| *count).to_string());
        row.extend(BUILDS.map(|build| format!("{:.0}", self.totals.get(&build).map_or(f64::NAN, |(_, seconds)| *seconds))));
        vec![row]
    }
}

/// Reads what the wrapper wrote. What has no name is cargo asking rustc for its version.
fn costs(log: &Path) -> Result<Vec<(String, Cost)>> {
    let text = fs::read_to_string(log)?;
    let cost = |line: &str| -> Option<(String, Cost)> {
        let mut words = line.split(' ');
        let name = words.next().filter(|name| !matches!(*name, "-" | "___"))?;
        let [user, system, peak_kb] = [words.next()?, words.next()?, words.next()?].map(|word| word.parse::<f64>().unwrap_or(f64::NAN));
        Some((name.to_owned(), Cost { cpu_seconds: user + system, peak_mb: peak_kb / 1024.0 }))
    };
    Ok(text.lines().filter_map(cost).collect())
}

fn stripped_bytes(program: &Path) -> Result<u64> {
    let stripped = program.with_extension("stripped");
    machine::run(std::process::Command::new("strip").arg("-o").arg(&stripped).arg(program))?;
    Ok(fs::metadata(&stripped)?.len())
}
