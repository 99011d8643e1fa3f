//! How connections are opened: what is asked for, what is refused, where it leads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use openai::types::realtime::RealtimeConnectParams;
use openai::websocket::{Connect, Incoming, Reconnect};
use openai::{Client, Result};
use openai_tests::websocket::{Reply, Session, WebSocketServer};

use super::{builder, client, run};

fn closing(mut session: Session) {
    session.close(1000, "");
}

fn params() -> RealtimeConnectParams {
    RealtimeConnectParams::new().model("gpt-r")
}

#[test]
fn the_request_is_that_of_a_call() {
    let server = WebSocketServer::start(closing).unwrap();
    let client = builder(&server)
        .organization("org")
        .project("proj")
        .default_header("x-default", "1")
        .default_query("default", 1)
        .base_url(format!("{}?bq=1", server.url()))
        .build()
        .unwrap();
    run(async {
        let connect = client.realtime().connect(params().call_id("rtc")).query("a", 1).query("model", "override").header("x-own", "2");
        let connection = connect.without_header("x-stainless-os").await.unwrap();
        assert_eq!(connection.handshake().request_id(), Some("req_0"));
        drop(connection);
    });
    let handshake = &server.handshakes()[0];
    assert_eq!(handshake.target, "/v1/realtime?bq=1&default=1&model=override&call_id=rtc&a=1");
    for (name, value) in [
        ("authorization", Some("Bearer sk-test")),
        ("openai-organization", Some("org")),
        ("openai-project", Some("proj")),
        ("x-default", Some("1")),
        ("x-own", Some("2")),
        ("x-stainless-lang", Some("rust")),
        ("x-stainless-os", None),
        ("accept", Some("application/json")),
        ("openai-beta", None),
        ("sec-websocket-version", Some("13")),
        ("sec-websocket-extensions", None),
        ("connection", Some("Upgrade")),
        ("upgrade", Some("websocket")),
    ] {
        assert_eq!(handshake.header(name), value, "{name}");
    }
    assert!(handshake.header("user-agent").unwrap().starts_with("OpenAI/Rust"));
}

#[test]
#[allow(deprecated, reason = "the beta is still there")]
fn every_connection_has_its_path() {
    let server = WebSocketServer::start(closing).unwrap();
    let client = client(&server);
    run(async {
        client.responses().connect().await.unwrap();
        client.beta().responses().connect().await.unwrap();
        client.realtime().translations().connect(Default::default()).await.unwrap();
        client.beta().realtime().connect(openai::types::beta::BetaRealtimeConnectParams::new().model("m")).await.unwrap();
    });
    let targets: Vec<_> = server.handshakes().iter().map(|h| (h.target.clone(), h.header("openai-beta").map(str::to_owned))).collect();
    let expect = [
        ("/v1/responses", None),
        ("/v1/responses", None),
        ("/v1/realtime/translations", None),
        ("/v1/realtime?model=m", Some("realtime=v1")),
    ];
    assert_eq!(targets, expect.map(|(target, beta)| (target.to_owned(), beta.map(str::to_owned))));
}

#[test]
fn the_base_url_of_websockets_is_one_of_its_own() {
    let server = WebSocketServer::start(closing).unwrap();
    let address = server.url().replace("http://", "ws://").replace("/v1", "/ws/?wq=1");
    let client = builder(&server).base_url("http://elsewhere.invalid/v1").websocket_base_url(address).build().unwrap();
    let request = client.realtime().connect(params()).request().unwrap();
    assert!(request.url().starts_with("ws://127.0.0.1"), "{}", request.url());
    assert_eq!(request.headers()["authorization"], "Bearer sk-test");
    run(async { client.realtime().connect(params()).await.map(drop).unwrap() });
    assert_eq!(server.handshakes()[0].target, "/ws/realtime?wq=1&model=gpt-r");
}

