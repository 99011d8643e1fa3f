//! The guide: a chapter for each thing that people come to do. Every piece of Rust in it is compiled by `cargo test --workspace`, and run where it needs
//! no server.
//!
//! | you want to | chapter |
//! |---|---|
//! | send a first request | [`quickstart`] |
//! | write what you would write in Python | [`from_openai_python`] |
//! | move from `async-openai` | [`from_async_openai`] |
//! | know what failed, and what to do about it | [`errors`] |
//! | bound how long things take, or stop them | [`timeouts`] |
//! | show an answer while it is made | [`streaming`] |
//! | get values of your own types | [`structured_output`] |
//! | let the model call your functions | [`tools`] |
//! | go through lists | [`pagination`] |
//! | send and fetch files, wait for what takes its time | [`files`] |
//! | talk over a WebSocket | [`realtime`] |
//! | be called back | [`webhooks`] |
//! | use Azure, Bedrock, an identity in place of a key | [`providers`] |
//! | talk to another server, or to what the SDK does not know yet | [`compatible_servers`] |
//! | do without an async runtime | [`blocking`] |
//! | test your own code | [`testing`] |
//! | compile less | [`features`] |
//! | see what happens | [`logging`] |
//! | know what an update may break | [`versions`] |

#![cfg_attr(
    not(all(feature = "full", feature = "blocking", feature = "schemars", feature = "testing", feature = "websocket")),
    allow(rustdoc::broken_intra_doc_links, reason = "the guide speaks of what may be off")
)]

/// The README's programs.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}

#[doc = include_str!("guide/quickstart.md")]
pub mod quickstart {}

#[doc = include_str!("guide/from_openai_python.md")]
pub mod from_openai_python {}

#[doc = include_str!("guide/from_async_openai.md")]
pub mod from_async_openai {}

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/timeouts.md")]
pub mod timeouts {}

#[doc = include_str!("guide/streaming.md")]
pub mod streaming {}

#[doc = include_str!("guide/structured_output.md")]
pub mod structured_output {}

#[doc = include_str!("guide/tools.md")]
pub mod tools {}

#[doc = include_str!("guide/pagination.md")]
pub mod pagination {}

#[doc = include_str!("guide/files.md")]
pub mod files {}

#[doc = include_str!("guide/realtime.md")]
pub mod realtime {}

#[doc = include_str!("guide/webhooks.md")]
pub mod webhooks {}

#[doc = include_str!("guide/providers.md")]
pub mod providers {}

#[doc = include_str!("guide/compatible_servers.md")]
pub mod compatible_servers {}

#[doc = include_str!("guide/blocking.md")]
pub mod blocking {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/features.md")]
pub mod features {}

#[doc = include_str!("guide/logging.md")]
pub mod logging {}

#[doc = include_str!("guide/versions.md")]
pub mod versions {}
