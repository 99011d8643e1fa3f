//! Lists: page by page, and item by item.
//!
//! `cargo run --example pagination`

use openai::Client;
use openai::types::fine_tuning::JobListParams;

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let page = client.fine_tuning().jobs().list(JobListParams::new().limit(20)).await?;
    println!("{} jobs on the first page", page.data.len());
    if page.has_next_page() {
        let next = page.next_page().await?;
        println!("{} jobs on the next", next.data.len());
    }

    let mut jobs = client.fine_tuning().jobs().list(JobListParams::new().limit(20)).items();
    while let Some(job) = jobs.try_next().await? {
        println!("{}", job.id);
    }
    Ok(())
}
