//! A video: created, waited for with its progress, and downloaded without being held in memory.
//!
//! `cargo run --example video -- "A cat on a skateboard"` writes `video.mp4`.

#![allow(deprecated, reason = "the API has announced the end of its videos, and serves them until then")]

use indicatif::ProgressBar;
use openai::Client;
use openai::types::videos::{VideoCreateParams, VideoDownloadContentParams, VideoStatus};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let prompt = std::env::args().nth(1).unwrap_or_else(|| "A cat on a skateboard".to_owned());

    let bar = ProgressBar::new(100);
    let shown = bar.clone();
    let params = VideoCreateParams::new(prompt).model("sora-2").seconds("4").size("1280x720");
    let video = client
        .videos()
        .create_and_poll(params)
        .on_progress(move |video| shown.set_position(video.progress.try_into().unwrap_or(0)))
        .await?;
    bar.finish_and_clear();
    if video.status != VideoStatus::Completed {
        return Err(video.error.map_or_else(|| format!("the video is {}", video.status), |error| error.message).into());
    }

    let content = client.videos().download_content(&video.id, VideoDownloadContentParams::new()).await?;
    println!("{}", content.content_type().unwrap_or("unknown type"));
    let bytes = content.write_to_file("video.mp4").await?;
    println!("video.mp4: {bytes} bytes, {} seconds of {}", video.seconds, video.size);
    Ok(())
}
