//! The types of the `openai` crate as serde's derives would have them, written by this crate's build program from the emitted sources, and tables of them.
//!
//! Only for comparison: required fields have to come, enums are closed, unknown fields are lost.
#![allow(missing_docs, non_camel_case_types, unused_qualifications, reason = "written by a program, for programs")]
#![allow(clippy::large_enum_variant, clippy::module_inception, clippy::enum_variant_names, reason = "as the emitted types are")]

use std::collections::BTreeMap;

/// Any JSON value.
pub type Json = serde_json::Value;

/// A JSON object with values of one type.
pub type Map<T> = BTreeMap<String, T>;

/// A file, which has no JSON form; parameters with files are not compared.
pub type Upload = String;

include!(concat!(env!("OUT_DIR"), "/twins.rs"));

/// Decodes JSON as some type and says what is wrong with it.
pub type Check = fn(&str) -> Result<(), serde_json::Error>;

fn check<T: serde::de::DeserializeOwned>(json: &str) -> Result<(), serde_json::Error> {
    serde_json::from_str::<T>(json).map(drop)
}

/// The types of an operation, by module and name: `chat::ChatCompletion`.
pub struct OperationTypes {
    /// The operation's name in capitals: `CHAT_COMPLETIONS_CREATE`.
    pub name: &'static str,
    pub params: Option<&'static str>,
    pub result: Option<&'static str>,
    pub event: Option<&'static str>,
}

/// - `TYPES`: every type by module and name, and how to check JSON against its twin.
/// - `OPERATIONS`: the types of every operation.
/// - `UNIONS`: every union that goes by a tag alone, with each type that it holds.
pub mod tables {
    use crate::{Check, OperationTypes, check};

    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}
