//! AWS Signature Version 4, by AWS's own crate: which headers are signed, and the digest of a body however long it is. The only place that imports
//! `aws-sigv4`, `aws-credential-types` and `sha2`.

use std::borrow::Cow;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign as signature};
use aws_sigv4::sign::v4::SigningParams;
use futures_core::Stream;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Request};
use sha2::{Digest, Sha256};

use super::AwsCredentials;
use crate::error::{Error, Result};
use crate::transport::RequestBody;

/// What an earlier attempt was signed with.
const OWN_HEADERS: [HeaderName; 4] = [
    AUTHORIZATION,
    HeaderName::from_static("x-amz-content-sha256"),
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("x-amz-security-token"),
];

/// What is not signed besides what AWS's crate leaves out: what proxies take away or change on the way, and what tells traces apart (the list of botocore).
const UNSIGNED_HEADERS: [&str; 12] = [
    "baggage",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "upgrade",
    "x-amzn-trace-id",
];

/// Signs a request at this time.
pub(super) async fn sign(
    request: &mut Request<RequestBody>,
    keys: &AwsCredentials,
    region: &str,
    service: &str,
    now: SystemTime,
) -> Result<()> {
    for name in &OWN_HEADERS {
        request.headers_mut().remove(name);
    }
    let digest = digest(request.body()).await?;
    let identity = Credentials::new(&keys.access_key_id, &keys.secret_access_key, keys.session_token.clone(), None, "openai").into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings.excluded_headers.get_or_insert_default().extend(UNSIGNED_HEADERS.map(Cow::Borrowed));
    let params = SigningParams::builder().identity(&identity).region(region).name(service).time(now).settings(settings).build();
    let params = params.map_err(|e| unsigned(&e.to_string()))?.into();
    let instructions = {
        let headers = request.headers().iter().map(|(name, value)| Ok((name.as_str(), value.to_str().map_err(|_| name)?)));
        let headers = headers.collect::<Result<Vec<_>, &HeaderName>>();
        let headers = headers.map_err(|name| unsigned(&format!("the header {name} has characters that are not ASCII")))?;
        let url = request.uri().to_string();
        let signable = SignableRequest::new(request.method().as_str(), url, headers.into_iter(), SignableBody::Precomputed(digest));
        let output = signable.and_then(|signable| signature(signable, &params)).map_err(|e| unsigned(&e.to_string()))?;
        output.into_parts().0
    };
    for header in instructions.into_parts().0 {
        let mut value = HeaderValue::from_str(header.value()).map_err(|_| unsigned("a key has characters that cannot be sent"))?;
        value.set_sensitive(header.sensitive() || header.name().eq_ignore_ascii_case("authorization"));
        request.headers_mut().insert(HeaderName::from_static(header.name()), value);
    }
    Ok(())
}

fn unsigned(why: &str) -> Error {
    Error::argument(format!("the request cannot be signed: {why}"))
}

/// The digest of the whole body in hexadecimal. It is read for this once more than it is sent; observers of uploads are not told.
async fn digest(body: &RequestBody) -> Result<String> {
    let mut hasher = Sha256::new();
    let mut chunks = body.unobserved().into_stream();
    while let Some(chunk) = poll_fn(|cx| Pin::new(&mut chunks).poll_next(cx)).await {
        hasher.update(chunk.map_err(|e| unsigned(&format!("its body cannot be read: {e}")))?);
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
