//! Turns an OpenAPI document into a Rust SDK crate. The whole pipeline is [`generate`].

pub mod analyze;
pub mod diagnostics;
pub mod load;
pub mod lower;
pub mod model;
pub mod names;
pub mod overlay;
pub mod parse;
pub mod resolve;
