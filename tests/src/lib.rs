//! What the tests of this package share: a scripted server, the driver that performs calls given as JSON, and the runner of the conformance corpus.

pub mod clock;
pub mod comparison;
pub mod corpus;
pub mod driver;
pub mod examples;
pub mod front;
pub mod fuzz;
pub mod named;
pub mod parallel;
pub mod server;
pub mod synthesis;
pub mod websocket;
