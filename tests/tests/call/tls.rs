//! Whom clients trust and who they are, over TLS on the loopback interface.

use std::io::{Read, Write};
use std::net::TcpListener;

use openai::{Client, ClientBuilder, Result, WorkloadIdentity};

use crate::secure::{Authority, SecureServer};
use crate::world::{builder, run};

const MODEL: &str = r#"{"id":"m"}"#;

/// The outcome of a call to a server for this name: `ok`, or the error's kind.
#[track_caller]
fn check(server: &SecureServer, configure: impl FnOnce(ClientBuilder<Client>) -> ClientBuilder<Client>, kind: &str, words: &str) {
    run(async || {
        let client = configure(builder(format!("https://localhost:{}/v1", server.port))).build().unwrap();
        let outcome: Result<_> = client.models().retrieve("m").await;
        assert_eq!(outcome.as_ref().map_or_else(|error| error.kind(), |_| "ok"), kind, "{outcome:?}");
        if let Err(error) = outcome {
            assert!(format!("{error:?}").contains(words), "{error:?}");
        }
    });
}

#[test]
fn a_server_is_trusted_if_its_authority_is() {
    let authority = Authority::new();
    let server = SecureServer::start(&authority.issue("localhost"), None, MODEL);
    check(&server, |builder| builder.ca_certificate(authority.pem()), "ok", "");
    let met = &server.met()[0];
    assert!(met.head.contains("authorization: Bearer sk-test") && !met.has_certificate, "{met:?}");
    assert_eq!(met.protocol.as_deref(), Some("http/1.1"));

    check(&server, |builder| builder, "connection", "certificate");
    check(&server, |builder| builder.ca_certificate(Authority::new().pem()), "connection", "certificate");
    let both = format!("{}{}", Authority::new().pem(), authority.pem());
    check(&server, |builder| builder.ca_certificate(both), "ok", "");
    assert_eq!(server.met().len(), 1, "who is not trusted learns nothing");
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let server = SecureServer::start(&authority.issue("elsewhere.example"), None, MODEL);
    check(&server, |builder| builder.ca_certificate(authority.pem()), "connection", "certificate");
    assert!(server.met().is_empty());
}

#[test]
fn a_client_shows_its_certificate_where_one_is_wanted() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let server = SecureServer::start(&servers.issue("localhost"), Some(&clients), MODEL);
    let trusting = |builder: ClientBuilder<Client>| builder.ca_certificate(servers.pem());

    let own = clients.issue("me").pem();
    check(&server, |builder| trusting(builder).client_certificate(own), "ok", "");
    assert!(server.met()[0].has_certificate);
    check(&server, trusting, "connection", "");
    let wrong = Authority::new().issue("me").pem();
    check(&server, |builder| trusting(builder).client_certificate(wrong), "connection", "");
    assert!(server.met().is_empty());
}

/// A server that wants certificates, for the exchange of a token and for the calls that are made with it.
#[test]
fn a_workload_is_known_by_the_certificate_of_its_connections() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let server = SecureServer::start(&servers.issue("localhost"), Some(&clients), r#"{"id":"m","access_token":"issued","expires_in":60}"#);
    let origin = format!("https://localhost:{}", server.port);
    let client = |identity: Option<String>| {
        let builder = Client::builder().env(|_| None).base_url(format!("{origin}/v1")).no_proxy().max_retries(0);
        let workload = WorkloadIdentity::x509("idp", "sa").token_endpoint(format!("{origin}/oauth/token"));
        let builder = builder.ca_certificate(servers.pem()).workload_identity(workload);
        match identity {
            Some(pem) => builder.client_certificate(pem).build(),
            None => builder.build(),
        }
    };
    run(async || {
        let client = client(Some(clients.issue("me").pem())).unwrap();
        client.models().retrieve("m").await.unwrap();
    });
    let met = server.met();
    assert_eq!(met.len(), 2);
    assert!(met.iter().all(|met| met.has_certificate));
    assert!(met[0].head.starts_with("POST /oauth/token ") && !met[0].head.contains("authorization"), "{}", met[0].head);
    assert!(met[1].head.starts_with("GET /v1/models/m ") && met[1].head.contains("authorization: Bearer issued"), "{}", met[1].head);

    run(async || {
        let wrong = client(Some(Authority::new().issue("me").pem())).unwrap();
        assert!(wrong.models().retrieve("m").await.unwrap_err().is_connection());
    });
    assert!(client(None).unwrap_err().message().contains("client_certificate"));
    assert!(server.met().is_empty(), "who shows no certificate or a wrong one gets no token");
}

#[test]
fn plain_http_where_tls_is_wanted_is_a_connection_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        // What the client still says is read, so that the answer is not lost in a reset.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    run(async || {
        let client = builder(format!("https://localhost:{port}")).build().unwrap();
        let error = client.models().list().await.unwrap_err();
        assert!(error.is_connection() && error.message().contains("corrupt"), "{error:?}");
    });
    server.join().unwrap();
}

#[test]
fn certificates_that_cannot_be_read_are_named_by_the_builder() {
    let identity = Authority::new().issue("me");
    let refused = |configure: &dyn Fn(ClientBuilder<Client>) -> ClientBuilder<Client>| {
        let error = configure(builder("https://h")).build().unwrap_err();
        assert!(error.is_argument() && !format!("{error:?}").contains("BEGIN PRIVATE"), "{error:?}");
        error.message().to_owned()
    };
    assert!(refused(&|builder| builder.ca_certificate("nonsense")).contains("the CA certificate holds no certificate"));
    assert!(refused(&|builder| builder.client_certificate("nonsense")).contains("key of the client certificate"));
    assert!(refused(&|builder| builder.client_certificate(identity.certificate.clone())).contains("key of the client certificate"));
    assert!(refused(&|builder| builder.client_certificate(identity.key.clone())).contains("holds no certificate"));
    let foreign = format!("{}{}", identity.certificate, Authority::new().issue("me").key);
    assert!(refused(&|builder| builder.client_certificate(foreign.clone())).contains("the client certificate cannot be used"));
}
