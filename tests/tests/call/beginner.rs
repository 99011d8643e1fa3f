//! The errors of a first hour, as they are read on the terminal: what happened, what to do about it, in two lines at most, and never the key.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};
use openai::types::files::FileCreateParams;
use openai::{Client, ClientBuilder, Error, Result, Upload};
use openai_tests::server::{Answer, Server};

use crate::secure::{Authority, SecureServer};
use crate::world::run;

type Builder = ClientBuilder<Client>;

const KEY: &str = "sk-s3cret";

/// What `{error}` prints, and `fn main() -> openai::Result<()>`.
#[track_caller]
fn check(error: Error, happened: &str, remedy: &str) {
    let (shown, returned) = (error.to_string(), format!("{error:?}"));
    assert!(shown.contains(happened), "{happened:?} is not in: {shown}");
    assert!(shown.contains(remedy), "{remedy:?} is not in: {shown}");
    assert!(!shown.contains('\n') && shown.len() < 420, "{} bytes: {shown}", shown.len());
    assert!(error.hint().is_none_or(|hint| returned.contains(&format!("{hint:?}"))), "{returned}");
    assert!(!shown.contains("s3cret") && !returned.contains("s3cret") && !returned.contains("message: \"\""), "{shown} {returned}");
}

fn params() -> ChatCompletionCreateParams {
    ChatCompletionCreateParams::new("m", [ChatMessage::user("x")])
}

/// The error of a client that is built so.
#[track_caller]
fn building(configure: impl FnOnce(Builder) -> Builder) -> Error {
    configure(Client::builder().env(|_| None)).build().unwrap_err()
}

/// The error of a client that takes everything from this variable and a key.
#[track_caller]
fn building_from(variable: &'static str, value: &'static str) -> Error {
    building(|builder| {
        builder.env(move |name| match name {
            _ if name == variable => Some(value.to_owned()),
            "OPENAI_API_KEY" => Some(KEY.to_owned()),
            _ => None,
        })
    })
}

/// The error of a call to this address.
#[track_caller]
fn calling(url: &str, configure: impl FnOnce(Builder) -> Builder) -> Error {
    let builder = Client::builder().env(|_| None).api_key(KEY).base_url(url).no_proxy().max_retries(0);
    run(async || configure(builder).build().unwrap().chat().completions().create(params()).await.unwrap_err())
}

/// The error of a call that is answered so.
#[track_caller]
fn answered(answer: Answer) -> Error {
    calling(&Server::script([answer]).unwrap().url(), |builder| builder)
}

/// An answer of the API's own.
fn api(status: u16, error: &str) -> Answer {
    Answer::json(format!("{{\"error\":{error}}}")).with_status(status).header("x-request-id", "req_1")
}

fn page(status: u16, title: &str) -> Answer {
    let body = format!("<html>\n<head><title>{title}</title></head>\n<body>{}</body></html>", "<p>…</p>\n".repeat(100));
    Answer::status(status).header("content-type", "text/html; charset=utf-8").body(body)
}

fn text(status: u16, text: &str) -> Answer {
    Answer::status(status).header("content-type", "text/plain").body(text)
}

fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn a_key_that_is_missing_or_was_copied_badly() {
    for error in [building(|b| b), building(|b| b.api_key("")), building_from("OPENAI_API_KEY", "")] {
        check(error, "missing credentials", "set OPENAI_API_KEY");
    }
    for (key, happened) in [
        ("sk-s3cret\n", "a line break in it"),
        (" sk-s3cret", "begins or ends with a space"),
        ("\"sk-s3cret\"", "in quotation marks"),
        ("sk-s3cret…", "copy the whole key"),
    ] {
        check(building(|b| b.api_key(key)), "the API key ", happened);
        check(building_from("OPENAI_API_KEY", key), "OPENAI_API_KEY ", happened);
        check(building_from("OPENAI_ADMIN_KEY", key), "OPENAI_ADMIN_KEY ", happened);
    }
    let client = Client::builder().env(|_| None).api_key(KEY).build().unwrap();
    let error = run(async || client.admin().organization().admin_api_keys().list(Default::default()).await.unwrap_err());
    check(error, "needs an admin API key", "admin_api_key or OPENAI_ADMIN_KEY");
}

