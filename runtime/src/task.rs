//! Several calls as one piece of work that has not begun. Knows no operation.

use std::fmt;

use crate::client::Client;
use crate::error::Result;
use crate::transport::BoxFuture;

/// Work that takes several calls and has not begun yet. `.await` does it; with the feature `blocking` so does `.blocking()`.
///
/// Dropping the future stops everything at once.
#[must_use = "a task does nothing until it is awaited"]
pub struct Task<T> {
    #[cfg_attr(not(feature = "blocking"), expect(dead_code, reason = "it owns the background thread"))]
    client: Client,
    work: BoxFuture<'static, Result<T>>,
}

impl<T> Task<T> {
    /// Work that makes its calls with this client.
    pub fn new(client: &Client, work: impl Future<Output = Result<T>> + Send + 'static) -> Self {
        Self { client: client.clone(), work: Box::pin(work) }
    }

    /// Does the work and waits for its result, from a program without an async runtime. See [`Call::blocking`](crate::Call::blocking).
    ///
    /// # Errors
    /// Those of the work.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> Result<T> {
        crate::blocking::block_on(&self.client, None, self.work)?
    }
}

impl<T> IntoFuture for Task<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.work
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
