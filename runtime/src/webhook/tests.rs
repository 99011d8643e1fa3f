//! Signatures, times, secrets and headers, each case a line.

use std::collections::{BTreeMap, HashMap};

use super::*;

const SECRET: &str = "whsec_cnVzdC1zZGstY29udHJhY3QtdmVjdG9yLWtleS0wMDE=";
const BODY: &str = r#"{"id":"evt_test_1","object":"event","created_at":1700000000,"type":"response.completed","data":{"id":"resp_1"}}"#;
const GENUINE: &str = "v1,3ombhJzT16npcZPcycbKFzuZjORlutO+TsQUwm169xg=";
const SENT: i64 = 1_700_000_000;

fn at(seconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs())
}

fn headers(timestamp: &str, signature: &str) -> Vec<(&'static str, String)> {
    vec![("webhook-id", "evt_test_1".into()), ("webhook-timestamp", timestamp.into()), ("webhook-signature", signature.into())]
}

fn verifier() -> WebhookVerifier {
    WebhookVerifier::new(SECRET).unwrap()
}

/// The signature that a secret makes for a timestamp.
fn signed(secret: &str, timestamp: &str) -> String {
    let mac = key_of(secret).unwrap().chain_update("evt_test_1.").chain_update(timestamp).chain_update(".").chain_update(BODY);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[track_caller]
fn check(timestamp: &str, signature: &str, now: i64, expect: Result<(), WebhookFault>) {
    let found = verifier().verify_at(BODY, &headers(timestamp, signature), at(now));
    assert_eq!(found.map_err(|error| error.webhook_fault().unwrap()), expect, "{timestamp:?} {signature:?} at {now}");
}

#[test]
fn the_time_counts_up_to_the_tolerance_in_both_directions() {
    use WebhookFault::{InvalidTimestamp, TooNew, TooOld};
    for (now, expect) in [(300, Ok(())), (-300, Ok(())), (301, Err(TooOld)), (-301, Err(TooNew))] {
        check("1700000000", GENUINE, SENT + now, expect);
    }
    for text in ["", " ", "soon", "1700000000.5", "1_700_000_000", "0x10", "١٧٠٠٠٠٠٠٠٠"] {
        check(text, GENUINE, SENT, Err(InvalidTimestamp));
    }
    check("99999999999999999999", GENUINE, SENT, Err(TooNew));
    check("-99999999999999999999", GENUINE, SENT, Err(TooOld));
    check("-9223372036854775808", GENUINE, SENT, Err(TooOld));
}

#[test]
fn the_timestamp_is_signed_as_it_is_written() {
    for text in [" 1700000000 ", "+1700000000", "01700000000", "1700000000\n"] {
        check(text, &signed(SECRET, text), SENT, Ok(()));
        check(text, GENUINE, SENT, Err(WebhookFault::Mismatch));
    }
}

#[test]
fn a_tolerance_of_nothing_is_the_same_second() {
    let verifier = verifier().tolerance(Duration::ZERO);
    let found = |now: i64| verifier.verify_at(BODY, &headers("1700000000", GENUINE), at(now)).map_err(|e| e.webhook_fault());
    assert_eq!(found(SENT), Ok(()));
    assert_eq!(found(SENT + 1), Err(Some(WebhookFault::TooOld)));
    assert_eq!(found(SENT - 1), Err(Some(WebhookFault::TooNew)));
}

#[test]
fn one_good_signature_is_enough() {
    let bare = GENUINE.trim_start_matches("v1,");
    for good in [bare, &format!("v1,bad {GENUINE}"), &format!("v1a,xyz\t{GENUINE} v2,zzz"), &format!("v1, {bare}"), &format!("é {GENUINE}")]
    {
        check("1700000000", good, SENT, Ok(()));
    }
    let unpadded = GENUINE.trim_end_matches('=');
    let url_safe = GENUINE.replace('+', "-");
    for bad in ["", "v1,", "v1,v1,", "v1,AAAA", unpadded, &url_safe, &format!("v2,{bare}"), &format!("v1,AAAA,{GENUINE}"), "v1,é"] {
        check("1700000000", bad, SENT, Err(WebhookFault::Mismatch));
    }
}

#[test]
fn secrets_are_rotated_without_a_gap() {
    let verifier = WebhookVerifier::new("new").unwrap().or_secret(SECRET).unwrap();
    for secret in ["new", SECRET] {
        verifier.verify_at(BODY, &headers("1700000000", &signed(secret, "1700000000")), at(SENT)).unwrap();
    }
    let error = verifier.verify_at(BODY, &headers("1700000000", &signed("other", "1700000000")), at(SENT)).unwrap_err();
    assert_eq!(error.webhook_fault(), Some(WebhookFault::Mismatch));
}

#[test]
fn secrets_that_cannot_be_one_are_refused_and_never_shown() {
    for bad in ["", "whsec_", "whsec_c2VjcmV0cw", "whsec_!secret!"] {
        let error = WebhookVerifier::new(bad).unwrap_err();
        assert!(error.is_argument() && !format!("{error} {error:?}").contains("c2Vj"), "{error:?}");
    }
    assert!(WebhookVerifier::new("whsec_c2Vj\n cmV0").is_ok(), "space may come from copying");
    assert_eq!(format!("{:?}", WebhookVerifier::new("plain").unwrap()), "WebhookVerifier { secrets: 1, tolerance: 300s }");
}

#[test]
fn bodies_are_signed_as_bytes() {
    let body = b"{\"x\":\"\xff\"}";
    let mac = key_of(SECRET).unwrap().chain_update("evt_test_1.1700000000.").chain_update(body);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    verifier().verify_at(body, &headers("1700000000", &signature), at(SENT)).unwrap();
}

#[test]
fn headers_come_in_any_form_and_case() {
    let pairs =
        [("Webhook-ID", "evt_test_1"), ("WEBHOOK-TIMESTAMP", "1700000000"), ("webhook-signature", GENUINE), ("webhook-id", "other")];
    let map: http::HeaderMap =
        pairs.iter().rev().skip(1).map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap())).collect();
    let hash: HashMap<String, String> = pairs.iter().take(3).map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let tree: BTreeMap<&str, Vec<u8>> = pairs.iter().take(3).map(|(n, v)| (*n, v.as_bytes().to_vec())).collect();
    let verifier = verifier();
    verifier.verify_at(BODY, &pairs, at(SENT)).unwrap();
    verifier.verify_at(BODY, &pairs[..], at(SENT)).unwrap();
    verifier.verify_at(BODY, &pairs.to_vec(), at(SENT)).unwrap();
    verifier.verify_at(BODY, &map, at(SENT)).unwrap();
    verifier.verify_at(BODY, &hash, at(SENT)).unwrap();
    verifier.verify_at(BODY, &tree, at(SENT)).unwrap();
    assert_eq!((webhook_id(&map), webhook_id(&hash)), (Some("evt_test_1"), Some("evt_test_1")));
    for missing in ["webhook-signature", "webhook-timestamp", "webhook-id"] {
        let mut map = map.clone();
        map.remove(missing);
        let error = verifier.verify_at(BODY, &map, at(SENT)).unwrap_err();
        assert!(error.is_webhook());
        assert_eq!(error.webhook_fault(), Some(WebhookFault::MissingHeader(missing)));
    }
}
