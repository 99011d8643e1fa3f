//! The conformance corpus: cases that say what the official client did, performed through the SDK and compared. Owns the table of categories; each
//! category is one file, which turns a case into differences.
//!
//! A category is a function from a [`Case`] to its [`Differences`]. To add one, write `corpus/NAME.rs` and its line in [`CATEGORIES`]. Whatever a case expects and
//! its category does not look at must be a difference too: nothing passes because it was passed over.

mod azure;
mod callables;
mod calls;
mod case;
mod client_config;
mod compare;
mod decode;
mod deviations;
mod errors;
mod forms;
mod glob;
mod lenient;
pub mod multipart;
pub mod outcome;
mod pagination;
mod polling;
mod query;
pub mod requests;
mod retries;
mod run;
mod schemas;
mod sse;
mod streams;
mod webhooks;
mod wire;
mod workload;

pub use case::{Case, load, versions};
pub use compare::{Difference, Differences};
pub use deviations::{Deviation, Deviations};
pub use run::{Report, Verdict, run};

/// Performs a case and compares. `Err` says why it could not be performed, which counts as differing.
pub type Perform = fn(&Case) -> Result<Differences, String>;

/// The categories that are performed.
pub const CATEGORIES: &[(&str, Perform)] = &[
    ("wire", wire::perform),
    ("decode", decode::perform),
    ("retries", retries::perform),
    ("errors", errors::perform),
    ("query", query::perform),
    ("multipart", forms::perform),
    ("client_config", client_config::perform),
    ("pagination", pagination::perform),
    ("sse", sse::perform),
    ("lenient", lenient::perform),
    ("azure", azure::perform),
    ("workload", workload::perform),
    ("schemas", schemas::perform),
    ("streams", streams::perform),
    ("webhooks", webhooks::perform),
    ("polling", polling::perform),
];

/// How cases of a category are performed.
pub fn category(name: &str) -> Option<Perform> {
    CATEGORIES.iter().find(|(known, _)| *known == name).map(|(_, perform)| *perform)
}
