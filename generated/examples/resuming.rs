//! An answer that is made in the background, and a stream of it that goes on by itself when the connection breaks.
//!
//! `cargo run --example resuming`

use openai::Client;
use openai::types::responses::{ResponseCreateParams, ResponseStreamEvent};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let params = ResponseCreateParams::new().model("gpt-5.2").input("Write a long story.").background(true);
    let mut events = client.responses().create_stream(params).resumable().await?;
    while let Some(event) = events.try_next().await? {
        match event {
            // With the id and the number of the last event, another process can go on: `retrieve_stream` with `starting_after`.
            ResponseStreamEvent::Created(created) => println!("{} at event {:?}", created.response.id, events.sequence_number()),
            ResponseStreamEvent::OutputTextDelta(delta) => print!("{}", delta.delta),
            _ => {}
        }
    }
    println!();
    Ok(())
}
