//! A batch: the requests are written from typed calls, and the results are read back typed.
//!
//! `cargo run --example batch`

use std::time::Duration;

use openai::types::responses::{Response, ResponseCreateParams};
use openai::{BatchInput, BatchResult, Client};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;

    let mut input = BatchInput::new();
    for word in ["cat", "dog"] {
        let params = ResponseCreateParams::new().model("gpt-5.2").input(format!("Translate into French: {word}"));
        input.add(word, &client.responses().create(params))?;
    }
    let batch = client
        .batches()
        .submit_and_poll(input)
        .interval(Duration::from_secs(30))
        .on_progress(|batch| println!("{}: {}", batch.id, batch.status))
        .await?;

    let results: Vec<BatchResult<Response>> = client.batches().results(&batch).await?;
    for BatchResult { custom_id, outcome, .. } in results {
        match outcome {
            Ok(response) => println!("{custom_id}: {}", response.output_text()),
            Err(error) => println!("{custom_id}: {error}"),
        }
    }
    Ok(())
}
