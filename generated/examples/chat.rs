//! A chat without an async runtime: `.blocking()` in the place of `.await`; what the model said goes back as it is.
//!
//! `cargo run --example chat`

use openai::Client;
use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};

fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let mut messages = vec![ChatMessage::developer("Talk like a pirate."), ChatMessage::user("How do I check a value's type?")];

    let params = ChatCompletionCreateParams::new("gpt-5.2", messages.clone()).temperature(0.2);
    let completion = client.chat().completions().create(params).blocking()?;
    let Some(choice) = completion.choices.into_iter().next() else { return Ok(()) };
    println!("{}", choice.message.content.as_deref().unwrap_or_default());

    messages.push(choice.message.into());
    messages.push(ChatMessage::user("And in Rust?"));
    let completion = client.chat().completions().create(ChatCompletionCreateParams::new("gpt-5.2", messages)).blocking()?;
    println!("{}", completion.choices[0].message.content.as_deref().unwrap_or_default());
    Ok(())
}
