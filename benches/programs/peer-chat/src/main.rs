//! The smallest chat program.

use async_openai::Client;
use async_openai::types::chat::{
    ChatCompletionRequestDeveloperMessageArgs, ChatCompletionRequestUserMessageArgs, CreateChatCompletionRequestArgs,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::new();
    let question = [
        ChatCompletionRequestDeveloperMessageArgs::default().content("Talk like a pirate.").build()?.into(),
        ChatCompletionRequestUserMessageArgs::default().content("How do I check a value's type?").build()?.into(),
    ];
    let completion = client.chat().create(CreateChatCompletionRequestArgs::default().model("gpt-5.2").messages(question).build()?).await?;
    for choice in &completion.choices {
        println!("{}", choice.message.content.as_deref().unwrap_or_default());
    }
    Ok(())
}
