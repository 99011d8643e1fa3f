//! An eval: what is right is said once, a model is run on examples, and those that it got wrong are listed.
//!
//! `cargo run --example evals`

use openai::Client;
use openai::JsonModel;
use openai::types::evals::{EvalCreateParams, EvalRunCreateParams, EvalRunOutputItemListParams};
use serde_json::json;

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;

    // Deeply nested parameters may be read from JSON; the types check them.
    let eval = EvalCreateParams::from_value(json!({
        "name": "capitals",
        "data_source_config": {
            "type": "custom",
            "include_sample_schema": true,
            "item_schema": { "type": "object", "properties": { "country": { "type": "string" }, "capital": { "type": "string" } } },
        },
        "testing_criteria": [{
            "type": "string_check", "name": "the capital is named",
            "input": "{{ sample.output_text }}", "operation": "ilike", "reference": "{{ item.capital }}",
        }],
    }))?;
    let eval = client.evals().create(eval).await?;
    println!("{} ({})", eval.name, eval.id);

    let run = EvalRunCreateParams::from_value(json!({
        "name": "first",
        "data_source": {
            "type": "completions", "model": "gpt-5.2",
            "source": { "type": "file_content", "content": [
                { "item": { "country": "France", "capital": "Paris" } },
                { "item": { "country": "Australia", "capital": "Canberra" } },
            ] },
            "input_messages": { "type": "template", "template": [
                { "role": "developer", "content": "Answer with the capital only." },
                { "role": "user", "content": "{{ item.country }}" },
            ] },
        },
    }))?;
    let run = client.evals().runs().create_and_poll(&eval.id, run).on_progress(|run| println!("{}", run.status)).await?;
    println!("{} of {} passed", run.result_counts.passed, run.result_counts.total);

    let failed = EvalRunOutputItemListParams::new().status("fail");
    let mut failed = client.evals().runs().output_items().list(&eval.id, &run.id, failed).items();
    while let Some(item) = failed.try_next().await? {
        let criteria: Vec<&str> = item.results.iter().filter(|result| !result.passed).map(|result| result.name.as_str()).collect();
        println!("{}: {criteria:?}", item.datasource_item);
    }
    client.evals().delete(&eval.id).await?;
    Ok(())
}
