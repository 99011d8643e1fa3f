//! Plain completions, for models that continue a text: a gap between a prompt and a suffix is filled, while it streams.
//!
//! `cargo run --example completions`

use std::io::Write;

use openai::Client;
use openai::types::completions::CompletionCreateParams;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let (before, after) = ("fn add(a: i32, b: i32) -> i32 {\n", "\n}\n");
    let params = CompletionCreateParams::new("gpt-3.5-turbo-instruct").prompt(before).suffix(after).max_tokens(50).temperature(0.0);
    let mut chunks = client.completions().create_stream(params).await?;
    print!("{before}");
    while let Some(chunk) = chunks.try_next().await? {
        for choice in &chunk.choices {
            print!("{}", choice.text);
            std::io::stdout().flush()?;
        }
    }
    print!("{after}");
    Ok(())
}
