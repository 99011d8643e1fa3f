//! A credential that calls share and that has an end: kept until shortly before it, renewed once however many want it (contract 8.6). Knows nothing
//! of how it is got, nor what it is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::Link;
use super::flight::Flight;
use crate::error::{Error, Result};
use crate::transport::BoxFuture;

/// After a renewal that failed, the credential that is still good is used for this long before the next is tried.
const PATIENCE: Duration = Duration::from_secs(30);

/// A credential and when it has to be replaced, on the client's monotonic clock.
#[derive(Clone)]
pub(super) struct Issued<T> {
    pub(super) credential: T,
    pub(super) refresh_at: Duration,
    pub(super) expires_at: Duration,
}

impl<T> Issued<T> {
    /// A credential that was asked for at a time and lasts from then on. It is replaced this long before its end, but not before half of its life is over.
    pub(super) fn lasting(credential: T, asked: Duration, life: Duration, buffer: Duration) -> Self {
        let refresh_at = asked.saturating_add(life - buffer.min(life / 2));
        Self { credential, refresh_at, expires_at: asked.saturating_add(life) }
    }
}

/// The outcome of a renewal, for all who waited for it.
type Outcome<T> = Result<Issued<T>, Arc<Error>>;

/// The credential of one identity.
pub(super) struct Renewed<T>(Mutex<State<T>>);

struct State<T> {
    issued: Option<Issued<T>>,
    /// The renewal that is under way: one for awaited calls and one for blocking ones, which hold up the thread that drives the other.
    flights: [Weak<Flight<Outcome<T>>>; 2],
}

impl<T> Default for Renewed<T> {
    fn default() -> Self {
        Self(Mutex::new(State { issued: None, flights: [Weak::new(), Weak::new()] }))
    }
}

impl<T> State<T> {
    /// The credential, if it is good at this time.
    fn good(&self, now: Duration) -> Option<&Issued<T>> {
        self.issued.as_ref().filter(|issued| now < issued.expires_at)
    }
}

impl<T: Clone + Send + 'static> Renewed<T> {
    /// The credential for a call that is made now. `renew` is begun if there is need of a new one and nobody has begun to get it yet.
    pub(super) async fn current(self: &Arc<Self>, link: &Link, renew: impl FnOnce() -> BoxFuture<'static, Result<Issued<T>>>) -> Result<T> {
        let now = link.time().monotonic();
        let flight = {
            let mut state = self.lock();
            let lane = usize::from(link.is_blocking());
            let running = state.flights[lane].upgrade();
            if let Some(good) = state.good(now)
                && (now < good.refresh_at || running.is_some())
            {
                return Ok(good.credential.clone());
            }
            running.unwrap_or_else(|| {
                let flight = Flight::new(self.clone().kept(link.clone(), lane, renew()));
                state.flights[lane] = Arc::downgrade(&flight);
                flight
            })
        };
        match flight.landing().await {
            Ok(issued) => Ok(issued.credential),
            // One that is still good is better than an error.
            Err(error) => match self.lock().good(link.time().monotonic()) {
                Some(good) => Ok(good.credential.clone()),
                None => Err(error.share()),
            },
        }
    }

    /// The renewal, with its outcome noted.
    fn kept(self: Arc<Self>, link: Link, lane: usize, renewal: BoxFuture<'static, Result<Issued<T>>>) -> BoxFuture<'static, Outcome<T>> {
        Box::pin(async move {
            let outcome = renewal.await.map_err(Arc::new);
            let mut state = self.lock();
            // Some still hold the flight to take its outcome with them; who comes now needs another.
            state.flights[lane] = Weak::new();
            match (&outcome, &mut state.issued) {
                (Ok(issued), kept) => *kept = Some(issued.clone()),
                (Err(_), Some(old)) => old.refresh_at = link.time().monotonic().saturating_add(PATIENCE),
                (Err(_), None) => {}
            }
            drop(state);
            outcome
        })
    }
}

impl<T> Renewed<T> {
    /// Forgets the credential if it is this one: if not, another call has replaced it already.
    pub(super) fn reject(&self, refused: impl FnOnce(&T) -> bool) {
        self.lock().issued.take_if(|issued| refused(&issued.credential));
    }

    /// Forgets the credential.
    pub(super) fn forget(&self) {
        self.lock().issued = None;
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;
    use crate::Client;
    use crate::testing::ScriptedTransport;

    fn issued(credential: u32) -> Issued<u32> {
        Issued { credential, refresh_at: Duration::MAX, expires_at: Duration::MAX }
    }

    #[test]
    fn what_was_refused_is_not_handed_out_again_while_others_still_wait_for_it() {
        let client: Client = ScriptedTransport::default().client();
        let link = Link::new(&client, 0);
        let renewed: Arc<Renewed<u32>> = Arc::default();
        let (go, gone) = tokio::sync::oneshot::channel();
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
            let renewal = || -> BoxFuture<'static, Result<Issued<u32>>> { Box::pin(async { Ok(issued(gone.await.unwrap())) }) };
            let mut first = Box::pin(renewed.current(&link, renewal));
            let mut second = Box::pin(renewed.current(&link, || unreachable!("the first does it")));
            let polled =
                std::future::poll_fn(|cx| Poll::Ready((first.as_mut().poll(cx).is_pending(), second.as_mut().poll(cx).is_pending())));
            assert_eq!(polled.await, (true, true));
            go.send(1).unwrap();
            assert_eq!(first.await.unwrap(), 1);
            renewed.reject(|credential| *credential == 1);
            assert_eq!(renewed.current(&link, || Box::pin(async { Ok(issued(2)) })).await.unwrap(), 2);
            assert_eq!(second.await.unwrap(), 1);
            renewed.reject(|credential| *credential == 1);
            assert_eq!(renewed.current(&link, || unreachable!("the second is good")).await.unwrap(), 2);
        });
    }
}
