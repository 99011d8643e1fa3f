//! Pictures, drawn and saved: two at once, then one whose sketches are saved while it is being drawn.
//!
//! `cargo run --example image_generation -- "A lighthouse in the fog"` writes into the current folder.

use openai::Client;
use openai::types::images::{ImageGenStreamEvent, ImageGenerateParams};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let prompt = std::env::args().nth(1).unwrap_or_else(|| "A lighthouse in the fog".to_owned());

    let params = ImageGenerateParams::new(&prompt).model("gpt-image-1").n(2).size("1024x1024").quality("low");
    let images = client.images().generate(params).await?;
    // The extension is that of what came: png, jpg or webp.
    for path in images.write_to_files(".", "lighthouse")? {
        println!("{}", path.display());
    }

    let params = ImageGenerateParams::new(&prompt).model("gpt-image-1").partial_images(2);
    let mut events = client.images().generate_stream(params).await?;
    while let Some(event) = events.try_next().await? {
        match event {
            ImageGenStreamEvent::PartialImage(sketch) => {
                let path = format!("sketch-{}.png", sketch.partial_image_index);
                std::fs::write(&path, sketch.bytes()?)?;
                println!("{path}");
            }
            ImageGenStreamEvent::Completed(image) => {
                std::fs::write("finished.png", image.bytes()?)?;
                println!("finished.png, {} tokens", image.usage.total_tokens);
            }
            _ => {}
        }
    }
    Ok(())
}