#[test]
fn a_key_from_a_provider_is_fresh_on_every_connection() {
    let server = WebSocketServer::start(|mut session| match session.handshake.number {
        0 => session.drop_connection(),
        _ => session.close(1000, ""),
    })
    .unwrap();
    let keys = AtomicUsize::new(0);
    let provider = move || {
        let key = format!("key-{}", keys.fetch_add(1, Ordering::SeqCst));
        async move { Ok(key) }
    };
    let client = builder(&server).api_key_provider(provider).build().unwrap();
    run(async {
        let reconnect = Reconnect::new().initial_delay(Duration::from_millis(1));
        let mut connection = client.responses().connect().reconnect(reconnect).await.unwrap();
        while connection.try_next().await.unwrap().is_some() {}
    });
    let keys: Vec<_> = server.handshakes().iter().map(|handshake| handshake.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(keys, ["Bearer key-0", "Bearer key-1"]);
}

/// What a refused handshake is to the caller.
#[track_caller]
fn check(reply: Reply, kind: &str, message: &str, status: Option<u16>) {
    let server = WebSocketServer::answering(move |_| reply.clone(), closing).unwrap();
    let error = run(async { client(&server).realtime().connect(params()).await.map(drop).unwrap_err() });
    assert_eq!((error.kind(), error.status().map(|status| status.as_u16())), (kind, status), "{error:?}");
    assert!(error.message().contains(message), "{error}");
    assert_eq!(server.handshakes().len(), 1, "it is not tried again");
    if status.is_some_and(|status| status >= 400) {
        assert_eq!((error.request_id(), error.code()), (Some("req_x"), Some("c")), "{error:?}");
        assert_eq!(error.body_text(), Some(r#"{"error":{"message":"no","code":"c"}}"#));
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    }
}

#[test]
fn a_refusal_is_the_error_that_a_call_would_have() {
    let refuse = |status| {
        let headers = vec![("x-request-id", "req_x".to_owned()), ("retry-after", "7".to_owned())];
        Reply::Http(status, headers, r#"{"error":{"message":"no","code":"c"}}"#)
    };
    for (status, kind) in [
        (400, "bad_request"),
        (401, "authentication"),
        (403, "permission_denied"),
        (404, "not_found"),
        (429, "rate_limit"),
        (500, "internal_server"),
        (503, "internal_server"),
    ] {
        check(refuse(status), kind, "no", Some(status));
    }
    check(Reply::Http(200, Vec::new(), "<html>"), "websocket", "opened no WebSocket", Some(200));
    check(Reply::AcceptAs("nonsense"), "websocket", "does not belong to the request", Some(101));
    check(Reply::Http(302, Vec::new(), ""), "status", "302", Some(302));
}

#[test]
fn a_server_that_cannot_be_reached_or_does_not_answer_is_an_error() {
    let server = WebSocketServer::answering(|_| Reply::Never, closing).unwrap();
    let error = run(async {
        let connect: Connect<_> = client(&server).realtime().connect(params());
        connect.timeout(Duration::from_millis(20)).await.map(drop).unwrap_err()
    });
    assert!(error.is_timeout(), "{error:?}");
    let nobody = Client::builder().env(|_| None).api_key("k").base_url("http://127.0.0.1:1/v1").build().unwrap();
    let error = run(async { nobody.responses().connect().await.map(drop).unwrap_err() });
    assert!(error.is_connection(), "{error:?}");
}

#[test]
fn redirects_lead_within_the_origin_only() {
    let server = WebSocketServer::answering(
        |handshake| match handshake.target.as_str() {
            "/v1/realtime?model=gpt-r" => Reply::Http(307, vec![("location", "/other?x=1".to_owned())], ""),
            "/other?x=1" => Reply::Accept,
            _ => Reply::Http(302, vec![("location", "/v1/loop".to_owned())], ""),
        },
        closing,
    )
    .unwrap();
    run(async { client(&server).realtime().connect(params()).await.map(drop).unwrap() });
    assert_eq!(server.handshakes()[1].header("authorization"), Some("Bearer sk-test"));
    let error = run(async { client(&server).responses().connect().await.map(drop).unwrap_err() });
    assert!(error.message().contains("more than 10 times"), "{error}");

    let elsewhere = WebSocketServer::start(closing).unwrap();
    for scheme in ["http", "https"] {
        let location = elsewhere.url().replacen("http", scheme, 1);
        let server = WebSocketServer::answering(move |_| Reply::Http(307, vec![("location", location.clone())], ""), closing).unwrap();
        let error = run(async { client(&server).responses().connect().await.map(drop).unwrap_err() });
        assert!(error.message().contains("another origin"), "{error}");
    }
    assert!(elsewhere.handshakes().is_empty());
}

#[test]
fn a_connection_that_is_restored_is_not_led_away_either() {
    let elsewhere = WebSocketServer::start(closing).unwrap();
    let location = elsewhere.url();
    let server = WebSocketServer::answering(
        move |handshake| match handshake.number {
            0 => Reply::Accept,
            _ => Reply::Http(307, vec![("location", location.clone())], ""),
        },
        Session::drop_connection,
    )
    .unwrap();
    let error = run(async {
        let reconnect = Reconnect::new().initial_delay(Duration::from_millis(1)).max_attempts(2);
        let mut connection = client(&server).realtime().connect(params()).reconnect(reconnect).await.unwrap();
        connection.try_next().await.unwrap_err()
    });
    assert!(error.message().contains("another origin"), "{error}");
    assert_eq!((server.handshakes().len(), elsewhere.handshakes().len()), (3, 0));
}

#[test]
fn a_refused_attempt_to_restore_is_followed_by_another() {
    let server = WebSocketServer::answering(
        |handshake| match handshake.number {
            0 | 3 => Reply::Accept,
            _ => Reply::Http(503, Vec::new(), ""),
        },
        |mut session| match session.handshake.number {
            0 => session.close(1001, "moving"),
            _ => session.close(1000, "done"),
        },
    )
    .unwrap();
    let story: Vec<String> = run(async {
        let reconnect = Reconnect::new()
            .initial_delay(Duration::from_millis(1))
            .before_attempt(|attempt| attempt.query("n", i64::from(attempt.number())));
        let mut connection = client(&server).realtime().connect(params()).reconnect(reconnect).await.unwrap();
        let mut story = Vec::new();
        let next: Result<()> = async {
            while let Some(incoming) = connection.recv().await? {
                story.push(match incoming {
                    Incoming::Reconnecting(r) => format!("{} of {}, {} {}", r.attempt, r.max_attempts, r.code, r.reason),
                    Incoming::Reconnected(response) => response.request_id().unwrap().to_owned(),
                    Incoming::Closed(closed) => format!("{} {}", closed.code, closed.reason),
                    other => format!("{other:?}"),
                });
            }
            Ok(())
        }
        .await;
        next.unwrap();
        story
    });
    assert_eq!(story, ["1 of 5, 1001 moving", "2 of 5, 1001 moving", "3 of 5, 1001 moving", "req_3", "1000 done"]);
    assert_eq!(server.handshakes()[3].target, "/v1/realtime?model=gpt-r&n=3");
}
