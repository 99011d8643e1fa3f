//! What a call does, seen from outside the SDK: what it tells subscribers, how it fares with faulty peers, from blocking programs, over TLS and
//! through proxies.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "../support/capture.rs"]
mod capture;
#[path = "../support/proxy.rs"]
mod proxy;
#[path = "../support/secure.rs"]
#[allow(dead_code, reason = "tests of WebSockets use the rest")]
mod secure;

mod world;

mod azure;
mod beginner;
mod blocking;
mod faults;
mod leaks;
mod peers;
mod proxies;
mod spans;
mod tls;
mod transport;
