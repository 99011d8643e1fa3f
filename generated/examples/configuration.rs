//! A client with everything set by hand, and one made from it that is more patient.
//!
//! `cargo run --example configuration`

use std::time::Duration;

use openai::{Client, Timeout};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::builder()
        .organization("org-example")
        .project("proj-example")
        .timeout(Timeout::default().connect(Duration::from_secs(5)).read(Duration::from_secs(60)))
        .max_retries(2)
        .default_header("x-team", "search")
        .build()?;
    let patient = client.with_options(|options| options.max_retries(5).timeout(Duration::from_secs(600)));

    // One call may differ, too; `with_response` gives the headers along with the value.
    let models = patient.models().list().header("x-trace", "1").deadline(Duration::from_secs(30)).with_response().await?;
    println!("{} models, request {:?}, {} retries", models.data.len(), models.request_id(), models.retries());
    println!("requests left: {:?}", models.response.rate_limits().remaining_requests);
    Ok(())
}
