//! Writes the emitted types again with serde's derives, into the build folder.

mod read;
mod shapes;
mod write;

use std::path::Path;
use std::{env, fs};

fn main() {
    let types = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated/src/types");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={}", types.display());
    let out = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&out).join("twins.rs"), write::write(&read::read(&types))).expect("the build folder is writable");
}
