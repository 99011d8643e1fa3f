//! A clock that does not wait. Knows nothing of requests.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use crate::time::Time;
use crate::transport::BoxFuture;

/// A clock that does not wait: sleeping advances it at once and is recorded. Clones are the same clock.
///
/// A timer that bounds a wait on the network rings when the clock is [advanced](Self::advance) past it, or, with
/// [`ringing`](Self::ringing), when nothing else can happen.
#[derive(Clone)]
pub struct FakeClock(Arc<Mutex<State>>);

struct State {
    start: SystemTime,
    elapsed: Duration,
    jitter: f64,
    sleeps: Vec<Duration>,
    rings: bool,
    /// The timers that are waited for, in the order in which they were first looked at.
    timers: Vec<(u64, Duration)>,
    next: u64,
    wakers: Vec<Waker>,
}

impl Default for FakeClock {
    /// A clock that stands at the first second of 2025.
    fn default() -> Self {
        Self::at_unix(1_735_689_600)
    }
}

impl FakeClock {
    /// A clock that stands at the given time.
    pub fn new(now: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(State {
            start: now,
            elapsed: Duration::ZERO,
            jitter: 0.0,
            sleeps: Vec::new(),
            rings: false,
            timers: Vec::new(),
            next: 0,
            wakers: Vec::new(),
        })))
    }

    /// A clock that stands at the given second since 1970.
    pub fn at_unix(seconds: u64) -> Self {
        Self::new(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    /// Uses this number, from 0 to 1, for jitter. Default: 0, which leaves delays as they are.
    #[must_use]
    pub fn jitter(self, jitter: f64) -> Self {
        self.lock().jitter = jitter;
        self
    }

    /// Lets time pass when everything waits: the timer that is due first rings.
    #[must_use]
    pub fn ringing(self) -> Self {
        self.lock().rings = true;
        self
    }

    /// Moves the clock. Timers that are due ring.
    pub fn advance(&self, by: Duration) {
        let mut state = self.lock();
        state.elapsed = state.elapsed.saturating_add(by);
        let wakers = std::mem::take(&mut state.wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// The waits between attempts so far.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.lock().sleeps.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Time for FakeClock {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(async move {
            clock.lock().sleeps.push(duration);
            clock.advance(duration);
            // The time has passed: a timer that bounds what sleeps here has its turn first.
            yield_once().await;
        })
    }

    fn timer(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let due = self.lock().elapsed.saturating_add(duration);
        Box::pin(Timer { clock: self.clone(), due, id: None })
    }

    fn now(&self) -> SystemTime {
        let state = self.lock();
        state.start.checked_add(state.elapsed).unwrap_or(state.start)
    }

    fn monotonic(&self) -> Duration {
        self.lock().elapsed
    }

    fn jitter(&self) -> f64 {
        self.lock().jitter
    }
}

impl fmt::Debug for FakeClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("FakeClock").field("elapsed", &state.elapsed).field("sleeps", &state.sleeps).finish_non_exhaustive()
    }
}

/// Lets everything else that is waited for be looked at.
async fn yield_once() {
    let mut has_yielded = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

struct Timer {
    clock: FakeClock,
    due: Duration,
    /// Its number, once it is waited for.
    id: Option<u64>,
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let mut state = this.clock.lock();
        if state.elapsed >= this.due {
            return Poll::Ready(());
        }
        match this.id {
            None => {
                this.id = Some(state.next);
                let timer = (state.next, this.due);
                state.next += 1;
                state.timers.push(timer);
            }
            // Everything was looked at once since this timer was started, and is still waiting.
            Some(id) if state.rings && state.timers.iter().min_by_key(|(_, due)| *due).is_some_and(|(first, _)| *first == id) => {
                state.elapsed = this.due;
                return Poll::Ready(());
            }
            Some(_) => {}
        }
        if state.rings {
            cx.waker().wake_by_ref();
        } else {
            state.wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let mut state = self.clock.lock();
        state.timers.retain(|(id, _)| Some(*id) != self.id);
    }
}
