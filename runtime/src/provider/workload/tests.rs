//! Workload identity as its user sees it: how many exchanges there are, which token a call carries, and what becomes of failures.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::testing::{Answer, Recorded, ScriptedTransport};
use crate::{Client, Error, Link, Result, SubjectTokenProvider, SubjectTokenType, WorkloadIdentity};

fn identity() -> WorkloadIdentity {
    WorkloadIdentity::new("idp", "sa", || async { Ok("subject".to_owned()) })
}

fn client(transport: &ScriptedTransport, identity: WorkloadIdentity) -> Client {
    Client::builder()
        .env(|_| None)
        .workload_identity(identity)
        .transport(transport.clone())
        .time(transport.clock().clone())
        .build()
        .unwrap()
}

fn is_exchange(request: &Recorded) -> bool {
    request.url.ends_with("/oauth/token")
}

/// Tokens `t1`, `t2`, … of this life; the API takes all but those that are refused.
fn issuing(life: u64, refused: &'static [&'static str]) -> ScriptedTransport {
    let count = AtomicUsize::new(0);
    ScriptedTransport::from_fn(move |request| {
        if is_exchange(request) {
            let number = count.fetch_add(1, Ordering::Relaxed) + 1;
            return Answer::ok(&json!({ "access_token": format!("t{number}"), "expires_in": life }));
        }
        let token = request.header("authorization").trim_start_matches("Bearer ");
        if refused.contains(&token) { Answer::error(401, "expired") } else { Answer::ok(&json!({ "token": token })) }
    })
}

fn exchanges(transport: &ScriptedTransport) -> usize {
    transport.requests().iter().filter(|request| is_exchange(request)).count()
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap().block_on(future)
}

async fn call(client: &Client) -> Result<Value> {
    client.get("/models").await
}

/// The token of a call.
async fn token(client: &Client) -> String {
    call(client).await.unwrap()["token"].as_str().unwrap().to_owned()
}

#[test]
fn two_hundred_calls_with_an_expired_token_make_one_exchange() {
    run(async {
        let transport = issuing(100, &[]);
        let client = client(&transport, identity());
        assert_eq!(token(&client).await, "t1");
        transport.clock().advance(Duration::from_secs(101));
        let mut calls = JoinSet::new();
        for number in 0..200u32 {
            // Clients made from one another share the token.
            let client = if number % 2 == 0 { client.clone() } else { client.with_options(|o| o.max_retries(number)) };
            calls.spawn(async move { token(&client).await });
        }
        assert!(calls.join_all().await.iter().all(|token| token == "t2"));
        assert_eq!((exchanges(&transport), transport.requests().len()), (2, 203));
    });
}

#[test]
fn two_hundred_calls_with_a_refused_token_make_one_exchange() {
    run(async {
        let transport = issuing(3600, &["t1"]);
        let client = client(&transport, identity());
        let mut calls = JoinSet::new();
        for _ in 0..200 {
            let client = client.clone();
            calls.spawn(async move { token(&client).await });
        }
        assert!(calls.join_all().await.iter().all(|token| token == "t2"));
        assert_eq!(exchanges(&transport), 2);
    });
}

