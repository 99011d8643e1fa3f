//! The exchange of what a workload shows for a token of the API (RFC 8693; contract 2.11, 8.5, 8.8). Knows nothing of who waits for it.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, Request};
use serde_json::{Value, json};

use super::{MTLS_TOKEN_ENDPOINT, Subject, TOKEN_ENDPOINT, WorkloadIdentity};
use crate::credential::bearer;
use crate::error::{Error, ErrorKind, Result};
use crate::provider::renewed::Issued;
use crate::provider::subject::filled;
use crate::provider::{Answered, Link};
use crate::response::ResponseMeta;
use crate::retry;
use crate::transport::RequestBody;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const CERTIFICATE: &str = "urn:openai:params:oauth:token-type:x509";
const TIMEOUT: Duration = Duration::from_secs(10);
/// However often the call itself may be repeated.
const MOST_RETRIES: u32 = 2;

/// Why an attempt brought no token.
enum Failed {
    /// Another would bring none either.
    Finally(Error),
    /// Another may: after the wait that these headers ask for.
    For(Error, HeaderMap),
}

/// Gets a token. What may pass (a broken connection, a server that is overloaded) is tried again.
pub(super) async fn exchange(identity: &WorkloadIdentity, link: &Link) -> Result<Issued<HeaderValue>> {
    let time = link.time();
    let most = link.max_retries().min(MOST_RETRIES);
    let mut taken = 0;
    loop {
        let (error, headers) = match attempt(identity, link, taken).await {
            Ok(issued) => return Ok(issued),
            Err(Failed::Finally(error)) => return Err(error),
            Err(Failed::For(error, headers)) => (error, headers),
        };
        let delay = retry::exchange_delay(&headers, taken, time.jitter(), time.now());
        let Some(delay) = delay.filter(|_| taken < most) else { return Err(error) };
        time.sleep(delay).await;
        taken += 1;
    }
}

async fn attempt(identity: &WorkloadIdentity, link: &Link, taken: u32) -> Result<Issued<HeaderValue>, Failed> {
    let body = body(identity, link).await.map_err(Failed::Finally)?;
    let request = request(identity, &body).map_err(Failed::Finally)?;
    let sent = link.time().monotonic();
    let answer = match link.send(request, TIMEOUT).await {
        Ok(answer) => answer,
        Err(error) if error.is_connection() || error.is_timeout() => return Err(Failed::For(error, HeaderMap::new())),
        Err(error) => return Err(Failed::Finally(error)),
    };
    let elapsed = link.time().monotonic().saturating_sub(sent);
    let meta = ResponseMeta::new(answer.status, answer.headers.clone(), taken, elapsed);
    match answer.status.as_u16() {
        200..=299 => issued(identity, &answer, sent).map_err(|why| Failed::Finally(Error::new(ErrorKind::OAuth, why).with_meta(meta))),
        400 | 401 | 403 => Err(Failed::Finally(Error::oauth(meta, refusal(identity, &answer)))),
        status => {
            let error = Error::new(ErrorKind::OAuth, format!("the token exchange failed with status {status}")).with_meta(meta);
            Err(if matches!(status, 408 | 409 | 429 | 500..) { Failed::For(error, answer.headers) } else { Failed::Finally(error) })
        }
    }
}

/// What is sent: the subject token is got anew for every attempt, because it expires, too.
async fn body(identity: &WorkloadIdentity, link: &Link) -> Result<Value> {
    let mut body = json!({ "grant_type": GRANT_TYPE });
    match &identity.subject {
        Subject::Certificate => body["subject_token_type"] = CERTIFICATE.into(),
        Subject::Token { provider, token_type } => {
            let token = provider.token(link).await?;
            body["subject_token"] = filled(&token, || "the provider returned an empty one".to_owned())?.into();
            body["subject_token_type"] = token_type.urn().into();
        }
    }
    body["identity_provider_id"] = identity.identity_provider_id.as_str().into();
    body["service_account_id"] = identity.service_account_id.as_str().into();
    Ok(body)
}

fn request(identity: &WorkloadIdentity, body: &Value) -> Result<Request<RequestBody>> {
    let default = if identity.shows_certificate() { MTLS_TOKEN_ENDPOINT } else { TOKEN_ENDPOINT };
    let url = identity.token_endpoint.as_deref().unwrap_or(default);
    let mut request = Request::new(RequestBody::bytes(body.to_string()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = url.parse().map_err(|_| Error::argument("the token endpoint is no URL"))?;
    let headers = request.headers_mut();
    headers.insert(http::header::ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(request)
}

/// The body of a refusal. What the server says of a certificate may name its holder, and stays out of errors.
fn refusal(identity: &WorkloadIdentity, answer: &Answered) -> Option<Value> {
    let body = answer.json().ok()?;
    if !identity.shows_certificate() {
        return Some(body);
    }
    body.get("error").filter(|error| error.is_string()).map(|error| json!({ "error": error }))
}

/// The token of an answer; otherwise what is wrong with it.
fn issued(identity: &WorkloadIdentity, answer: &Answered, sent: Duration) -> Result<Issued<HeaderValue>, &'static str> {
    let body = answer.json().map_err(|_| "the answer to the token exchange is no JSON")?;
    let token = body["access_token"].as_str().filter(|token| !token.is_empty()).ok_or("the token exchange brought no access_token")?;
    if body.get("token_type").is_some_and(|kind| !kind.as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"))) {
        return Err("the token exchange brought a token that is not to be sent as a bearer token");
    }
    let seconds = body["expires_in"].as_f64().filter(|seconds| *seconds > 0.0);
    let life = seconds.ok_or("the token exchange brought no positive expires_in")?;
    // A number of seconds that no clock reaches is for ever.
    let life = Duration::try_from_secs_f64(life).unwrap_or(Duration::MAX);
    let credential = bearer(token, "the token").map_err(|_| "the token exchange brought an access_token that cannot be sent")?;
    Ok(Issued::lasting(credential, sent, life, identity.refresh_buffer))
}
