//! As much of HTTP/1.1 as the measured clients use: requests with a length, answers with a length or in chunks. Knows no path.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How many bytes of events go into one write: what a fast server has ready when the socket takes more.
const WRITE: usize = 32 * 1024;

/// What of a request matters.
pub struct Request {
    pub path: String,
}

pub struct Connection {
    socket: TcpStream,
    /// What was read and belongs to the next request.
    read: Vec<u8>,
}

impl Connection {
    pub fn new(socket: TcpStream) -> Self {
        Self { socket, read: Vec::new() }
    }

    /// Reads a request with its body; none when the client is done.
    pub async fn request(&mut self) -> std::io::Result<Option<Request>> {
        let head_end = loop {
            if let Some(at) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            if self.more().await? == 0 {
                return Ok(None);
            }
        };
        let head = String::from_utf8_lossy(&self.read[..head_end]).into_owned();
        let end = head_end + content_length(&head);
        while self.read.len() < end {
            if self.more().await? == 0 {
                return Ok(None);
            }
        }
        self.read.drain(..end);
        let path = head.split(' ').nth(1).unwrap_or_default();
        Ok(Some(Request { path: path.to_owned() }))
    }

    async fn more(&mut self) -> std::io::Result<usize> {
        self.read.reserve(4096);
        self.socket.read_buf(&mut self.read).await
    }

    pub async fn json(&mut self, body: &str) -> std::io::Result<()> {
        self.whole("200 OK", body).await
    }

    pub async fn not_found(&mut self) -> std::io::Result<()> {
        self.whole("404 Not Found", "{}").await
    }

    async fn whole(&mut self, status: &str, body: &str) -> std::io::Result<()> {
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-request-id: req_1\r\nopenai-processing-ms: 12\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.socket.write_all(answer.as_bytes()).await
    }

    /// Answers with a file of so many bytes.
    pub async fn bytes(&mut self, length: usize) -> std::io::Result<()> {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: {length}\r\n\r\n");
        self.socket.write_all(head.as_bytes()).await?;
        let block = [0x5a; WRITE];
        let mut left = length;
        while left > 0 {
            let now = left.min(WRITE);
            self.socket.write_all(&block[..now]).await?;
            left -= now;
        }
        Ok(())
    }

    pub async fn start_events(&mut self) -> std::io::Result<()> {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nx-request-id: req_1\r\ntransfer-encoding: chunked\r\n\r\n";
        self.socket.write_all(head.as_bytes()).await
    }

    /// Sends events, each in a chunk of its own.
    pub async fn events(&mut self, events: impl Iterator<Item = String>) -> std::io::Result<()> {
        let mut out = Vec::with_capacity(WRITE + 1024);
        for event in events {
            out.extend_from_slice(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes());
            if out.len() >= WRITE {
                self.socket.write_all(&out).await?;
                out.clear();
            }
        }
        self.socket.write_all(&out).await
    }

    pub async fn end_events(&mut self) -> std::io::Result<()> {
        self.socket.write_all(b"0\r\n\r\n").await
    }
}

fn content_length(head: &str) -> usize {
    let lengths = head.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("content-length") { value.trim().parse().ok() } else { None }
    });
    lengths.last().unwrap_or(0)
}
