//! The request that opens a WebSocket without an operation of its own: the client's address, headers and credentials, as for any call (contract 9.2,
//! 8.4). Opens nothing itself.

use std::sync::Arc;

use super::{Draft, RequestBody};
use crate::client::Client;
use crate::error::Result;
use crate::json::Json;
use crate::operation::Operation;
use crate::provider::Medium;

static OPERATION: Operation = Operation { ..Operation::DEFAULT };

/// A WebSocket that was not opened yet.
#[derive(Clone)]
pub struct Handshake {
    client: Client,
    draft: Draft,
}

impl Handshake {
    /// A WebSocket at this path below the base URL of WebSockets, or else below the base URL.
    pub fn new(client: &Client, path: impl Into<Arc<str>>) -> Self {
        let draft = Draft { raw_path: Some(path.into()), medium: Medium::WebSocket, ..Draft::new(&OPERATION) };
        Self { client: client.clone(), draft }
    }

    /// Sets a query parameter.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.draft.query.push((name.into(), value.into()));
        self
    }

    /// The request, signed with a fresh credential: for a connection that is made anew, build it anew. Its URL begins with `http`, and the
    /// headers of the protocol itself are not among its headers.
    ///
    /// # Errors
    /// When there is no credential, or the client's provider knows no WebSockets.
    pub async fn signed(&self) -> Result<http::Request<RequestBody>> {
        let config = self.client.config()?.for_websockets()?;
        self.draft.prepare(&config)?.signed(&self.client, 0).await
    }
}

impl std::fmt::Debug for Handshake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handshake").field("path", &self.draft.raw_path).finish_non_exhaustive()
    }
}
