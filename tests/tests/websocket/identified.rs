//! Connections of clients that are known otherwise than by a key of their own: what each handshake shows, and where it goes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use openai::types::realtime::RealtimeConnectParams;
use openai::websocket::Reconnect;
use openai::{Azure, Client, ClientBuilder, Error, WorkloadIdentity};
use openai_tests::server::{Answer, Request, Server};
use openai_tests::websocket::{Handshake, Reply, Session, WebSocketServer};

use super::run;

/// A server that issues the tokens `t1`, `t2`, …
fn issuer() -> Server {
    let count = AtomicUsize::new(0);
    let issue = move |_: &Request| {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        Answer::json(format!(r#"{{"access_token":"t{number}","expires_in":3600}}"#))
    };
    Server::start(issue).unwrap()
}

/// A client of a workload with tokens of this issuer.
fn workload(server: &WebSocketServer, issuer: &Server) -> Client {
    let identity = WorkloadIdentity::new("idp", "sa", || async { Ok("subject".to_owned()) });
    let identity = identity.token_endpoint(format!("http://{}/oauth/token", issuer.address()));
    Client::builder().env(|_| None).workload_identity(identity).base_url(server.url()).build().unwrap()
}

/// Agrees to every handshake but those with one of these tokens.
fn refusing(tokens: &'static [&'static str]) -> impl Fn(&Handshake) -> Reply + Send + Sync {
    move |handshake| {
        let token = handshake.header("authorization").unwrap_or_default().trim_start_matches("Bearer ");
        let body = r#"{"error":{"message":"expired","code":"token_expired"}}"#;
        if tokens.contains(&token) { Reply::Http(401, vec![("x-request-id", "req_x".to_owned())], body) } else { Reply::Accept }
    }
}

/// Leaves the first connection without a word, and closes those that restore it.
fn leaving_the_first(mut session: Session) {
    match session.handshake.header("x-attempt") {
        None => session.drop_connection(),
        Some(_) => session.close(1000, ""),
    }
}

fn tokens(server: &WebSocketServer) -> Vec<String> {
    server.handshakes().iter().map(|handshake| handshake.header("authorization").unwrap_or("none").to_owned()).collect()
}

/// Opens a connection, and stays until it is closed.
async fn converse(client: &Client) -> Result<(), Error> {
    let reconnect = Reconnect::new().initial_delay(Duration::from_millis(1));
    let reconnect = reconnect.before_attempt(|attempt| attempt.header("x-attempt", attempt.number().to_string()));
    let params = RealtimeConnectParams::new().model("gpt-r");
    let mut connection = client.realtime().connect(params).reconnect(reconnect).await?;
    while connection.try_next().await?.is_some() {}
    Ok(())
}

#[test]
fn a_workload_shows_its_token_on_every_connection() {
    let (server, issuer) = (WebSocketServer::start(leaving_the_first).unwrap(), issuer());
    let client = workload(&server, &issuer);
    run(async { converse(&client).await.unwrap() });
    assert_eq!(tokens(&server), ["Bearer t1", "Bearer t1"]);
    assert_eq!(issuer.requests().len(), 1, "it is kept");
}

#[test]
fn a_token_that_a_handshake_is_refused_with_is_replaced_once() {
    let issuer = issuer();
    let server = WebSocketServer::answering(refusing(&["t1"]), leaving_the_first).unwrap();
    run(async { converse(&workload(&server, &issuer)).await.unwrap() });
    assert_eq!(tokens(&server), ["Bearer t1", "Bearer t2", "Bearer t2"]);

    let server = WebSocketServer::answering(refusing(&["t3", "t4"]), leaving_the_first).unwrap();
    let error = run(async { converse(&workload(&server, &issuer)).await.unwrap_err() });
    assert!(error.is_authentication() && error.code() == Some("token_expired") && error.request_id() == Some("req_x"), "{error:?}");
    assert_eq!(tokens(&server), ["Bearer t3", "Bearer t4"]);
}

/// A session that outlives its token: the connection that takes its place has a new one.
#[test]
fn a_token_that_ran_out_meanwhile_is_replaced_when_the_connection_is_restored() {
    let only_the_second = refusing(&["t1"]);
    let reply = move |handshake: &Handshake| if handshake.number == 0 { Reply::Accept } else { only_the_second(handshake) };
    let (server, issuer) = (WebSocketServer::answering(reply, leaving_the_first).unwrap(), issuer());
    run(async { converse(&workload(&server, &issuer)).await.unwrap() });
    assert_eq!(tokens(&server), ["Bearer t1", "Bearer t1", "Bearer t2"]);
    let attempts: Vec<_> = server.handshakes().iter().map(|handshake| handshake.header("x-attempt").map(str::to_owned)).collect();
    assert_eq!(attempts, [None, Some("1".to_owned()), Some("1".to_owned())], "within one attempt");
}

#[test]
fn an_exchange_that_is_refused_opens_nothing() {
    let server = WebSocketServer::start(leaving_the_first).unwrap();
    let issuer = Server::start(|_| Answer::json(r#"{"error":"invalid_grant"}"#).with_status(400)).unwrap();
    let error = run(async { converse(&workload(&server, &issuer)).await.unwrap_err() });
    assert!(error.is_oauth() && error.oauth_error() == Some("invalid_grant"), "{error:?}");
    assert!(server.handshakes().is_empty());
}

#[test]
fn a_certificate_is_not_for_websockets() {
    let identity = crate::secure::Authority::new().issue("me").pem();
    let builder = Client::builder().env(|_| None).workload_identity(WorkloadIdentity::x509("idp", "sa"));
    let client: Client = builder.client_certificate(identity).base_url("https://127.0.0.1:1/v1").build().unwrap();
    let error = run(async { converse(&client).await.unwrap_err() });
    assert!(error.is_argument() && error.message().contains("not for WebSockets"), "{error}");
}

type Configure = fn(ClientBuilder<Client, Azure>) -> ClientBuilder<Client, Azure>;

/// What a handshake with Azure asks for, and the credentials that it has: `api-key`, `authorization`.
#[track_caller]
fn check_azure(configure: Configure, target: &str, credentials: [Option<&str>; 2]) {
    let server = WebSocketServer::start(leaving_the_first).unwrap();
    let builder = Client::azure().env(|_| None).endpoint(format!("http://{}", server.address())).api_version("v");
    let client = configure(builder).build().unwrap();
    run(async { converse(&client).await.unwrap() });
    let handshakes = server.handshakes();
    assert_eq!(handshakes.len(), 2);
    for handshake in &handshakes {
        assert_eq!((handshake.target.as_str(), ["api-key", "authorization"].map(|name| handshake.header(name))), (target, credentials));
    }
}

#[test]
fn a_connection_to_azure_names_its_deployment_and_has_one_credential() {
    let by_model = "/openai/realtime?api-version=v&deployment=gpt-r";
    check_azure(|b| b.api_key("k"), by_model, [Some("k"), None]);
    check_azure(|b| b.token("t"), by_model, [None, Some("Bearer t")]);
    check_azure(|b| b.api_key_provider(|| async { Ok("fresh".to_owned()) }), by_model, [Some("fresh"), None]);
    check_azure(|b| b.token_provider(|| async { Ok("fresh".to_owned()) }), by_model, [None, Some("Bearer fresh")]);
    check_azure(|b| b.deployment("d").api_key("k"), "/openai/realtime?api-version=v&deployment=d", [Some("k"), None]);
}
