//! Another server that speaks the API (Ollama, vLLM, LM Studio, llama.cpp, a gateway): its address, no key, and fields of its own.
//!
//! `OPENAI_BASE_URL=http://localhost:11434/v1 cargo run --example compatible -- qwen3:4b`

use std::io::Write;

use openai::Client;
use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    // The address comes from OPENAI_BASE_URL, or `.base_url(…)`. Such servers want no key, but most clients send one.
    let client = Client::builder().api_key(std::env::var("OPENAI_API_KEY").unwrap_or_else(|_| "none".to_owned())).build()?;
    let model = std::env::args().nth(1).unwrap_or_else(|| "qwen3:4b".to_owned());
    let params = ChatCompletionCreateParams::new(model, [ChatMessage::user("Is 91 a prime?")])
        // A parameter that only they know.
        .extra("top_k", 20);
    let mut chunks = client.chat().completions().create_stream(params).await?;
    while let Some(chunk) = chunks.try_next().await? {
        for delta in chunk.choices.iter().map(|choice| &choice.delta) {
            // A field that only they send: what no field names is kept.
            if let Some(thought) = delta.extra.get("reasoning_content").and_then(|thought| thought.to_value().as_str().map(str::to_owned)) {
                print!("({thought})");
            }
            print!("{}", delta.content.as_deref().unwrap_or_default());
            std::io::stdout().flush()?;
        }
    }
    println!();
    Ok(())
}
