//! Amazon Bedrock: `cargo run --example bedrock --features bedrock`, with AWS_REGION, and AWS_BEARER_TOKEN_BEDROCK or AWS_ACCESS_KEY_ID and
//! AWS_SECRET_ACCESS_KEY in the environment. With the feature `aws-config`, keys are found wherever AWS's own tools find them.

use openai::types::responses::ResponseCreateParams;
use openai::{BedrockEndpoint, Client, Result};

#[tokio::main]
async fn main() -> Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::bedrock().endpoint(BedrockEndpoint::Runtime).build()?;
    let params = ResponseCreateParams::new().model("openai.gpt-5.4").input("Say hello.");
    println!("{}", client.responses().create(params).await?.output_text());
    Ok(())
}
