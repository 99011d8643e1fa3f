//! A future that many wait for and that runs once. Who waits drives it; it goes on as long as anybody waits. Knows nothing of what it brings.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::transport::BoxFuture;
use crate::wakers::{Waiter, Wakers};

/// A future with its outcome, shared by those who wait for it.
pub(super) struct Flight<T> {
    journey: Mutex<Journey<T>>,
    /// Those who are to be woken when it gets on.
    waiting: Arc<Wakers>,
}

enum Journey<T> {
    Under(BoxFuture<'static, T>),
    Over(T),
}

impl<T: Clone> Flight<T> {
    pub(super) fn new(future: BoxFuture<'static, T>) -> Arc<Self> {
        Arc::new(Self { journey: Mutex::new(Journey::Under(future)), waiting: Arc::default() })
    }

    /// Waits for the outcome. Dropping this stops the wait; the flight itself stops with the last of those who wait.
    pub(super) fn landing(self: Arc<Self>) -> Landing<T> {
        Landing { flight: self, waiter: Waiter::new() }
    }
}

/// The wait for a flight's outcome.
pub(super) struct Landing<T> {
    flight: Arc<Flight<T>>,
    waiter: Waiter,
}

impl<T: Clone> Future for Landing<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let flight = &self.flight;
        // Before the future is looked at, so that nothing that wakes it in the meantime is lost on this one.
        flight.waiting.add(self.waiter, cx.waker());
        let mut journey = flight.journey.lock().unwrap_or_else(PoisonError::into_inner);
        let future = match &mut *journey {
            Journey::Over(outcome) => return Poll::Ready(outcome.clone()),
            Journey::Under(future) => future,
        };
        let everybody = Waker::from(flight.waiting.clone());
        let outcome = std::task::ready!(future.as_mut().poll(&mut Context::from_waker(&everybody)));
        *journey = Journey::Over(outcome.clone());
        drop(journey);
        everybody.wake();
        Poll::Ready(outcome)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::oneshot;
    use tokio::task::JoinSet;

    use super::*;

    fn run<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(future)
    }

    #[test]
    fn it_runs_once_for_all_who_wait_even_if_the_first_of_them_leaves() {
        run(async {
            static RUNS: AtomicUsize = AtomicUsize::new(0);
            let (go, gone) = oneshot::channel::<u32>();
            let flight = Flight::new(Box::pin(async {
                RUNS.fetch_add(1, Ordering::Relaxed);
                gone.await.unwrap()
            }));
            let mut first = Box::pin(flight.clone().landing());
            assert!(std::future::poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx).is_pending())).await);
            drop(first);
            let mut waiting = JoinSet::new();
            for _ in 0..100 {
                waiting.spawn(flight.clone().landing());
            }
            go.send(7).unwrap();
            assert_eq!(waiting.join_all().await, [7; 100]);
            assert_eq!((RUNS.load(Ordering::Relaxed), flight.landing().await), (1, 7));
        });
    }

    #[test]
    fn it_stops_with_the_last_who_waits() {
        run(async {
            let (go, gone) = oneshot::channel::<()>();
            let flight = Flight::new(Box::pin(async { gone.await.is_ok() }));
            let (first, second) = (flight.clone().landing(), flight.landing());
            drop(first);
            assert!(!go.is_closed());
            drop(second);
            assert!(go.is_closed());
        });
    }
}