#[test]
fn all_who_waited_for_an_exchange_share_its_failure() {
    run(async {
        let transport = ScriptedTransport::new([Answer::json(400, r#"{"error":"invalid_grant","error_description":"no"}"#)]);
        let client = client(&transport, identity());
        let mut calls = JoinSet::new();
        for _ in 0..50 {
            let client = client.clone();
            calls.spawn(async move { call(&client).await.unwrap_err() });
        }
        for error in calls.join_all().await {
            assert!(error.is_oauth() && error.oauth_error() == Some("invalid_grant") && error.message() == "no", "{error:?}");
            assert_eq!(error.status().map(|status| status.as_u16()), Some(400));
        }
    });
}

/// A second call after this long carries this token.
#[track_caller]
fn check_refresh(life: u64, buffer: Option<u64>, after: f64, expect: &str) {
    run(async {
        let transport = issuing(life, &[]);
        let identity = identity();
        let client = client(
            &transport,
            match buffer {
                Some(seconds) => identity.refresh_buffer(Duration::from_secs(seconds)),
                None => identity,
            },
        );
        token(&client).await;
        transport.clock().advance(Duration::from_secs_f64(after));
        assert_eq!(token(&client).await, expect, "{life} {buffer:?} {after}");
    });
}

#[test]
fn a_token_is_replaced_before_its_end() {
    check_refresh(3600, None, 2399.0, "t1");
    check_refresh(3600, None, 2400.0, "t2");
    check_refresh(100, None, 49.0, "t1");
    check_refresh(100, None, 50.0, "t2");
    check_refresh(3600, Some(0), 3599.0, "t1");
    check_refresh(3600, Some(0), 3600.0, "t2");
    check_refresh(3600, Some(10_000), 1800.0, "t2");
}

#[test]
fn a_renewal_that_fails_costs_nothing_while_the_old_token_is_good() {
    run(async {
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let transport = ScriptedTransport::from_fn(move |request| match is_exchange(request) {
            false => Answer::ok(&json!({ "token": request.header("authorization") })),
            true if counted.fetch_add(1, Ordering::Relaxed) == 0 => Answer::ok(&json!({ "access_token": "old", "expires_in": 3600 })),
            true => Answer::json(400, r#"{"error":"invalid_grant"}"#),
        });
        let client = client(&transport, identity());
        let advance = |seconds| transport.clock().advance(Duration::from_secs(seconds));
        assert_eq!(token(&client).await, "Bearer old");
        advance(2500);
        for _ in 0..5 {
            assert_eq!(token(&client).await, "Bearer old");
        }
        assert_eq!(count.load(Ordering::Relaxed), 2, "the failed renewal is not tried again with every call");
        advance(31);
        token(&client).await;
        assert_eq!(count.load(Ordering::Relaxed), 3);
        advance(1100);
        assert!(call(&client).await.unwrap_err().is_oauth());
    });
}

#[test]
fn a_refused_call_is_made_once_more_and_does_not_count_as_a_retry() {
    run(async {
        let transport = issuing(3600, &["t1"]);
        let client = client(&transport, identity());
        let answer = client.get("/models").max_retries(0).with_response().await.unwrap();
        assert_eq!((answer["token"].as_str(), answer.retries(), exchanges(&transport)), (Some("t2"), 0, 2));

        let transport = issuing(3600, &["t1", "t2"]);
        let client = self::client(&transport, identity());
        assert!(call(&client).await.unwrap_err().is_authentication());
        assert_eq!(exchanges(&transport), 2);
        let sent = transport.requests().len();
        assert_eq!(token(&client).await, "t3");
        assert_eq!(transport.requests().len(), sent + 2, "the second token is forgotten, too");

        let own = client.get("/models").header("authorization", "Bearer t1");
        assert!(own.await.unwrap_err().is_authentication());
        assert_eq!(exchanges(&transport), 3, "what the caller signed is not made again");
    });
}

#[test]
fn a_file_is_read_from_its_beginning_when_a_refused_token_is_replaced() {
    let send = |upload: crate::Upload| {
        let transport = issuing(3600, &["t1"]);
        let client = client(&transport, identity());
        let outcome =
            run(client.post("/files").multipart(&json!({ "purpose": "batch" })).file("file", upload).max_retries(0).into_future());
        let bodies: Vec<_> =
            transport.requests().iter().filter(|request| !is_exchange(request)).map(|request| request.text().contains("DATA")).collect();
        (outcome.as_ref().map_or_else(Error::kind, |_: &Value| "ok"), bodies)
    };
    let file = || std::io::Cursor::new(b"DATA".to_vec());
    assert_eq!(send(crate::Upload::seekable("a", file()).unwrap()), ("ok", vec![true, true]));
    // What can be read only once is not sent again without its content.
    assert_eq!(send(crate::Upload::reader("a", file())), ("authentication", vec![true]));
}

/// The outcome of a call whose exchange is answered like this: `ok` or the error's kind, the number of exchanges, and the waits in milliseconds.
#[track_caller]
fn check(answers: impl IntoIterator<Item = Answer>, retries: u32, kind: &str, count: usize, sleeps: &[u128]) {
    let transport = ScriptedTransport::new(answers.into_iter().chain([Answer::json(200, "{}")]));
    let client = client(&transport, identity());
    let outcome = run(client.get("/models").max_retries(retries).into_future());
    assert_eq!(outcome.as_ref().map_or_else(Error::kind, |_| "ok"), kind, "{outcome:?}");
    assert_eq!(exchanges(&transport), count);
    assert_eq!(transport.clock().sleeps().iter().map(Duration::as_millis).collect::<Vec<_>>(), sleeps);
}

#[test]
fn an_exchange_is_tried_again_when_that_can_help() {
    let issued = || Answer::json(200, r#"{"access_token":"t","expires_in":60,"token_type":"bearer"}"#);
    check([Answer::json(503, "x"), issued()], 2, "ok", 2, &[500]);
    check([Answer::json(503, "x"), Answer::connection_error(), issued()], 5, "ok", 3, &[500, 1000]);
    check([Answer::json(500, "x"), Answer::json(500, "x"), Answer::json(500, "x")], 5, "oauth", 3, &[500, 1000]);
    check([Answer::connection_error()], 0, "connection", 1, &[]);
    check([Answer::json(429, "x").header("retry-after", "2"), issued()], 2, "ok", 2, &[2000]);
    check([Answer::json(429, "x").header("retry-after", "0"), issued()], 2, "ok", 2, &[0]);
    check([Answer::json(429, "x").header("retry-after", "121"), issued()], 2, "oauth", 1, &[]);
    check([Answer::json(404, "x"), issued()], 2, "oauth", 1, &[]);
    check([Answer::json(307, "").header("location", "/oauth/token2"), issued()], 2, "oauth", 1, &[]);
}

#[test]
fn an_answer_without_a_good_token_is_an_error() {
    for body in [
        "",
        "[]",
        "null",
        r#"{"expires_in":5}"#,
        r#"{"access_token":"","expires_in":5}"#,
        r#"{"access_token":7,"expires_in":5}"#,
        r#"{"access_token":"t"}"#,
        r#"{"access_token":"t","expires_in":"5"}"#,
        r#"{"access_token":"t","expires_in":true}"#,
        r#"{"access_token":"t","expires_in":0}"#,
        r#"{"access_token":"t","expires_in":-1}"#,
        r#"{"access_token":"t\n","expires_in":5}"#,
        r#"{"access_token":"t","expires_in":5,"token_type":"mac"}"#,
    ] {
        check([Answer::json(200, body)], 2, "oauth", 1, &[]);
    }
    check([Answer::json(200, r#"{"access_token":"t","expires_in":1e300}"#)], 2, "ok", 1, &[]);
}

/// Shows an identity token.
struct Custom;

impl SubjectTokenProvider for Custom {
    fn token<'a>(&'a self, _: &'a Link) -> crate::transport::BoxFuture<'a, Result<String>> {
        Box::pin(async { Ok("mine".to_owned()) })
    }

    fn token_type(&self) -> SubjectTokenType {
        SubjectTokenType::Id
    }
}

#[test]
fn what_is_shown_is_what_the_provider_says() {
    let shown = |identity: WorkloadIdentity| {
        let transport = issuing(60, &[]);
        let outcome = run(call(&client(&transport, identity)));
        (outcome.map_err(|error| error.message().to_owned()).err(), transport.requests().first().map(|request| request.json()))
    };
    let (error, body) = shown(WorkloadIdentity::new("idp", "sa", Custom));
    assert_eq!(error, None);
    assert_eq!(
        body,
        Some(json!({
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": "mine",
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "identity_provider_id": "idp",
            "service_account_id": "sa",
        }))
    );
    let (error, body) = shown(WorkloadIdentity::new("idp", "sa", || async { Ok(" \n".to_owned()) }));
    assert!(error.is_some_and(|error| error.contains("empty")) && body.is_none());
    let (error, body) = shown(WorkloadIdentity::new("idp", "sa", || async { Err(Error::argument("none today")) }));
    assert!(error.is_some_and(|error| error.contains("none today")) && body.is_none());
    let (error, body) = shown(WorkloadIdentity::new("idp", "sa", crate::KubernetesToken::at("/no/such/file")));
    assert!(error.is_some_and(|error| error.contains("/no/such/file")) && body.is_none());
}

#[test]
fn a_metadata_service_that_refuses_is_named_with_its_status() {
    for (identity, service) in [(WorkloadIdentity::azure("idp", "sa"), "Azure"), (WorkloadIdentity::gcp("idp", "sa"), "Google Cloud")] {
        let transport = ScriptedTransport::new([Answer::json(404, "{}").header("x-trace", "7")]);
        let error = run(call(&client(&transport, identity))).unwrap_err();
        assert!(error.is_oauth() && error.message().contains(service), "{error:?}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(404));
        assert_eq!(error.headers().and_then(|headers| headers.get("x-trace")).map(|value| value.as_bytes()), Some(&b"7"[..]));
        assert_eq!(transport.requests().len(), 1, "it is not asked again");
    }
}

#[test]
fn a_certificate_stays_with_its_origin() {
    let transport = issuing(60, &[]);
    let builder = || Client::builder().env(|_| None).workload_identity(WorkloadIdentity::x509("idp", "sa")).transport(transport.clone());
    let client: Client = builder().build().unwrap();
    assert_eq!(client.base_url(), "https://mtls.api.openai.com/v1");
    let refused = |call: crate::RawCall| {
        let error = run(call.into_future()).unwrap_err();
        assert!(error.is_argument(), "{error:?}");
    };
    refused(client.get("https://elsewhere.example/models"));
    refused(client.get("/models").header("host", "elsewhere.example"));
    refused(client.get("/models").header("api_key", "k"));
    refused(client.get("/models").header("x-api-key", "k"));
    refused(client.with_options(|o| o.base_url("http://plain.example")).get("/models"));
    assert!(transport.requests().is_empty(), "nothing is sent, not even to the token endpoint");
    assert!(builder().base_url("http://plain.example").build().is_err());

    run(client.get("/models").header("host", "mtls.api.openai.com").into_future()).unwrap();
    let requests = transport.requests();
    assert_eq!(requests[0].url, "https://mtls.auth.openai.com/oauth/token");
    assert_eq!(requests[0].json()["subject_token_type"], "urn:openai:params:oauth:token-type:x509");
    assert_eq!((requests[1].url.as_str(), requests[1].header("authorization")), ("https://mtls.api.openai.com/v1/models", "Bearer t1"));
}

#[test]
fn what_the_server_says_of_a_certificate_stays_out_of_errors() {
    let transport = ScriptedTransport::new([Answer::json(400, r#"{"error":"invalid_grant","error_description":"CN=somebody"}"#)]);
    let error = run(call(&client(&transport, WorkloadIdentity::x509("idp", "sa")))).unwrap_err();
    assert!(error.oauth_error() == Some("invalid_grant") && !format!("{error:?} {error} {:?}", error.body()).contains("somebody"));
}

#[test]
fn credentials_exclude_each_other() {
    let builder = || Client::builder().env(|name| (name == "OPENAI_API_KEY").then(|| "sk-env".to_owned())).workload_identity(identity());
    let build = |builder: crate::ClientBuilder| builder.transport(issuing(60, &[])).build();
    assert!(build(builder()).is_ok(), "the environment's key is not read");
    assert!(build(builder().api_key("sk")).unwrap_err().is_argument());
    assert!(build(builder().workload_identity(WorkloadIdentity::kubernetes("", "sa"))).unwrap_err().is_argument());
    assert!(build(builder().admin_api_key("admin")).is_ok());
    let transport = issuing(60, &[]);
    let keyed = client(&transport, identity()).with_options(|o| o.api_key("sk-own"));
    assert_eq!(run(token(&keyed)), "sk-own");
    assert_eq!(exchanges(&transport), 0);
}
