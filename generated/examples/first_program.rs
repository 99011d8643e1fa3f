//! Lists the models, asks a question, and asks it again as a stream.
//!
//! `cargo run --example first_program`. The key and, for another server, the address come from the environment: `OPENAI_API_KEY`, `OPENAI_BASE_URL`.

use openai::Client;
use openai::types::responses::{ResponseCreateParams, ResponseStreamEvent};

#[tokio::main]
async fn main() -> openai::Result<()> {
    let client = Client::from_env()?;

    let models = client.models().list().await?;
    for model in &models.data {
        println!("{} by {}", model.id, model.owned_by);
    }

    let question = ResponseCreateParams::new()
        .model("gpt-5.2")
        .instructions("You are a coding assistant.")
        .input("How do I check if a value is an instance of a type?");
    let response = client.responses().create(question.clone()).await?;
    println!("{}", response.output_text());

    let mut events = client.responses().create_stream(question).await?;
    while let Some(event) = events.try_next().await? {
        if let ResponseStreamEvent::OutputTextDelta(delta) = event {
            print!("{}", delta.delta);
        }
    }
    println!();
    Ok(())
}
