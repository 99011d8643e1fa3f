//! A response whose stream gathers itself: each piece with all of the text so far, and the whole response, or why there is none, in the end.
//!
//! `cargo run --example response_stream`

use openai::types::responses::{Response, ResponseCreateParams, ResponseStreamEvent};
use openai::{Client, Result};

#[tokio::main]
async fn main() -> Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let params = ResponseCreateParams::new().model("gpt-5.2").input("Name three rivers.").max_output_tokens(200);
    let mut stream = client.responses().stream(params).await?;
    while let Some(event) = stream.try_next().await? {
        // It dereferences to the event as it came; beside that is what it is a piece of.
        match (&*event, &event.snapshot) {
            (ResponseStreamEvent::OutputTextDelta(delta), Some(text)) => println!("{:8} | {}", delta.delta, &**text),
            (ResponseStreamEvent::OutputItemDone(item), _) => println!("item {} is complete", item.output_index),
            _ => {}
        }
    }
    match stream.final_response().await {
        Ok(response) => println!("{} tokens", response.usage.map_or(0, |usage| usage.total_tokens)),
        // A response that failed or was cut short is an error, and comes with it.
        Err(error) => match error.attachment::<Response>() {
            Some(response) => println!("{error}: {:?} of {}", response.output_text(), response.id),
            None => return Err(error),
        },
    }
    Ok(())
}
