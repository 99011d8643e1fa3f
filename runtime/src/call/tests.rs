//! What calls do, seen from outside: over a scripted transport and a clock that does not wait.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::json::{Encode, Json, Map, Writer};
use crate::testing::{Answer, FakeClock, ScriptedTransport};
use crate::{Body, Call, Client, ClientBuilder, Error, Method, Operation, Result, Security, StreamFlag, Time, Timeout, Upload};

static GET: Operation = Operation { path: "/models/{model}", ..Operation::DEFAULT };
static ADMIN: Operation = Operation { path: "/admin", security: &[Security::AdminApiKey], ..Operation::DEFAULT };
static FILES: Operation = Operation { method: Method::Post, path: "/files", body: Body::Multipart, ..Operation::DEFAULT };
static LIST: Operation = Operation { path: "/files", ..Operation::DEFAULT };
static CHAT: Operation = Operation {
    name: "chat.completions.create",
    method: Method::Post,
    path: "/chat/completions",
    body: Body::Json,
    query_fields: &["include"],
    header_fields: &[("betas", "openai-beta")],
    defaults: &[("encoding_format", "\"base64\"")],
    stream: Some(StreamFlag { field: "stream", value: "true" }),
    ..Operation::DEFAULT
};

struct World {
    client: Client,
    transport: ScriptedTransport,
    clock: FakeClock,
}

fn world(answers: impl IntoIterator<Item = Answer>) -> World {
    build(answers, |builder| builder)
}

