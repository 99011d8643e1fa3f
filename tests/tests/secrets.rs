//! No secret is ever shown: not by `Debug` or `Display`, not by errors and their causes, not by anything that is said through `tracing` or `log` at
//! any level, the HTTP client below included. A program of its own, because it listens to the whole process.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "support/capture.rs"]
mod capture;

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::Debug;
use std::net::TcpListener;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use openai::provider::Link;
use openai::transport::BoxFuture;
use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};
use openai::types::files::FileCreateParams;
use openai::{Client, ClientBuilder, Error, Provider, RequestBody, Result, Upload, WorkloadIdentity};
use openai_tests::server::{Action, Answer, Position, Server};
use serde_json::json;

use capture::Capture;

/// Every secret has this in it, and `c2VjcmV0` is how base64 writes some of them.
const MARKS: &[&str] = &["s3cret", "czNjcmV0", "MzY3JldA", "zM2NyZX"];

/// What was shown to whoever asked.
static SHOWN: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn show(value: &dyn Debug) {
    SHOWN.lock().unwrap().push(format!("{value:?} {value:#?}"));
}

/// Shows an error with all that is behind it.
fn show_error(error: &Error) {
    show(error);
    SHOWN.lock().unwrap().push(error.to_string());
    let mut cause = error.source();
    while let Some(error) = cause {
        SHOWN.lock().unwrap().push(format!("{error} {error:?}"));
        cause = error.source();
    }
}

fn check<T: Debug>(outcome: Result<T>) {
    match outcome {
        Ok(value) => show(&value),
        Err(error) => show_error(&error),
    }
}

/// Listens to the whole process from here on.
fn listening() -> &'static Capture {
    static CAPTURE: OnceLock<Capture> = OnceLock::new();
    CAPTURE.get_or_init(|| {
        let capture = Capture::default();
        tracing::subscriber::set_global_default(capture.subscriber()).unwrap();
        tracing_log::LogTracer::init().unwrap();
        capture
    })
}

/// A client with a secret in every place that takes one.
fn builder(url: &str) -> ClientBuilder<Client> {
    let builder = Client::builder().env(|name| (name == "OPENAI_CUSTOM_HEADERS").then(|| "X-Env-Token: s3cret-env".to_owned()));
    builder
        .api_key("sk-s3cret")
        .admin_api_key("sk-admin-s3cret")
        .webhook_secret("whsec_s3cret")
        .base_url(format!("{url}?signature=s3cret-base"))
        .default_header("x-service-token", "s3cret-header")
        .default_header("cookie", "session=s3cret-cookie")
        .default_query("sig", "s3cret-query")
        .timeout(Duration::from_millis(300))
        .max_retries(1)
        .time(openai::testing::FakeClock::default())
}

fn scripted(answers: impl IntoIterator<Item = Answer>) -> (Client, Server) {
    let server = Server::script(answers).unwrap();
    let builder = builder(&server.url());
    show(&builder);
    let client = builder.build().unwrap();
    show(&client);
    (client, server)
}

fn ok() -> Answer {
    Answer::json(r#"{"id":"m"}"#)
}

/// Signs with a secret of its own.
struct Signing;

impl Provider for Signing {
    fn sign<'a>(&'a self, request: &'a mut http::Request<RequestBody>, _: &'a Link) -> BoxFuture<'a, Result<()>> {
        let value = "s3cret-signature".parse().unwrap();
        request.headers_mut().insert("x-signature-secret", value);
        Box::pin(async { Ok(()) })
    }
}

async fn calls_of_every_kind() {
    let (client, server) = scripted([ok()]);
    let params = ChatCompletionCreateParams::new("m", [ChatMessage::user("s3cret-body")]);
    let call = client.chat().completions().create(params).header("authorization", "Bearer s3cret-call").query("token", "s3cret-call");
    show(&call);
    check(call.request());
    check(call.clone().await);
    check(call.with_response().await);
    check(client.admin().organization().admin_api_keys().list(Default::default()).await);
    check(client.get("/foo?key=s3cret-path").header("x-api-key", "s3cret-raw").await);
    check(client.post("/foo").json(&json!({ "password": "s3cret-json" })).raw().await);
    let upload = FileCreateParams::new(Upload::bytes("a.txt", "s3cret-upload"), "batch");
    show(&client.files().create(upload.clone()));
    check(client.files().create(upload).await);
    check(client.with_options(|options| options.api_key("sk-s3cret-2")).models().list().await);
    check(client.with_options(|options| options.provider(Signing)).models().list().await);
    let asked = client.with_options(|options| options.api_key_provider(|| async { Ok("sk-s3cret-provided".to_owned()) }));
    check(asked.models().list().await);
    // They were sent, all of them.
    let sent: String = server.requests().iter().map(|r| String::from_utf8_lossy(&[&*r.head, &*r.body].concat()).into_owned()).collect();
    for secret in [
        "s3cret-call",
        "s3cret-header",
        "s3cret-cookie",
        "s3cret-query",
        "s3cret-base",
        "s3cret-env",
        "sk-admin-s3cret",
        "s3cret-signature",
    ] {
        assert!(sent.contains(secret), "{secret}");
    }
}

