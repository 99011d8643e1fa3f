//! A conversation that the program keeps itself: what the model put out is part of the next input.
//!
//! `cargo run --example conversation`

use openai::Client;
use openai::types::responses::{ResponseCreateParams, ResponseInputItem};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let mut history: Vec<ResponseInputItem> = Vec::new();
    for question in ["Name a river in Europe.", "Where does it end?"] {
        history.push(ResponseInputItem::user(question));
        let response = client.responses().create(ResponseCreateParams::new().model("gpt-5.2").input(history.clone()).store(false)).await?;
        println!("{question} {}", response.output_text());
        history.extend(response.output.into_iter().map(ResponseInputItem::from));
    }
    Ok(())
}
