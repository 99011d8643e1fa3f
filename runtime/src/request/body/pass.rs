//! One pass over a file while it is sent: counts its bytes, keeps it to the length that the request announced, and tells who wants to
//! know. Does not know where the bytes come from.

use std::io;

use bytes::Bytes;

use crate::upload::{Excess, Observer, Upload};

pub(super) struct Pass {
    name: String,
    sent: u64,
    /// What was announced, where it was known.
    total: Option<u64>,
    excess: Excess,
    observer: Option<Observer>,
}

impl Pass {
    /// `total` is the length that the request announced for the file.
    pub(super) fn begin(upload: &Upload, total: Option<u64>) -> Self {
        let name = upload.name().unwrap_or("upload").to_owned();
        let pass = Self { name, sent: 0, total, excess: upload.excess(), observer: upload.observer() };
        pass.tell();
        pass
    }

    /// Takes note of a chunk and hands out what is to be sent of it; None when the file is over.
    pub(super) fn take(&mut self, mut chunk: Bytes) -> io::Result<Option<Bytes>> {
        let left = self.total.map_or(u64::MAX, |total| total - self.sent);
        if chunk.len() as u64 > left {
            if self.excess == Excess::Refuse {
                return Err(self.wrong("has more bytes than"));
            }
            chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        if chunk.is_empty() {
            return Ok(None);
        }
        self.sent += chunk.len() as u64;
        self.tell();
        Ok(Some(chunk))
    }

    /// The file is over.
    pub(super) fn end(self) -> io::Result<()> {
        match self.total {
            Some(total) if self.sent < total => Err(self.wrong("has fewer bytes than")),
            _ => Ok(()),
        }
    }

    fn tell(&self) {
        if let Some(observer) = &self.observer {
            observer(self.sent, self.total);
        }
    }

    fn wrong(&self, how: &str) -> io::Error {
        let total = self.total.unwrap_or_default();
        io::Error::new(io::ErrorKind::InvalidData, format!("the upload `{}` {how} the {total} that were announced", self.name))
    }
}
