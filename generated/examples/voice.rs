//! Listens for five seconds, and says again what it heard: microphone, transcription, speech, loudspeaker.
//!
//! `cargo run --example voice --features voice`

use std::time::Duration;

use openai::types::audio::{SpeechCreateParams, TranscriptionCreateParams};
use openai::{Client, Microphone, Speaker};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;

    println!("say something");
    let said = Microphone::new(Duration::from_secs(5)).record().await?;
    println!("{:?} recorded", said.duration());
    let heard = client.audio().transcriptions().create(TranscriptionCreateParams::new(said.into_upload(), "gpt-4o-transcribe")).await?;
    println!("{}", heard.text());

    let speaker = Speaker::open()?;
    let params = SpeechCreateParams::new("gpt-4o-mini-tts", heard.text(), "alloy").response_format("pcm");
    speaker.play_stream(client.audio().speech().create(params).await?).await?;
    speaker.drained().await
}
