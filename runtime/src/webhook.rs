//! Webhooks: whether what was posted is genuine, by the rules of Standard Webhooks (contract 10). Pure: the time is handed in. Knows no event.

mod headers;
#[cfg(test)]
mod tests;

use std::error::Error as StdError;
use std::fmt;
use std::num::IntErrorKind;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::{Error, ErrorKind, Result};
pub use headers::WebhookHeaders;

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// How old a webhook may be, and how far ahead its clock, unless another [`tolerance`](WebhookVerifier::tolerance) is set.
const DEFAULT_TOLERANCE: Duration = Duration::from_secs(300);

/// Tells genuine webhooks from others: by the secrets that they may be signed with and the age that they may have. It needs no client.
///
/// Give it the body as it arrived, byte for byte: JSON that was decoded and encoded again has another signature.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use openai_runtime::WebhookVerifier;
///
/// # fn main() -> openai_runtime::Result<()> {
/// let verifier = WebhookVerifier::new("whsec_cnVzdC1zZGstY29udHJhY3QtdmVjdG9yLWtleS0wMDE=")?;
/// let body = r#"{"id":"evt_test_1","object":"event","created_at":1700000000,"type":"response.completed","data":{"id":"resp_1"}}"#;
/// let headers = [
///     ("Webhook-Id", "evt_test_1"),
///     ("Webhook-Timestamp", "1700000000"),
///     ("Webhook-Signature", "v1,3ombhJzT16npcZPcycbKFzuZjORlutO+TsQUwm169xg="),
/// ];
/// let arrived = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_010);
/// verifier.verify_at(body, &headers, arrived)?;
/// assert!(verifier.verify_at("{}", &headers, arrived).unwrap_err().is_webhook());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WebhookVerifier {
    keys: Vec<Hmac<Sha256>>,
    tolerance: Duration,
}

impl WebhookVerifier {
    /// A verifier for one secret: `whsec_` and base64, as the dashboard shows it, or any other text.
    ///
    /// # Errors
    /// When the secret is empty, or begins with `whsec_` and is not base64 after that.
    pub fn new(secret: impl AsRef<str>) -> Result<Self> {
        Ok(Self { keys: vec![key_of(secret.as_ref())?], tolerance: DEFAULT_TOLERANCE })
    }

    /// Accepts another secret as well. While secrets are rotated, webhooks signed with either of them arrive.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn or_secret(mut self, secret: impl AsRef<str>) -> Result<Self> {
        self.keys.push(key_of(secret.as_ref())?);
        Ok(self)
    }

    /// How far the webhook's time may be from now, in both directions. Default: five minutes. Webhooks that are older may be replayed by somebody
    /// who overheard them.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Checks a webhook that arrived now.
    ///
    /// # Errors
    /// When it is not genuine ([`is_webhook`](Error::is_webhook)); [`webhook_fault`](Error::webhook_fault) says why.
    pub fn verify(&self, body: impl AsRef<[u8]>, headers: &(impl WebhookHeaders + ?Sized)) -> Result<()> {
        self.verify_at(body, headers, SystemTime::now())
    }

    /// Checks a webhook that arrived at the given time.
    ///
    /// # Errors
    /// Those of [`verify`](Self::verify).
    pub fn verify_at(&self, body: impl AsRef<[u8]>, headers: &(impl WebhookHeaders + ?Sized), now: SystemTime) -> Result<()> {
        self.check(body.as_ref(), headers, now).map_err(Error::from)
    }

    /// Contract 10.3, in its order.
    fn check(&self, body: &[u8], headers: &(impl WebhookHeaders + ?Sized), now: SystemTime) -> Result<(), WebhookFault> {
        let header = |name| headers.value(name).ok_or(WebhookFault::MissingHeader(name));
        let (signatures, timestamp, id) = (header(SIGNATURE)?, header(TIMESTAMP)?, header(ID)?);
        self.check_time(timestamp, now)?;
        let given: Vec<Vec<u8>> = signatures.split(u8::is_ascii_whitespace).filter_map(signature_of).collect();
        let is_genuine = self.keys.iter().any(|key| {
            // The timestamp is signed as it was written. However many signatures there are, the body is hashed once.
            let signed = [id, b".", timestamp, b".", body].into_iter().fold(key.clone(), Mac::chain_update);
            // `verify_slice` takes as long for a wrong signature as for the right one.
            given.iter().any(|signature| signed.clone().verify_slice(signature).is_ok())
        });
        if is_genuine { Ok(()) } else { Err(WebhookFault::Mismatch) }
    }

    fn check_time(&self, timestamp: &[u8], now: SystemTime) -> Result<(), WebhookFault> {
        let text = std::str::from_utf8(timestamp).map_err(|_| WebhookFault::InvalidTimestamp)?;
        let timestamp = text.trim().parse::<i64>().map_err(|error| match error.kind() {
            IntErrorKind::PosOverflow => WebhookFault::TooNew,
            IntErrorKind::NegOverflow => WebhookFault::TooOld,
            _ => WebhookFault::InvalidTimestamp,
        })?;
        let age = unix_seconds(now).saturating_sub(timestamp);
        match Duration::from_secs(age.unsigned_abs()) > self.tolerance {
            false => Ok(()),
            true if age > 0 => Err(WebhookFault::TooOld),
            true => Err(WebhookFault::TooNew),
        }
    }
}

