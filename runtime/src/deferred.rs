//! [`Deferred`]: work made of several calls, or of the rest of a stream, which can be awaited or blocked on like one call. Knows no endpoint.

use std::fmt;

use crate::client::Client;
use crate::error::Result;
use crate::transport::BoxFuture;

/// Something that is yet to be done: `.await` does it; with the feature `blocking` so does `.blocking()`.
///
/// Dropping it, or the future, stops everything at once.
#[must_use = "nothing is done yet: add `.await`, or `.blocking()` where there is no async runtime"]
pub struct Deferred<'a, T> {
    future: BoxFuture<'a, Result<T>>,
    #[cfg_attr(not(feature = "blocking"), expect(dead_code, reason = "only what blocks asks for it"))]
    driver: Driver,
}

/// What drives a piece of work when a program blocks on it.
#[derive(Clone, Debug)]
pub struct Driver {
    client: Client,
    #[cfg(feature = "blocking")]
    home: Option<crate::blocking::Home>,
}

impl Driver {
    /// For what has not begun yet.
    pub fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
            #[cfg(feature = "blocking")]
            home: None,
        }
    }

    /// For what was begun there.
    #[cfg(feature = "blocking")]
    pub(crate) fn with_home(client: &Client, home: Option<crate::blocking::Home>) -> Self {
        Self { client: client.clone(), home }
    }

    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn home(&self) -> Option<crate::blocking::Home> {
        self.home
    }
}

impl From<&Client> for Driver {
    fn from(client: &Client) -> Self {
        Self::new(client)
    }
}

impl<'a, T> Deferred<'a, T> {
    /// Work to be done.
    pub fn new(driver: impl Into<Driver>, future: impl Future<Output = Result<T>> + Send + 'a) -> Self {
        Self { future: Box::pin(future), driver: driver.into() }
    }

    /// Does it and waits for the result, from a program without an async runtime.
    ///
    /// # Errors
    /// As when it is awaited.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> Result<T> {
        crate::blocking::block_on(self.driver.client(), self.driver.home(), self.future)?
    }
}

impl<'a, T> IntoFuture for Deferred<'a, T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'a, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.future
    }
}

impl<T> fmt::Debug for Deferred<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred").finish_non_exhaustive()
    }
}