#[test]
fn a_base_url_that_is_none() {
    for (url, happened, remedy) in [
        ("", "the base URL is empty", "such as https://api.openai.com/v1"),
        ("api.openai.com/v1", "no scheme", "begin it with https://"),
        ("localhost:8080/v1", "no scheme", "http:// for a server of this machine"),
        ("http:/api.openai.com", "no scheme", "begin it with https://"),
        ("htps://api.openai.com/v1", "begins with htps://", "https://"),
        ("https://", "empty host", "such as https://api.openai.com/v1"),
        ("https://localhost:99999/v1", "invalid port", "such as https://api.openai.com/v1"),
        ("https://user:s3cret@localhost/v1", "user name or password", "set a header instead"),
        (KEY, "no scheme", "begin it with https://"),
    ] {
        check(building(|b| b.api_key(KEY).base_url(url)), happened, remedy);
        check(building_from("OPENAI_BASE_URL", url), "OPENAI_BASE_URL: ", happened);
    }
}

#[test]
fn what_the_server_refuses() {
    for (answer, happened, remedy) in [
        (
            api(401, r#"{"message":"Incorrect API key provided: sk-s3**","code":"invalid_api_key"}"#),
            "code invalid_api_key",
            "check the API key",
        ),
        (Answer::status(401), "the server refused the request (status 401)", "OPENAI_API_KEY in the environment"),
        (api(404, r#"{"message":"The model `m` does not exist","code":"model_not_found"}"#), "The model `m`", "check the model's name"),
        (api(404, r#"{"message":"No such file: f","code":null}"#), "No such file: f", "request req_1"),
        (api(400, r#"{"message":"Invalid value: 'x'","param":"messages[0].role","code":"invalid_value"}"#), "'x'", "param"),
        (
            api(429, r#"{"message":"You exceeded your current quota","code":"insufficient_quota"}"#),
            "You exceeded your current quota",
            "to try again does not help: add credit",
        ),
        (
            api(429, r#"{"message":"Rate limit reached"}"#).header("retry-after", "2"),
            "Rate limit",
            "send less at a time, or raise max_retries; the server asks to wait 2s",
        ),
        (api(500, r#"{"message":"The server had an error"}"#), "req_1", "try again later"),
        (page(502, "502 Bad Gateway"), "a page of HTML, \"502 Bad Gateway\" (status 502)", "try again later"),
        (page(403, "Blocked"), "a page of HTML, \"Blocked\"", "a proxy or a firewall on the way"),
        (Answer::status(407), "status 407", "http://user:password@host:3128"),
    ] {
        check(answered(answer), happened, remedy);
    }
    let server = Server::script([api(500, r#"{"message":"Sorry"}"#)]).unwrap();
    let slept = |b: Builder| b.max_retries(2).time(openai::testing::FakeClock::default());
    assert!(calling(&server.url(), slept).to_string().contains("after 2 retries"));
}

#[test]
fn an_address_where_something_else_answers() {
    let wrong = "is the base URL right, http://127.0.0.1:";
    for (answer, happened, remedy) in [
        (page(404, "404 Not Found"), "a page of HTML, \"404 Not Found\" (status 404)", wrong),
        (text(404, "404 page not found"), "404 page not found", wrong),
        (Answer::json(r#"{"detail":"Not Found"}"#).with_status(404), "Not Found", wrong),
        (api(404, r#"{"message":"Invalid URL (POST /chat/completions)"}"#), "Invalid URL", wrong),
        (page(200, "Log in"), "the server answered with a page of HTML", "login page of a network"),
        (text(200, "Ollama is running"), "the server answered with plain text", wrong),
        (Answer::status(200), "the server answered with nothing", "status 200"),
        (Answer::events("data: {}\n\n"), "the server answered with a stream of events", "the method's streaming form"),
        (text(400, "Client sent an HTTP request to an HTTPS server."), "Client sent an HTTP request", "begin the base URL with https://"),
    ] {
        check(answered(answer), happened, remedy);
    }
    let server = Server::script([text(404, "404 page not found")]).unwrap();
    let bare = server.url().replace("/v1", "");
    check(calling(&bare, |b| b), "404 page not found", &format!("most base URLs end with /v1, and {bare} does not"));
}

/// A host of that name, as far as the client knows: a proxy that answers for it.
#[test]
fn an_endpoint_of_azure_given_to_the_plain_client() {
    for status in [401, 404] {
        let azure = Server::start(move |_| api(status, r#"{"code":"404","message":"Resource not found"}"#)).unwrap();
        let error = calling("http://mine.openai.azure.com", |b| b.proxy(format!("http://{}", azure.address())));
        check(error, "Resource not found", "make the client with Client::azure()");
    }
}

#[test]
fn a_server_that_is_not_there() {
    let nobody = nobody();
    check(
        calling(&format!("http://{nobody}/v1"), |b| b),
        &format!("no connection to {nobody}: Connection refused"),
        "is a server running there?",
    );
    // No resolver takes a label of this length, so that none is asked.
    let host = format!("{}.example", "x".repeat(64));
    check(calling(&format!("http://{host}/v1"), |b| b), &format!("no connection to {host}"), "check the host in the base URL");
    check(answered(Answer::close()), "the connection to 127.0.0.1:", "broke: connection closed");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", silent.local_addr().unwrap());
    let error = calling(&url, |b| b.timeout(Duration::from_millis(20)));
    check(error, "request timed out: no answer within 20ms", "raise the timeout");
    let error = calling(&url.replace("http", "https"), |b| b.timeout(Duration::from_millis(20)));
    check(error, &format!("no connection to {} in time", silent.local_addr().unwrap()), "host and port");
}

#[test]
fn tls_where_there_is_none_and_none_where_it_is_wanted() {
    let plain = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/v1", plain.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut connection, _) = plain.accept()?;
        _ = connection.read(&mut [0; 1024])?;
        connection.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
    });
    check(calling(&url, |b| b), "no connection to 127.0.0.1:", "should the base URL begin with http://?");
    answering.join().unwrap().unwrap();

    let authority = Authority::new();
    let server = SecureServer::start(&authority.issue("localhost"), None, "{}");
    let at = |scheme: &str| format!("{scheme}://localhost:{}/v1", server.port);
    check(calling(&at("http"), |b| b), "invalid HTTP version", "should the base URL begin with https://?");
    check(calling(&at("https"), |b| b), "UnknownIssuer", "trust its certificate: hand it to ca_certificate");
    let trusting = |b: Builder| b.ca_certificate(authority.pem());
    let other = SecureServer::start(&authority.issue("elsewhere.example"), None, "{}");
    let error = calling(&format!("https://localhost:{}/v1", other.port), trusting);
    check(error, "certificate not valid for name \"localhost\"", "another than the base URL names");
    for years in [1990..1991, 2900..2901] {
        let server = SecureServer::start(&authority.issue_for("localhost", years), None, "{}");
        check(calling(&format!("https://localhost:{}/v1", server.port), trusting), "certificate", "is the clock of this machine right?");
    }
}

#[test]
fn a_proxy_in_the_way() {
    let proxy = |answer: Answer| Server::start(move |_| answer.clone()).unwrap();
    let through = |proxy: &Server, url: &str| calling(url, |b| b.proxy(format!("http://someone:s3cret@{}", proxy.address())));
    let (plain, secure) = ("http://api.example/v1", "https://api.example/v1");
    let asking = proxy(Answer::status(407).header("proxy-authenticate", "basic"));
    check(through(&asking, plain), "status 407", "http://user:password@host:3128");
    check(through(&asking, secure), "no connection to api.example: tunnel error: proxy authorization required", "user:password");
    let blocking = proxy(page(403, "Blocked by your company"));
    check(through(&blocking, plain), "Blocked by your company", "a proxy or a firewall");
    check(through(&blocking, secure), "no connection to api.example: tunnel error", "the proxy refuses to connect");
    check(through(&proxy(page(200, "Log in")), plain), "a page of HTML", "login page of a network");
    let gone = format!("http://{}", nobody());
    check(calling(secure, |b| b.proxy(&*gone)), "Connection refused", "the proxy cannot be reached");
    let named = |b: Builder| b.env(|name| (name == "HTTPS_PROXY").then(|| "s3cret\0proxy".to_owned()));
    check(building(|b| named(b.api_key(KEY))), "the proxy in HTTPS_PROXY", "http://user:password@host:3128");
}

#[test]
fn a_call_made_in_another_way_than_it_was_meant() {
    let server = Server::script([Answer::json(r#"{"id":"x","object":"chat.completion","choices":[]}"#)]).unwrap();
    let client = || Client::builder().env(|_| None).api_key(KEY).base_url(server.url()).no_proxy().build().unwrap();
    let error = run(async || client().chat().completions().create(params().stream(true)).await.unwrap_err());
    check(error, "`stream` asks for a stream", "use chat.completions.create_stream");
    let error = run(async || client().chat().completions().create_stream(params()).await?.try_next().await.map(drop)).unwrap_err();
    check(error, "JSON instead of an event stream", "make the call without a stream");
    let error = run(async || client().models().retrieve("").await.unwrap_err());
    check(error, "expected a non-empty value", "`model`");
    let missing = FileCreateParams::new(Upload::path("no-such.jsonl"), "batch");
    check(run(async || client().files().create(missing).await.unwrap_err()), "no-such.jsonl", "No such file");
    // Polled where no runtime is.
    let mut outside = pin!(client().models().list().into_future());
    let outcome: Poll<Result<_>> = outside.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Err(error)) = outcome else { panic!("it waits for what never comes") };
    check(error, "there is no tokio runtime here", "#[tokio::main]");
}
