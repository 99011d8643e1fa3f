//! Packs the crates that are to be published, and looks at what came of it: size, licences, README, and nothing that does not belong there. Owns the rules of a
//! package; the crates of this workspace that are tools are not packed.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::outcome::{Fault, cargo, say, succeed};

/// In the order in which they can be published.
const PUBLISHED: &[(&str, &str)] = &[("openai-runtime", "runtime"), ("openai", "generated")];
/// What crates.io takes, compressed.
const LARGEST: u64 = 10 * 1024 * 1024;
/// What every package has, and which of it is a copy of the workspace's own.
const WANTED: &[&str] = &["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];
const COPIES: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT"];
/// Where a package's files may be, besides the ones above and the ones that cargo adds.
const FOLDERS: &[&str] = &["benches/", "examples/", "src/", "tests/"];
const FILES: &[&str] = &[".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig", "api.md", "manifest.toml", "surface.txt"];

/// Whether what was packed is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verify {
    /// Yes, each against the others as they were packed.
    Build,
    /// No: what is packed is looked at.
    Look,
}

/// Packs all of them.
pub(crate) fn package(root: &Path, verify: Verify) -> ExitCode {
    match run(root, verify) {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            faults.iter().for_each(|fault| say(fault));
            ExitCode::FAILURE
        }
        Err(Fault::Absent(why) | Fault::Other(why)) => {
            say(&why);
            ExitCode::FAILURE
        }
    }
}

fn run(root: &Path, verify: Verify) -> Result<Vec<String>, Fault> {
    let mut pack = cargo();
    pack.current_dir(root).args(["package", "--quiet", "--allow-dirty"]);
    for (name, _) in PUBLISHED {
        pack.args(["--package", name]);
    }
    if verify == Verify::Look {
        pack.arg("--no-verify");
    }
    succeed(&mut pack, "cargo package")?;
    let mut faults = Vec::new();
    for (name, folder) in PUBLISHED {
        let mut list = cargo();
        let listed = list.current_dir(root).args(["package", "--quiet", "--allow-dirty", "--list", "--package", name]).output();
        let listed = listed.map_err(Fault::while_doing("listing a package"))?;
        let files = String::from_utf8_lossy(&listed.stdout).replace('\\', "/");
        let files: Vec<&str> = files.lines().collect();
        let archive = root.join("target/package").join(format!("{name}-{}.crate", env!("CARGO_PKG_VERSION")));
        let size = fs::metadata(&archive).map_err(Fault::while_doing(archive.display()))?.len();
        say(&format!("{name}: {} files, {} KiB compressed", files.len(), size / 1024));
        faults.extend(judge(&files, size).into_iter().map(|fault| format!("{name}: {fault}")));
        for copy in COPIES {
            let (ours, original) = (fs::read(root.join(folder).join(copy)), fs::read(root.join(copy)));
            if !matches!((&ours, &original), (Ok(ours), Ok(original)) if ours == original) {
                faults.push(format!("{folder}/{copy} is not the workspace's {copy}: copy it"));
            }
        }
    }
    Ok(faults)
}

/// What is wrong with a package of these files and this size.
fn judge(files: &[&str], size: u64) -> Vec<String> {
    let missing = WANTED.iter().filter(|wanted| !files.contains(wanted)).map(|wanted| format!("{wanted} is missing"));
    let belongs = |file: &str| WANTED.contains(&file) || FILES.contains(&file) || FOLDERS.iter().any(|folder| file.starts_with(folder));
    let strange = files.iter().filter(|file| !belongs(file)).map(|file| format!("{file} does not belong into a package"));
    let mut faults: Vec<String> = missing.chain(strange).collect();
    if size > LARGEST {
        faults.push(format!("{size} bytes are more than the {LARGEST} that crates.io takes"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[&str], size: u64, expect: &[&str]) {
        let faults = judge(files, size);
        assert!(faults.len() == expect.len() && faults.iter().zip(expect).all(|(fault, words)| fault.contains(words)), "{faults:?}");
    }

    #[test]
    fn a_package_holds_what_it_should_and_nothing_else() {
        let with = |more: &[&'static str]| [WANTED, more].concat();
        check(&with(&["src/lib.rs", "examples/a.rs", "Cargo.lock"]), LARGEST, &[]);
        check(&WANTED[1..], 1, &["Cargo.toml is missing"]);
        check(&with(&[".env", "target/x"]), 1, &[".env does not belong", "target/x"]);
        check(WANTED, LARGEST + 1, &["more than"]);
    }
}
