//! A credential of one's own, as `azure_identity`'s are: how often it is asked and for what, and which token a call or a connection carries.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::scope_of;
use crate::testing::{Answer, FakeClock, ScriptedTransport};
use crate::{Azure, Client, ClientBuilder, Error, Result};

const PUBLIC: &str = "https://r.openai.azure.com/openai/v1";

/// Gives the tokens `t1`, `t2`, … of this life, and fails where it is told to.
#[derive(Debug)]
struct Counting {
    clock: FakeClock,
    life: Duration,
    failing: &'static [usize],
    asked: AtomicUsize,
    scopes: Mutex<Vec<String>>,
}

impl Counting {
    fn new(transport: &ScriptedTransport, life: u64, failing: &'static [usize]) -> Arc<Self> {
        let (clock, life) = (transport.clock().clone(), Duration::from_secs(life));
        Arc::new(Self { clock, life, failing, asked: AtomicUsize::new(0), scopes: Mutex::default() })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// As `async_trait` writes it.
impl TokenCredential for Counting {
    fn get_token<'a, 's, 't, 'o, 'f>(
        &'a self,
        scopes: &'s [&'t str],
        _: Option<TokenRequestOptions<'o>>,
    ) -> std::pin::Pin<Box<dyn Future<Output = azure_core::Result<AccessToken>> + Send + 'f>>
    where
        'a: 'f,
        's: 'f,
        't: 'f,
        'o: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            self.scopes.lock().unwrap().extend(scopes.iter().map(|scope| (*scope).to_owned()));
            // The others come to wait meanwhile.
            tokio::task::yield_now().await;
            if self.failing.contains(&number) {
                return Err(azure_core::Error::with_message(azure_core::error::ErrorKind::Credential, "not signed in"));
            }
            let end: SystemTime = crate::Time::now(&self.clock) + self.life;
            Ok(AccessToken::new(format!("t{number}"), end.into()))
        })
    }
}

fn builder(transport: &ScriptedTransport, credential: &Arc<Counting>) -> ClientBuilder<Client, Azure> {
    let builder = ClientBuilder::azure(&["/chat/completions"]).env(|_| None).transport(transport.clone()).time(transport.clock().clone());
    builder.endpoint(PUBLIC).credential(credential.clone())
}

/// Answers with the token; those that are refused with 401.
fn transport(refused: &'static [&'static str]) -> ScriptedTransport {
    ScriptedTransport::from_fn(move |request| {
        let token = request.header("authorization").trim_start_matches("Bearer ");
        if refused.contains(&token) { Answer::error(401, "expired") } else { Answer::ok(&json!({ "token": token })) }
    })
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap().block_on(future)
}

