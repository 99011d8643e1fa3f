//! Connections over TLS: whom they trust and who they are is settled as for calls, and what is said over them is the same.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use openai::types::realtime::RealtimeConnectParams;
use openai::websocket::{Incoming, Reconnect};
use openai::{Client, ClientBuilder, Error};
use openai_tests::websocket::{Message, Reply, Session, WebSocketServer};

use super::run;
use crate::secure::{Authority, Identity, SecureServer, securing};

/// A server over TLS, and for each connection that came about, whether the client showed a certificate.
pub(super) struct Secure {
    pub(super) server: WebSocketServer,
    certificates: Arc<Mutex<Vec<bool>>>,
}

impl Secure {
    pub(super) fn start(identity: &Identity, clients: Option<&Authority>, talk: impl Fn(Session) + Send + Sync + 'static) -> Self {
        let certificates: Arc<Mutex<Vec<bool>>> = Arc::default();
        let (secure, seen) = (securing(identity, clients), certificates.clone());
        let wrap = move |stream| {
            let secured = secure(stream)?;
            seen.lock().unwrap().push(secured.has_certificate());
            Ok(Box::new(secured) as _)
        };
        Self { server: WebSocketServer::over(wrap, |_| Reply::Accept, talk).unwrap(), certificates }
    }

    pub(super) fn url(&self) -> String {
        format!("https://localhost:{}/v1", self.server.address().port())
    }

    /// Whether the clients since the last time showed certificates.
    fn certificates(&self) -> Vec<bool> {
        std::mem::take(&mut *self.certificates.lock().unwrap())
    }
}

/// Says everything back, and closes when the client does.
pub(super) fn echo(mut session: Session) {
    while let Some(message) = session.hear() {
        session.send(message);
    }
}

/// A client of an address, and of nothing in the environment.
pub(super) fn builder(url: String) -> ClientBuilder<Client> {
    Client::builder().env(|_| None).api_key("sk-test").base_url(url)
}

/// Opens a connection, has text and bytes come back over it, and closes it.
pub(super) async fn converse(client: &Client) -> Result<(), Error> {
    let mut connection = client.realtime().connect(RealtimeConnectParams::new()).await?;
    connection.response().cancel().await?;
    assert_eq!(connection.try_next().await?.unwrap().tag(), "response.cancel");
    // More than one record of TLS, and more than the system's buffers take at once.
    let bytes: Vec<u8> = (0..2_000_000u32).map(|n| n.to_le_bytes()[0]).collect();
    connection.try_send_raw(bytes.clone())?;
    let Some(Incoming::Binary(back)) = connection.recv().await? else { panic!("bytes") };
    assert!(back == bytes, "they come back as they went");
    assert_eq!(connection.close().await.code, 1000);
    Ok(())
}

/// The outcome of a connection: `ok`, or the error's kind.
#[track_caller]
fn check(secure: &Secure, configure: impl FnOnce(ClientBuilder<Client>) -> ClientBuilder<Client>, kind: &str, words: &str) {
    let client = configure(builder(secure.url())).build().unwrap();
    let outcome = run(async { converse(&client).await });
    assert_eq!(outcome.as_ref().map_or_else(Error::kind, |()| "ok"), kind, "{outcome:?}");
    if let Err(error) = outcome {
        assert!(format!("{error:?}").contains(words), "{error:?}");
    }
}

#[test]
fn a_connection_is_trusted_if_the_authority_of_its_server_is() {
    let authority = Authority::new();
    let secure = Secure::start(&authority.issue("localhost"), None, echo);
    check(&secure, |builder| builder.ca_certificate(authority.pem()), "ok", "");
    assert_eq!(secure.certificates(), [false]);
    check(&secure, |builder| builder, "connection", "certificate");
    check(&secure, |builder| builder.ca_certificate(Authority::new().pem()), "connection", "certificate");
    assert_eq!(secure.server.handshakes().len(), 1, "who is not trusted learns nothing");

    let elsewhere = Secure::start(&authority.issue("elsewhere.example"), None, echo);
    check(&elsewhere, |builder| builder.ca_certificate(authority.pem()), "connection", "certificate");
    assert!(elsewhere.server.handshakes().is_empty());
}

#[test]
fn a_connection_shows_the_certificate_of_its_client() {
    let (servers, clients) = (Authority::new(), Authority::new());
    let secure = Secure::start(&servers.issue("localhost"), Some(&clients), echo);
    let own = clients.issue("me").pem();
    check(&secure, |builder| builder.ca_certificate(servers.pem()).client_certificate(own), "ok", "");
    assert_eq!(secure.certificates(), [true]);
    check(&secure, |builder| builder.ca_certificate(servers.pem()), "connection", "");
    let wrong = Authority::new().issue("me").pem();
    check(&secure, |builder| builder.ca_certificate(servers.pem()).client_certificate(wrong), "connection", "");
    assert!(secure.certificates().is_empty() && secure.server.handshakes().len() == 1);
}

/// A handshake is spoken in HTTP/1.1, whatever calls are.
#[test]
fn the_handshake_asks_for_the_version_that_can_be_left() {
    let authority = Authority::new();
    let server = SecureServer::start(&authority.issue("localhost"), None, "no");
    let client = builder(format!("https://localhost:{}/v1", server.port)).ca_certificate(authority.pem()).build().unwrap();
    let error = run(async { client.responses().connect().await.map(drop).unwrap_err() });
    assert!(error.is_websocket() && error.status().is_some_and(|status| status == 200), "{error:?}");
    assert_eq!(server.met()[0].protocol.as_deref(), Some("http/1.1"));
}

#[test]
fn a_secure_connection_that_breaks_is_restored_and_loses_nothing() {
    const COUNT: usize = 30;
    /// Of which connection, and what.
    type Heard = Vec<(usize, Vec<u8>)>;
    let heard: Arc<Mutex<Heard>> = Arc::default();
    let ears = heard.clone();
    let authority = Authority::new();
    let secure = Secure::start(&authority.issue("localhost"), None, move |mut session| {
        while let Some(Message::Binary(bytes)) = session.hear() {
            let mut heard = ears.lock().unwrap();
            heard.push((session.handshake.number, bytes.to_vec()));
            let count = heard.len();
            drop(heard);
            match (session.handshake.number, count) {
                // One goes away in order, the other without a word.
                (0, 10) => session.say_close(1012, "restart"),
                (1, 20) => return session.drop_connection(),
                _ => session.say(r#"{"type":"heard"}"#),
            }
        }
    });
    let client = builder(secure.url()).ca_certificate(authority.pem()).build().unwrap();
    run(async {
        let reconnect = Reconnect::new().initial_delay(Duration::from_millis(1));
        let mut connection = client.realtime().connect(RealtimeConnectParams::new()).reconnect(reconnect).await.unwrap();
        let mut times = 0;
        for number in 0..COUNT {
            connection.send_raw(vec![u8::try_from(number).unwrap(); 100]).await.unwrap();
            loop {
                match connection.recv().await.unwrap().unwrap() {
                    Incoming::Event(_) => break,
                    Incoming::Reconnected(_) => break times += 1,
                    Incoming::Reconnecting(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!(times, 2);
        assert!(connection.close().await.unsent.is_empty());
    });
    let heard = heard.lock().unwrap();
    let expect: Vec<_> = (0..COUNT).map(|number| (number / 10, vec![u8::try_from(number).unwrap(); 100])).collect();
    assert!(*heard == expect, "{:?}", heard.iter().map(|(connection, bytes)| (connection, bytes[0])).collect::<Vec<_>>());
}
