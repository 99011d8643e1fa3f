//! A clock whose retries do not wait: sleeping is recorded and moves the time of day on, while the timers that bound waits on the network are real.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use openai::transport::BoxFuture;
use openai_runtime::{SystemClock, Time};

/// A clock that records sleeps. Clones are the same clock.
#[derive(Clone)]
pub struct RecordingClock(Arc<State>);

struct State {
    /// Where the time of day is not the system's: when it began, and the number that jitter draws.
    fake: Option<Fake>,
    sleeps: Mutex<Vec<Duration>>,
}

/// The time of a clock that is not the system's.
#[derive(Clone, Copy, Debug)]
pub struct Fake {
    /// The time of day when it starts.
    pub start: SystemTime,
    /// The number that jitter draws.
    pub random: f64,
}

impl RecordingClock {
    /// The system's clock; sleeps wait, and are recorded.
    pub fn system() -> Self {
        Self(Arc::new(State { fake: None, sleeps: Mutex::default() }))
    }

    /// A clock that stands still but for its sleeps, which do not wait.
    pub fn fake(fake: Fake) -> Self {
        Self(Arc::new(State { fake: Some(fake), sleeps: Mutex::default() }))
    }

    /// The sleeps so far.
    pub fn sleeps(&self) -> Vec<Duration> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Duration>> {
        self.0.sleeps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Time for RecordingClock {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.lock().push(duration);
        match self.0.fake {
            Some(_) => Box::pin(std::future::ready(())),
            None => SystemClock.sleep(duration),
        }
    }

    fn timer(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.timer(duration)
    }

    fn now(&self) -> SystemTime {
        match self.0.fake {
            Some(fake) => fake.start + self.lock().iter().sum::<Duration>(),
            None => SystemClock.now(),
        }
    }

    fn monotonic(&self) -> Duration {
        SystemClock.monotonic() + self.0.fake.map_or(Duration::ZERO, |_| self.lock().iter().sum())
    }

    fn jitter(&self) -> f64 {
        self.0.fake.map_or_else(|| SystemClock.jitter(), |fake| fake.random)
    }
}

impl fmt::Debug for RecordingClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingClock").field("sleeps", &*self.lock()).finish_non_exhaustive()
    }
}
