//! Waiting for what takes its time: files of a vector store, and a response that is made in the background.
//!
//! `cargo run --example polling`

use std::time::Duration;

use openai::types::responses::ResponseCreateParams;
use openai::types::vector_stores::VectorStoreCreateParams;
use openai::{Client, Upload, VectorStoreFileBatchUploadParams};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;

    let store = client.vector_stores().create(VectorStoreCreateParams::new().name("example")).await?;
    let files = [Upload::bytes("a.txt", "Cats sleep a lot."), Upload::bytes("b.txt", "Dogs do not.")];
    let batch = client
        .vector_stores()
        .file_batches()
        .upload_and_poll(&store.id, VectorStoreFileBatchUploadParams::new(files).max_concurrency(2))
        .on_progress(|batch| println!("{} files to go", batch.file_counts.in_progress))
        .await?;
    println!("{} files, {} of them failed", batch.file_counts.total, batch.file_counts.failed);

    let params = ResponseCreateParams::new().model("gpt-5.2").input("Write a long story about a cat.");
    let response = client
        .responses()
        .create_and_poll(params)
        .deadline(Duration::from_secs(600))
        .on_progress(|response| println!("{:?}", response.status))
        .await?;
    println!("{}", response.output_text());
    Ok(())
}
