//! A provider of one's own: how often and in what order a call is shown to it, and what it may make of it.

use std::sync::{Arc, Mutex};

use http::{HeaderName, HeaderValue, Request};
use serde_json::{Value, json};

use super::{Link, Medium, Provider, Reach, Route};
use crate::error::{Error, Result};
use crate::request::PreparedRequest;
use crate::testing::{Answer, ScriptedTransport};
use crate::transport::{BoxFuture, RequestBody};
use crate::{Client, RawCall};

static KEY: HeaderName = HeaderName::from_static("x-key");
static HEADERS: [HeaderName; 1] = [HeaderName::from_static("x-key")];

/// A gateway with paths, keys and rules of its own, which notes what it is asked.
#[derive(Clone)]
struct Gateway {
    seen: Arc<Mutex<Vec<String>>>,
    reach: Reach,
}

impl Gateway {
    fn note(&self, what: String) {
        self.seen.lock().unwrap().push(what);
    }
}

impl Provider for Gateway {
    fn base_url(&self) -> Option<&str> {
        Some("https://gw.example/openai")
    }

    fn route(&self, route: &mut Route<'_>) -> Result<()> {
        self.note(format!("route {}{} {:?}", route.base_path(), route.path(), route.param("model")));
        assert_eq!(route.medium(), Medium::Http);
        if let Some(model) = route.param("model") {
            route.set_path(format!("/models/{model}{}", route.path()));
        }
        route.set_query("tenant", "t1");
        Ok(())
    }

    fn inspect(&self, request: &PreparedRequest) -> Result<()> {
        self.note(format!("inspect {}", request.url()));
        if request.headers().contains_key("x-forbidden") { Err(Error::argument("the gateway takes no such header")) } else { Ok(()) }
    }

    fn sign<'a>(&'a self, request: &'a mut Request<RequestBody>, link: &'a Link) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let count = self.seen.lock().unwrap().iter().filter(|line| line.starts_with("sign")).count() + 1;
            self.note(format!("sign {count} of {} bytes", request.body().len().unwrap_or_default()));
            assert_eq!(link.max_retries(), 2);
            request.headers_mut().insert(KEY.clone(), HeaderValue::from_str(&format!("key-{count}")).unwrap());
            Ok(())
        })
    }

    fn rejected(&self, authorization: Option<&HeaderValue>) -> bool {
        self.note(format!("rejected {authorization:?}"));
        true
    }

    fn credential_headers(&self) -> &'static [HeaderName] {
        &HEADERS
    }

    fn reach(&self) -> Reach {
        self.reach
    }
}

struct World {
    client: Client,
    transport: ScriptedTransport,
    gateway: Gateway,
}

fn world(reach: Reach, answers: impl IntoIterator<Item = Answer>) -> World {
    let transport = ScriptedTransport::new(answers);
    let gateway = Gateway { seen: Arc::default(), reach };
    let builder = Client::builder().env(|_| Some("of the environment".to_owned())).provider(gateway.clone());
    let client = builder.no_proxy().transport(transport.clone()).time(transport.clock().clone()).build().unwrap();
    World { client, transport, gateway }
}

impl World {
    /// The outcome of a call: `ok`, or the error's kind.
    fn outcome(&self, call: impl FnOnce(&Client) -> RawCall) -> &'static str {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(call(&self.client).into_future()).as_ref().map_or_else(Error::kind, |_: &Value| "ok")
    }

    /// What the provider was asked since the last time.
    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.gateway.seen.lock().unwrap())
    }

    /// The keys that were sent.
    fn keys(&self) -> Vec<String> {
        self.transport.requests().iter().map(|request| request.header("x-key").to_owned()).collect()
    }
}

fn chat(client: &Client) -> RawCall {
    client.post("/chat").json(&json!({ "model": "m" }))
}

fn ok() -> Answer {
    Answer::json(200, "{}")
}

#[test]
fn a_call_is_led_and_inspected_once_and_every_attempt_is_signed() {
    let world = world(Reach::Anywhere, [Answer::json(500, "{}"), ok()]);
    assert_eq!(world.outcome(chat), "ok");
    let url = "https://gw.example/openai/models/m/chat?tenant=t1";
    let expect =
        ["route /openai/chat Some(\"m\")".to_owned(), format!("inspect {url}"), "sign 1 of 13 bytes".into(), "sign 2 of 13 bytes".into()];
    assert_eq!(world.seen(), expect);
    assert_eq!(world.keys(), ["key-1", "key-2"]);
    for request in world.transport.requests() {
        assert_eq!((request.url.as_str(), request.header("authorization")), (url, ""), "no key of the environment is sent");
        assert_eq!((request.header("openai-organization"), request.header("openai-project")), ("", ""));
    }
}

#[test]
fn a_call_that_is_refused_is_signed_anew_once() {
    let world = world(Reach::Anywhere, [Answer::error(401, "no"), ok()]);
    assert_eq!(world.outcome(chat), "ok");
    assert_eq!(world.keys(), ["key-1", "key-2"]);
    assert_eq!(world.seen().iter().filter(|line| line.starts_with("rejected")).count(), 1);

    let world = self::world(Reach::Anywhere, [Answer::error(401, "no")]);
    assert_eq!(world.outcome(chat), "authentication");
    assert_eq!(world.keys(), ["key-1", "key-2"]);
}

#[test]
fn what_the_caller_signed_or_the_provider_refuses_is_not_signed() {
    let world = world(Reach::Anywhere, [ok()]);
    assert_eq!(world.outcome(|client| client.get("/x").header("X-Key", "mine")), "ok");
    assert_eq!(world.outcome(|client| client.get("/x").without_header("x-key")), "ok");
    assert_eq!(world.outcome(|client| client.get("/x").header("x-forbidden", "1")), "argument");
    assert_eq!(world.keys(), ["mine", ""]);
    assert!(!world.seen().iter().any(|line| line.starts_with("sign")));
    // What the caller's query says comes before what the provider adds.
    assert_eq!(world.outcome(|client| client.get("/x").query("tenant", "t2")), "ok");
    assert_eq!(world.transport.requests()[2].url, "https://gw.example/openai/x?tenant=t2");
}

#[test]
fn another_host_is_out_of_reach_or_reached_without_a_signature() {
    let elsewhere = |client: &Client| client.get("https://elsewhere.example/x");
    let redirect = || Answer::json(307, "").header("location", "https://elsewhere.example/y");
    let near = world(Reach::BaseUrl, [redirect()]);
    assert_eq!(near.outcome(elsewhere), "argument");
    assert_eq!(near.outcome(chat), "status");
    assert_eq!(near.keys(), ["key-1"], "a redirect is not followed");
    let far = world(Reach::Anywhere, [ok(), redirect(), ok()]);
    assert_eq!((far.outcome(elsewhere), far.outcome(chat)), ("ok", "ok"));
    assert_eq!(far.keys(), ["", "key-1", ""]);
}
