//! Calls from blocking programs: from any thread, also one that belongs to an async runtime.

use std::sync::atomic::{AtomicUsize, Ordering};

use openai::types::fine_tuning::JobListParams;
use openai::types::responses::ResponseCreateParams;
use openai::{Client, Result, WorkloadIdentity};
use openai_tests::server::{Answer, Server};

use crate::world::{PATIENCE, builder};

const EVENTS: usize = 500;

fn server() -> Server {
    Server::start(|request| match (request.method.as_str(), request.path()) {
        ("POST", _) => {
            let event = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n";
            // Each in a packet of its own, so that none is there before it is waited for.
            let end = "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\"}}\n\n";
            Answer::events("").chunks(std::iter::repeat_n(event, EVENTS - 1).chain([end]))
        }
        (_, "/v1/fine_tuning/jobs") => Answer::json(r#"{"data":[{"id":"a"}],"has_more":false}"#),
        _ => Answer::json(r#"{"id":"m"}"#),
    })
    .unwrap()
}

fn client(server: &Server) -> Client {
    builder(server.url()).timeout(PATIENCE / 4).build().unwrap()
}

fn params() -> ResponseCreateParams {
    ResponseCreateParams::new().model("m").input("x")
}

/// Everything that can be done without `.await`.
fn everything(client: &Client) -> Result<()> {
    assert_eq!(client.models().retrieve("m").blocking()?.id, "m");
    let events: Result<Vec<_>> = client.responses().create_stream(params()).blocking()?.blocking().collect();
    assert_eq!(events?.len(), EVENTS);
    let jobs: Result<Vec<_>> = client.fine_tuning().jobs().list(JobListParams::new()).items().blocking().collect();
    assert_eq!(jobs?.len(), 1);
    assert_eq!(client.files().content("f").blocking()?.blocking().bytes()?, r#"{"id":"m"}"#);
    Ok(())
}

#[test]
fn from_any_thread() {
    let server = server();
    let client = client(&server);
    everything(&client).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| everything(&client.with_options(|options| options.max_retries(1))).unwrap());
        }
    });
}

/// The connections that awaiting made are driven by the runtime that blocking holds up; there must be others.
async fn mixed(client: Client) -> Result<()> {
    for _ in 0..3 {
        client.models().retrieve("m").await?;
        everything(&client)?;
    }
    Ok(())
}

#[test]
fn inside_a_runtime_of_one_thread() {
    let server = server();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(mixed(client(&server))).unwrap();
    let in_a_task = runtime.block_on(async { tokio::spawn(mixed(client(&server))).await.unwrap() });
    in_a_task.unwrap();
}

#[test]
fn inside_a_runtime_of_many_threads() {
    let server = server();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(mixed(client(&server))).unwrap();
    let client = client(&server);
    let tasks: Vec<_> = (0..4).map(|_| runtime.spawn(mixed(client.clone()))).collect();
    for task in tasks {
        runtime.block_on(task).unwrap().unwrap();
    }
}

/// A task of tokio may do so much before it has to give way, which a call that blocks cannot do.
#[test]
fn one_task_may_block_as_often_as_it_likes() {
    let server = server();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = client(&server);
    let calls = runtime.spawn(async move { (0..300).try_for_each(|_| client.models().retrieve("m").blocking().map(drop)) });
    runtime.block_on(calls).unwrap().unwrap();
}

#[test]
fn what_would_wait_for_itself_is_refused() {
    let server = server();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(async {
        let stream = client(&server).responses().create_stream(params()).await.unwrap();
        stream.blocking().next().unwrap().unwrap_err()
    });
    assert!(error.is_argument() && error.message().contains(".await"), "{error}");

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let error = runtime.block_on(runtime.spawn({
        let client = client(&server);
        async move {
            let binary = client.files().content("f").await.unwrap();
            binary.blocking().bytes().unwrap_err()
        }
    }));
    assert!(error.unwrap().is_argument());
}

#[test]
fn a_stream_may_be_handed_to_a_thread_that_may_wait() {
    let server = server();
    for mut builder in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()] {
        let runtime = builder.enable_all().build().unwrap();
        let count = runtime.block_on(async {
            let stream = client(&server).responses().create_stream(params()).await.unwrap();
            tokio::task::spawn_blocking(|| stream.blocking().map(Result::unwrap).count()).await.unwrap()
        });
        assert_eq!(count, EVENTS);
    }
}

#[test]
fn awaiting_outside_of_a_runtime_says_what_to_do() {
    let server = server();
    let call = std::pin::pin!(client(&server).models().retrieve("m").into_future());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(outcome) = call.poll(&mut context) else { panic!("it does not wait") };
    let error = outcome.unwrap_err();
    assert!(error.is_argument() && error.message().contains("#[tokio::main]") && error.message().contains(".blocking()"), "{error}");
}

#[test]
fn a_blocking_call_gets_its_token_although_it_holds_up_the_one_who_was_getting_one() {
    let exchanges = AtomicUsize::new(0);
    let server = Server::start(move |request| match request.path() {
        "/oauth/token" => {
            let number = exchanges.fetch_add(1, Ordering::Relaxed);
            Answer::json(format!(r#"{{"access_token":"t{number}","expires_in":3600}}"#))
        }
        _ => Answer::json(r#"{"id":"m"}"#),
    })
    .unwrap();
    let identity = WorkloadIdentity::new("idp", "sa", || async { Ok("subject".to_owned()) });
    let identity = identity.token_endpoint(server.url().replace("/v1", "/oauth/token"));
    let builder = Client::builder().env(|_| None).base_url(server.url()).no_proxy().max_retries(0).timeout(PATIENCE / 4);
    let client = builder.workload_identity(identity).build().unwrap();
    crate::world::run(async || {
        let mut awaited = Box::pin(client.models().retrieve("m").into_future());
        let begun = std::future::poll_fn(|cx| std::task::Poll::Ready(awaited.as_mut().poll(cx).is_pending()));
        assert!(begun.await, "the exchange is under way");
        // The runtime that drives it is this very thread.
        client.models().retrieve("m").blocking().unwrap();
        awaited.await.unwrap();
        client.models().retrieve("m").await.unwrap();
        client.models().retrieve("m").blocking().unwrap();
    });
    let count = |path: &str| server.requests().iter().filter(|request| request.path() == path).count();
    assert_eq!((count("/oauth/token"), count("/v1/models/m")), (2, 4), "one on each side, and then the token is shared");
}
