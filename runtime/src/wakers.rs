//! One waker that stands for many: a socket or a future knows one, and any number of tasks may wait for it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// The tasks that wait for one thing. Waking it wakes them all, once.
#[derive(Debug, Default)]
pub(crate) struct Wakers(Mutex<Vec<(Waiter, Waker)>>);

/// Who waits. Each has one place, however often it is polled: wakers themselves cannot be told apart reliably.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waiter(u64);

impl Waiter {
    /// Somebody who is always there, and alone.
    #[cfg(any(test, feature = "websocket"))]
    pub(crate) const RESIDENT: Self = Self(0);

    /// Anybody else.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Wakers {
    /// Adds a task until the next wake. It has to be added before the thing is looked at.
    pub(crate) fn add(&self, waiter: Waiter, waker: &Waker) {
        let mut waiting = self.lock();
        match waiting.iter_mut().find(|(known, _)| *known == waiter) {
            Some((_, known)) => known.clone_from(waker),
            None => waiting.push((waiter, waker.clone())),
        }
    }

    /// Wakes every task.
    pub(crate) fn wake_all(&self) {
        let waiting = std::mem::take(&mut *self.lock());
        waiting.into_iter().for_each(|(_, waker)| waker.wake());
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Waiter, Waker)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiter_has_one_place_however_often_it_is_polled() {
        let wakers = Wakers::default();
        for _ in 0..3 {
            // Each is another waker to whoever compares them.
            wakers.add(Waiter::RESIDENT, &Waker::from(Arc::new(Wakers::default())));
        }
        wakers.add(Waiter::new(), Waker::noop());
        wakers.add(Waiter::new(), Waker::noop());
        assert_eq!(wakers.lock().len(), 3);
        wakers.wake_all();
        assert!(wakers.lock().is_empty());
    }
}
