//! Nothing is claimed that is not tested: the features of the official clients, the comparison with others, and what the README shows.

use std::path::Path;

use openai_tests::comparison::{Feature, Row, features, rows};
use openai_tests::corpus::CATEGORIES;
use openai_tests::{examples, named};

const README: &str = include_str!("../../README.md");

fn fault_of(test: &str) -> Option<String> {
    let (file, function) = test.split_once("::").unwrap_or((test, ""));
    named::check(file, function).err()
}

#[test]
fn every_feature_of_the_official_clients_is_shown() {
    let features = features().expect("features.toml");
    let numbers: Vec<u32> = features.iter().map(|feature| feature.number).collect();
    assert_eq!(numbers, (1..=119).collect::<Vec<_>>());
    let names = examples::names();
    let faults: Vec<String> = features
        .iter()
        .flat_map(|Feature { number, name, tests, example, corpus, otherwise }| {
            let mut faults: Vec<String> = tests.iter().filter_map(|test| fault_of(test)).collect();
            faults.extend(example.iter().filter(|example| !names.contains(example)).map(|example| format!("no example {example}")));
            let unknown = |category: &&String| !CATEGORIES.iter().any(|(known, _)| known == category);
            faults.extend(corpus.iter().filter(unknown).map(|category| format!("no category {category}")));
            if tests.is_empty() && example.is_none() && corpus.is_none() && otherwise.is_none() {
                faults.push("nothing shows it".to_owned());
            }
            faults.into_iter().map(move |fault| format!("{number} {name}: {fault}"))
        })
        .collect();
    assert_eq!(faults, [""; 0]);
}

#[test]
fn every_row_of_the_comparison_has_a_test_and_sources() {
    let faults: Vec<String> = rows()
        .expect("comparison.toml")
        .iter()
        .flat_map(|Row { what, ours, test, python_source, async_source, .. }| {
            let tested = match test {
                Some(test) => fault_of(test),
                None => (ours != "no").then(|| "no test".to_owned()),
            };
            let sourced = (python_source.is_empty() || async_source.is_empty()).then(|| "no source".to_owned());
            tested.into_iter().chain(sourced).map(move |fault| format!("{what}: {fault}"))
        })
        .collect();
    assert_eq!(faults, [""; 0]);
}

#[test]
fn the_readme_shows_the_comparison() {
    let (_, after) = README.split_once("| | openai | openai-python").expect("the table's head");
    let shown: Vec<&str> = after.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    let rows: Vec<String> = rows().expect("comparison.toml").iter().map(Row::markdown).collect();
    assert_eq!(shown, rows);
}

/// The head of an example says what it shows; the README does that in its own words.
#[test]
fn a_whole_program_of_the_readme_is_an_example() {
    let sources: Vec<String> = examples::names().iter().map(|name| examples::source(name)).collect();
    let programs =
        README.split("```rust,no_run\n").skip(1).filter_map(|after| after.split("```").next()).filter(|code| code.contains("fn main"));
    let others: Vec<&str> = programs.filter(|program| !sources.iter().any(|source| source.ends_with(program))).collect();
    assert_eq!(others, [""; 0]);
    assert!(README.contains("```rust,no_run\n") && README.contains("fn main"));
}

/// A line of the tour: `- words: `code`, … [name](generated/examples/name.rs)`.
#[test]
fn calls_of_the_readme_are_those_of_the_examples() {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let mut checked = 0;
    for line in README.lines().filter(|line| line.starts_with("- ") && line.contains("](generated/examples/")) {
        let name = line.split("](generated/examples/").nth(1).and_then(|rest| rest.split(".rs)").next()).expect("the example's name");
        let source = bare(&examples::source(name));
        for code in line.split('`').skip(1).step_by(2) {
            assert!(source.contains(&bare(code)), "{name} has no {code}");
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked}");
}

#[test]
fn links_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let pages = [("", README.to_owned()), ("generated/examples", examples::table())];
    for (folder, page) in pages {
        for link in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://")) {
            let path = link.split('#').next().unwrap_or_default();
            assert!(root.join(folder).join(path).exists(), "{folder}: {link}");
        }
    }
}
