//! Parts of every kind of upload, sent to nowhere.

use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// What was handed to `send`, in the order of the numbers of the parts, and what came of it.
async fn sent(upload: Upload, size: u64, sending: Sending, failing: Option<&'static str>) -> (Vec<String>, Sent) {
    let parts = Parts::of(&upload, size).unwrap();
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let seen = bodies.clone();
    let sent = send_parts(&parts, sending, move |part| {
        let seen = seen.clone();
        Box::pin(async move {
            let body = RequestBody::segments(vec![Segment::File(part)])?.collect().await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            if failing == Some(text.as_str()) {
                return Err(Error::argument("refused"));
            }
            seen.lock().unwrap().push(text.clone());
            Ok(format!("id-{text}"))
        })
    })
    .await;
    let bodies = bodies.lock().unwrap().clone();
    (bodies, sent)
}

fn sending(most: usize) -> Sending {
    Sending { most, done: BTreeMap::new(), observer: None, checksum: Checksum::Md5 }
}

/// `0123456789` in every form that an upload has.
fn digits() -> Vec<Upload> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("openai-runtime-parts-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, "0123456789").unwrap();
    let mut behind = Cursor::new(b"xx0123456789".to_vec());
    behind.set_position(2);
    vec![
        Upload::bytes("a", "0123456789"),
        Upload::path(path),
        Upload::seekable("a", behind).unwrap(),
        Upload::reader("a", Cursor::new(b"0123456789".to_vec())).length(10),
        Upload::async_reader("a", &b"0123456789"[..]).length(10),
    ]
}

#[test]
fn every_kind_of_file_is_cut_and_hashed() {
    for upload in digits() {
        for most in [1, 3] {
            if most == 3 && upload.section(0, 1).is_none() {
                continue;
            }
            let (mut bodies, sent) = run(sent(upload.clone(), 4, sending(most), None));
            if most > 1 {
                // They arrive as they are read.
                bodies.sort();
            }
            assert_eq!(bodies, ["0123", "4567", "89"], "{upload:?}");
            assert_eq!(sent.done.into_values().collect::<Vec<_>>(), ["id-0123", "id-4567", "id-89"]);
            assert_eq!(sent.outcome.unwrap().as_deref(), Some("781e5e245d69b566979b86e28d23f2c7"));
        }
    }
    let (bodies, sent) = run(sent(Upload::reader("a", Cursor::new(b"0123456789".to_vec())).length(10), 3, sending(4), None));
    assert_eq!(bodies, ["012", "345", "678", "9"], "what can be read once is read in order, however many are sent at once");
    assert_eq!(sent.outcome.unwrap().as_deref(), Some("781e5e245d69b566979b86e28d23f2c7"));
}

#[test]
fn sizes_at_the_edges() {
    let count = |len: usize, size: u64| Parts::of(&Upload::bytes("a", vec![0; len]), size).unwrap().count();
    assert_eq!((count(0, 4), count(1, 4), count(4, 4), count(5, 4), count(8, 4)), (0, 1, 1, 2, 2));
    let refused = |upload: Upload, size| Parts::of(&upload, size).err().unwrap();
    assert!(refused(Upload::bytes("a", "x"), 0).is_argument());
    assert!(refused(Upload::reader("a", Cursor::new(vec![1])), 4).message().contains("Upload::length"));
    assert!(refused(Upload::path("/no/such/file"), 4).message().contains("/no/such/file"));
    let (bodies, sent) = run(sent(Upload::bytes("a", ""), 4, sending(2), None));
    assert_eq!((bodies.len(), sent.outcome.unwrap().as_deref()), (0, Some("d41d8cd98f00b204e9800998ecf8427e")));
}

#[test]
fn it_goes_on_where_it_broke_off() {
    for upload in [digits().swap_remove(0), digits().swap_remove(1), digits().swap_remove(2)] {
        let (_, broken) = run(sent(upload.clone(), 4, sending(1), Some("4567")));
        assert!(broken.outcome.unwrap_err().is_argument());
        assert_eq!(broken.done, BTreeMap::from([(0, "id-0123".to_owned())]));
        let (bodies, sent) = run(sent(upload, 4, Sending { done: broken.done, ..sending(1) }, None));
        assert_eq!(bodies, ["4567", "89"]);
        assert_eq!(sent.done.into_values().collect::<Vec<_>>(), ["id-0123", "id-4567", "id-89"]);
    }
    let again = Upload::reader("a", Cursor::new(b"0123456789".to_vec())).length(10);
    let done = BTreeMap::from([(1, "id-4567".to_owned())]);
    let (bodies, sent) = run(sent(again, 4, Sending { done, ..sending(1) }, None));
    assert_eq!(bodies, ["0123", "89"], "a fresh reader is read past what was sent");
    assert_eq!(sent.outcome.unwrap().as_deref(), Some("781e5e245d69b566979b86e28d23f2c7"));
}

#[test]
fn progress_is_that_of_the_whole() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = told.clone();
    let observer: Arc<dyn Fn(u64, u64) + Send + Sync> = Arc::new(move |sent, total| teller.lock().unwrap().push((sent, total)));
    let done = BTreeMap::from([(0, "id-0123".to_owned())]);
    run(sent(Upload::bytes("a", "0123456789"), 4, Sending { observer: Some(observer), done, ..sending(1) }, None));
    let told = told.lock().unwrap();
    assert_eq!((told.first(), told.last()), (Some(&(4, 10)), Some(&(10, 10))));
    assert!(told.is_sorted());
}

#[test]
fn a_reader_that_ends_early_is_an_error() {
    let short = Upload::reader("a", Cursor::new(b"012".to_vec())).length(10);
    let (_, sent) = run(sent(short, 4, sending(1), None));
    assert!(sent.outcome.unwrap_err().message().contains("fewer bytes"));
}