/// The name under which the sender knows a webhook (`webhook-id`). One that is delivered twice has the same: keep those that were dealt with.
pub fn webhook_id(headers: &(impl WebhookHeaders + ?Sized)) -> Option<&str> {
    headers.value(ID).and_then(|id| std::str::from_utf8(id).ok())
}

/// The whole seconds since 1970.
fn unix_seconds(time: SystemTime) -> i64 {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => -seconds(before.duration()),
    }
}

/// One signature of the header, with or without its version; None where it cannot be one.
fn signature_of(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(text.strip_prefix(b"v1,").unwrap_or(text)).ok()
}

fn key_of(secret: &str) -> Result<Hmac<Sha256>> {
    let key = match secret.strip_prefix("whsec_") {
        None => secret.as_bytes().to_vec(),
        Some(encoded) => {
            let encoded: String = encoded.split_ascii_whitespace().collect();
            // Neither the error nor its source is shown: they quote a byte of the secret.
            STANDARD.decode(encoded).map_err(|_| Error::argument("the webhook secret is not base64 after `whsec_`"))?
        }
    };
    if key.is_empty() {
        return Err(Error::argument("the webhook secret is empty"));
    }
    Hmac::new_from_slice(&key).map_err(|_| Error::argument("the webhook secret cannot be a key"))
}

/// Shows no secret.
impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier").field("secrets", &self.keys.len()).field("tolerance", &self.tolerance).finish()
    }
}

/// Why a webhook is not taken for genuine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookFault {
    /// It lacks this header.
    MissingHeader(&'static str),
    /// Its timestamp is no number of seconds.
    InvalidTimestamp,
    /// It is older than the tolerance allows: it was held up, or is replayed.
    TooOld,
    /// It is from further in the future than the tolerance allows: one of the clocks is wrong.
    TooNew,
    /// None of its signatures is that of one of the secrets: the secret is another, the body was changed, or somebody made it up.
    Mismatch,
}

impl fmt::Display for WebhookFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader(name) => write!(f, "the header {name} is missing"),
            Self::InvalidTimestamp => f.write_str("the timestamp is not a number of seconds"),
            Self::TooOld => f.write_str("the timestamp is too old"),
            Self::TooNew => f.write_str("the timestamp is too new"),
            Self::Mismatch => f.write_str("no signature matches"),
        }
    }
}

impl StdError for WebhookFault {}

impl From<WebhookFault> for Error {
    fn from(fault: WebhookFault) -> Self {
        Self::new(ErrorKind::Webhook, fault.to_string()).with_source(fault)
    }
}

impl Error {
    /// Why a webhook was not taken for genuine.
    pub fn webhook_fault(&self) -> Option<WebhookFault> {
        self.source()?.downcast_ref().copied()
    }
}
