//! Writes the emitted types again with serde's derives, into the build folder.

mod operations;
mod read;
mod shapes;
mod tables;
mod write;

use std::path::Path;
use std::{env, fs};

fn main() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated/src");
    let (types, operations) = (source.join("types"), source.join("dynamic/operations"));
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={}", types.display());
    println!("cargo::rerun-if-changed={}", operations.display());
    let shapes = read::read(&types);
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let out = Path::new(&out);
    fs::write(out.join("twins.rs"), write::write(&shapes)).expect("the build folder is writable");
    fs::write(out.join("tables.rs"), tables::write(&shapes, &operations::read(&operations))).expect("the build folder is writable");
}
