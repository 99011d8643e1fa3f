//! What can go wrong, and how to tell.
//!
//! `cargo run --example errors`

use openai::types::responses::ResponseCreateParams;
use openai::{Client, Error};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let params = ResponseCreateParams::new().model("no-such-model").input("Hello?");
    match client.responses().create(params).await {
        Ok(response) => println!("{}", response.output_text()),
        Err(error) => explain(&error),
    }
    Ok(())
}

fn explain(error: &Error) {
    if error.is_rate_limit() {
        println!("slow down: {:?}", error.retry_after());
    } else if error.is_not_found() {
        println!("{} ({:?}), request {:?}", error.message(), error.code(), error.request_id());
    } else if error.is_connection() || error.is_timeout() {
        println!("the network: {error}");
    } else {
        println!("{error}");
    }
}
