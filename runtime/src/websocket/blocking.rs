//! Connections in programs without an async runtime: the same calls, waited for on the calling thread.

use std::ops::Deref;

use super::closing::Closed;
use super::connect::Connect;
use super::connection::{Connection, Incoming, Protocol, Sender};
use super::submit::Submit;
use crate::blocking::{Blocking, block_on};
use crate::error::Result;
use crate::json::Encode;

impl<P: Protocol> Connect<P> {
    /// Opens the connection and waits for it, from a program without an async runtime. It is an iterator of the events that arrive.
    ///
    /// # Errors
    /// See [`send`](Self::send).
    pub fn blocking(self) -> Result<Blocking<Connection<P>>> {
        let client = self.client().clone();
        let connection = block_on(&client, None, self.send())??;
        let home = connection.home();
        Ok(Blocking::new(connection, client, home))
    }
}

impl<P: Protocol> Blocking<Connection<P>> {
    /// The next thing that arrives or happens. See [`Connection::recv`].
    ///
    /// # Errors
    /// See [`Connection::recv`].
    pub fn recv(&mut self) -> Result<Option<Incoming<P::Server>>> {
        self.wait(|connection| Box::pin(connection.recv()))?
    }

    /// Sends what is in the queue and closes the connection. See [`Sender::close`].
    ///
    /// # Errors
    /// When there is no thread to wait on.
    pub fn close(&self) -> Result<Closed> {
        let (client, home) = (self.get_ref().client(), self.get_ref().home());
        block_on(&client, home, Sender::close(self.get_ref()))
    }
}

/// What is sent is sent by the connection: `connection.response().create().blocking()?`.
impl<P: Protocol> Deref for Blocking<Connection<P>> {
    type Target = Connection<P>;

    fn deref(&self) -> &Connection<P> {
        self.get_ref()
    }
}

impl<C: Encode, E: Into<C>> Submit<'_, C, E> {
    /// Sends it and waits until it is sent, from a program without an async runtime. See [`Sender::send`].
    ///
    /// # Errors
    /// See [`Sender::send`].
    pub fn blocking(self) -> Result<()> {
        let (client, home) = (self.sender().client(), self.sender().home());
        block_on(&client, home, self.into_future())?
    }
}
