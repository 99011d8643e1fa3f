//! Files, sent and fetched without being held in memory.
//!
//! `cargo run --example files`

use openai::types::files::FileCreateParams;
use openai::{Client, Upload};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let folder = std::env::temp_dir();
    let (input, copy) = (folder.join("openai-example-input.jsonl"), folder.join("openai-example-copy.jsonl"));
    std::fs::write(&input, "{\"prompt\": \"a\"}\n")?;

    let file = client.files().create(FileCreateParams::new(Upload::path(&input), "fine-tune")).await?;
    println!("{} has {} bytes", file.id, file.bytes);
    let written = client.files().content(&file.id).await?.write_to_file(&copy).await?;
    println!("{written} bytes came back");
    client.files().delete(&file.id).await?;
    Ok(())
}
