//! Many calls at once, but never more than a few in flight; what fails is told apart from what does not, and Ctrl-C drops the rest.
//!
//! `cargo run --example fan_out -- 4` (calls in flight)

use futures_util::StreamExt;
use futures_util::stream;
use openai::types::responses::ResponseCreateParams;
use openai::{Client, Result};

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    // One client for all: a clone shares its connections. Rate limits are waited out by the client itself, so it may retry more often.
    let client = Client::from_env()?.with_options(|options| options.max_retries(5));
    let at_once: usize = std::env::args().nth(1).unwrap_or_else(|| "4".to_owned()).parse()?;
    let words = ["apple", "bread", "cheese", "date", "egg", "fig", "grape", "honey"];

    // A call is sent when it is polled first, and that is what `buffer_unordered` limits; `buffered` would keep the order.
    let answers = stream::iter(words).map(|word| translate(client.clone(), word)).buffer_unordered(at_once);
    let mut answers = std::pin::pin!(answers);
    let (mut done, mut failed) = (0, 0);
    loop {
        tokio::select! {
            answer = answers.next() => match answer {
                Some((word, Ok(translated))) => {
                    done += 1;
                    println!("{word}: {translated}");
                }
                Some((word, Err(error))) => {
                    failed += 1;
                    println!("{word}: {error}");
                }
                None => break,
            },
            _ = tokio::signal::ctrl_c() => break,
        }
    }
    println!("{done} translated, {failed} failed, {} dropped", words.len() - done - failed);
    Ok(())
}

async fn translate(client: Client, word: &str) -> (&str, Result<String>) {
    let params = ResponseCreateParams::new().model("gpt-5.2").input(format!("Translate into French, one word: {word}"));
    let response = client.responses().create(params).await;
    (word, response.map(|response| response.output_text()))
}
