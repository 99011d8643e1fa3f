//! ChatKit (beta): a key with which a browser talks to a workflow as one user, and what was said in that user's threads.
//!
//! `cargo run --example chatkit -- wf_123`

use openai::Client;
use openai::types::beta::{ChatKitSessionCreateParams, ChatKitThreadListParams, WorkflowParam};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let workflow = std::env::args().nth(1).unwrap_or_else(|| "wf_123".to_owned());
    let user = "ada@example.com";

    let params = ChatKitSessionCreateParams::new(WorkflowParam::new(workflow), user);
    let session = client.beta().chatkit().sessions().create(params).await?;
    println!("{} until {}", session.client_secret, session.expires_at);

    let mut threads = client.beta().chatkit().threads().list(ChatKitThreadListParams::new().user(user).order("desc")).items();
    while let Some(thread) = threads.try_next().await? {
        println!("{} {}", thread.id, thread.title.as_deref().unwrap_or("without a title"));
    }
    Ok(())
}
