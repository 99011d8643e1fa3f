//! Runs the comparisons and prints their tables. Owns the order of steps and the arithmetic; what is measured is in the packages beside this one.

mod clients;
mod compile;
mod machine;
mod table;

use anyhow::{Context, Result, bail};

const USAGE: &str = "usage: measure compile [ROUNDS] | clients [TASK]...";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["compile"] => compile::run(compile::ROUNDS),
        ["compile", rounds] => compile::run(rounds.parse().context(USAGE)?),
        ["clients", tasks @ ..] => clients::run(tasks),
        _ => bail!(USAGE),
    }
}
