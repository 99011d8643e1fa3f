//! Azure OpenAI, with a key from the environment or with tokens of Microsoft Entra ID.
//!
//! `AZURE_OPENAI_ENDPOINT=… AZURE_OPENAI_API_KEY=… cargo run --example azure`

use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};
use openai::{Client, Error, Result};

#[tokio::main]
async fn main() -> Result<()> {
    dotenvy::dotenv().ok();
    // The endpoint comes from AZURE_OPENAI_ENDPOINT. An endpoint that ends in /openai/v1 is the service's v1 surface, and needs no version.
    let client = Client::azure().api_version("2025-01-01-preview").build()?;
    ask(&client).await?;

    // Asked before every attempt. With the feature `azure-identity`, a credential of that crate does it, and its tokens are kept until shortly before their end:
    //     Client::azure().credential(azure_identity::ManagedIdentityCredential::new(None)?)
    let entra = Client::azure().api_version("2025-01-01-preview").token_provider(token).build()?;
    ask(&entra).await
}

async fn token() -> Result<String> {
    std::env::var("ENTRA_TOKEN").map_err(|_| Error::argument("ENTRA_TOKEN is not set"))
}

async fn ask(client: &Client) -> Result<()> {
    // The model is the name of the deployment.
    let params = ChatCompletionCreateParams::new("my-deployment", [ChatMessage::user("Say hello.")]);
    let completion = client.chat().completions().create(params).await?;
    println!("{}", completion.choices[0].message.content.as_deref().unwrap_or_default());
    Ok(())
}
