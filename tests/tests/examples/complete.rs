//! No example is forgotten: each is run or says why not, is in the table, and no resource of the API is without one.

use std::collections::BTreeSet;

use openai_tests::examples;

use super::cases;

/// Examples that are run elsewhere, or by nobody.
const ELSEWHERE: &[(&str, &str)] = &[
    ("push_to_talk", "tests/tests/websocket/examples.rs"),
    ("realtime", "tests/tests/websocket/examples.rs"),
    ("voice", "it needs a microphone and a loudspeaker, and their libraries to be compiled"),
];

/// The modules with a test for each example that is no case.
const TESTS: &[&str] = &[
    include_str!("main.rs"),
    include_str!("credentials.rs"),
    include_str!("interactive.rs"),
    include_str!("outputs.rs"),
    include_str!("services.rs"),
];

fn is_tested(name: &str) -> bool {
    TESTS.iter().any(|tests| tests.contains(&format!("(\"{name}\"")))
}

#[test]
fn every_example_is_run_once_or_says_why_not() {
    let cases = cases::names();
    let places =
        |name: &String| usize::from(cases.contains(name) || is_tested(name)) + ELSEWHERE.iter().filter(|(known, _)| known == name).count();
    let otherwise: Vec<(String, usize)> = examples::names().into_iter().map(|name| (name.clone(), places(&name))).collect();
    let otherwise: Vec<_> = otherwise.into_iter().filter(|(_, places)| *places != 1).collect();
    assert_eq!(otherwise, [], "examples, and in how many places they are run");
    let of_none: Vec<String> = cases.into_iter().filter(|name| !examples::names().contains(name)).collect();
    assert_eq!(of_none, [""; 0], "cases of no example");
}

#[test]
fn every_resource_has_an_example() {
    let manifest = include_str!("../../../generated/Cargo.toml");
    let manifest: toml::Table = manifest.parse().expect("the SDK's manifest");
    let resources = manifest["features"]["full"].as_array().expect("the resources").iter().filter_map(toml::Value::as_str);
    let sources: String = examples::names().iter().map(|name| examples::source(name)).collect();
    let resources: Vec<&str> = resources.collect();
    assert!(resources.len() > 20, "{resources:?}");
    let bare: Vec<&&str> = resources
        .iter()
        .filter(|resource| !sources.contains(&format!("client.{}()", resource.replace('-', "_"))))
        .filter(|resource| !sources.contains(&format!("client\n        .{}()", resource.replace('-', "_"))))
        .collect();
    assert!(bare.is_empty(), "{bare:?}: resources without an example");
}

/// A row for each: `| [name](name.rs) | the first line of its comment | what it needs |`.
#[test]
fn the_table_has_a_row_for_every_example() {
    let table = examples::table();
    let rows: BTreeSet<&str> = table.lines().filter(|line| line.starts_with("| [")).collect();
    let names = examples::names();
    let missing: Vec<String> = names
        .iter()
        .map(|name| {
            let source = examples::source(name);
            let first = source.lines().next().unwrap_or_default().trim_start_matches("//! ").to_owned();
            let file = if name == "quickstart" { "quickstart/main.rs".to_owned() } else { format!("{name}.rs") };
            format!("| [{name}]({file}) | {first} |")
        })
        .filter(|row| !rows.iter().any(|known| known.starts_with(row.as_str())))
        .collect();
    assert_eq!(missing, [""; 0], "rows that are missing in generated/examples/README.md");
    assert_eq!(rows.len(), names.len(), "rows of no example");
}
