#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| openai_tests::fuzz::run("webhook", input));
