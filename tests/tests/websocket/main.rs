//! WebSockets over real sockets, against a scripted server: the handshake, what is said, what is lost, and that nothing is left behind.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/secure.rs"]
#[allow(dead_code, reason = "tests of calls use the rest")]
mod secure;

mod examples;
mod handshake;
mod identified;
mod load;
mod proxied;
mod secured;
mod talk;

use std::time::{Duration, Instant};

use openai::{Client, ClientBuilder};
use openai_tests::websocket::WebSocketServer;

fn builder(server: &WebSocketServer) -> ClientBuilder<Client> {
    Client::builder().env(|_| None).api_key("sk-test").base_url(server.url())
}

fn client(server: &WebSocketServer) -> Client {
    builder(server).build().unwrap()
}

/// Longer than anything here may take; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a test on a runtime of its own, which must not hang, and must have no task left at the end.
#[track_caller]
fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let outcome = tokio::time::timeout(PATIENCE, test).await.expect("it ends in time");
        let start = Instant::now();
        while runtime.metrics().num_alive_tasks() > 0 {
            assert!(start.elapsed() < PATIENCE, "no task is left");
            tokio::task::yield_now().await;
        }
        outcome
    })
}
