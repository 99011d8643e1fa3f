//! The token that calls share: kept until shortly before its end, renewed by one exchange however many want it (contract 8.6). Knows nothing of what
//! an exchange is.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use http::HeaderValue;

use super::super::Link;
use super::super::flight::Flight;
use crate::error::{Error, Result};
use crate::transport::BoxFuture;

/// After a renewal that failed, the token that is still good is used for this long before the next is tried.
const PATIENCE: Duration = Duration::from_secs(30);

/// A token and when it has to be replaced, on the client's monotonic clock.
#[derive(Clone)]
pub(super) struct Issued {
    pub(super) authorization: HeaderValue,
    pub(super) refresh_at: Duration,
    pub(super) expires_at: Duration,
}

/// The outcome of an exchange, for all who waited for it.
type Outcome = Result<Issued, Arc<Error>>;

/// The token of one identity.
#[derive(Default)]
pub(super) struct Tokens(Mutex<State>);

#[derive(Default)]
struct State {
    issued: Option<Issued>,
    /// The exchange that is under way: one for awaited calls and one for blocking ones, which hold up the thread that drives the other.
    flights: [Weak<Flight<Outcome>>; 2],
}

impl State {
    /// The token, if it is good at this time.
    fn good(&self, now: Duration) -> Option<&Issued> {
        self.issued.as_ref().filter(|issued| now < issued.expires_at)
    }
}

impl Tokens {
    /// The header for a call that is made now. `exchange` is begun if there is need of a new token and nobody has begun one yet.
    pub(super) async fn current(
        self: &Arc<Self>,
        link: &Link,
        exchange: impl FnOnce() -> BoxFuture<'static, Result<Issued>>,
    ) -> Result<HeaderValue> {
        let now = link.time().monotonic();
        let flight = {
            let mut state = self.lock();
            let lane = usize::from(link.is_blocking());
            let running = state.flights[lane].upgrade();
            if let Some(good) = state.good(now)
                && (now < good.refresh_at || running.is_some())
            {
                return Ok(good.authorization.clone());
            }
            running.unwrap_or_else(|| {
                let flight = Flight::new(self.clone().kept(link.clone(), exchange()));
                state.flights[lane] = Arc::downgrade(&flight);
                flight
            })
        };
        match flight.landing().await {
            Ok(issued) => Ok(issued.authorization),
            // A token that is still good is better than an error.
            Err(error) => match self.lock().good(link.time().monotonic()) {
                Some(good) => Ok(good.authorization.clone()),
                None => Err(error.share()),
            },
        }
    }

    /// The exchange, with its outcome noted.
    fn kept(self: Arc<Self>, link: Link, exchange: BoxFuture<'static, Result<Issued>>) -> BoxFuture<'static, Outcome> {
        Box::pin(async move {
            let outcome = exchange.await.map_err(Arc::new);
            let mut state = self.lock();
            match (&outcome, &mut state.issued) {
                (Ok(issued), kept) => *kept = Some(issued.clone()),
                (Err(_), Some(old)) => old.refresh_at = link.time().monotonic().saturating_add(PATIENCE),
                (Err(_), None) => {}
            }
            drop(state);
            outcome
        })
    }

    /// Forgets the token if it is this one: if not, another call has replaced it already.
    pub(super) fn reject(&self, authorization: &HeaderValue) {
        self.lock().issued.take_if(|issued| issued.authorization == *authorization);
    }

    /// Forgets the token.
    pub(super) fn forget(&self) {
        self.lock().issued = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}
