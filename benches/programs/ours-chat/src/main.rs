//! The smallest chat program.

use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};

#[tokio::main]
async fn main() -> openai::Result<()> {
    let client = openai::Client::from_env()?;
    let question = [ChatMessage::developer("Talk like a pirate."), ChatMessage::user("How do I check a value's type?")];
    let completion = client.chat().completions().create(ChatCompletionCreateParams::new("gpt-5.2", question)).await?;
    for choice in &completion.choices {
        println!("{}", choice.message.content.as_deref().unwrap_or_default());
    }
    Ok(())
}
