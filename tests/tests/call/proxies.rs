//! Calls through proxies: who sees what, and that their credentials are never shown.

use std::net::TcpListener;

use openai::{Client, ClientBuilder, Error};
use openai_tests::server::{Answer, Server};

use crate::proxy::Proxy;
use crate::secure::{Authority, SecureServer};
use crate::world::{builder, run};

const MODEL: &str = r#"{"id":"m"}"#;

fn call(url: &str, configure: impl FnOnce(ClientBuilder<Client>) -> ClientBuilder<Client>) -> Result<String, Error> {
    run(async || {
        // A proxy of the machine that runs the tests has no say.
        let client = configure(builder(url)).build()?;
        client.models().retrieve("m").await.map(|model| model.id)
    })
}

fn plain() -> Server {
    Server::start(|_| Answer::json(MODEL).header("connection", "close")).unwrap()
}

#[test]
fn a_plain_request_goes_to_the_proxy_as_a_whole() {
    let (proxy, server) = (Proxy::start(), plain());
    assert_eq!(call(&server.url(), |builder| builder.proxy(proxy.url("user:s3cret@"))).unwrap(), "m");
    let heads = proxy.heads();
    assert!(heads[0].starts_with(&format!("GET {}/models/m HTTP/1.1", server.url())), "{heads:?}");
    assert_eq!(server.requests()[0].header("authorization"), Some("Bearer sk-test"));
}

#[test]
fn a_secure_request_goes_through_the_proxy_unseen() {
    let (proxy, authority) = (Proxy::start(), Authority::new());
    let server = SecureServer::start(&authority.issue("localhost"), None, MODEL);
    let url = format!("https://localhost:{}/v1", server.port);
    let outcome = call(&url, |builder| builder.proxy(proxy.url("user:s3cret@")).ca_certificate(authority.pem()));
    assert_eq!(outcome.unwrap(), "m");
    let heads = proxy.heads();
    assert!(heads.len() == 1 && heads[0].starts_with(&format!("CONNECT localhost:{} HTTP/1.1", server.port)), "{heads:?}");
    assert!(!heads[0].contains("sk-test"));
    let met = &server.met()[0];
    assert!(met.head.contains("Bearer sk-test") && !met.head.to_lowercase().contains("proxy-authorization"), "{met:?}");
}

#[test]
fn credentials_of_a_proxy_are_never_shown() {
    let (proxy, server) = (Proxy::start(), plain());
    // Refused by the proxy in both ways, and a proxy that is not there.
    let nobody = format!("http://user:s3cret-x@{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    for (url, through) in [
        (server.url(), proxy.url("user:s3cret-x@")),
        ("https://localhost:1/v1".to_owned(), proxy.url("user:s3cret-x@")),
        (server.url(), nobody.clone()),
        ("https://localhost:1/v1".to_owned(), nobody),
    ] {
        let client = builder(&*url).proxy(through.clone());
        let shown = format!("{client:?}");
        let client = client.build().unwrap();
        let error = run(async || client.models().list().await.unwrap_err());
        let shown = format!("{shown} {client:?} {error} {error:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("dXNlc"), "{shown}");
        assert!(error.is_connection() || error.status().is_some_and(|status| status.as_u16() == 407), "{error:?}");
    }
    for bad in ["http://user:s3cret@", "nonsense://user:s3cret@h", "http://[s3cret", "socks5://user:s3cret@h:1"] {
        let error = builder("http://h").proxy(bad).build().err();
        if let Some(error) = error {
            assert!(error.is_argument() && !format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }
    let error = builder("http://h").proxy("socks5://h:1").build().unwrap_err();
    assert!(error.is_argument() && error.message().contains("feature socks"), "{error}");
}

#[test]
fn a_proxy_that_refuses_is_told_from_a_server_that_does() {
    let (proxy, server) = (Proxy::forbidding(), plain());
    let error = call("https://localhost:1/v1", |builder| builder.proxy(proxy.url("user:s3cret@"))).unwrap_err();
    assert!(error.is_connection() && error.status().is_none(), "{error:?}");
    // Without a tunnel, the proxy's answer is the answer.
    let error = call(&server.url(), |builder| builder.proxy(proxy.url("user:s3cret@"))).unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(403));
    assert!(server.requests().is_empty() && proxy.heads().len() == 2);
}

/// The outcome of a call with this environment, and whether it went through the proxy.
#[track_caller]
fn check_environment(variables: &'static [&'static str], through: usize) {
    let (proxy, server) = (Proxy::start(), plain());
    let url = proxy.url("user:s3cret@");
    let lookup = move |name: &str| {
        let value = variables.iter().find_map(|variable| variable.strip_prefix(name)?.strip_prefix('='))?;
        Some(value.replace("PROXY", &url))
    };
    let client: Client = Client::builder().env(lookup).api_key("k").base_url(server.url()).max_retries(0).build().unwrap();
    let model = run(async || client.models().retrieve("m").await).unwrap();
    assert_eq!((model.id.as_str(), proxy.heads().len()), ("m", through), "{variables:?}");
}

#[test]
fn the_environment_names_proxies_and_exceptions() {
    check_environment(&[], 0);
    check_environment(&["HTTP_PROXY=PROXY"], 1);
    check_environment(&["http_proxy=PROXY"], 1);
    check_environment(&["ALL_PROXY=PROXY"], 1);
    check_environment(&["HTTPS_PROXY=PROXY"], 0);
    check_environment(&["HTTP_PROXY=PROXY", "NO_PROXY=example.com"], 1);
    check_environment(&["HTTP_PROXY=PROXY", "NO_PROXY=127.0.0.1"], 0);
    check_environment(&["HTTP_PROXY=PROXY", "NO_PROXY=*"], 0);
    check_environment(&["HTTP_PROXY=PROXY", "no_proxy=127.0.0.0/8"], 0);
}
