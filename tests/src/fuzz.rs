//! What must hold for any input at all: one function a target, which panics where it does not. `cargo fuzz` (folder `fuzz/`) searches for such inputs; `cargo test` tries
//! those that were saved and a few thousand mutations of them.

mod decode;
mod mutate;
mod requests;
mod sse;
mod webhook;

pub use mutate::mutate;

/// A target: its name, which is that of its folder of saved inputs, and what must hold.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("sse", sse::sse),
    ("json", decode::json),
    ("identity", decode::identity),
    ("query", requests::query),
    ("multipart", requests::multipart),
    ("retry_after", requests::retry_after),
    ("lower", decode::lower),
    ("webhook", webhook::webhook),
];

/// Tries an input on the target of that name.
///
/// # Panics
/// When there is no such target, or what must hold does not.
pub fn run(name: &str, input: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target of that name");
    target(input);
}
