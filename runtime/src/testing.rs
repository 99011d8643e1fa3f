//! For tests without a server and without waiting: a transport that follows a script, and a clock that does not wait.
//!
//! A [`ScriptedTransport`] gives the [`Answer`]s that it is made of and keeps the requests. Its
//! [`client`](ScriptedTransport::client) does everything that a client does (it encodes, retries, decodes), but opens no connection, reads no
//! environment and waits for nothing.
//!
//! ```
//! use openai_runtime::testing::{Answer, ScriptedTransport};
//! use openai_runtime::{Client, Result};
//!
//! /// What is to be tested.
//! async fn owner(client: &Client, model: &str) -> Result<String> {
//!     let model = client.get(format!("/models/{model}")).await?;
//!     Ok(model["owned_by"].as_str().unwrap_or("nobody").to_owned())
//! }
//!
//! # fn main() -> Result<()> {
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let server = ScriptedTransport::new([
//!     Answer::error(429, "slow down").header("retry-after", "20"),
//!     Answer::json(200, r#"{"id": "m", "owned_by": "me"}"#),
//!     Answer::error(404, "no such model"),
//! ]);
//! let client: Client = server.client();
//!
//! assert_eq!(owner(&client, "m").await?, "me");
//! assert!(owner(&client, "n").await.unwrap_err().is_not_found());
//!
//! let requests = server.requests();
//! assert_eq!((requests.len(), requests[2].target()), (3, "/v1/models/n"));
//! assert_eq!(server.clock().sleeps(), [std::time::Duration::from_secs(20)]);
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! [`Answer::stream`] plays a stream, [`Answer::then_connection_error`] breaks off an answer, [`ScriptedTransport::from_fn`] answers by what
//! is asked, and [`ScriptedTransport::builder`] sets other options. Timeouts come true with [`FakeClock::ringing`].

mod clock;
mod transport;

pub use clock::FakeClock;
pub use transport::{Answer, Recorded, ScriptedTransport};
