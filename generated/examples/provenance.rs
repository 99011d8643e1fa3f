//! Where a picture comes from: signed metadata and watermarks are looked for in it.
//!
//! `cargo run --example provenance -- picture.png`

use openai::types::content_provenance_checks::{ContentProvenanceCheckCreateParams, ContentProvenanceCheckResult};
use openai::{Client, JsonModel, Upload};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let path = std::env::args().nth(1).unwrap_or_else(|| "picture.png".to_owned());
    let check = client.content_provenance_checks().create(ContentProvenanceCheckCreateParams::new(Upload::path(path))).await?;
    for result in &check.results {
        match result {
            ContentProvenanceCheckResult::C2pa(found) => {
                println!("signed metadata: {}, {}", found.outcome, found.issuer.as_deref().unwrap_or("no issuer"));
            }
            ContentProvenanceCheckResult::Synthid(found) => println!("watermark: {}", found.outcome),
            // A kind of check that is newer than this program.
            other => println!("{}: {}", other.tag(), other.to_json()),
        }
    }
    Ok(())
}
