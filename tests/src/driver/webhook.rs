//! `webhook`: a body and its headers, checked and turned into an event.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openai::{JsonModel, Webhooks};
use serde_json::{Value, json};

use super::client::{configured, pairs, plain, seconds};
use super::{Answer, Failure, optional, text};

/// What was posted.
struct Posted {
    webhooks: Webhooks,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// The event.
pub(super) fn webhook(line: &Value) -> Result<Answer, Failure> {
    let Posted { webhooks, headers, body } = posted(line)?;
    let event = webhooks.unwrap(body, &headers)?;
    Ok([("value".to_owned(), event.to_value())].into_iter().collect())
}

/// The signature alone. For the corpus.
pub(crate) fn verify(line: &Value) -> Result<Answer, Failure> {
    let Posted { webhooks, headers, body } = posted(line)?;
    webhooks.verify_signature(body, &headers)?;
    Ok([("value".to_owned(), Value::Null)].into_iter().collect())
}

fn posted(line: &Value) -> Result<Posted, Failure> {
    let mut client = optional(line, "client").cloned().unwrap_or_else(|| json!({}));
    client["api_key"] = "k".into();
    client["fake_time"] = json!({ "now_unix": line["now_unix"] });
    let mut webhooks = configured(&json!({ "client": client }))?.client.webhooks();
    if let Some(secret) = optional(line, "secret") {
        webhooks = webhooks.secret(plain(secret));
    }
    if let Some(tolerance) = optional(line, "tolerance_s") {
        webhooks = webhooks.tolerance(seconds(tolerance)?);
    }
    let headers = pairs(&line["headers"])?.into_iter().filter_map(|(name, value)| Some((name, plain(&value?)))).collect();
    let body = match optional(line, "body_b64").and_then(Value::as_str) {
        Some(encoded) => STANDARD.decode(encoded).map_err(|error| Failure::driver(format!("body_b64: {error}")))?,
        None => text(line, "body")?.into(),
    };
    Ok(Posted { webhooks, headers, body })
}
