//! No API key: a pod in Kubernetes, or a machine in a cloud, shows who it is and gets tokens for that.
//!
//! `cargo run --example workload_identity`

use openai::{AzureManagedIdentity, Client, KubernetesToken, Result, WorkloadIdentity};

#[tokio::main]
async fn main() -> Result<()> {
    dotenvy::dotenv().ok();
    // The token that the cluster mounts into the pod, read anew whenever it is needed. `WorkloadIdentity::kubernetes` knows where it usually is.
    let identity = match std::env::var("TOKEN_FILE") {
        Ok(path) => WorkloadIdentity::new("idp-123", "sa-456", KubernetesToken::at(path)),
        Err(_) => WorkloadIdentity::kubernetes("idp-123", "sa-456"),
    };
    // A gateway that exchanges tokens in place of OpenAI.
    let identity = match std::env::var("TOKEN_ENDPOINT") {
        Ok(url) => identity.token_endpoint(url),
        Err(_) => identity,
    };
    let client = Client::builder().workload_identity(identity).build()?;
    match client.models().list().await {
        Ok(models) => println!("{} models", models.data.len()),
        Err(error) if error.is_oauth() => println!("no token: {error} ({:?})", error.oauth_error()),
        Err(error) => return Err(error),
    }

    // One of several identities of an Azure machine, and a provider of one's own.
    let _azure = WorkloadIdentity::new("idp-123", "sa-456", AzureManagedIdentity::new().client_id("00000000-0000-0000-0000-000000000000"));
    let _own = WorkloadIdentity::new("idp-123", "sa-456", || async { Ok("a JSON web token".to_owned()) });
    Ok(())
}
