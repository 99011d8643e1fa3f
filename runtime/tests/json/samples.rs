//! Sample types for tests and benches of the JSON layer.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each user of the samples needs only some of them")]
#![allow(clippy::large_enum_variant, reason = "the generator decides what to box")]

pub mod chat;
pub mod files;
pub mod probe;
pub mod responses;
