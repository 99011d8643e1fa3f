//! Code that a model writes and runs in a container: a file goes in, a program is run on it, and what it made comes out.
//!
//! `cargo run --example containers`

use openai::types::containers::{ContainerCreateParams, ContainerFileCreateParams, ContainerFileListParams};
use openai::types::responses::{CodeInterpreterTool, ResponseCreateParams, ResponseOutputItem};
use openai::{Client, Upload};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;

    let container = client.containers().create_and_poll(ContainerCreateParams::new("example")).await?;
    let numbers = Upload::bytes("numbers.csv", "month,sales\n1,10\n2,14\n3,9\n");
    let file = client.containers().files().create(&container.id, ContainerFileCreateParams::new().file(numbers)).await?;
    println!("{} is at {}", file.id, file.path);

    let params = ResponseCreateParams::new()
        .model("gpt-5.2")
        .input(format!("Sum the sales in {}, and write the sum into sum.txt.", file.path))
        .tools([CodeInterpreterTool::new(&*container.id)]);
    let response = client.responses().create(params).await?;
    for item in &response.output {
        if let ResponseOutputItem::CodeInterpreterCall(call) = item {
            println!("ran:\n{}", call.code.as_deref().unwrap_or_default());
        }
    }
    println!("{}", response.output_text());

    let mut files = client.containers().files().list(&container.id, ContainerFileListParams::new()).items();
    while let Some(made) = files.try_next().await? {
        if made.source == "assistant" {
            let text = client.containers().files().content().retrieve(&container.id, &made.id).await?.text().await?;
            println!("{}: {text}", made.path);
        }
    }
    client.containers().delete(&container.id).await?;
    Ok(())
}
