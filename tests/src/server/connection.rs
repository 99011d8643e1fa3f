//! One connection: requests are read, and the steps of their answers are taken. Knows no answer.

use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use socket2::SockRef;

use super::answer::{Action, Answer, Step};
use super::request::Request;

/// How often a pause looks whether the client is still there.
const GLANCE: Duration = Duration::from_millis(20);

/// Whether the connection goes on.
#[derive(PartialEq)]
enum Next {
    Request,
    Nothing,
}

pub(super) fn serve(stream: &TcpStream, index: usize, over: &AtomicBool, mut handle: impl FnMut(Request) -> Answer) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(request) = Request::read(&mut reader, index)? {
        let with_body = request.method != "HEAD";
        for step in handle(request).steps(with_body) {
            if take(stream, step, over)? == Next::Nothing {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn take(mut stream: &TcpStream, step: Step, over: &AtomicBool) -> io::Result<Next> {
    match step {
        Step::Send(bytes) => stream.write_all(&bytes).map(|()| Next::Request),
        Step::Do(Action::Pause(limit)) => pause(stream, Some(limit), over),
        Step::Do(Action::Stall) => pause(stream, None, over),
        Step::Do(Action::Close) => close(stream),
        Step::Do(Action::Reset) => {
            // Closing with a linger of zero sends RST, but only if this is the last handle of the socket: the other one is shut down with it.
            SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
            Ok(Next::Nothing)
        }
    }
}

/// Ends the connection in order. What the client still sends is read first: closing with unread bytes would reset it.
fn close(mut stream: &TcpStream) -> io::Result<Next> {
    stream.shutdown(Shutdown::Write)?;
    stream.set_read_timeout(Some(GLANCE))?;
    let mut rest = [0; 4096];
    while stream.read(&mut rest).is_ok_and(|read| read > 0) {}
    Ok(Next::Nothing)
}

/// Waits until the limit, the client's leaving, or the end of the server.
fn pause(stream: &TcpStream, limit: Option<Duration>, over: &AtomicBool) -> io::Result<Next> {
    let end = limit.map(|limit| Instant::now() + limit);
    let next = loop {
        let left = end.map_or(GLANCE, |end| end.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            break Next::Request;
        }
        if over.load(Ordering::Acquire) {
            break Next::Nothing;
        }
        stream.set_read_timeout(Some(left.min(GLANCE)))?;
        match stream.peek(&mut [0]) {
            Ok(0) => break Next::Nothing,
            // The client speaks on: it is there, and the pause has to be waited for.
            Ok(_) => std::thread::sleep(left.min(GLANCE)),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
            Err(_) => break Next::Nothing,
        }
    };
    stream.set_read_timeout(None)?;
    Ok(next)
}
