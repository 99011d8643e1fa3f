//! The types of the `openai` crate as serde's derives would have them, written by this crate's build program from the emitted sources.
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
