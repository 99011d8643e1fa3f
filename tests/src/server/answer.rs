//! What is answered, and where it breaks: a description that turns into steps on a connection. Opens no socket.

use std::time::Duration;

/// An answer, and what goes wrong with it.
#[derive(Clone, Debug)]
pub struct Answer {
    head: Head,
    chunks: Vec<Vec<u8>>,
    framing: Framing,
    faults: Vec<(Position, Action)>,
    drip: Option<(usize, Duration)>,
}

#[derive(Clone, Debug)]
enum Head {
    /// Status and headers.
    Status(u16, Vec<(String, String)>),
    /// Everything is in the body, also what should be a head.
    Raw,
}

/// How the end of the body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// By its true length.
    Length,
    /// By a length that need not be true.
    Claimed(u64),
    /// Chunk by chunk.
    Chunked,
    /// By the end of the connection.
    UntilClose,
}

/// A place in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Before anything is sent.
    Start,
    /// After this many bytes of the body (of the whole answer, if it is raw).
    Body(usize),
    /// After this many chunks.
    Chunks(usize),
    /// After the whole answer.
    End,
}

/// What happens at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing is sent for a while, then it goes on.
    Pause(Duration),
    /// Nothing is sent any more, and the connection stays open.
    Stall,
    /// The connection ends in order (FIN).
    Close,
    /// The connection is reset (RST).
    Reset,
}

/// What is done on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Send(Vec<u8>),
    Do(Action),
}

