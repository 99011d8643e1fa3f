//! Prints the verdicts: a table, then the reasons, then what deserves a look.

use std::collections::BTreeMap;

use openai::dynamic::Departure;

use crate::example::{Example, Kind};
use crate::faulty::{self, FAULTY};
use crate::verdict::Verdict;

type Judged = (Verdict, Example);

pub fn print(judged: &[Judged], untyped: &[Example]) {
    table(judged);
    reasons("strict mode", judged.iter().flat_map(|(verdict, _)| verdict.departures.first()).map(short));
    reasons("serde derive", judged.iter().filter_map(|(verdict, _)| verdict.twin.as_deref()).map(shape));
    agreement(judged);
    list("encoded back differently", judged, |verdict, _| !verdict.is_equal);
    list("decoded by a union as another type", judged, |verdict, _| !verdict.wrong_arms.is_empty());
    list("an inner union found no arm", judged, |verdict, _| !verdict.unplaced.is_empty());
    faults(judged);
    list("valid by the document, rejected by strict mode", judged, |verdict, example| {
        example.validates == Some(true) && !verdict.departures.is_empty()
    });
    list("accepted by strict mode, invalid by the document", judged, |verdict, example| {
        example.validates == Some(false) && verdict.departures.is_empty()
    });
    println!("\nOf no type: {}", untyped.len());
    for example in untyped {
        println!("- {} ({})", example.name, example.source);
    }
}

fn table(judged: &[Judged]) {
    println!("\n| examples | count | decoded | encoded back equal | in their arms | strict mode rejects | serde derive rejects |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (title, kind) in [
        ("schemas", Some(Kind::Schema)),
        ("requests", Some(Kind::Request)),
        ("responses", Some(Kind::Response)),
        ("events", Some(Kind::Event)),
        ("all", None),
    ] {
        let chosen: Vec<&Verdict> =
            judged.iter().filter(|(_, example)| kind.is_none_or(|kind| example.kind == kind)).map(|(verdict, _)| verdict).collect();
        let count = |test: fn(&Verdict) -> bool| chosen.iter().filter(|verdict| test(verdict)).count();
        println!(
            "| {title} | {} | {} | {} | {} | {} | {} |",
            chosen.len(),
            count(|verdict| verdict.lenient.is_none()),
            count(|verdict| verdict.is_equal),
            count(Verdict::is_placed),
            count(|verdict| !verdict.departures.is_empty()),
            count(|verdict| verdict.twin.is_some()),
        );
    }
}

/// Why examples did not get into their arms, where the document is at fault.
fn faults(judged: &[Judged]) {
    let displaced: Vec<&str> =
        judged.iter().filter(|(verdict, _)| !verdict.is_placed()).map(|(_, example)| example.source.as_str()).collect();
    println!("\nNot in their arms: {}, because", displaced.len());
    for (place, reason) in FAULTY {
        let count = displaced.iter().filter(|source| source.starts_with(place)).count();
        let stale = if count == 0 { " (which is so no more)" } else { "" };
        println!("- {count} × {}: {reason}{stale}", place.trim());
    }
    let unexplained: Vec<&&str> = displaced.iter().filter(|source| faulty::reason(source).is_none()).collect();
    println!("- {} × for no known reason", unexplained.len());
    unexplained.iter().for_each(|source| println!("  - {source}"));
}

/// How often strict mode and the document's validator say the same.
fn agreement(judged: &[Judged]) {
    let count = |valid: bool, rejected: bool| {
        judged.iter().filter(|(verdict, example)| example.validates == Some(valid) && verdict.departures.is_empty() != rejected).count()
    };
    println!("\nStrict mode and a validator of the document:");
    println!("- both accept {}, both reject {}", count(true, false), count(false, true));
    println!("- only the validator accepts {}, only strict mode accepts {}", count(true, true), count(false, false));
}

fn reasons(title: &str, reasons: impl Iterator<Item = String>) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(reason).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    println!("\nFirst reasons of {title}:");
    for (reason, count) in counts {
        println!("- {count} × {reason}");
    }
}

/// A departure without its place and value.
fn short(departure: &Departure) -> String {
    let found = departure.found().split(' ').next().unwrap_or_default();
    let expected = if departure.expected().starts_with("one of") { "a listed string" } else { departure.expected() };
    if expected.starts_with('"') { format!("expected a constant, found {found}") } else { format!("expected {expected}, found {found}") }
}

/// A message of serde without what it names.
fn shape(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    let kind = message.split(['`', '"', ':', ',']).next().unwrap_or(message);
    match kind.strip_prefix("data did not match any variant of untagged enum ") {
        Some(_) => "data did not match any variant of untagged enum".to_owned(),
        None => kind.trim_end().to_owned(),
    }
}

fn list(title: &str, judged: &[Judged], test: impl Fn(&Verdict, &Example) -> bool) {
    let found: Vec<&Judged> = judged.iter().filter(|(verdict, example)| test(verdict, example)).collect();
    println!("\n{title}: {}", found.len());
    for (verdict, example) in found {
        let first = verdict.departures.first().map(|departure| format!(": {departure}")).unwrap_or_default();
        let wrong: String = verdict.wrong_arms.iter().map(|union| format!(" [by {union}]")).collect();
        println!("- {} as {}{first}{wrong}", example.source, verdict.type_name);
    }
}
