//! The models that a key may use, newest first; one looked up; and one that does not exist.
//!
//! `cargo run --example models -- gpt-5.2`

use openai::Client;

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let mut models = client.models().list().await?.into_items();
    models.sort_by_key(|model| std::cmp::Reverse(model.created));
    println!("{} models", models.len());
    for model in models.iter().take(10) {
        println!("{:30} {}", model.id, model.owned_by);
    }

    let wanted = std::env::args().nth(1).unwrap_or_else(|| "gpt-5.2".to_owned());
    match client.models().retrieve(&wanted).await {
        Ok(model) => println!("{} is there", model.id),
        Err(error) if error.is_not_found() => println!("{wanted} is not: {}", error.message()),
        Err(error) => return Err(error),
    }
    Ok(())
}
