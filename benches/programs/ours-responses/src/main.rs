//! A program that streams a response.

use openai::types::responses::{ResponseCreateParams, ResponseStreamEvent};

#[tokio::main]
async fn main() -> openai::Result<()> {
    let client = openai::Client::from_env()?;
    let question = ResponseCreateParams::new().model("gpt-5.2").instructions("Talk like a pirate.").input("Write a short poem.");
    let mut events = client.responses().create_stream(question).await?;
    while let Some(event) = events.try_next().await? {
        if let ResponseStreamEvent::OutputTextDelta(delta) = event {
            print!("{}", delta.delta);
        }
    }
    Ok(())
}
