//! What an organization has used and what it costs, over the pages of both reports. Needs an admin key.
//!
//! `OPENAI_ADMIN_KEY=… cargo run --example usage_report -- 7` (days)

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use openai::Client;
use openai::types::admin::{OrganizationUsageCompletionsParams, OrganizationUsageCostsParams, UsageTimeBucketResult};

#[derive(Default)]
struct Used {
    requests: i64,
    input: i64,
    output: i64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let days: u64 = std::env::args().nth(1).unwrap_or_else(|| "7".to_owned()).parse()?;
    let since = SystemTime::now() - Duration::from_secs(days * 24 * 60 * 60);
    let since = since.duration_since(SystemTime::UNIX_EPOCH)?.as_secs().try_into()?;
    let usage = client.admin().organization().usage();

    let mut models: BTreeMap<String, Used> = BTreeMap::new();
    let mut days = usage.completions(OrganizationUsageCompletionsParams::new(since).group_by(["model"])).items();
    while let Some(day) = days.try_next().await? {
        for result in day.results {
            if let UsageTimeBucketResult::UsageCompletionsResult(result) = result {
                let used = models.entry(result.model.unwrap_or_default()).or_default();
                used.requests += result.num_model_requests;
                used.input += result.input_tokens;
                used.output += result.output_tokens;
            }
        }
    }
    println!("{:20} {:>10} {:>14} {:>14}", "model", "requests", "tokens in", "tokens out");
    for (model, used) in &models {
        println!("{model:20} {:>10} {:>14} {:>14}", used.requests, used.input, used.output);
    }

    let mut lines: BTreeMap<String, f64> = BTreeMap::new();
    let mut days = usage.costs(OrganizationUsageCostsParams::new(since).group_by(["line_item"])).items();
    while let Some(day) = days.try_next().await? {
        for result in day.results {
            if let UsageTimeBucketResult::CostsResult(cost) = result {
                let amount = cost.amount.and_then(|amount| amount.value).unwrap_or(0.0);
                *lines.entry(cost.line_item.unwrap_or_default()).or_default() += amount;
            }
        }
    }
    println!("\n{:35} {:>10}", "costs", "USD");
    for (line, amount) in &lines {
        println!("{line:35} {amount:>10.2}");
    }
    println!("{:35} {:>10.2}", "all", lines.values().sum::<f64>());
    Ok(())
}
