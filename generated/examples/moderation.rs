//! Texts are classified before they are shown to anybody.
//!
//! `cargo run --example moderation -- "a text" "another text"`

use openai::Client;
use openai::types::moderations::ModerationCreateParams;

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let mut texts: Vec<String> = std::env::args().skip(1).collect();
    if texts.is_empty() {
        texts = vec!["Have a nice day!".to_owned(), "I will hit you.".to_owned()];
    }

    let params = ModerationCreateParams::new(texts.clone()).model("omni-moderation-latest");
    let moderation = client.moderations().create(params).await?;
    for (text, result) in texts.iter().zip(&moderation.results) {
        let scores = &result.category_scores;
        let mut named = [
            ("harassment", scores.harassment),
            ("hate", scores.hate),
            ("self-harm", scores.self_harm),
            ("sexual", scores.sexual),
            ("violence", scores.violence),
        ];
        named.sort_by(|a, b| b.1.total_cmp(&a.1));
        let verdict = if result.flagged { "flagged" } else { "fine" };
        println!("{verdict:8} {text} ({} {:.2})", named[0].0, named[0].1);
    }
    Ok(())
}
