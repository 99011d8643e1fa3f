//! A fine-tuning job, from the file with the examples to the model, with its events as they happen.
//!
//! `cargo run --example fine_tuning -- training.jsonl`

use std::time::Duration;

use openai::types::files::FileCreateParams;
use openai::types::fine_tuning::{FineTuningJobCreateParams, FineTuningJobListEventsParams, FineTuningJobStatus};
use openai::{Client, Upload};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let path = std::env::args().nth(1).unwrap_or_else(|| "training.jsonl".to_owned());

    let file = client.files().create(FileCreateParams::new(Upload::path(&path), "fine-tune")).await?;
    client.files().wait_for_processing(&file.id).await?;
    let params = FineTuningJobCreateParams::new("gpt-4.1-mini-2025-04-14", &file.id).suffix("example");
    let mut job = client.fine_tuning().jobs().create(params).await?;
    println!("{} is {}", job.id, job.status);

    let mut seen = 0;
    while !is_over(&job.status) {
        tokio::time::sleep(wait()).await;
        job = client.fine_tuning().jobs().retrieve(&job.id).await?;
        // The newest come first.
        let mut events = client.fine_tuning().jobs().list_events(&job.id, FineTuningJobListEventsParams::new()).items();
        let mut all = Vec::new();
        while let Some(event) = events.try_next().await? {
            all.push(event);
        }
        for event in all.iter().rev().skip(seen) {
            println!("[{}] {}", event.level, event.message);
        }
        seen = all.len();
    }
    match (job.fine_tuned_model, job.error) {
        (Some(model), _) => println!("{model}, {} tokens trained", job.trained_tokens.unwrap_or(0)),
        (None, Some(error)) => println!("{}: {}", job.status, error.message),
        (None, None) => println!("{}", job.status),
    }
    Ok(())
}

fn is_over(status: &FineTuningJobStatus) -> bool {
    matches!(status, FineTuningJobStatus::Succeeded | FineTuningJobStatus::Failed | FineTuningJobStatus::Cancelled)
}

/// The time between two looks at the job.
fn wait() -> Duration {
    Duration::from_secs(std::env::var("SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(20))
}
