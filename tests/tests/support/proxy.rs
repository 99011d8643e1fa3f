//! A proxy for one test: it wants credentials, keeps what it is asked, and passes bytes on. Knows nothing of clients.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// `user:s3cret`
const CREDENTIALS: &str = "proxy-authorization: basic dxnlcjpzm2nyzxq=";

/// A proxy that wants credentials, and keeps the heads of the requests that it sees.
pub(crate) struct Proxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

/// What becomes of those who have shown their credentials.
#[derive(Clone, Copy)]
enum Manner {
    Serves,
    Forbids,
}

impl Proxy {
    /// A proxy for whoever shows its credentials.
    pub(crate) fn start() -> Self {
        Self::with(Manner::Serves)
    }

    /// A proxy that lets nobody through: whom it knows it answers 403.
    pub(crate) fn forbidding() -> Self {
        Self::with(Manner::Forbids)
    }

    fn with(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = heads.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = kept.clone();
                // A connection that breaks ends itself alone.
                std::thread::spawn(move || serve(&stream, manner, &kept).ok());
            }
        });
        Self { port, heads }
    }

    /// Its URL, with credentials such as `user:s3cret@`, which are the right ones.
    pub(crate) fn url(&self, credentials: &str) -> String {
        format!("http://{credentials}127.0.0.1:{}", self.port)
    }

    /// The heads of the requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn serve(stream: &TcpStream, manner: Manner, kept: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    kept.lock().unwrap().push(head.clone());
    let mut client = stream;
    if !head.to_lowercase().contains(CREDENTIALS) {
        return write!(client, "HTTP/1.1 407 Who\r\nproxy-authenticate: basic\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    }
    if let Manner::Forbids = manner {
        return write!(client, "HTTP/1.1 403 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    }
    let mut words = head.split_whitespace();
    match (words.next(), words.next()) {
        (Some("CONNECT"), Some(target)) => {
            let target = TcpStream::connect(target)?;
            write!(client, "HTTP/1.1 200 OK\r\n\r\n")?;
            pass(stream, &target)
        }
        (Some(_), Some(url)) => {
            let address = url.strip_prefix("http://").and_then(|url| url.split('/').next()).unwrap_or_default();
            let mut target = TcpStream::connect(address)?;
            if head.to_lowercase().contains("upgrade: websocket") {
                target.write_all(head.replacen(&format!("http://{address}"), "", 1).as_bytes())?;
                return pass(stream, &target);
            }
            target.write_all(head.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").as_bytes())?;
            let mut answer = Vec::new();
            target.shutdown(Shutdown::Write)?;
            target.read_to_end(&mut answer)?;
            client.write_all(&answer)?;
            client.shutdown(Shutdown::Both)
        }
        _ => Ok(()),
    }
}

/// Passes bytes on, both ways, until one of the two has said all.
fn pass(mut client: &TcpStream, target: &TcpStream) -> std::io::Result<()> {
    let (mut from, mut to) = (client.try_clone()?, target.try_clone()?);
    let forth = std::thread::spawn(move || std::io::copy(&mut from, &mut to).and_then(|_| to.shutdown(Shutdown::Write)));
    std::io::copy(&mut &*target, &mut client)?;
    client.shutdown(Shutdown::Both)?;
    // What the client still had to say does not count any more.
    let _ = forth.join();
    Ok(())
}
