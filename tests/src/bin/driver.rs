//! Reads lines of JSON, performs what each asks for through the SDK, and answers each with a line of JSON. `shared/design/conformance.md` has the protocol.

use std::io::{BufRead, Write, stdin, stdout};

use openai_tests::driver::perform_text;

fn main() -> std::io::Result<()> {
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let line = line?;
        if !line.trim().is_empty() {
            writeln!(out, "{}", perform_text(&line))?;
            out.flush()?;
        }
    }
    Ok(())
}
