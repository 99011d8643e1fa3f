//! What the tests of this package share: a scripted server, and the conformance runner.

pub mod server;
