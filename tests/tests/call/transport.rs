//! What carries requests: how many at a time, and bodies that are sent as they are.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use openai::transport::{BoxFuture, RequestBody, ResponseBody, Transport, TransportError};
use openai::{Client, Upload};
use openai_tests::server::{Answer, Server};

use crate::world::{builder, run};

/// Answers after a while, and knows how many requests there were at the same time.
#[derive(Default)]
struct Counting {
    now: AtomicUsize,
    most: Arc<AtomicUsize>,
}

impl Transport for Counting {
    fn send(&self, _: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async {
            self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Long enough for all others to come in, if they may.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            self.now.fetch_sub(1, Ordering::SeqCst);
            Ok(http::Response::new(ResponseBody::bytes("{}")))
        })
    }
}

#[test]
fn no_more_requests_run_at_once_than_connections_may() {
    #[track_caller]
    fn check(limit: Option<usize>, expect: usize) {
        let transport = Counting::default();
        let most = transport.most.clone();
        let builder = Client::builder().env(|_| None).api_key("sk-test").transport(transport);
        let client = limit.into_iter().fold(builder, |builder, limit| builder.max_connections(limit)).build().unwrap();
        run(async || {
            let calls: Vec<_> = (0..20).map(|_| tokio::spawn(client.models().retrieve("m").into_future())).collect();
            for call in calls {
                call.await.unwrap().unwrap();
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), expect);
    }
    check(None, 20);
    check(Some(3), 3);
    check(Some(1), 1);
}

#[test]
fn a_body_of_ones_own_is_sent_as_it_is() {
    #[track_caller]
    fn check(body: RequestBody, length: Option<&str>) {
        let server = Server::script([Answer::json("{}")]).unwrap();
        run(async || {
            let client: Client = builder(server.url()).build().unwrap();
            client.post("/raw").body(body, "application/x-lines").await.unwrap();
        });
        let request = &server.requests()[0];
        assert_eq!((request.header("content-type"), request.header("content-length")), (Some("application/x-lines"), length));
        assert_eq!(request.body, b"one\ntwo\n");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "one\ntwo\n").unwrap();
    check("one\ntwo\n".into(), Some("8"));
    check(RequestBody::upload(Upload::path(file.path())).unwrap(), Some("8"));
    let reader = || b"one\n".chain(&b"two\n"[..]);
    check(RequestBody::upload(Upload::reader("x", reader())).unwrap(), None);
    check(RequestBody::upload(Upload::reader("x", reader()).length(8)).unwrap(), Some("8"));
    let absent = RequestBody::upload(Upload::path("/no/such/file")).unwrap_err();
    assert!(absent.is_argument(), "{absent}");
}
