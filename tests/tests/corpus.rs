//! The conformance corpus of the repository: every case of every category that is performed is equal, or deviates as `deviations.toml` says.

use std::collections::BTreeSet;
use std::path::Path;

use openai_tests::corpus::{CATEGORIES, Case, Deviation, Deviations, load, run};
use openai_tests::named::{self, PeerFault};

fn cases(category: &str) -> Vec<Case> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(format!("{category}.jsonl"));
    load(&file).expect("the category's file")
}

#[test]
fn every_case_is_equal_or_deviates_as_listed() {
    let deviations = Deviations::listed().expect("deviations.toml");
    let known: BTreeSet<&str> = include_str!("../known-failures.txt").lines().filter(|line| !line.starts_with('#')).collect();
    let cases: Vec<Case> = CATEGORIES.iter().flat_map(|(category, _)| cases(category)).collect();
    let report = run(cases, &deviations);
    let line = |case: &Case| format!("{} {}", case.category, case.name);
    let failing: BTreeSet<String> = report.failures().map(|(case, _)| line(case)).collect();
    let new: Vec<String> = report
        .failures()
        .filter(|(case, _)| !known.contains(line(case).as_str()))
        .map(|(case, verdict)| format!("{}: {verdict}", line(case)))
        .collect();
    let mended: Vec<&&str> = known.iter().filter(|line| !failing.contains(**line)).collect();
    let idle = report.idle(&deviations);
    assert!(
        new.is_empty() && mended.is_empty() && idle.is_empty(),
        "{report}differing:\n{}\nknown failures that are none any more: {mended:#?}\ndeviations that cover nothing: {idle:#?}",
        new.join("\n")
    );
}

#[test]
fn every_deviation_has_a_test_of_the_better_behaviour() {
    let deviations = Deviations::listed().expect("deviations.toml");
    let missing: Vec<String> = deviations
        .iter()
        .filter_map(|Deviation { key, test: (file, function), .. }| Some(format!("{key}: {}", named::check(file, function).err()?)))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_fault_of_a_peer_has_a_test_that_fails_on_it() {
    let faults = named::peer_faults().expect("peers.toml");
    assert!(faults.len() > 50, "{}", faults.len());
    let missing: Vec<String> = faults
        .iter()
        .filter_map(|PeerFault { peer, fault, test }| {
            let (file, function) = test.split_once("::").unwrap_or((test, ""));
            Some(format!("{peer}, {fault}: {}", named::check(file, function).err()?))
        })
        .collect();
    assert_eq!(missing, [""; 0]);
}
