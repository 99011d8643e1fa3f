//! The seam to the clock: waiting, the time of day, a monotonic time and the random number for jitter.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use crate::transport::BoxFuture;

/// A clock. Tests hand in one that does not wait.
pub trait Time: Send + Sync + 'static {
    /// Done after the given time. Dropping it stops the wait.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A timer that bounds a wait on the network; a fake clock leaves it pending for ever.
    fn timer(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.sleep(duration)
    }

    /// The time of day.
    fn now(&self) -> SystemTime;

    /// A time that never goes back, counted from any fixed point.
    fn monotonic(&self) -> Duration;

    /// A number in `0.0..1.0` that shortens a backoff delay.
    fn jitter(&self) -> f64;
}

/// The system's clock, with the timers of tokio.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Time for SystemClock {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn jitter(&self) -> f64 {
        // The upper 53 bits of a random u64 fill a double's mantissa.
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let fraction = (random() >> 11) as f64;
        fraction / (1u64 << 53) as f64
    }
}

/// A random number from the seeds of the standard library's hash maps. Good for jitter and boundaries, not for secrets.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}
