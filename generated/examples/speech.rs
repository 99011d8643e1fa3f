//! Text is spoken into a file while it arrives, and what is in the file is written down again, as a stream.
//!
//! `cargo run --example speech -- "Something to say"`

use std::io::Write;

use openai::types::audio::{SpeechCreateParams, TranscriptionCreateParams, TranscriptionStreamEvent};
use openai::{Client, Upload};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let text = std::env::args().nth(1).unwrap_or_else(|| "The quick brown fox jumps over the lazy dog.".to_owned());
    let path = std::env::temp_dir().join("openai-example-speech.mp3");

    let params = SpeechCreateParams::new("gpt-4o-mini-tts", text, "coral").instructions("Speak cheerfully.").response_format("mp3");
    let speech = client.audio().speech().create(params).await?;
    let bytes = speech.write_to_file(&path).await?;
    println!("{bytes} bytes of speech");

    // A path is opened when the request is sent, and its type is known by its extension.
    let params = TranscriptionCreateParams::new(Upload::path(&path), "gpt-4o-transcribe").language("en");
    let mut events = client.audio().transcriptions().create_stream(params).await?;
    while let Some(event) = events.try_next().await? {
        match event {
            TranscriptionStreamEvent::TextDelta(delta) => {
                print!("{}", delta.delta);
                std::io::stdout().flush()?;
            }
            TranscriptionStreamEvent::TextDone(done) => println!("\n{} characters", done.text.chars().count()),
            _ => {}
        }
    }
    Ok(())
}
