//! What the client does, as lines on the error stream: `OPENAI_LOG=info` tells of retries, `OPENAI_LOG=debug` of every attempt and its outcome.
//!
//! `OPENAI_LOG=debug cargo run --example logging --features log`. A program with a subscriber of `tracing` has the same without that feature, as spans.

use openai::Client;

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    // Once, at the beginning. Bodies, headers and keys are never written.
    openai::init_logging();
    let client = Client::from_env()?;
    let models = client.models().list().await?;
    println!("{} models", models.data.len());
    Ok(())
}
