//! Takes upstream's newest document, regenerates, and writes the report that becomes the text of a pull request. Owns where the document comes from and its
//! provenance; what changes for users is the generator's to say.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use openai_generator::cli;
use openai_generator::load::digest;

use crate::outcome::{Fault, say};

/// More is not taken as the text of a pull request.
const LONGEST: usize = 60_000;

/// A document, and what is known of where it comes from.
struct Upstream {
    bytes: Vec<u8>,
    commit: String,
    date: String,
    taken_from: String,
}

/// Updates the document below `root`. `from` is a file, or a git repository; without it, that of the provenance. The report goes to a file or is printed; there
/// is none when nothing is new. It fails when the document cannot be had, and when nothing can be generated from it, which the report then says.
pub(crate) fn update(root: &Path, from: Option<&str>, report: Option<&Path>) -> ExitCode {
    match run(root, from, report) {
        Ok(code) => ExitCode::from(code),
        Err(Fault::Absent(why) | Fault::Other(why)) => {
            say(&why);
            ExitCode::from(2)
        }
    }
}

fn run(root: &Path, from: Option<&str>, report: Option<&Path>) -> Result<u8, Fault> {
    let spec = root.join("spec");
    let (document, record) = (spec.join("openapi.yaml"), spec.join("provenance.toml"));
    let provenance = fs::read_to_string(&record).map_err(Fault::while_doing(record.display()))?;
    let source = value(&provenance, "source").ok_or_else(|| Fault::Other(format!("{} names no source", record.display())))?;
    let upstream = match from {
        Some(file) if Path::new(file).is_file() => of_file(Path::new(file))?,
        Some(repository) => of_repository(root, repository, &provenance)?,
        None => of_repository(root, &format!("https://github.com/{source}"), &provenance)?,
    };
    let old = fs::read(&document).map_err(Fault::while_doing(document.display()))?;
    if old == upstream.bytes {
        say("spec/openapi.yaml is what upstream has: nothing to do");
        return Ok(0);
    }
    fs::write(&document, &upstream.bytes).map_err(Fault::while_doing(document.display()))?;
    fs::write(&record, renewed(&provenance, &upstream)).map_err(Fault::while_doing(record.display()))?;

    let (mut said, mut complained) = (Vec::new(), Vec::new());
    let code = cli::run_to(&cli::Command { lenient_overlay: true, ..crate::regeneration(root) }, &mut said, &mut complained);
    let text = text(source, &upstream, &String::from_utf8_lossy(&said), &String::from_utf8_lossy(&complained));
    match report {
        Some(path) => fs::write(path, text).map_err(Fault::while_doing(path.display()))?,
        None => say(&text),
    }
    Ok(code)
}

fn of_file(file: &Path) -> Result<Upstream, Fault> {
    let bytes = fs::read(file).map_err(Fault::while_doing(file.display()))?;
    Ok(Upstream { bytes, commit: "unknown".to_owned(), date: "unknown".to_owned(), taken_from: "a file".to_owned() })
}

/// The newest commit of a repository's default branch.
fn of_repository(root: &Path, repository: &str, provenance: &str) -> Result<Upstream, Fault> {
    let clone = root.join("target").join("upstream");
    if clone.exists() {
        fs::remove_dir_all(&clone).map_err(Fault::while_doing(clone.display()))?;
    }
    git(Command::new("git").args(["clone", "--quiet", "--depth", "1", "--", repository]).arg(&clone))?;
    let file = clone.join(value(provenance, "file").unwrap_or("openapi.yaml"));
    Ok(Upstream {
        bytes: fs::read(&file).map_err(Fault::while_doing(format!("{} of {repository}", file.display())))?,
        commit: git(Command::new("git").arg("-C").arg(&clone).args(["rev-parse", "HEAD"]))?,
        date: git(Command::new("git").arg("-C").arg(&clone).args(["log", "-1", "--format=%cs"]))?,
        taken_from: "the repository itself".to_owned(),
    })
}

