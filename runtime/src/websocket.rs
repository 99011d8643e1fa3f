//! Connections over which events go both ways, and which are restored without losing what was to be sent (contract 9).
//!
//! What decides is in `engine`, `queue` and `replay`, without a socket or a clock. `driver` moves it, in the hands of whoever polls; `socket` speaks the
//! protocol; `handshake` opens. The rest is what users hold.

mod audio;
#[cfg(feature = "blocking")]
mod blocking;
mod connect;
mod connection;
mod handlers;
mod submit;

mod reconnect;
mod shared;

mod driver;
mod handshake;
mod keep_alive;
mod socket;

mod closing;
mod engine;
mod message;
mod queue;
mod replay;
mod reported;

#[cfg(test)]
pub(crate) mod tests;

pub use audio::AudioChunks;
pub use closing::Closed;
pub use connect::Connect;
pub use connection::{Connection, Incoming, Protocol, Receiver, Sender};
pub use driver::Reconnecting;
pub use handlers::{HandlerId, Handlers};
pub use message::Message;
pub use reconnect::{Attempt, Reconnect};
pub use shared::Sending;
pub use submit::Submit;
pub use tokio::io::AsyncRead;
