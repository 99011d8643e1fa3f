//! A request as it came in: read from a connection, kept byte for byte.

use std::io::{self, BufRead, Read};

/// A request as it came in.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `POST`
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Header names in lower case, with their values, in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// The body, without the framing of chunks.
    pub body: Vec<u8>,
    /// Request line and headers as they came, with the empty line at the end.
    pub head: Vec<u8>,
    /// The body as it came, with the framing of chunks.
    pub raw_body: Vec<u8>,
    /// Which connection it came on, from 0.
    pub connection: usize,
}

impl Request {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The path, as sent.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(&self.target, |(path, _)| path)
    }

    /// What follows the question mark, as sent.
    pub fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    /// Reads the next request; None when the client is done.
    pub(super) fn read(reader: &mut impl BufRead, connection: usize) -> io::Result<Option<Self>> {
        let mut request = Self { connection, ..Self::default() };
        let mut line = Vec::new();
        while line.is_empty() || line == b"\r\n" {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                return Ok(None);
            }
        }
        request.head.extend_from_slice(&line);
        let first = String::from_utf8_lossy(&line).into_owned();
        let mut words = first.split_whitespace().map(str::to_owned);
        (request.method, request.target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            request.head.extend_from_slice(&line);
            let text = String::from_utf8_lossy(&line);
            let Some((name, value)) = text.trim_end().split_once(':') else { break };
            request.headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        request.read_body(reader)?;
        Ok(Some(request))
    }

    fn read_body(&mut self, reader: &mut impl BufRead) -> io::Result<()> {
        if self.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            return self.read_chunks(reader);
        }
        let length = self.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        self.body = vec![0; length];
        reader.read_exact(&mut self.body)?;
        self.raw_body.clone_from(&self.body);
        Ok(())
    }

    fn read_chunks(&mut self, reader: &mut impl BufRead) -> io::Result<()> {
        loop {
            let start = self.raw_body.len();
            reader.read_until(b'\n', &mut self.raw_body)?;
            let line = String::from_utf8_lossy(&self.raw_body[start..]).into_owned();
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
            let start = self.raw_body.len();
            reader.by_ref().take(size as u64 + 2).read_to_end(&mut self.raw_body)?;
            self.body.extend_from_slice(self.raw_body.get(start..start + size).unwrap_or_default());
            if size == 0 {
                return Ok(());
            }
        }
    }
}
