//! No credential reaches a host that it is not for: whoever signs, wherever an answer or a path leads.

use std::sync::{Arc, Mutex};

use openai::provider::Link;
use openai::testing::{Answer, Recorded, ScriptedTransport};
use openai::transport::BoxFuture;
use openai::{Client, Provider, RequestBody, Result, WorkloadIdentity};

/// Every credential has this in it.
const MARK: &str = "s3cret";

/// The client's own hosts; the exchange of tokens has its own.
const HOME: &str = "https://home.example";
const EXCHANGES: &[&str] = &["https://auth.openai.com/oauth/token", "https://mtls.auth.openai.com/oauth/token"];

/// Where answers lead: other hosts, and near misses of the own one.
const ELSEWHERE: &[&str] = &[
    "https://evil.example/x",
    "https://home.example.evil.example/x",
    "https://sub.home.example/x",
    "https://home.example:8443/x",
    "http://home.example/x",
    "//evil.example/x",
    "https://EVIL.example/x",
];

/// Signs with a header of its own, whose name does not tell.
struct Gateway;

impl Provider for Gateway {
    fn sign<'a>(&'a self, request: &'a mut http::Request<RequestBody>, _: &'a Link) -> BoxFuture<'a, Result<()>> {
        request.headers_mut().insert("x-gateway", format!("{MARK}-gateway").parse().unwrap());
        Box::pin(async { Ok(()) })
    }
}

/// The clients of every kind, all at home at the same host.
fn clients(transport: &ScriptedTransport) -> Vec<(&'static str, Client)> {
    // What is in the environment of one service must not be sent to another.
    let env = |name: &str| {
        let is_credential = ["KEY", "TOKEN", "HEADERS"].iter().any(|end| name.ends_with(end));
        is_credential.then(|| if name.ends_with("HEADERS") { format!("X-Env-Token: {MARK}-env") } else { format!("{MARK}-{name}") })
    };
    let builder = || Client::builder().env(env).base_url(HOME).transport(transport.clone()).time(transport.clock().clone());
    let azure = || Client::azure().env(env).endpoint(HOME).api_version("v").transport(transport.clone()).time(transport.clock().clone());
    let bedrock = || {
        let builder = Client::bedrock().env(env).base_url(HOME).region("us-east-1");
        builder.transport(transport.clone()).time(transport.clock().clone())
    };
    let identity = || WorkloadIdentity::new("idp", "sa", || async { Ok(format!("{MARK}-subject")) });
    let built = vec![
        ("key", builder().api_key(format!("{MARK}-key")).default_header("cookie", format!("a={MARK}")).build()),
        ("asked", builder().api_key_provider(|| async { Ok(format!("{MARK}-asked")) }).build()),
        ("admin", builder().admin_api_key(format!("{MARK}-admin")).build()),
        ("gateway", builder().provider(Gateway).build()),
        ("azure key", azure().api_key(format!("{MARK}-azure")).build()),
        ("azure token", azure().token(format!("{MARK}-entra")).build()),
        ("bedrock token", bedrock().api_key(format!("{MARK}-bedrock")).build()),
        ("bedrock keys", bedrock().access_key("AKID", format!("{MARK}-aws")).session_token(format!("{MARK}-session")).build()),
        ("workload", builder().workload_identity(identity()).build()),
        ("certificate", builder().workload_identity(WorkloadIdentity::x509("idp", "sa")).build()),
    ];
    built.into_iter().map(|(name, client)| (name, client.unwrap())).collect()
}

fn is_at_home(request: &Recorded) -> bool {
    request.url.starts_with(&format!("{HOME}/")) || EXCHANGES.contains(&request.url.as_str())
}

fn carries_a_credential(request: &Recorded) -> bool {
    let headers = request.headers.values().any(|value| String::from_utf8_lossy(value.as_bytes()).contains(MARK));
    headers || request.url.contains(MARK) || request.text().contains(MARK)
}

/// A transport that leads away from home with this status, and issues tokens.
fn leading(status: u16, location: &Arc<Mutex<String>>) -> ScriptedTransport {
    let location = location.clone();
    ScriptedTransport::from_fn(move |request| match request.url.as_str() {
        url if EXCHANGES.contains(&url) => Answer::json(200, format!(r#"{{"access_token":"{MARK}-issued","expires_in":60}}"#)),
        url if url.starts_with(&format!("{HOME}/")) => Answer::json(status, "").header("location", &location.lock().unwrap()),
        // Back home: what was dropped on the way must not be there again.
        _ => Answer::json(307, "").header("location", "https://third.example/y"),
    })
}

#[test]
fn no_credential_reaches_another_host() {
    let location = Arc::new(Mutex::new(String::new()));
    let (mut signed, mut elsewhere) = (0, 0);
    for status in [301, 302, 303, 307, 308] {
        for target in ELSEWHERE {
            *location.lock().unwrap() = (*target).to_owned();
            let transport = leading(status, &location);
            for (name, client) in clients(&transport) {
                let before = transport.requests().len();
                crate::world::run(async || {
                    let client = client.with_options(|o| o.max_retries(0));
                    let _ = client.models().list().await;
                    let _ = client.post("/moderations").json(&serde_json::json!({ "input": "x" })).await;
                    let _ = client.admin().organization().admin_api_keys().list(Default::default()).await;
                    // A whole URL in place of a path.
                    let _ = client.get(if target.starts_with("//") { "https://evil.example/z" } else { target }).await;
                });
                for request in &transport.requests()[before..] {
                    match is_at_home(request) {
                        true => signed += usize::from(carries_a_credential(request)),
                        false => {
                            elsewhere += 1;
                            assert!(!carries_a_credential(request), "{name}, {status} to {target}: {} {:?}", request.url, request.headers);
                        }
                    }
                }
            }
        }
    }
    assert!(signed > 500 && elsewhere > 500, "{signed} {elsewhere}");
}

#[test]
fn a_certificate_follows_no_redirect_at_all() {
    let location = Arc::new(Mutex::new(format!("{HOME}/elsewhere")));
    let transport = leading(307, &location);
    let (_, client) = clients(&transport).pop().unwrap();
    let error = crate::world::run(async || client.models().list().await.unwrap_err());
    assert_eq!(error.status().map(|status| status.as_u16()), Some(307));
    assert_eq!(transport.requests().len(), 2, "an exchange and a call");
}

#[test]
fn a_redirect_back_home_brings_no_credential_back() {
    let transport = ScriptedTransport::from_fn(|request| match request.url.as_str() {
        url if EXCHANGES.contains(&url) => Answer::json(200, format!(r#"{{"access_token":"{MARK}-issued","expires_in":60}}"#)),
        "https://evil.example/x" => Answer::json(307, "").header("location", "https://home.example/back"),
        "https://home.example/back" => Answer::json(200, "{}"),
        _ => Answer::json(307, "").header("location", "https://evil.example/x"),
    });
    // The others have no credential for this call, or follow no redirect.
    let led = ["key", "asked", "gateway", "azure key", "azure token", "workload"];
    for (name, client) in clients(&transport).into_iter().filter(|(name, _)| led.contains(name)) {
        let before = transport.requests().len();
        crate::world::run(async || client.get("/models").await.unwrap());
        let requests = &transport.requests()[before..];
        let last = requests.last().unwrap();
        assert!(carries_a_credential(&requests[0]) && last.url.ends_with("/back"), "{name}: {}", last.url);
        assert!(!carries_a_credential(last), "{name}: {} {:?}", last.url, last.headers);
    }
}
