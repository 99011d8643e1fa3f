//! A client, a runtime and a server for one test, and what must be left of them afterwards: nothing.

use std::time::{Duration, Instant};

use openai::{Client, ClientBuilder};
use openai_tests::server::Server;

/// Longer than anything here may take; a test that needs it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A client of the server that takes nothing from the environment.
pub(crate) fn builder(url: impl Into<String>) -> ClientBuilder<Client> {
    Client::builder().env(|_| None).api_key("sk-test").base_url(url).no_proxy().max_retries(0)
}

/// Runs a test on a runtime of its own, which must not hang, and must have no task left when the client is gone.
#[track_caller]
pub(crate) fn run<T>(test: impl AsyncFnOnce() -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let outcome = tokio::time::timeout(PATIENCE, test()).await.expect("it ends in time");
        let metrics = tokio::runtime::Handle::current().metrics();
        eventually("no task is left", || metrics.num_alive_tasks() == 0).await;
        outcome
    })
}

/// Waits until something holds.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "{what}");
        tokio::task::yield_now().await;
    }
}

/// No socket of the server is open any more.
pub(crate) async fn all_closed(server: &Server) {
    eventually("no socket is left open", || server.open_connections() == 0).await;
}