impl Answer {
    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Self { head: Head::Status(status, Vec::new()), chunks: Vec::new(), framing: Framing::Length, faults: Vec::new(), drip: None }
    }

    /// 200 with JSON.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200).header("content-type", "application/json").body(body)
    }

    /// 200 with server-sent events.
    pub fn events(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200).header("content-type", "text/event-stream").body(body)
    }

    /// These bytes in place of an answer, then the end of the connection.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { head: Head::Raw, framing: Framing::UntilClose, ..Self::status(0).body(bytes) }
    }

    /// No answer: the connection ends.
    pub fn close() -> Self {
        Self::raw("")
    }

    /// Replaces the status.
    #[must_use]
    pub fn with_status(mut self, new: u16) -> Self {
        if let Head::Status(status, _) = &mut self.head {
            *status = new;
        }
        self
    }

    /// Adds a header; one that is known is not replaced, but for the content type.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Head::Status(_, headers) = &mut self.head {
            let name = name.into();
            headers.retain(|(known, _)| !(name.eq_ignore_ascii_case("content-type") && known.eq_ignore_ascii_case(&name)));
            headers.push((name, value.into()));
        }
        self
    }

    /// Replaces the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.chunks = vec![body.into()];
        self
    }

    /// Sends the body chunk by chunk (`transfer-encoding: chunked`), each in a segment of its own.
    #[must_use]
    pub fn chunks(mut self, chunks: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Self {
        self.chunks = chunks.into_iter().map(Into::into).collect();
        self.framing = Framing::Chunked;
        self
    }

    /// Announces this length, true or not.
    #[must_use]
    pub fn claiming(mut self, length: u64) -> Self {
        self.framing = Framing::Claimed(length);
        self
    }

    /// Announces no length: the body ends with the connection.
    #[must_use]
    pub fn until_close(mut self) -> Self {
        self.framing = Framing::UntilClose;
        self
    }

    /// Lets something happen at a place.
    #[must_use]
    pub fn at(mut self, position: Position, action: Action) -> Self {
        self.faults.push((position, action));
        self
    }

    /// Sends everything in pieces of this size with a pause after each.
    #[must_use]
    pub fn drip(mut self, size: usize, pause: Duration) -> Self {
        self.drip = Some((size.max(1), pause));
        self
    }

    /// What is done on the connection, in order.
    pub(super) fn steps(&self, with_body: bool) -> Vec<Step> {
        let mut steps: Vec<Step> = self.actions(|position| position == Position::Start);
        if let Head::Status(status, headers) = &self.head {
            steps.push(Step::Send(self.render_head(*status, headers)));
        }
        if with_body {
            let mut sent = 0;
            steps.extend(self.actions(|position| matches!(position, Position::Body(0) | Position::Chunks(0))));
            for (index, chunk) in self.chunks.iter().enumerate() {
                self.send_chunk(chunk, sent, &mut steps);
                sent += chunk.len();
                steps.extend(self.actions(|position| position == Position::Chunks(index + 1)));
            }
            if self.framing == Framing::Chunked {
                steps.push(Step::Send(b"0\r\n\r\n".to_vec()));
            }
        }
        steps.extend(self.actions(|position| position == Position::End));
        if self.framing == Framing::UntilClose {
            steps.push(Step::Do(Action::Close));
        }
        if let Some((size, pause)) = self.drip {
            steps = steps.into_iter().flat_map(|step| dripped(step, size, pause)).collect();
        }
        steps
    }

    fn actions(&self, here: impl Fn(Position) -> bool) -> Vec<Step> {
        self.faults.iter().filter(|(position, _)| here(*position)).map(|(_, action)| Step::Do(*action)).collect()
    }

    fn render_head(&self, status: u16, headers: &[(String, String)]) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {status} Scripted\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let length: usize = self.chunks.iter().map(Vec::len).sum();
        match self.framing {
            // A server must not announce a body with these.
            _ if matches!(status, 100..200 | 204 | 304) => {}
            Framing::Length => head.push_str(&format!("content-length: {length}\r\n")),
            Framing::Claimed(length) => head.push_str(&format!("content-length: {length}\r\n")),
            Framing::Chunked => head.push_str("transfer-encoding: chunked\r\n"),
            Framing::UntilClose => head.push_str("connection: close\r\n"),
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// A chunk, parted where something happens within it. `before` bytes of the body came before.
    fn send_chunk(&self, chunk: &[u8], before: usize, steps: &mut Vec<Step>) {
        if self.framing == Framing::Chunked {
            steps.push(Step::Send(format!("{:x}\r\n", chunk.len()).into_bytes()));
        }
        let mut parted: Vec<usize> = self
            .faults
            .iter()
            .filter_map(|(position, _)| match position {
                Position::Body(at) if *at > before && *at <= before + chunk.len() => Some(at - before),
                _ => None,
            })
            .collect();
        parted.sort_unstable();
        parted.dedup();
        let mut start = 0;
        for end in parted {
            steps.push(Step::Send(chunk[start..end].to_vec()));
            steps.extend(self.actions(|position| position == Position::Body(before + end)));
            start = end;
        }
        steps.push(Step::Send(chunk[start..].to_vec()));
        if self.framing == Framing::Chunked {
            steps.push(Step::Send(b"\r\n".to_vec()));
        }
    }
}

fn dripped(step: Step, size: usize, pause: Duration) -> Vec<Step> {
    match step {
        Step::Send(bytes) => bytes.chunks(size).flat_map(|piece| [Step::Send(piece.to_vec()), Step::Do(Action::Pause(pause))]).collect(),
        action => vec![action],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: &Answer, expect: &[&str]) {
        let steps: Vec<String> = answer
            .steps(true)
            .into_iter()
            .map(|step| match step {
                Step::Send(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Step::Do(action) => format!("{action:?}"),
            })
            .filter(|step| !step.is_empty() && !step.starts_with("HTTP"))
            .collect();
        assert_eq!(steps, expect);
    }

    #[test]
    fn things_happen_where_they_are_said_to() {
        check(&Answer::json("abcdef"), &["abcdef"]);
        check(&Answer::json("abcdef").at(Position::Body(2), Action::Reset), &["ab", "Reset", "cdef"]);
        check(
            &Answer::json("abcdef").at(Position::Body(6), Action::Close).at(Position::Start, Action::Stall),
            &["Stall", "abcdef", "Close"],
        );
        check(&Answer::raw("abc"), &["abc", "Close"]);
        check(&Answer::raw("ab").drip(1, Duration::ZERO), &["a", "Pause(0ns)", "b", "Pause(0ns)", "Close"]);
    }

    #[test]
    fn chunks_are_framed() {
        let answer = Answer::status(200).chunks(["ab", "c"]);
        check(&answer, &["2\r\n", "ab", "\r\n", "1\r\n", "c", "\r\n", "0\r\n\r\n"]);
        check(&answer.at(Position::Chunks(1), Action::Reset), &["2\r\n", "ab", "\r\n", "Reset", "1\r\n", "c", "\r\n", "0\r\n\r\n"]);
    }
}
