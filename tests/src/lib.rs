//! What the tests of this package share: a scripted server on the loopback interface.

pub mod server;
