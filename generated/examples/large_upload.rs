//! A large file, uploaded in parts that go out together, and gone on with when the network fails.
//!
//! `cargo run --example large_upload`

use openai::{Client, Upload, UploadCheckpoint, UploadFileChunkedParams};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let input = std::env::temp_dir().join("openai-example-parts.jsonl");
    std::fs::write(&input, "{\"prompt\": \"a\"}\n".repeat(1 << 16))?;

    let params = UploadFileChunkedParams::new(Upload::path(&input), "text/jsonl", "fine-tune").part_size(256 << 10);
    let mut checkpoint: Option<UploadCheckpoint> = None;
    let upload = loop {
        let mut upload = client.uploads().upload_file_chunked(params.clone()).checksum().concurrency(4);
        if let Some(checkpoint) = checkpoint.take() {
            upload = upload.resume(checkpoint);
        }
        match upload.on_progress(|sent, total| eprint!("\r{sent} of {total} bytes")).await {
            Ok(upload) => break upload,
            // What was sent is not sent again. It can be kept for another run of the program, too: it turns into JSON.
            Err(error) if error.is_connection() || error.is_timeout() => match error.attachment() {
                Some(kept) => checkpoint = Some(UploadCheckpoint::clone(kept)),
                None => return Err(error.into()),
            },
            Err(error) => return Err(error.into()),
        }
    };
    println!("\n{:?}", upload.file.map(|file| file.id));
    Ok(())
}
