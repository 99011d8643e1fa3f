//! Amazon Bedrock, with a bearer token or with requests that are signed with keys of AWS.
//!
//! `AWS_REGION=… AWS_BEARER_TOKEN_BEDROCK=… cargo run --example bedrock --features bedrock`

use openai::types::responses::ResponseCreateParams;
use openai::{AwsCredentials, Client, Error, Result};

#[tokio::main]
async fn main() -> Result<()> {
    dotenvy::dotenv().ok();
    // Without a token of Bedrock's in the environment, the keys there sign; with the feature `aws-config` also those of profiles, roles and instances.
    let client = Client::bedrock().build()?;
    ask(&client).await?;

    // Keys from elsewhere, a vault for instance. They are asked for before every attempt, so that they may change at any time.
    let signed = Client::bedrock().credentials_provider(keys).build()?;
    ask(&signed).await
}

async fn keys() -> Result<AwsCredentials> {
    let variable = |name: &str| std::env::var(name).map_err(|_| Error::argument(format!("{name} is not set")));
    Ok(AwsCredentials::new(variable("VAULT_KEY_ID")?, variable("VAULT_SECRET_KEY")?).session_token(variable("VAULT_SESSION_TOKEN")?))
}

async fn ask(client: &Client) -> Result<()> {
    let response = client.responses().create(ResponseCreateParams::new().model("openai.gpt-5.4").input("Say hello.")).await?;
    println!("{}", response.output_text());
    Ok(())
}
