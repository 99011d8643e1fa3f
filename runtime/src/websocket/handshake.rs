//! From a client and an operation to an open connection: the request is the one that a call would send, and what the server refuses is the same error
//! (contract 9.2). Knows no frame.

use std::pin::pin;
use std::time::Duration;

use http::header::{
    AUTHORIZATION, CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::socket::{Buffering, derive_accept_key, generate_key};
use crate::call::{Origin, race, refused, transport_error};
use crate::client::Client;
use crate::client::config::Config;
use crate::error::{Error, ErrorKind, Result};
use crate::request::{PreparedRequest, redirect};
use crate::response::ResponseMeta;
use crate::trace::CallSpan;
use crate::transport::{Duplex, RequestBody, Upgrade};

/// How long a handshake may take when nothing else is said.
const LIMIT: Duration = Duration::from_secs(10);
/// At most this many redirects in a row.
const MOST_REDIRECTS: u32 = 10;

/// A connection that the server has agreed to.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) meta: ResponseMeta,
    pub(super) connection: Duplex,
    pub(super) buffering: Buffering,
}

/// The request for a connection, but for what changes with each attempt.
pub(super) fn prepare(origin: &Origin) -> Result<PreparedRequest> {
    let config = origin.client.config()?.for_websockets()?;
    prepare_with(origin, &config)
}

fn prepare_with(origin: &Origin, config: &Config) -> Result<PreparedRequest> {
    let mut request = origin.draft.prepare(config)?;
    request.headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    request.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    request.headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    Ok(request)
}

/// Opens the connection, with a fresh credential. Nothing is tried twice, but for a token that the server rejects.
pub(super) async fn open(origin: &Origin) -> Result<Opened> {
    let client = &origin.client;
    let config = client.config()?.for_websockets()?;
    let request = prepare_with(origin, &config)?;
    let own = origin.draft.timeout.map(|timeout| timeout.read_limit());
    let limit = own.unwrap_or_else(|| Some(config.timeout.read_limit().map_or(LIMIT, |limit| limit.min(LIMIT))));
    let span = CallSpan::new(&origin.draft, &config, &request);
    let attempt = async {
        let attempt = attempts(origin, &config, &request);
        let Some(limit) = limit else { return attempt.await };
        match race(pin!(attempt), || client.time().timer(limit)).await {
            Some(result) => result,
            None => Err(Error::new(ErrorKind::Timeout, format!("the server did not open the WebSocket within {limit:?}"))),
        }
    };
    let opened = span.scope(attempt).await.inspect_err(|error| span.failed(error))?;
    span.answered(&opened.meta, None);
    Ok(opened)
}

async fn attempts(origin: &Origin, config: &Config, request: &PreparedRequest) -> Result<Opened> {
    let mut renewed = false;
    loop {
        let signed = request.signed(&origin.client, 0).await?;
        let shown = config.provider.as_ref().and_then(|_| signed.headers().get(AUTHORIZATION).cloned());
        match exchange(&origin.client, signed).await {
            Err(error)
                if error.status() == Some(StatusCode::UNAUTHORIZED)
                    && !std::mem::replace(&mut renewed, true)
                    && request.sign.provider(config).is_some_and(|provider| provider.rejected(shown.as_ref())) => {}
            result => return result,
        }
    }
}

/// Sends the request, and again where it is redirected to, which may only be the same origin: it carries a credential.
async fn exchange(client: &Client, mut request: http::Request<RequestBody>) -> Result<Opened> {
    let started = client.time().monotonic();
    for _ in 0..=MOST_REDIRECTS {
        let key = generate_key();
        let value = HeaderValue::try_from(&key).map_err(|e| Error::argument("the key of the handshake cannot be sent").with_source(e))?;
        request.headers_mut().insert(SEC_WEBSOCKET_KEY, value);
        let url = request.uri().to_string();
        let response = client.shared().transport().upgrade(request.clone()).await.map_err(transport_error)?;
        let (head, outcome) = response.into_parts();
        let meta = ResponseMeta::new(head.status, head.headers, 0, client.time().monotonic().saturating_sub(started));
        let body = match outcome {
            Upgrade::Switched(connection) => {
                check(meta.headers(), &key).map_err(|error| error.with_meta(meta.clone()))?;
                let buffering = if url.starts_with("https:") { Buffering::Held } else { Buffering::Through };
                return Ok(Opened { meta, connection, buffering });
            }
            Upgrade::Refused(body) => body,
        };
        let Some(redirect) = redirect::follow(request.method(), request.uri(), meta.status(), meta.headers()) else {
            return Err(refused(client, meta, body).await);
        };
        if !is_same_origin(&url, &redirect.url) {
            let message = "the server redirected the WebSocket to another origin, where the credential must not go";
            return Err(Error::new(ErrorKind::WebSocket, message).with_meta(meta));
        }
        *request.uri_mut() = redirect.url.parse().map_err(|e| Error::argument("the redirect cannot be followed").with_source(e))?;
    }
    Err(Error::new(ErrorKind::Connection, format!("the server redirected the WebSocket more than {MOST_REDIRECTS} times")))
}

fn is_same_origin(one: &str, other: &str) -> bool {
    match (url::Url::parse(one), url::Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin() == other.origin(),
        _ => false,
    }
}

/// Whether the server speaks the protocol that was asked for (RFC 6455, 4.1).
fn check(headers: &HeaderMap, key: &str) -> Result<()> {
    let says = |name, expect: &str| headers.get(name).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(expect.as_bytes()));
    let fault = if !says(UPGRADE, "websocket") {
        "it switched to something else"
    } else if headers.get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes) != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        "its answer does not belong to the request"
    } else if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        "it uses an extension that was not asked for"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::WebSocket, format!("the server does not speak WebSocket: {fault}")))
}