async fn token(client: &Client) -> Result<String> {
    let answer: Value = client.get("/models").await?;
    Ok(answer["token"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_token_is_kept_until_five_minutes_before_its_end() {
    run(async {
        let transport = transport(&[]);
        let credential = Counting::new(&transport, 3600, &[]);
        let client = builder(&transport, &credential).build().unwrap();
        let other = client.with_options(|o| o.max_retries(7));
        for (seconds, expect) in [(0, "t1"), (3299, "t1"), (1, "t2"), (3299, "t2"), (2, "t3")] {
            transport.clock().advance(Duration::from_secs(seconds));
            assert_eq!(token(&client).await.unwrap(), expect);
            assert_eq!(token(&other).await.unwrap(), expect, "clients made from one another share it");
        }
        assert_eq!(credential.asked(), 3);
        assert!(transport.requests().iter().all(|request| request.header("api-key").is_empty()));
        assert!(!format!("{client:?}").contains("t3"));
    });
}

#[test]
fn two_hundred_calls_with_an_expired_token_ask_the_credential_once() {
    run(async {
        let transport = transport(&[]);
        let credential = Counting::new(&transport, 100, &[]);
        let client = builder(&transport, &credential).build().unwrap();
        assert_eq!(token(&client).await.unwrap(), "t1");
        transport.clock().advance(Duration::from_secs(101));
        let mut calls = JoinSet::new();
        for _ in 0..200 {
            let client = client.clone();
            calls.spawn(async move { token(&client).await.unwrap() });
        }
        assert!(calls.join_all().await.iter().all(|token| token == "t2"));
        assert_eq!(credential.asked(), 2);
    });
}

#[test]
fn a_refused_token_is_replaced_once() {
    run(async {
        let transport = transport(&["t1", "t3", "t4"]);
        let credential = Counting::new(&transport, 3600, &[]);
        let client = builder(&transport, &credential).max_retries(0).build().unwrap();
        assert_eq!(token(&client).await.unwrap(), "t2");
        transport.clock().advance(Duration::from_secs(3500));
        assert!(token(&client).await.unwrap_err().is_authentication(), "t3, and t4 in its place");
        assert_eq!((credential.asked(), transport.requests().len()), (4, 4));
    });
}

#[test]
fn a_credential_without_a_token_is_an_error_that_is_not_retried() {
    run(async {
        let transport = transport(&[]);
        let credential = Counting::new(&transport, 3600, &[1, 3]);
        let client = builder(&transport, &credential).max_retries(5).build().unwrap();
        let error = token(&client).await.unwrap_err();
        assert!(
            error.is_oauth() && error.message().contains("none for https://cognitiveservices") && error.message().contains("not signed in"),
            "{error:?}"
        );
        assert!(std::error::Error::source(&error).is_some_and(|source| source.is::<azure_core::Error>()));
        assert_eq!((credential.asked(), transport.requests().len()), (1, 0));
        assert_eq!(token(&client).await.unwrap(), "t2");
        transport.clock().advance(Duration::from_secs(3400));
        assert_eq!(token(&client).await.unwrap(), "t2", "a token that is still good is better than an error");

        let expired = Counting::new(&transport, 0, &[]);
        let error = token(&builder(&transport, &expired).build().unwrap()).await.unwrap_err();
        assert!(error.is_oauth() && error.message().contains("has expired"), "{error:?}");
    });
}

#[test]
fn the_scope_is_that_of_the_cloud_of_the_endpoint() {
    for (host, cloud) in [
        ("r.openai.azure.com", "com"),
        ("r.services.ai.azure.com", "com"),
        ("gateway.example", "com"),
        ("r.openai.azure.us", "us"),
        ("r.openai.azure.cn", "cn"),
        ("azure.us.example", "com"),
    ] {
        assert_eq!(scope_of(host), format!("https://cognitiveservices.azure.{cloud}/.default"), "{host}");
    }
    let transport = transport(&[]);
    let credential = Counting::new(&transport, 3600, &[]);
    let government = builder(&transport, &credential).endpoint("https://r.openai.azure.us/openai/v1").build().unwrap();
    let own = builder(&transport, &credential).token_scope("api://gateway/.default").build().unwrap();
    run(async {
        token(&government).await.unwrap();
        token(&own).await.unwrap();
    });
    assert_eq!(*credential.scopes.lock().unwrap(), ["https://cognitiveservices.azure.us/.default", "api://gateway/.default"]);
}

#[test]
fn a_credential_is_the_only_one() {
    let transport = transport(&[]);
    let credential = Counting::new(&transport, 3600, &[]);
    let build = |configure: &dyn Fn(ClientBuilder<Client, Azure>) -> ClientBuilder<Client, Azure>| -> Result<Client, Error> {
        configure(builder(&transport, &credential)).build()
    };
    for refused in [build(&|b| b.api_key("k")), build(&|b| b.token("t")), build(&|b| b.token_provider(|| async { Ok(String::new()) }))] {
        assert!(refused.unwrap_err().message().contains("exclude each other"));
    }
    let alone = ClientBuilder::<Client, _>::azure(&[]).env(|_| None).transport(transport.clone()).endpoint(PUBLIC);
    assert!(alone.api_key("k").token_scope("s").build().unwrap_err().message().contains("token_scope"));
    let environment = |name: &str| name.starts_with("AZURE_OPENAI_A").then(|| "env".to_owned());
    let client = builder(&transport, &credential).env(environment).build().unwrap();
    run(async {
        assert_eq!(token(&client).await.unwrap(), "t1", "the environment's are not read");
        assert_eq!(token(&client.with_options(|o| o.api_key("k"))).await.unwrap(), "");
        client.get("/models").header("authorization", "Bearer mine").await.map(|_: Value| ()).unwrap();
    });
    let sent: Vec<_> =
        transport.requests().iter().map(|request| ["api-key", "authorization"].map(|name| request.header(name).to_owned())).collect();
    assert_eq!(sent, [["", "Bearer t1"], ["k", ""], ["", "Bearer mine"]]);
    assert_eq!(credential.asked(), 1);
}

#[test]
fn a_token_goes_to_its_own_host_only() {
    run(async {
        let transport = ScriptedTransport::from_fn(|request| match request.url.starts_with("https://r.openai.azure.com/") {
            true => Answer::json(307, "").header("location", "https://evil.example/x"),
            false => Answer::json(200, "{}"),
        });
        let credential = Counting::new(&transport, 3600, &[]);
        let client = builder(&transport, &credential).build().unwrap();
        let _: Value = client.get("/models").await.unwrap();
        let _: Value = client.get("https://evil.example/y").await.unwrap();
        let sent: Vec<_> = transport.requests().iter().map(|request| request.header("authorization").to_owned()).collect();
        assert_eq!(sent, ["Bearer t1", "", ""]);
    });
}

#[cfg(feature = "websocket")]
#[test]
fn a_connection_is_opened_with_a_token_of_the_moment() {
    use crate::operation::{Operation, Security};
    use crate::websocket::Connect;
    use crate::websocket::tests::Anything;

    static TALK: Operation = Operation { name: "talk", path: "/realtime", security: &[Security::ApiKey], ..Operation::DEFAULT };

    run(async {
        let transport = transport(&[]);
        let credential = Counting::new(&transport, 3600, &[]);
        let client = builder(&transport, &credential).build().unwrap();
        assert_eq!(token(&client).await.unwrap(), "t1");
        let handshake = async || Connect::<Anything>::new(&client, &TALK).query("model", "m").signed().await.unwrap();
        let request = handshake().await;
        assert_eq!(request.headers()["authorization"], "Bearer t1", "calls and connections share it");
        transport.clock().advance(Duration::from_secs(3400));
        let request = handshake().await;
        assert_eq!(request.headers()["authorization"], "Bearer t2");
        assert_eq!(request.uri(), "wss://r.openai.azure.com/openai/v1/realtime?deployment=m");
    });
}
