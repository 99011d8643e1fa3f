//! The Assistants API (beta, deprecated in favour of responses): an assistant, a thread, and a run whose text streams.
//!
//! `cargo run --example assistants`

#![allow(deprecated, reason = "the API has announced the end of its assistants, and serves them until then")]

use openai::Client;
use openai::assistants::AssistantEvent;
use openai::types::beta::{AssistantCreateParams, AssistantToolsCode, CreateMessageRequest, CreateThreadRequest, ThreadRunCreateParams};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let beta = client.beta();

    let params = AssistantCreateParams::new("gpt-4.1").name("Tutor").instructions("Write and run code.").tools([AssistantToolsCode::new()]);
    let assistant = beta.assistants().create(params).await?;
    let thread = beta.threads().create(CreateThreadRequest::new()).await?;
    beta.threads().messages().create(&thread.id, CreateMessageRequest::new("user", "Solve 3x + 11 = 14.")).await?;

    let mut run = beta.threads().runs().stream(&thread.id, ThreadRunCreateParams::new(&assistant.id)).await?;
    while let Some(event) = run.try_next().await? {
        match event {
            AssistantEvent::ToolCallCreated(_) => println!("[runs code]"),
            AssistantEvent::TextDelta(delta) => print!("{}", delta.text.and_then(|text| text.value).unwrap_or_default()),
            AssistantEvent::TextDone(_) => println!(),
            _ => {}
        }
    }
    println!("the run is {}", run.final_run().await?.status);
    beta.threads().delete(&thread.id).await?;
    beta.assistants().delete(&assistant.id).await?;
    Ok(())
}