/// What git says.
fn git(command: &mut Command) -> Result<String, Fault> {
    let output = command.output().map_err(Fault::while_doing("running git"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(Fault::Other(format!("the document cannot be had: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

/// The value of a key of the provenance, which is a table of plain values with comments.
fn value<'t>(toml: &'t str, key: &str) -> Option<&'t str> {
    toml.lines().find_map(|line| Some(line.strip_prefix(key)?.strip_prefix(" = ")?.trim_matches('"')))
}

/// The provenance with what is new; what else it says stays.
fn renewed(provenance: &str, upstream: &Upstream) -> String {
    let quoted = |text: &str| format!("{text:?}");
    let values = [
        ("commit", quoted(&upstream.commit)),
        ("date", quoted(&upstream.date)),
        ("bytes", upstream.bytes.len().to_string()),
        ("sha256", quoted(&digest(&upstream.bytes))),
        ("taken_from", quoted(&upstream.taken_from)),
    ];
    let line = |line: &str| match values.iter().find(|(key, _)| value(line, key).is_some()) {
        Some((key, value)) => format!("{key} = {value}\n"),
        None => format!("{line}\n"),
    };
    provenance.lines().map(line).collect()
}

/// The report, as Markdown.
fn text(source: &str, upstream: &Upstream, said: &str, complained: &str) -> String {
    let Upstream { commit, date, .. } = upstream;
    let mut text = format!("Upstream's document of {date}: `{source}` at `{commit}`.\n\n{}\n", said.trim_end());
    if !complained.trim().is_empty() {
        text += &format!("\n## What to mend by hand\n\n```\n{}\n```\n", complained.trim());
    }
    if text.len() <= LONGEST {
        return text;
    }
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST).last().unwrap_or(0);
    let whole_lines = text[..end].rfind('\n').unwrap_or(end);
    format!("{}\n\n… and more, which `cargo xtask regen` prints.\n", &text[..whole_lines])
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const PROVENANCE: &str = "# Whence.\nfile = \"openapi.yaml\"\nsource = \"some/one\"\ncommit = \"1\"\ndate = \"2000-01-01\"\nbytes = 1\nsha256 = \"0\"\n\
                              license = \"MIT\"\ntaken_from = \"elsewhere\"\n";

    /// A workspace with the obstacle course for a document, generated.
    fn workspace() -> (tempfile::TempDir, String) {
        let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data");
        let folder = tempfile::tempdir().unwrap();
        let spec = folder.path().join("spec");
        fs::create_dir_all(spec.join("overlay")).unwrap();
        fs::copy(data.join("obstacles.overlay/overlay.toml"), spec.join("overlay/overlay.toml")).unwrap();
        let document = fs::read_to_string(data.join("obstacles.yaml")).unwrap();
        fs::write(spec.join("openapi.yaml"), &document).unwrap();
        fs::write(spec.join("provenance.toml"), PROVENANCE).unwrap();
        let (mut said, mut complained) = (Vec::new(), Vec::new());
        let code = cli::run_to(&crate::regeneration(folder.path()), &mut said, &mut complained);
        assert_eq!(code, 0, "{}", String::from_utf8_lossy(&complained));
        (folder, document)
    }

    /// A repository with this document in it, and the commit.
    fn repository(folder: &Path, document: &str) -> (PathBuf, String) {
        let repository = folder.join("upstream");
        fs::create_dir_all(&repository).unwrap();
        fs::write(repository.join("openapi.yaml"), document).unwrap();
        let git = |arguments: &[&str]| {
            let who = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"];
            git(Command::new("git").arg("-C").arg(&repository).args(who).args(arguments).env("GIT_COMMITTER_DATE", "2026-01-02T00:00:00Z"))
                .unwrap()
        };
        git(&["init", "--quiet"]);
        git(&["add", "."]);
        git(&["commit", "--quiet", "--message", "Document"]);
        let commit = git(&["rev-parse", "HEAD"]);
        (repository, commit)
    }

    /// What an update to this document comes to: the exit code, the report, the provenance.
    fn updated(change: impl FnOnce(&str) -> String) -> (u8, Option<String>, String, String) {
        let (folder, document) = workspace();
        let root = folder.path();
        let (repository, commit) = repository(root, &change(&document));
        let report = root.join("report.md");
        let code = run(root, Some(repository.to_str().unwrap()), Some(&report)).ok().unwrap();
        (code, fs::read_to_string(report).ok(), fs::read_to_string(root.join("spec/provenance.toml")).unwrap(), commit)
    }

    #[test]
    fn the_report_says_what_changes_for_users() {
        let (code, report, provenance, commit) = updated(|document| document.replace("operationId: searchItems", "operationId: findItems"));
        let report = report.unwrap();
        assert_eq!(code, 0, "{report}");
        assert!(report.contains(&format!("document of 2026-01-02: `some/one` at `{commit}`")), "{report}");
        assert!(report.contains("What changes in the public surface") && report.contains("**breaking**"), "{report}");
        for line in [
            "# Whence.",
            "license = \"MIT\"",
            "date = \"2026-01-02\"",
            "taken_from = \"the repository itself\"",
            &format!("commit = {commit:?}"),
        ] {
            assert!(provenance.lines().any(|found| found == line), "{line} is not in: {provenance}");
        }
    }

    #[test]
    fn what_cannot_be_generated_is_in_the_report() {
        let (code, report, ..) = updated(|document| document.replace("openapi: 3", "openapi: 9"));
        assert_eq!(code, 1);
        assert!(report.unwrap().contains("What to mend by hand"));
    }

    #[test]
    fn there_is_no_report_of_nothing_new() {
        let (code, report, provenance, _) = updated(ToOwned::to_owned);
        assert_eq!((code, report, &*provenance), (0, None, PROVENANCE));
    }

    #[test]
    fn a_long_report_ends_with_a_whole_line() {
        let upstream = Upstream { bytes: Vec::new(), commit: "c".into(), date: "d".into(), taken_from: "t".into() };
        let short = text("s", &upstream, &"- ein Wört\n".repeat(9000), "");
        assert!(short.len() < LONGEST + 100 && short.contains("- ein Wört\n\n… and more"), "{}", short.len());
    }
}