fn build(answers: impl IntoIterator<Item = Answer>, change: impl FnOnce(ClientBuilder<Client>) -> ClientBuilder<Client>) -> World {
    let transport = ScriptedTransport::new(answers);
    let clock = FakeClock::at_unix(1_700_000_000);
    let builder = Client::builder().env(|_| None).api_key("sk-s3cret").base_url("https://h.example/v1");
    let client = change(builder.transport(transport.clone()).time(clock.clone())).build().unwrap();
    World { client, transport, clock }
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn get(world: &World) -> Call<Value> {
    Call::new(&world.client, &GET).path("model", "m")
}

fn ok() -> Answer {
    Answer::json(200, r#"{"id":"m"}"#)
}

/// The kind of the outcome, the number of requests and the waits in milliseconds.
#[track_caller]
fn check(answers: impl IntoIterator<Item = Answer>, kind: &str, requests: usize, sleeps: &[u128]) {
    let world = world(answers);
    let outcome = run(get(&world).into_future());
    assert_eq!(outcome.as_ref().map_or_else(Error::kind, |_| "ok"), kind, "{outcome:?}");
    assert_eq!(world.transport.requests().len(), requests);
    assert_eq!(world.clock.sleeps().iter().map(Duration::as_millis).collect::<Vec<_>>(), sleeps);
}

#[test]
fn failures_are_retried_when_that_can_help() {
    let error = |status| Answer::json(status, r#"{"error":{"message":"boom"}}"#);
    check([error(500), error(429), ok()], "ok", 3, &[500, 1000]);
    check([error(400), ok()], "bad_request", 1, &[]);
    check([error(503)], "internal_server", 3, &[500, 1000]);
    check([Answer::timeout(), ok()], "ok", 1 + 1, &[500]);
    check([Answer::connection_error(), ok()], "ok", 1 + 1, &[500]);
    check([ok().then_connection_error(), ok()], "ok", 2, &[500]);
    check([ok().then_timeout()], "timeout", 3, &[500, 1000]);
    check([error(429).header("retry-after", "7"), ok()], "ok", 2, &[7000]);
    check([error(429).header("retry-after", "3600"), ok()], "rate_limit", 1, &[]);
    check([Answer::json(429, r#"{"error":{"code":"insufficient_quota"}}"#), ok()], "rate_limit", 1, &[]);
    check([Answer::body(429, "text/html", "<html>slow</html>"), ok()], "ok", 2, &[500]);
    check([Answer::body(200, "text/html", "<html>hello</html>")], "decode", 1, &[]);
    check([Answer::json(500, r#"{"err"#).then_connection_error()], "internal_server", 3, &[500, 1000]);
}

#[test]
fn a_call_in_flight_is_small() {
    let bytes = size_of_val(&get(&world([])).send());
    assert!(bytes < 4096, "{bytes} bytes are held while the server thinks, and moved before");
}

#[test]
fn an_error_says_what_the_server_said() {
    let body = r#"{"error":{"message":"no such model","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#;
    let world = world([Answer::json(404, body).header("x-request-id", "req_1")]);
    let error = run(get(&world).into_future()).unwrap_err();
    assert!(error.is_not_found() && error.is_status() && !error.is_rate_limit());
    assert_eq!((error.message(), error.code(), error.param()), ("no such model", Some("model_not_found"), Some("model")));
    assert_eq!((error.error_type(), error.request_id(), error.retries()), (Some("invalid_request_error"), Some("req_1"), Some(0)));
    let text = error.to_string();
    assert!(text.contains("no such model") && text.contains("404") && text.contains("req_1"), "{text}");
}

#[test]
fn a_body_that_is_no_json_says_what_it_may_be() {
    let message = |answer: Answer| run(get(&world([answer])).into_future()).unwrap_err().message().to_owned();
    let html = message(Answer::body(200, "text/html; charset=utf-8", "<html>"));
    assert!(html.contains("page of HTML") && html.contains("invalid JSON"), "{html}");
    let zipped = message(Answer::json(200, [0x1f, 0x8b, 8, 0].as_slice()).header("content-encoding", "gzip"));
    assert!(zipped.contains("feature gzip"), "{zipped}");
    assert!(message(Answer::json(200, "{")).starts_with("invalid JSON"));
}

#[test]
fn the_retry_count_and_the_key_are_those_of_the_attempt() {
    static KEYS: AtomicU32 = AtomicU32::new(0);
    let world = build([Answer::json(500, "{}"), Answer::json(500, "{}"), ok()], |builder| {
        builder.api_key_provider(|| async { Ok(format!("key-{}", KEYS.fetch_add(1, Ordering::Relaxed))) })
    });
    let value = run(get(&world).idempotency_key("once").with_response().into_future()).unwrap();
    assert_eq!((value.retries(), &value["id"]), (2, &json!("m")));
    let found: Vec<_> = world
        .transport
        .requests()
        .iter()
        .map(|request| ["authorization", "x-stainless-retry-count", "idempotency-key"].map(|name| request.header(name).to_owned()))
        .collect();
    assert_eq!(found[0], ["Bearer key-0", "0", "once"]);
    assert_eq!(found[2], ["Bearer key-2", "2", "once"]);
}

#[test]
fn headers_are_merged_by_name_and_can_be_left_out() {
    let world = build([ok()], |builder| builder.default_header("X-A", "1").default_header("user-agent", "me").organization("org"));
    let call = get(&world).header("x-a", "2").without_header("X-Stainless-Retry-Count").without_header("Authorization");
    run(call.into_future()).unwrap();
    let request = &world.transport.requests()[0];
    assert_eq!(request.headers.get_all("x-a").iter().count(), 1);
    assert_eq!((request.header("x-a"), request.header("user-agent"), request.header("openai-organization")), ("2", "me", "org"));
    assert_eq!((request.header("accept"), request.header("x-stainless-read-timeout")), ("application/json", "600"));
    assert!(!request.headers.contains_key("authorization") && !request.headers.contains_key("x-stainless-retry-count"));
}

#[test]
fn params_go_where_the_operation_says() {
    let world = world([ok()]);
    let params = json!({"model": "m", "include": ["a"], "betas": ["x", "y"], "stream": false});
    let call: Call<Value> = Call::new(&world.client, &CHAT).params(&params).body_field("model", "n").body_field("new", Json::null());
    run(call.query("q", "a b").into_future()).unwrap();
    let request = &world.transport.requests()[0];
    assert_eq!(request.url, "https://h.example/v1/chat/completions?include%5B%5D=a&q=a+b");
    assert_eq!(request.header("openai-beta"), "x,y");
    assert_eq!(request.text(), r#"{"model":"n","stream":false,"encoding_format":"base64","new":null}"#);
}

#[test]
fn what_cannot_be_sent_is_an_argument_error_and_nothing_is_sent() {
    let world = world([ok()]);
    let client = &world.client;
    let faults: Vec<Call<Value>> = vec![
        Call::new(client, &GET).path("model", ""),
        Call::new(client, &GET).path("model", ".."),
        Call::new(client, &GET),
        Call::new(client, &ADMIN),
        get(&world).header("x", "a\nb"),
        Call::new(client, &CHAT).params(&json!({"stream": true})),
        Call::new(client, &CHAT).params(&Fields([("x", Upload::bytes("a", "b"))])),
        client.get("/x").json(&json!({})).params(&json!({"a": 1})).body_field("b", "c"),
        Call::new(&client.with_options(|o| o.base_url("no url")), &LIST),
    ];
    for (index, call) in faults.into_iter().enumerate() {
        let error = run(call.into_future()).unwrap_err();
        assert!(error.is_argument(), "{index}: {error}");
    }
    assert!(world.transport.requests().is_empty());
}

#[test]
fn the_builder_refuses_what_cannot_be_used_without_showing_it() {
    let build = |change: fn(ClientBuilder<Client>) -> ClientBuilder<Client>| {
        change(Client::builder().env(|_| None).transport(ScriptedTransport::default())).build().unwrap_err()
    };
    for error in [
        build(|b| b),
        build(|b| b.api_key("")),
        build(|b| b.api_key("s3cret\n")),
        build(|b| b.api_key("k").base_url("not a url s3cret")),
        build(|b| b.api_key("k").default_header("x-token", "s3cret\r\n")),
        build(|b| b.api_key("k").base_url("https://h").data_residency(crate::DataResidency::Eu)),
    ] {
        assert!(error.is_argument() && !format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    }
}

#[test]
fn secrets_do_not_show() {
    let world = build([Answer::json(401, "{}")], |builder| builder.admin_api_key("adm-s3cret").webhook_secret("whsec-s3cret"));
    let call = get(&world).header("authorization", "Bearer s3cret");
    let shown = format!("{:?} {call:?} {:?} {:?}", world.client, call.request(), run(call.clone().into_future()));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn the_environment_fills_in_what_is_not_set() {
    let env = |name: &str| {
        let value = match name {
            "OPENAI_API_KEY" => "sk-env",
            "OPENAI_BASE_URL" => "https://env.example/v9?tenant=1",
            "OPENAI_CUSTOM_HEADERS" => "X-One: env\nX-Two: env",
            "OPENAI_PROJECT_ID" => "proj",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let transport = ScriptedTransport::new([ok()]);
    let client = Client::builder().env(env).default_header("x-one", "own").transport(transport.clone()).build().unwrap();
    run(Call::<Value>::new(&client, &LIST).params(&json!({"limit": 2})).into_future()).unwrap();
    let request = &transport.requests()[0];
    assert_eq!(request.url, "https://env.example/v9/files?tenant=1&limit=2");
    let found = ["authorization", "x-one", "x-two", "openai-project"].map(|name| request.header(name));
    assert_eq!(found, ["Bearer sk-env", "own", "env", "proj"]);
}

#[test]
fn credentials_stay_with_their_origin() {
    let to = |url| Answer::json(307, "").header("location", url);
    let world = world([to("https://other.example/x"), ok()]);
    run(get(&world).into_future()).unwrap();
    run(world.client.get("https://third.example/y").into_future()).unwrap();
    let found: Vec<_> =
        world.transport.requests().iter().map(|request| (request.url.clone(), request.header("authorization").to_owned())).collect();
    assert_eq!(found[0].1, "Bearer sk-s3cret");
    assert_eq!(found[1], ("https://other.example/x".into(), String::new()));
    assert_eq!(found[2], ("https://third.example/y".into(), String::new()));
}

struct Fields<const N: usize>([(&'static str, Upload); N]);

impl<const N: usize> Encode for Fields<N> {
    fn encode(&self, w: &mut Writer) {
        self.0.iter().cloned().collect::<Map<Upload>>().encode(w);
    }
}

#[test]
fn files_are_sent_again_unless_they_can_be_read_only_once() {
    let send = |upload: Upload| {
        let world = world([Answer::json(500, "{}"), ok()]);
        let result = run(Call::<Value>::new(&world.client, &FILES).params(&Fields([("file", upload)])).into_future());
        let bodies: Vec<_> = world.transport.requests().into_iter().map(|request| request.text()).collect();
        (result.is_ok(), bodies)
    };
    let (succeeded, bodies) = send(Upload::bytes("a.txt", "DATA"));
    assert!(succeeded && bodies[0].contains("DATA") && bodies[0] == bodies[1], "{bodies:?}");
    let (succeeded, bodies) = send(Upload::seekable("a.txt", std::io::Cursor::new(b"DATA".to_vec())).unwrap());
    assert!(succeeded && bodies[1].contains("DATA"), "{bodies:?}");
    let (succeeded, bodies) = send(Upload::reader("a.txt", std::io::Cursor::new(b"DATA".to_vec())));
    assert!(!succeeded && bodies.len() == 1, "{bodies:?}");
}

#[test]
fn a_region_decides_where_requests_go_and_nothing_else() {
    use crate::{DataResidency, WorkloadIdentity};
    let hosts = [
        ("global", "https://api.openai.com/v1"),
        ("us", "https://us.api.openai.com/v1"),
        ("eu", "https://eu.api.openai.com/v1"),
        ("ae", "https://ae.api.openai.com/v1"),
    ];
    for (region, url) in hosts {
        let region: DataResidency = region.parse().unwrap();
        let transport = ScriptedTransport::new([ok()]);
        let env = |name: &str| (name == "OPENAI_BASE_URL").then(|| "https://elsewhere.example/v1".to_owned());
        let builder = Client::builder().env(env).api_key("k").transport(transport.clone());
        let client = builder.data_residency(region).build().unwrap();
        assert_eq!(client.base_url(), url);
        run(client.get("/models").into_future()).unwrap();
        let usual = world([ok()]);
        run(usual.client.get("/models").into_future()).unwrap();
        let names = |transport: &ScriptedTransport| -> Vec<_> { transport.requests()[0].headers.keys().cloned().collect() };
        assert_eq!(names(&transport), names(&usual.transport));
        let moved = usual.client.with_options(|o| o.websocket_base_url("wss://ws.example").data_residency(region).max_retries(1));
        assert_eq!((moved.base_url(), moved.websocket_base_url()), (url, None));
    }
    for region in ["", "EU", "moon"] {
        assert!(region.parse::<DataResidency>().unwrap_err().message().contains("global, us, eu or ae"));
    }
    let builder = || Client::builder().env(|_| None).api_key("k").data_residency(DataResidency::Eu).transport(ScriptedTransport::default());
    let refused = |builder: ClientBuilder<Client>| builder.build().unwrap_err().message().to_owned();
    assert!(refused(builder().base_url("https://h")).contains("exclude each other"));
    assert!(refused(builder().websocket_base_url("wss://h")).contains("exclude each other"));
    let azure = ClientBuilder::<Client, _>::azure(&[]).env(|_| None).endpoint("https://h").api_version("v").api_key("k");
    let azure: Client = azure.transport(ScriptedTransport::default()).build().unwrap();
    let error = run(azure.with_options(|o| o.data_residency(DataResidency::Eu)).get("/models").into_future()).unwrap_err();
    assert!(error.is_argument() && error.message().contains("data_residency"), "{error}");
    let identity = || WorkloadIdentity::x509("idp", "sa");
    let client: Client = Client::builder()
        .env(|_| None)
        .workload_identity(identity())
        .data_residency(DataResidency::Eu)
        .transport(ScriptedTransport::default())
        .build()
        .unwrap();
    assert_eq!(client.base_url(), "https://eu.api.openai.com/v1");
}

/// A call that is never answered ends with this kind of error after exactly this time.
#[track_caller]
fn check_wait(change: impl FnOnce(Call<Value>) -> Call<Value>, kind: &str, words: &str, seconds: u64) {
    let transport = ScriptedTransport::new([Answer::never()]);
    let clock = FakeClock::at_unix(0).ringing();
    let client = Client::builder().env(|_| None).api_key("k").transport(transport).time(clock.clone()).build().unwrap();
    let call = Call::<Value>::new(&client, &CHAT).params(&json!({"model": "m"})).max_retries(0);
    let error = run(change(call).into_future()).unwrap_err();
    assert!(error.kind() == kind && error.message().contains(words), "{error}");
    assert_eq!(clock.monotonic(), Duration::from_secs(seconds));
}

#[test]
fn waits_are_limited() {
    check_wait(|call| call, "timeout", "no answer within 600s", 600);
    check_wait(|call| call.timeout(Duration::from_secs(7)), "timeout", "no answer within 7s", 7);
    check_wait(|call| call.timeout(Timeout::none().read(Duration::from_secs(3))), "timeout", "no answer within 3s", 3);
    check_wait(|call| call.timeout(Timeout::none()).deadline(Duration::from_secs(9)), "timeout", "deadline", 9);
    check_wait(|call| call.timeout(Duration::from_secs(4)).deadline(Duration::MAX), "timeout", "no answer within 4s", 4);
    check_wait(|call| call.timeout(Timeout::none().read(Duration::MAX)).deadline(Duration::from_secs(2)), "timeout", "deadline", 2);
}

#[test]
fn a_client_may_have_a_deadline_for_every_call() {
    let deadline = |change: fn(Client) -> Client| {
        let transport = ScriptedTransport::new([Answer::never()]);
        let builder = Client::builder().env(|_| None).api_key("k").transport(transport).time(FakeClock::at_unix(0).ringing());
        let client = change(builder.deadline(Duration::from_secs(5)).timeout(Timeout::none()).build().unwrap());
        run(Call::<Value>::new(&client, &LIST).into_future()).unwrap_err().message().to_owned()
    };
    assert!(deadline(|client| client).contains("5s"));
    assert!(deadline(|client| client.with_options(|o| o.deadline(Duration::from_secs(6)))).contains("6s"));
}

#[test]
fn a_deadline_ends_the_waits_between_attempts() {
    let world = world([Answer::error(500, "busy")]);
    let call = Call::<Value>::new(&world.client, &LIST).max_retries(100).deadline(Duration::from_secs(60));
    let error = run(call.into_future()).unwrap_err();
    assert_eq!((error.kind(), error.message()), ("timeout", "the deadline of 60s for the whole call passed"));
    assert!(world.transport.requests().len() < 20);
}

#[test]
fn endpoints_without_a_method_can_be_called() -> Result<()> {
    let world = world([ok()]);
    let client = &world.client;
    run(async {
        let value: Value = client.post("/foo?x=1").json(&json!({"my_param": true})).await?;
        assert_eq!(value["id"], "m");
        client.post("/form").multipart(&Fields([("file", Upload::bytes("a.png", "PNG"))])).await?;
        client.delete("foo").raw().await?;
        Ok::<(), Error>(())
    })?;
    let requests = world.transport.requests();
    assert_eq!((requests[0].url.as_str(), requests[0].text().as_str()), ("https://h.example/v1/foo?x=1", r#"{"my_param":true}"#));
    assert!(requests[1].header("content-type").starts_with("multipart/form-data; boundary=") && requests[1].text().contains("image/png"));
    assert_eq!((requests[2].header("content-type"), requests[2].text().as_str()), ("application/json", ""));
    Ok(())
}
