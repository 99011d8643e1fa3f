//! An endpoint, a parameter and a field that this version does not know, with the client's credentials, retries and errors.
//!
//! `cargo run --example undocumented`

use openai::Client;
use openai::types::responses::ResponseCreateParams;
use serde_json::json;

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let value = client.post("/foo").json(&json!({ "my_param": true })).await?;
    println!("{value}");

    let params = ResponseCreateParams::new().model("gpt-5.2").input("Hello?").extra("brand_new", json!({ "a": [1, 2] }));
    let response = client.responses().create(params).query("trial", "yes").await?;
    println!("{:?}", response.extra.get("brand_new_answer"));
    Ok(())
}
