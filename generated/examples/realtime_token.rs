//! A key for a browser: it opens one realtime session and is worth nothing a minute later, so that the real key stays on the server.
//!
//! `cargo run --example realtime_token`

use openai::Client;
use openai::types::realtime::{RealtimeClientSecretCreateParams, RealtimeClientSecretCreateParamsExpiresAfter, Session};

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let params = RealtimeClientSecretCreateParams::new()
        .expires_after(RealtimeClientSecretCreateParamsExpiresAfter::new().seconds(60))
        .session(Session::realtime().model("gpt-realtime-2").instructions("Speak like a sailor."));
    let secret = client.realtime().client_secrets().create(params).await?;
    println!("{} until {}", secret.value, secret.expires_at);
    Ok(())
}
