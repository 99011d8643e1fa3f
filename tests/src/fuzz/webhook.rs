//! Webhooks: whatever is posted with whatever headers, it is taken only if it was signed with the secret.

use std::time::{Duration, SystemTime};

use openai::{WebhookFault, WebhookVerifier};

const SECRET: &str = "whsec_cnVzdC1zZGstY29udHJhY3QtdmVjdG9yLWtleS0wMDE=";
const NOW: u64 = 1_700_000_000;

/// A genuine webhook: id, timestamp, signature, body.
const GENUINE: [&[u8]; 4] = [
    b"evt_test_1",
    b"1700000000",
    b"3ombhJzT16npcZPcycbKFzuZjORlutO+TsQUwm169xg=",
    br#"{"id":"evt_test_1","object":"event","created_at":1700000000,"type":"response.completed","data":{"id":"resp_1"}}"#,
];

/// Id, timestamp and signatures on a line each, and the body after them.
pub(super) fn webhook(input: &[u8]) {
    let mut lines = input.splitn(4, |byte| *byte == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let (id, timestamp, signatures, body) = (next(), next(), next(), next());
    let headers = [("webhook-id", id), ("Webhook-Timestamp", timestamp), ("WEBHOOK-SIGNATURE", signatures)];
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let verifier = WebhookVerifier::new(SECRET).expect("a secret");
    let found = verifier.verify_at(body, &headers, now);
    let is_signed = signatures.split(u8::is_ascii_whitespace).any(|part| part.strip_prefix(b"v1,").unwrap_or(part) == GENUINE[2]);
    let is_genuine = is_signed && [id, timestamp, body] == [GENUINE[0], GENUINE[1], GENUINE[3]];
    match found {
        Ok(()) => assert!(is_genuine, "it takes what was not signed"),
        Err(error) => {
            let fault = error.webhook_fault().expect("a fault of the webhook");
            assert!(!is_genuine && !matches!(fault, WebhookFault::MissingHeader(_)), "{fault}");
        }
    }
    // Another secret takes nothing of it, however old it may be.
    let other = WebhookVerifier::new("other").expect("a secret").tolerance(Duration::MAX);
    let error = other.verify_at(body, &headers, now).expect_err("nobody signed with this secret");
    assert!(matches!(
        error.webhook_fault(),
        Some(WebhookFault::Mismatch | WebhookFault::InvalidTimestamp | WebhookFault::TooNew | WebhookFault::TooOld)
    ));
}
