//! A program that streams a response.

use async_openai::Client;
use async_openai::types::responses::{CreateResponseArgs, ResponseStreamEvent};
use futures::TryStreamExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::new();
    let question = CreateResponseArgs::default()
        .model("gpt-5.2")
        .instructions("Talk like a pirate.")
        .input("Write a short poem.")
        .stream(true)
        .build()?;
    let mut events = client.responses().create_stream(question).await?;
    while let Some(event) = events.try_next().await? {
        if let ResponseStreamEvent::ResponseOutputTextDelta(delta) = event {
            print!("{}", delta.delta);
        }
    }
    Ok(())
}
