//! A program that compiles and does nothing. Behind `//~` is what the compiler has to say of the line.

use openai::types::batches::BatchListParams;
use openai::types::completions::CompletionCreateParams;
use openai::{Client, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let client = Client::from_env()?;
    client.models().list(); //~ a call sends nothing until it is made: add `.await`
    client.models().list().max_retries(0).with_response(); //~ add `.await`
    client.batches().poll("batch"); //~ nothing is asked yet: add `.await`
    client.batches().list(BatchListParams::new()).items(); //~ try_next().await
    client.batches().list(BatchListParams::new()).pages(); //~ try_next().await
    client.completions().create_stream(CompletionCreateParams::new("m")).await?; //~ try_next().await
    CompletionCreateParams::new("m").temperature(0.5); //~ params do nothing until they are given to a call
    Client::builder().api_key("sk-…"); //~ makes no client until `.build()`
    client.models().list().await?;
    Ok(())
}
