//! `fuzz_one TARGET FILE`: tries one input on a fuzz target.

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, file] = arguments.as_slice() else { return Err(std::io::Error::other("usage: fuzz_one TARGET FILE")) };
    openai_tests::fuzz::run(target, &std::fs::read(file)?);
    Ok(())
}
