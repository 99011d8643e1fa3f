//! What is particular to a service: Azure's settings, and the credentials of the API itself.

use openai::{Azure, Client, ClientBuilder, KubernetesToken, SubjectTokenType, WorkloadIdentity};
use serde_json::Value;

use super::super::{Failure, optional, text};
use super::seconds;

/// The keys that [`direct`] reads.
pub(super) const DIRECT: &[&str] = &["admin_api_key", "data_residency", "workload_identity"];

/// Azure's settings, by their names in Python or without the `azure_`.
pub(super) fn azure(mut builder: ClientBuilder<Client, Azure>, settings: &Value) -> Result<ClientBuilder<Client, Azure>, Failure> {
    let members = settings.as_object().ok_or_else(|| Failure::driver("`azure` is an object"))?;
    for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        let value = value.as_str().ok_or_else(|| Failure::driver(format!("`{key}` is a text")))?;
        builder = match key.trim_start_matches("azure_") {
            "endpoint" => builder.endpoint(value),
            "deployment" => builder.deployment(value),
            "api_version" => builder.api_version(value),
            "api_key" => builder.api_key(value),
            "ad_token" => builder.token(value),
            "base_url" => builder.base_url(value),
            _ => return Err(Failure::driver(format!("the option `{key}` of Azure is not known"))),
        };
    }
    Ok(builder)
}

/// The credentials and the region of the API itself.
pub(super) fn direct(mut builder: ClientBuilder<Client>, config: &Value) -> Result<ClientBuilder<Client>, Failure> {
    if optional(config, "admin_api_key").is_some() {
        builder = builder.admin_api_key(text(config, "admin_api_key")?);
    }
    if optional(config, "data_residency").is_some() {
        builder = builder.data_residency(text(config, "data_residency")?.parse()?);
    }
    match optional(config, "workload_identity") {
        Some(identity) => Ok(builder.workload_identity(workload_identity(identity)?)),
        None => Ok(builder),
    }
}

/// An identity that shows a token given as `subject_token`, that in the file `token_path`, or (`"type": "x509"`) a certificate.
fn workload_identity(described: &Value) -> Result<WorkloadIdentity, Failure> {
    let ids = (text(described, "identity_provider_id")?, text(described, "service_account_id")?);
    let mut identity = match (described["type"].as_str(), optional(described, "subject_token")) {
        (Some("x509"), _) => WorkloadIdentity::x509(ids.0, ids.1),
        (_, Some(_)) => {
            let token = text(described, "subject_token")?.to_owned();
            WorkloadIdentity::new(ids.0, ids.1, move || std::future::ready(Ok(token.clone())))
        }
        _ => WorkloadIdentity::new(ids.0, ids.1, KubernetesToken::at(text(described, "token_path")?)),
    };
    match described["token_type"].as_str() {
        None | Some("jwt") => {}
        Some("id") => identity = identity.token_type(SubjectTokenType::Id),
        Some(other) => return Err(Failure::argument(format!("there are no subject tokens of type {other:?}"))),
    }
    if let Some(buffer) = optional(described, "refresh_buffer_seconds") {
        identity = identity.refresh_buffer(seconds(buffer)?);
    }
    if optional(described, "token_endpoint").is_some() {
        identity = identity.token_endpoint(text(described, "token_endpoint")?);
    }
    Ok(identity)
}
