//! Ways to read a body of bytes, over a scripted transport.

use std::sync::{Arc, Mutex};

use bytes::Bytes;

use super::Binary;
use crate::testing::{Answer, ScriptedTransport};
use crate::{Call, Client, Operation, Result};

static FILE: Operation = Operation { path: "/file", ..Operation::DEFAULT };

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn answer(chunks: &[&'static str]) -> Answer {
    Answer::body(200, "audio/mpeg", "").chunks(chunks.to_vec())
}

async fn binary(answer: Answer) -> Binary {
    let client: Client = ScriptedTransport::new([answer]).client();
    Call::new(&client, &FILE).await.unwrap()
}

/// A writer that others can look at.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Whatever way a body is read, the same comes out: the bytes that arrived, or the error after them.
#[track_caller]
fn check(answer: &Answer, expect: std::result::Result<&str, &str>) {
    let kind = |result: Result<String>| result.map_err(|error| if error.is_truncated() { "truncated" } else { error.kind() });
    let expect = expect.map(str::to_owned);
    run(async {
        let text = binary(answer.clone()).await.text().await;
        assert_eq!(kind(text), expect, "text");
        let kept = Kept::default();
        let written = binary(answer.clone()).await.write_to(kept.clone()).await;
        assert_eq!(kind(written.map(|count| kept.text()[..usize::try_from(count).unwrap()].to_owned())), expect, "writer");
        let mut read = Vec::new();
        let mut reader = binary(answer.clone()).await;
        let outcome = loop {
            let mut buffer = [0; 2];
            let mut buffer = tokio::io::ReadBuf::new(&mut buffer);
            match std::future::poll_fn(|cx| tokio::io::AsyncRead::poll_read(std::pin::Pin::new(&mut reader), cx, &mut buffer)).await {
                Ok(()) if buffer.filled().is_empty() => break Ok(String::from_utf8(read).unwrap()),
                Ok(()) => read.extend_from_slice(buffer.filled()),
                Err(error) => break Err(*error.into_inner().unwrap().downcast::<crate::Error>().unwrap()),
            }
        };
        assert_eq!(kind(outcome), expect, "reader");
    });
}

#[test]
fn a_body_can_be_read_in_many_ways() {
    check(&answer(&[]), Ok(""));
    check(&answer(&["abc"]), Ok("abc"));
    check(&answer(&["abc", "", "de"]).header("content-length", "5"), Ok("abcde"));
    check(&answer(&["abc", "de"]).header("content-length", "3"), Ok("abcde"));
    check(&answer(&["abc"]).header("content-length", "9").header("content-encoding", "gzip"), Ok("abc"));
    check(&answer(&["abc"]).header("content-length", "4"), Err("truncated"));
    check(&answer(&["abc"]).then_connection_error(), Err("connection"));
    check(&answer(&["abc"]).then_timeout(), Err("timeout"));
}

#[test]
fn what_arrived_before_an_error_is_written() {
    let kept = Kept::default();
    let error = run(async { binary(answer(&["abc", "de"]).then_connection_error()).await.write_to(kept.clone()).await.unwrap_err() });
    assert!(error.is_connection());
    assert_eq!(kept.text(), "abcde");
}

#[test]
fn the_bytes_that_were_received_are_counted() {
    run(async {
        let mut binary = binary(answer(&["abc", "de"]).header("content-length", "5")).await;
        assert_eq!((binary.received(), binary.expected(), binary.content_type()), (0, Some(5), Some("audio/mpeg")));
        assert_eq!(binary.try_next().await.unwrap().unwrap(), "abc");
        assert_eq!(binary.received(), 3);
        let told = Arc::new(Mutex::new(Vec::new()));
        let teller = told.clone();
        let rest = binary.on_progress(move |received, expected| teller.lock().unwrap().push((received, expected))).bytes().await.unwrap();
        assert_eq!((rest, told.lock().unwrap().as_slice()), (Bytes::from("de"), &[(5, Some(5))][..]));
    });
}

#[test]
fn a_body_is_written_to_a_file_or_the_path_is_at_fault() {
    let folder = std::env::temp_dir().join(format!("openai-runtime-binary-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("copy.mp3");
    run(async {
        assert_eq!(binary(answer(&["abc", "de"])).await.write_to_file(&path).await.unwrap(), 5);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "abcde");
        let error = binary(answer(&["abc"])).await.write_to_file(&folder).await.unwrap_err();
        assert!(error.is_argument() && error.message().contains("cannot write"), "{error}");
    });
    std::fs::remove_dir_all(&folder).unwrap();
}

#[cfg(feature = "blocking")]
#[test]
fn without_a_runtime_it_is_a_reader() {
    let client: Client = ScriptedTransport::new([answer(&["abc", "de"])]).client();
    let binary = || Call::<Binary>::new(&client, &FILE).blocking().unwrap().blocking();
    let mut kept = Kept::default();
    assert_eq!(std::io::copy(&mut binary(), &mut kept).unwrap(), 5);
    assert_eq!((kept.text().as_str(), binary().text().unwrap().as_str(), binary().bytes().unwrap()), ("abcde", "abcde", "abcde".into()));
}
