//! Connections over TLS and through a proxy: what holds for calls holds for them.

use openai::Client;

use crate::run;
use crate::secure::{Authority, SecureServer};

/// The outcome of a connection to a server that answers 200: `websocket` when it got so far.
#[track_caller]
fn check(server: &SecureServer, certificates: &[&str], identity: Option<String>, kind: &str) {
    run(async {
        let mut builder = Client::builder().env(|_| None).api_key("k").base_url(format!("https://localhost:{}/v1", server.port));
        for pem in certificates {
            builder = builder.ca_certificate(*pem);
        }
        if let Some(identity) = identity {
            builder = builder.client_certificate(identity);
        }
        let client: Client = builder.build().unwrap();
        let error = client.responses().connect().await.map(drop).unwrap_err();
        assert_eq!(error.kind(), kind, "{error:?}");
    });
}

#[test]
fn certificates_are_those_of_calls() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let (pem, own) = (servers.pem(), clients.issue("me").pem());
    let server = SecureServer::start(&servers.issue("localhost"), Some(&clients), "no");
    check(&server, &[&pem], Some(own), "websocket");
    let met = &server.met()[0];
    assert!(met.has_certificate && met.head.contains("upgrade: websocket"), "{met:?}");
    assert_eq!(met.protocol.as_deref(), Some("http/1.1"));
    check(&server, &[&pem], None, "connection");
    check(&server, &[], None, "connection");
}
