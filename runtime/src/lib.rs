//! The hand-written half of the SDK: JSON, requests, the call loop, streams, pages.

pub mod json;
