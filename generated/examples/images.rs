//! A picture is looked at, and another is drawn upon.
//!
//! `cargo run --example images`, in a folder with a `cat.png`

use openai::types::chat::{ChatCompletionCreateParams, ChatMessage, ContentPart};
use openai::types::images::ImageEditParams;
use openai::{Client, Upload};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let question = ChatMessage::user([ContentPart::text("What is this?"), ContentPart::image_url("https://example.com/cat.png")]);
    let completion = client.chat().completions().create(ChatCompletionCreateParams::new("gpt-5.2", [question])).await?;
    println!("{}", completion.choices[0].message.content.as_deref().unwrap_or_default());

    let png = std::fs::read("cat.png")?;
    let edited = client.images().edit(ImageEditParams::new([Upload::bytes("cat.png", png)], "a hat").model("gpt-image-1")).await?;
    println!("{} images", edited.data.map_or(0, |data| data.len()));
    Ok(())
}
