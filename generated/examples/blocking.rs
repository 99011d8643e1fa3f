//! A program without an async runtime: calls, streams, lists and files, each ended by `.blocking()`.
//!
//! `cargo run --example blocking`

use std::io::{Read, Write};

use openai::types::files::{FileCreateParams, FileListParams};
use openai::types::responses::{ResponseCreateParams, ResponseStreamEvent};
use openai::{Client, Upload};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;

    // A stream is an iterator. Leaving the loop early drops it, which ends it.
    let params = ResponseCreateParams::new().model("gpt-5.2").input("Write a short poem.");
    for event in client.responses().create_stream(params).blocking()?.blocking() {
        if let ResponseStreamEvent::OutputTextDelta(delta) = event? {
            print!("{}", delta.delta);
            std::io::stdout().flush()?;
        }
    }
    println!();

    let file = client.files().create(FileCreateParams::new(Upload::bytes("note.txt", "Cats sleep a lot."), "user_data")).blocking()?;
    // So is a list: its pages are fetched as they are needed.
    for file in client.files().list(FileListParams::new().limit(2)).items().blocking() {
        println!("{}", file?.id);
    }
    // And a body is a reader.
    let mut text = String::new();
    client.files().content(&file.id).blocking()?.blocking().read_to_string(&mut text)?;
    println!("{text}");
    client.files().delete(&file.id).blocking()?;
    Ok(())
}
