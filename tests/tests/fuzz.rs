//! The fuzz targets over the inputs that were saved, and over mutations of those. `FUZZ_MUTATIONS` says how many for each target.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use openai_tests::fuzz::{TARGETS, mutate};
use openai_tests::parallel;
use openai_tests::synthesis::Dice;

fn saved(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&folder).expect("a folder of saved inputs").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a saved input")).collect()
}

#[test]
fn what_must_hold_holds_for_saved_inputs_and_their_mutations() {
    let mutations: usize = std::env::var("FUZZ_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(1500);
    parallel::map(TARGETS, |(name, target)| {
        let saved = saved(name);
        assert!(!saved.is_empty(), "{name} has no saved inputs");
        let mut dice = Dice::new(0x5EED);
        let mutants = (0..mutations).map(|_| mutate(&saved[dice.below(saved.len())], &saved[dice.below(saved.len())], &mut dice));
        for input in saved.iter().cloned().chain(mutants) {
            if catch_unwind(|| target(&input)).is_err() {
                let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
                fs::write(&kept, &input).expect("keeping the input");
                panic!("{name} fails; to try again: cargo run -p openai-tests --bin fuzz_one -- {name} {}", kept.display());
            }
        }
    });
}
