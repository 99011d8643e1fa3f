//! The background thread of blocking calls: there is none before the first of them, one for a client and all that are made from it, and none when
//! they are gone. A program of its own, because it counts the threads of the process.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fs;
use std::time::{Duration, Instant};

use openai::Client;
use openai_tests::server::{Answer, Server};

fn threads() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    tasks.filter(|task| fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == "openai-blocking")).count()
}

#[test]
fn the_background_thread_lives_as_long_as_it_is_needed() {
    let server = Server::script([Answer::json(r#"{"id":"m"}"#)]).unwrap();
    let client: Client = Client::builder().env(|_| None).api_key("k").base_url(server.url()).no_proxy().build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(client.models().retrieve("m").into_future()).unwrap();
    assert_eq!(threads(), 0);

    client.models().retrieve("m").blocking().unwrap();
    let other = client.with_options(|options| options.max_retries(0));
    other.models().retrieve("m").blocking().unwrap();
    assert_eq!(threads(), 1);

    drop(client);
    other.models().retrieve("m").blocking().unwrap();
    assert_eq!(threads(), 1);

    // What was awaited ends with its own runtime.
    drop(runtime);
    drop(other);
    let start = Instant::now();
    while threads() > 0 || server.open_connections() > 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "{} threads, {} connections", threads(), server.open_connections());
        std::thread::yield_now();
    }
}
