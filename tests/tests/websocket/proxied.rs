//! Connections through proxies: what holds for calls holds for them.

use std::net::TcpListener;

use openai::types::realtime::RealtimeConnectParams;
use openai::{Client, ClientBuilder, Error};
use openai_tests::websocket::WebSocketServer;

use super::run;
use super::secured::{Secure, builder, converse, echo};
use crate::proxy::Proxy;
use crate::secure::Authority;

const RIGHT: &str = "user:s3cret@";

#[test]
fn a_secure_connection_goes_through_a_tunnel() {
    let (proxy, servers, clients) = (Proxy::start(), Authority::new(), Authority::new());
    let secure = Secure::start(&servers.issue("localhost"), Some(&clients), echo);
    let builder = builder(secure.url()).proxy(proxy.url(RIGHT)).ca_certificate(servers.pem());
    let client = builder.client_certificate(clients.issue("me").pem()).build().unwrap();
    run(async { converse(&client).await.unwrap() });
    let heads = proxy.heads();
    let port = secure.server.address().port();
    assert!(heads.len() == 1 && heads[0].starts_with(&format!("CONNECT localhost:{port} HTTP/1.1\r\n")), "{heads:?}");
    assert!(!heads[0].contains("sk-test") && !heads[0].to_lowercase().contains("upgrade"), "{heads:?}");
    let handshake = &secure.server.handshakes()[0];
    assert_eq!(handshake.header("authorization"), Some("Bearer sk-test"));
    assert_eq!(handshake.header("proxy-authorization"), None);
}

#[test]
fn a_plain_connection_asks_the_proxy_as_a_call_does() {
    let (proxy, server) = (Proxy::start(), WebSocketServer::start(echo).unwrap());
    let client = builder(server.url()).proxy(proxy.url(RIGHT)).build().unwrap();
    run(async { converse(&client).await.unwrap() });
    let heads = proxy.heads();
    assert!(heads.len() == 1 && heads[0].starts_with(&format!("GET {}/realtime HTTP/1.1\r\n", server.url())), "{heads:?}");
}

#[test]
fn a_restored_connection_goes_through_the_proxy_again() {
    let (proxy, authority) = (Proxy::start(), Authority::new());
    let secure = Secure::start(&authority.issue("localhost"), None, |mut session| match session.handshake.number {
        0 => session.drop_connection(),
        _ => session.close(1000, ""),
    });
    let client = builder(secure.url()).proxy(proxy.url(RIGHT)).ca_certificate(authority.pem()).build().unwrap();
    run(async {
        let reconnect = openai::websocket::Reconnect::new().initial_delay(std::time::Duration::from_millis(1));
        let mut connection = client.realtime().connect(RealtimeConnectParams::new()).reconnect(reconnect).await.unwrap();
        assert!(connection.try_next().await.unwrap().is_none());
    });
    assert_eq!((proxy.heads().len(), secure.server.handshakes().len()), (2, 2));
}

/// What a connection fails with: the error's kind, its status and words of it. Nothing shows the password.
#[track_caller]
fn check(url: &str, through: &str, kind: &str, status: Option<u16>, words: &str) {
    let client = builder(url.to_owned()).proxy(through).build().unwrap();
    let error = run(async { client.realtime().connect(RealtimeConnectParams::new()).await.map(drop).unwrap_err() });
    assert_eq!((error.kind(), error.status().map(|status| status.as_u16())), (kind, status), "{error:?}");
    assert!(error.message().contains(words), "{error}");
    let shown = format!("{client:?} {error} {error:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("dXNlc"), "{shown}");
}

#[test]
fn a_proxy_that_refuses_is_a_typed_error() {
    const SECURE: &str = "https://localhost:1/v1";
    let server = WebSocketServer::start(echo).unwrap();
    let (proxy, forbidding) = (Proxy::start(), Proxy::forbidding());
    for credentials in ["", "user:s3cret-x@"] {
        check(SECURE, &proxy.url(credentials), "connection", None, "proxy authorization required");
        // Without a tunnel, the proxy's answer is the answer.
        check(&server.url(), &proxy.url(credentials), "status", Some(407), "407");
    }
    check(SECURE, &forbidding.url(RIGHT), "connection", None, "tunnel");
    check(&server.url(), &forbidding.url(RIGHT), "permission_denied", Some(403), "403");
    let nobody = format!("http://{RIGHT}{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    check(SECURE, &nobody, "connection", None, "refused");
    assert!(server.handshakes().is_empty());
}

/// How many times the proxy of this environment is asked for a connection.
#[track_caller]
fn check_environment(variables: &'static [&'static str], through: usize) {
    let (proxy, authority) = (Proxy::start(), Authority::new());
    let secure = Secure::start(&authority.issue("localhost"), None, echo);
    let url = proxy.url(RIGHT);
    let lookup = move |name: &str| {
        let value = variables.iter().find_map(|variable| variable.strip_prefix(name)?.strip_prefix('='))?;
        Some(value.replace("PROXY", &url))
    };
    let builder: ClientBuilder<Client> = Client::builder().env(lookup).api_key("k").base_url(secure.url());
    let client = builder.ca_certificate(authority.pem()).build().unwrap();
    let outcome: Result<(), Error> = run(async { converse(&client).await });
    outcome.unwrap();
    assert_eq!(proxy.heads().len(), through, "{variables:?}");
}

#[test]
fn the_environment_names_proxies_and_exceptions() {
    check_environment(&[], 0);
    check_environment(&["HTTPS_PROXY=PROXY"], 1);
    check_environment(&["https_proxy=PROXY"], 1);
    check_environment(&["ALL_PROXY=PROXY"], 1);
    check_environment(&["HTTP_PROXY=PROXY"], 0);
    check_environment(&["HTTPS_PROXY=PROXY", "NO_PROXY=example.com"], 1);
    check_environment(&["HTTPS_PROXY=PROXY", "NO_PROXY=localhost"], 0);
    check_environment(&["HTTPS_PROXY=PROXY", "no_proxy=*"], 0);
}