/// Azure and workload identities: what they are made from, and what becomes of a refused exchange.
async fn other_services() {
    let server = Server::script([ok()]).unwrap();
    for builder in [Client::azure().api_key("s3cret-azure"), Client::azure().token("s3cret-entra")] {
        let builder = builder.env(|_| None).endpoint(server.url()).api_version("v");
        show(&builder);
        let client = builder.build().unwrap();
        show(&client);
        check(client.models().list().await);
    }
    check(Client::azure().env(|_| None).endpoint(server.url()).api_version("v").api_key("s3cret\n").build());
    let refusal = r#"{"error":"invalid_grant","error_description":"no"}"#;
    for answer in
        [Answer::json(r#"{"access_token":"s3cret-issued","expires_in":60}"#), Answer::json(refusal).with_status(400), Answer::close()]
    {
        let exchanges = Server::script([answer]).unwrap();
        let identity = WorkloadIdentity::new("idp", "sa", || async { Ok("s3cret-subject".to_owned()) }).token_endpoint(exchanges.url());
        show(&identity);
        let builder = Client::builder().env(|_| None).base_url(server.url()).max_retries(0).workload_identity(identity.clone());
        show(&builder);
        let client = builder.build().unwrap();
        check(client.models().list().await);
        show(&client);
        show(&identity);
        assert!(exchanges.requests().iter().any(|request| String::from_utf8_lossy(&request.body).contains("s3cret-subject")));
    }
    let sent: String = server.requests().iter().map(|request| String::from_utf8_lossy(&request.head).into_owned()).collect();
    for secret in ["s3cret-azure", "s3cret-entra", "s3cret-issued"] {
        assert!(sent.contains(secret), "{secret}");
    }
}

async fn failures_of_every_kind() {
    let refused =
        |status| Answer::json(r#"{"error":{"message":"no","code":"c"}}"#).with_status(status).header("set-cookie", "s3cret-answer");
    for answer in [
        refused(401),
        refused(429),
        refused(500),
        Answer::status(200).header("content-type", "text/html").body("<html>"),
        Answer::json("{").header("x-session-token", "s3cret-answer"),
        Answer::close(),
        Answer::close().at(Position::Start, Action::Reset),
        ok().at(Position::Body(3), Action::Close),
        Answer::raw("nonsense\r\n\r\n"),
        Answer::status(302).header("location", "/elsewhere?token=s3cret-location"),
        Answer::status(302).header("location", "http://user:s3cret-location@127.0.0.1:1/"),
        Answer::status(307).header("location", "http://127.0.0.1:1/elsewhere?token=s3cret-location"),
        Answer::status(302).header("location", "unknown:s3cret-location"),
    ] {
        let (client, _server) = scripted([answer]);
        check(client.models().list().await);
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for url in [format!("http://{nobody}"), format!("https://{nobody}"), "http://[::1]:1".to_owned()] {
        check(builder(&url).no_proxy().build().unwrap().models().list().await);
        let proxied = builder(&url).proxy(format!("http://user:s3cret-proxy@{nobody}")).build().unwrap();
        show(&proxied);
        check(proxied.models().list().await);
    }
}

async fn mistakes_of_every_kind() {
    let (client, _server) = scripted([ok()]);
    check(client.models().list().header("x-token", "s3cret\n").await);
    check(client.models().list().header("s3 cret", "s3cret").await.map(drop).or(Ok(())));
    check(client.with_options(|options| options.api_key("s3cret\n")).models().list().await);
    check(client.with_options(|options| options.default_header("x-token", "s3cret\0")).models().list().await);
    check(client.with_options(|options| options.base_url("s3cret")).models().list().await);
    check(client.with_options(|options| options.base_url("http://user:s3cret@h")).models().list().await);
    let asked = client.with_options(|options| options.api_key_provider(|| async { Ok("s3cret\r\n".to_owned()) }));
    check(asked.models().list().await);
    for builder in [
        builder("http://h").api_key("s3cret\n"),
        builder("http://h").admin_api_key("s3cret\u{7f}"),
        builder("http://h").organization("s3cret\n"),
        builder("http://h").base_url("s3cret"),
        builder("http://h").base_url("https://s3cret:s3cret@h"),
        builder("http://h").websocket_base_url("s3cret"),
        builder("http://h").default_header("x-token", "s3cret\n"),
        builder("http://h").proxy("http://user:s3cret@["),
        builder("http://h").client_certificate("-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n"),
    ] {
        show(&builder);
        check(builder.build());
    }
}

#[test]
fn no_secret_is_ever_shown() {
    let capture = listening();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        calls_of_every_kind().await;
        other_services().await;
        failures_of_every_kind().await;
        mistakes_of_every_kind().await;
    });
    let (client, _server) = scripted([ok()]);
    check(client.models().list().blocking());

    let said = capture.said();
    // What comes through `log` has its own target in a field.
    let targets = said.iter().map(|said| said.fields.get("log.target").unwrap_or(&said.target));
    let targets: BTreeSet<&str> = targets.filter_map(|target| target.split("::").next()).collect();
    assert!(targets.contains("openai") && targets.contains("reqwest") && targets.contains("hyper_util"), "{targets:?}");
    let shown = SHOWN.lock().unwrap();
    assert!(shown.len() > 50 && said.len() > 100, "{} {}", shown.len(), said.len());
    for text in shown.iter().cloned().chain(said.iter().map(|said| format!("{said:?}"))) {
        let mark = MARKS.iter().find(|mark| text.contains(**mark));
        assert!(mark.is_none(), "{} is in {text}", mark.unwrap());
    }
}
