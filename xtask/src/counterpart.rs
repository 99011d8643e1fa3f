//! Servers that others have written, as processes of this machine: where they listen, and that they end. Knows none of them.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::outcome::Fault;

/// A server's process, which ends with this value.
#[derive(Debug)]
pub(crate) struct Running {
    process: Child,
    address: SocketAddr,
}

impl Running {
    /// Starts a server that is told its port, and waits until it listens. What it says goes to `log`, or nowhere.
    pub(crate) fn start(command: impl FnOnce(SocketAddr) -> Result<Command, Fault>, log: Option<&Path>) -> Result<Self, Fault> {
        // A port that was free a moment ago: these servers cannot choose one by themselves.
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).map_err(Fault::while_doing("a port"))?;
        let (said, complained) = match log {
            Some(path) => {
                let file = std::fs::File::create(path).map_err(Fault::while_doing(path.display()))?;
                let again = file.try_clone().map_err(Fault::while_doing(path.display()))?;
                (file.into(), again.into())
            }
            None => (Stdio::null(), Stdio::null()),
        };
        let process = command(address)?.stdin(Stdio::null()).stdout(said).stderr(complained).spawn();
        let mut running = Self { process: process.map_err(Fault::while_doing("starting the server"))?, address };
        for _ in 0..600 {
            if TcpStream::connect(address).is_ok() {
                return Ok(running);
            }
            if let Ok(Some(status)) = running.process.try_wait() {
                let log = log.map(|path| format!(", and says why in {}", path.display())).unwrap_or_default();
                return Err(Fault::Other(format!("the server ended with {status}{log}")));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(Fault::Other("the server does not listen after a minute".to_owned()))
    }

    /// Where it listens: `http://127.0.0.1:…`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
