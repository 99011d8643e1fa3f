//! What is said about a connection before it is opened. Opens it, and knows nothing of what it does then.

use std::marker::PhantomData;
use std::time::Duration;

use super::connection::{Connection, Protocol};
use super::driver::{Driver, Settings};
use super::handshake;
use super::reconnect::Reconnect;
use super::shared::Shared;
use super::socket::Limits;
use crate::call::{Call, Origin};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::json::{Encode, Json};
use crate::operation::Operation;
use crate::request::PreparedRequest;
use crate::timeout::Timeout;
use crate::transport::{BoxFuture, RequestBody};

/// A connection that was not opened yet: plain data. `.await` opens it.
///
/// The handshake has the client's credential, headers, query, proxy and certificates, and fails as a call does: the same errors, with the server's words. It
/// is not tried again.
#[must_use = "no connection is opened yet: add `.await`, or `.blocking()` where there is no async runtime"]
pub struct Connect<P> {
    call: Call<()>,
    settings: Settings,
    opens: PhantomData<fn() -> P>,
}

impl<P: Protocol> Connect<P> {
    /// A connection to what the operation says, without arguments yet.
    pub fn new(client: &Client, operation: &'static Operation) -> Self {
        const MIB: usize = 1 << 20;
        const INTERVAL: Duration = Duration::from_secs(20);
        let settings = Settings {
            limits: Limits { message: 64 * MIB, frame: 64 * MIB },
            queue_limit: MIB,
            keep_alive: Some((INTERVAL, INTERVAL)),
            reconnect: None,
            configuration: P::CONFIGURATION,
        };
        Self { call: Call::new(client, operation).over_websocket(), settings, opens: PhantomData }
    }

    /// Sets a path parameter.
    pub fn path(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.call = self.call.path(name, value);
        self
    }

    /// Sets the params.
    pub fn params(mut self, params: &(impl Encode + ?Sized)) -> Self {
        self.call = self.call.params(params);
        self
    }

    /// Sets a header of the handshake, replacing what else would be sent under that name.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.call = self.call.header(name, value);
        self
    }

    /// Leaves a header out of the handshake.
    pub fn without_header(mut self, name: impl AsRef<str>) -> Self {
        self.call = self.call.without_header(name);
        self
    }

    /// Sets a query parameter, replacing one of that name.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<Json>) -> Self {
        self.call = self.call.query(name, value);
        self
    }

    /// Limits the handshake. Default: ten seconds, or the client's timeout when that is shorter.
    pub fn timeout(mut self, timeout: impl Into<Timeout>) -> Self {
        self.call = self.call.timeout(timeout);
        self
    }

    /// Restores the connection when it is lost. Without this it is closed then.
    pub fn reconnect(mut self, reconnect: Reconnect) -> Self {
        self.settings.reconnect = Some(reconnect);
        self
    }

    /// Asks the server for a sign of life when nothing has arrived for this long, and takes the connection for lost when there is none within as long again.
    /// Default: 20 seconds.
    pub fn keep_alive(mut self, interval: Duration) -> Self {
        self.settings.keep_alive = Some((interval, interval));
        self
    }

    /// Never asks the server for a sign of life.
    pub fn without_keep_alive(mut self) -> Self {
        self.settings.keep_alive = None;
        self
    }

    /// The longest message that may arrive, in bytes. A longer one ends the connection with code 1009. Default: 64 MiB.
    pub fn max_message_size(mut self, bytes: usize) -> Self {
        self.settings.limits = Limits { message: bytes, frame: bytes };
        self
    }

    /// How many bytes of messages may wait to be written. Default: 1 MiB. A message that is longer than that is sent when nothing else waits.
    pub fn max_queue_size(mut self, bytes: usize) -> Self {
        self.settings.queue_limit = bytes;
        self
    }

    #[cfg(feature = "blocking")]
    pub(super) fn client(&self) -> &Client {
        &self.call.origin().client
    }

    /// The request of the handshake. The credential is among the headers when it is a key, not when it comes from a provider.
    ///
    /// # Errors
    /// When an argument cannot be sent.
    pub fn request(&self) -> Result<PreparedRequest> {
        let request = handshake::prepare(self.call.origin())?;
        self.call.signed(request).map(PreparedRequest::of_websocket)
    }

    /// The request of the handshake, signed with a fresh credential, for a WebSocket client of one's own: for every connection it is made anew.
    ///
    /// # Errors
    /// When an argument cannot be sent, there is no credential, or the client's provider knows no WebSockets.
    pub async fn signed(&self) -> Result<http::Request<RequestBody>> {
        let origin = self.call.origin();
        handshake::prepare(origin)?.of_websocket().signed(&origin.client, 0).await
    }

    /// Opens the connection. The same as `.await`.
    ///
    /// # Errors
    /// When an argument cannot be sent, the server cannot be reached or does not answer in time, or it refuses: see [`Error`].
    pub async fn send(self) -> Result<Connection<P>> {
        let origin: Origin = self.call.origin().clone();
        let opened = handshake::open(&origin).await?;
        let decoding = origin.decoding();
        Ok(Connection::new(Shared::new(Driver::new(origin, opened, self.settings)), decoding))
    }
}

impl<P: Protocol> IntoFuture for Connect<P> {
    type Output = Result<Connection<P>, Error>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<P> std::fmt::Debug for Connect<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect").field("call", &self.call).field("settings", &self.settings).finish_non_exhaustive()
    }
}
