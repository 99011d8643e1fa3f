//! Examples whose runs are data: a file of `cases/` for each, named as the example is.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use openai_tests::examples::Case;

/// How many programs run at the same time.
const AT_ONCE: usize = 4;

/// The names of the examples that have a case.
pub(super) fn names() -> Vec<String> {
    let mut names: Vec<String> = files().iter().filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned())).collect();
    names.sort();
    names
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("examples").join("cases");
    std::fs::read_dir(folder).expect("the cases").map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn every_case_runs_as_it_says() {
    let (left, faults) = (Mutex::new(names()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(name) = left.lock().expect("no panic").pop() else { return };
                    let found = run(&name);
                    faults.lock().expect("no panic").extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
                }
            });
        }
    });
    let faults = faults.into_inner().expect("no panic");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn run(name: &str) -> Vec<String> {
    let file = files().into_iter().find(|file| file.file_stem().is_some_and(|stem| stem == name)).expect("the case was there");
    match Case::read(&file) {
        Ok(case) => case.run(name),
        Err(fault) => vec![fault],
    }
}
