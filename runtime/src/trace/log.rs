//! Log lines on the error stream, for programs that have no subscriber of their own. The only place that imports `tracing-subscriber`.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Writes what the client does to the error stream, if the environment variable `OPENAI_LOG` is `info` (retries) or `debug` (every attempt and
/// its outcome). Bodies, headers and keys are never written.
///
/// It does nothing when the variable has another value, and when the program has a subscriber of `tracing` already: that gets the same
/// lines and spans, under the target `openai`.
pub fn init_logging() {
    let level = match std::env::var("OPENAI_LOG").as_deref() {
        Ok("info") => LevelFilter::INFO,
        Ok("debug") => LevelFilter::DEBUG,
        _ => return,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(Targets::new().with_target("openai", level));
    // A subscriber that is there already has the say.
    _ = tracing_subscriber::registry().with(lines).try_init();
}
