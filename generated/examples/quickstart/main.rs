//! Asks a question and prints the answer while it is written. Without a key and without a base URL, a small server inside this program answers.
//!
//! `cargo run --example quickstart`, or with a question of your own: `cargo run --example quickstart -- "Why is the sky blue?"`

mod server;

use std::io::Write;

use openai::types::responses::{ResponseCreateParams, ResponseStreamEvent};
use openai::{Client, Result};

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = match ["OPENAI_API_KEY", "OPENAI_BASE_URL"].map(is_set) {
        [false, false] => {
            let url = server::start().await?;
            println!("Neither OPENAI_API_KEY nor OPENAI_BASE_URL is set: a stand-in at {url} answers, inside this program.\n");
            Client::builder().base_url(url).api_key("none").build()?
        }
        // A server of your own may want no key.
        [false, true] => Client::builder().api_key("none").build()?,
        [true, _] => Client::from_env()?,
    };
    let question = std::env::args().nth(1).unwrap_or_else(|| "What is a stream, in two sentences?".to_owned());
    Ok(ask(&client, question).await?)
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

async fn ask(client: &Client, question: String) -> Result<()> {
    let model = std::env::var("OPENAI_MODEL").unwrap_or_else(|_| "gpt-5.2".to_owned());
    println!("> {question}");
    let params = ResponseCreateParams::new().model(model).instructions("Answer in two sentences.").input(question);
    let mut events = client.responses().create_stream(params).await?;
    while let Some(event) = events.try_next().await? {
        match event {
            ResponseStreamEvent::OutputTextDelta(delta) => {
                print!("{}", delta.delta);
                std::io::stdout().flush().ok();
            }
            ResponseStreamEvent::Completed(done) => {
                println!("\n\n{} tokens", done.response.usage.map_or(0, |usage| usage.total_tokens));
            }
            _ => {}
        }
    }
    Ok(())
}
