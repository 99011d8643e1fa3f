//! A stream that accumulates: structured output is read while it grows, and the whole completion is there in the end.
//!
//! `cargo run --example stream`

use openai::chat::ChatCompletionStreamEvent;
use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};
use openai::{Client, OutputFormat, Unfinished};
use schemars::JsonSchema;
use serde::Deserialize;

/// A recipe.
#[derive(Debug, Deserialize, JsonSchema)]
struct Recipe {
    title: String,
    steps: Vec<String>,
}

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let params = ChatCompletionCreateParams::new("gpt-5.2", [ChatMessage::user("How do I bake bread?")]);
    let params = params.response_format(OutputFormat::<Recipe>::new()?);

    let mut stream = client.chat().completions().stream(params).await?;
    while let Some(event) = stream.try_next().await? {
        match event {
            ChatCompletionStreamEvent::ContentDelta(text) => {
                let steps = text.partial(Unfinished::Omit).and_then(|recipe| recipe["steps"].as_array().map(Vec::len));
                println!("{} steps so far", steps.unwrap_or(0));
            }
            ChatCompletionStreamEvent::ContentDone(text) => println!("{:?}", text.parse::<Recipe>()?),
            _ => {}
        }
    }
    let completion = stream.final_completion().await?;
    let recipe: Recipe = completion.output()?;
    println!("{} in {} steps, {:?} tokens", recipe.title, recipe.steps.len(), completion.usage.map(|usage| usage.total_tokens));
    Ok(())
}
