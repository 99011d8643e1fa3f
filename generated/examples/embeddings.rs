//! Search by meaning: a few sentences and a question become vectors, and the sentences that point the same way come first.
//!
//! `cargo run --example embeddings -- "How do I get in?"`

use openai::Client;
use openai::types::embeddings::EmbeddingCreateParams;

const SENTENCES: &[&str] = &[
    "The door code changes every Monday; ask the front desk for the new one.",
    "Lunch is served from noon to two on the second floor.",
    "The printer on the third floor is out of order.",
    "Bicycles may be left in the courtyard.",
];

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let question = std::env::args().nth(1).unwrap_or_else(|| "How do I get in?".to_owned());

    // Many texts in one call. The vectors travel as base64 and arrive as `Vec<f32>`.
    let params = EmbeddingCreateParams::new("text-embedding-3-small", SENTENCES.to_vec()).dimensions(256);
    let corpus = client.embeddings().create(params).await?;
    let params = EmbeddingCreateParams::new("text-embedding-3-small", question.as_str()).dimensions(256);
    let asked = client.embeddings().create(params).await?;
    let Some(asked) = asked.data.first() else { return Ok(()) };

    let mut found: Vec<(f32, &str)> =
        corpus.data.iter().zip(SENTENCES).map(|(entry, sentence)| (cosine(&entry.embedding, &asked.embedding), *sentence)).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("{question}");
    for (similarity, sentence) in found {
        println!("{similarity:6.3}  {sentence}");
    }
    println!("{} tokens", corpus.usage.total_tokens);
    Ok(())
}

/// 1 for the same direction, 0 for none in common.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}
