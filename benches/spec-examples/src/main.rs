//! Decodes examples of the API's objects with the emitted types and with their twins on serde derive, and prints what each makes of them.
//!
//! The argument is a file of JSON lines; the README says how they are shaped.

mod catalog;
mod example;
mod faulty;
mod report;
mod verdict;

use anyhow::{Context, Result};

use catalog::Catalog;
use example::Example;
use verdict::Verdict;

fn main() -> Result<()> {
    let path = std::env::args().nth(1).context("usage: spec-examples FILE")?;
    let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
    let catalog = Catalog::new();
    let mut judged = Vec::new();
    let mut untyped = Vec::new();
    for line in text.lines() {
        let example = Example::parse(line)?;
        match catalog.type_of(&example) {
            Some(types) => judged.push((Verdict::new(&example, &types), example)),
            None => untyped.push(example),
        }
    }
    report::print(&judged, &untyped);
    Ok(())
}
