//! Sample types for tests and benches of the JSON layer.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each user of the samples needs only some of them")]

pub mod chat;
pub mod files;
pub mod probe;
pub mod responses;
