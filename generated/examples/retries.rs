//! Retries, timeouts and deadlines: what the client does by itself, how to change it, and how to see what it did.
//!
//! `cargo run --example retries`

use std::time::Duration;

use openai::types::responses::ResponseCreateParams;
use openai::{Client, Timeout};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    // Two retries are usual: of dropped connections, timeouts, 408, 409, 429 and 5xx, after the time that the server names or a growing one.
    let client = Client::builder()
        .max_retries(3)
        // Connecting may take 5 seconds, and between two pieces of an answer may pass 60: an answer that flows is not cut off.
        .timeout(Timeout::default().connect(Duration::from_secs(5)).read(Duration::from_secs(60)))
        // All attempts and the waits between them together.
        .deadline(Duration::from_secs(120))
        .build()?;

    let question = || ResponseCreateParams::new().model("gpt-5.2").input("Say hello.");
    let answer = client.responses().create(question()).idempotency_key("example-1").with_response().await?;
    println!("{} after {} retries", answer.output_text(), answer.retries());

    // One call can be less patient than its client; no retry says so at once.
    match client.responses().create(question()).max_retries(0).timeout(Duration::from_millis(200)).await {
        Ok(response) => println!("{}", response.output_text()),
        Err(error) if error.is_timeout() => println!("too slow: {}", error.message()),
        Err(error) if error.is_rate_limit() => println!("asked to wait {:?}", error.retry_after()),
        Err(error) => return Err(error),
    }

    // A call is a future: dropping it, here by a timer, ends it and closes its connection.
    match tokio::time::timeout(Duration::from_millis(200), client.responses().create(question()).into_future()).await {
        Ok(response) => println!("{}", response?.output_text()),
        Err(_) => println!("dropped"),
    }
    Ok(())
}
