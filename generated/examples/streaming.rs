//! An answer as it is made.
//!
//! `cargo run --example streaming`

use std::io::Write;

use openai::Client;
use openai::types::responses::{ResponseCreateParams, ResponseStreamEvent};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let params = ResponseCreateParams::new().model("gpt-5.2").input("Write a short poem.");
    let mut events = client.responses().create_stream(params).await?;
    while let Some(event) = events.try_next().await? {
        match event {
            ResponseStreamEvent::OutputTextDelta(delta) => {
                print!("{}", delta.delta);
                std::io::stdout().flush()?;
            }
            ResponseStreamEvent::Completed(done) => {
                let tokens = done.response.usage.map_or(0, |usage| usage.total_tokens);
                println!("\n{tokens} tokens");
            }
            _ => {}
        }
    }
    Ok(())
}
