//! Tests that are named in tables, as `path/to/file.rs::function`: whether they are there, and whether they can fail. Owns how a test is found in its source; knows
//! none of the tables.

use std::path::Path;

use toml::{Table, Value};

/// A fault of another client, and the test that fails on it.
#[derive(Clone, Debug)]
pub struct PeerFault {
    /// Whose it is.
    pub peer: String,
    /// What happens there.
    pub fault: String,
    /// The test.
    pub test: String,
}

/// The table of other clients' faults: `tests/peers.toml`.
///
/// # Errors
/// When it is not well-formed, or an entry lacks something or has more.
pub fn peer_faults() -> Result<Vec<PeerFault>, String> {
    let file: Table = include_str!("../peers.toml").parse().map_err(|error| format!("peers.toml: {error}"))?;
    let entries = file.get("fault").and_then(Value::as_array).ok_or("peers.toml: no faults")?;
    let read = |entry: &Value| {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
        let is_whole = entry.as_table().is_some_and(|entry| entry.len() == 3);
        match (text("peer"), text("fault"), text("test")) {
            (Some(peer), Some(fault), Some(test)) if is_whole => Ok(PeerFault { peer, fault, test }),
            _ => Err(format!("peers.toml: an entry has `peer`, `fault` and `test`, and nothing else: {entry}")),
        }
    };
    entries.iter().map(read).collect()
}

/// Checks that a test is there, runs with the others, and says something that can be false.
///
/// # Errors
/// When it is not so.
pub fn check(file: &str, function: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let source = std::fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
    let (before, after) = source.split_once(&format!("fn {function}(")).ok_or_else(|| format!("{file} has no test `{function}`"))?;
    let attributes = before.rsplit("\n\n").next().unwrap_or_default();
    if !attributes.contains("#[test]") && !attributes.contains("::test]") {
        return Err(format!("{file}::{function} is no test"));
    }
    if attributes.contains("#[ignore") {
        return Err(format!("{file}::{function} is not run"));
    }
    let body = after.split("\n}\n").next().unwrap_or_default();
    let body = body.split("\n    }\n\n").next().unwrap_or_default();
    let checks = source.split("#[track_caller]\n").skip(1).filter_map(|after| {
        let name = after.split_once("fn ")?.1.split(['(', '<']).next()?;
        Some(name.to_owned())
    });
    let says = ["assert".to_owned(), "unwrap_err(".to_owned(), "expect_err(".to_owned()].into_iter().chain(checks);
    match says.into_iter().any(|word| body.contains(&word)) {
        true => Ok(()),
        false => Err(format!("{file}::{function} cannot fail")),
    }
}
