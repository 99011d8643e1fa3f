//! Progress bars for a large upload and for the download after it; neither holds the file in memory.
//!
//! `cargo run --example progress`

use indicatif::{ProgressBar, ProgressStyle};
use openai::types::files::FileCreateParams;
use openai::{Client, Upload};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let folder = std::env::temp_dir();
    let (input, copy) = (folder.join("openai-example-large.jsonl"), folder.join("openai-example-large-copy.jsonl"));
    std::fs::write(&input, "{\"prompt\": \"a\"}\n".repeat(1 << 20))?;

    let up = bar("up");
    let upload = Upload::path(&input).on_progress(move |sent, total| show(&up, sent, total));
    let file = client.files().create(FileCreateParams::new(upload, "user_data")).await?;

    let down = bar("down");
    let content = client.files().content(&file.id).await?;
    let bytes = content.on_progress(move |received, expected| show(&down, received, expected)).write_to_file(&copy).await?;
    println!("{bytes} bytes came back");
    client.files().delete(&file.id).await?;
    Ok(())
}

fn show(bar: &ProgressBar, done: u64, all: Option<u64>) {
    bar.set_length(all.unwrap_or(done));
    bar.set_position(done);
    if all == Some(done) {
        bar.finish();
    }
}

fn bar(name: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:5} {bar:40} {bytes}/{total_bytes} {bytes_per_sec}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::no_length().with_style(style).with_message(name)
}
