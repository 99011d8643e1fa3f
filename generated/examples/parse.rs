//! Structured output: the Rust type is the schema, and what the model says is a value of it.
//!
//! `cargo run --example parse`

use openai::Client;
use openai::types::responses::{Response, ResponseCreateParams};
use schemars::JsonSchema;
use serde::Deserialize;

/// An appointment.
#[derive(Debug, Deserialize, JsonSchema)]
struct CalendarEvent {
    name: String,
    /// As the text says it.
    date: String,
    participants: Vec<String>,
    place: Option<String>,
}

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let params = ResponseCreateParams::new().model("gpt-5.2").input("Alice and Bob go to a science fair on Friday.");
    match client.responses().parse::<CalendarEvent>(params).await.and_then(|parsed| parsed.into_output()) {
        Ok(event) => println!("{} on {}, {:?} at {:?}", event.name, event.date, event.participants, event.place),
        Err(error) if error.is_refusal() => println!("the model refused: {}", error.message()),
        Err(error) => {
            let usage = error.attachment::<Response>().and_then(|response| response.usage.as_ref());
            println!("{error}, after {:?} tokens", usage.map(|usage| usage.total_tokens));
        }
    }
    Ok(())
}
