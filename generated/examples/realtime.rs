//! A conversation in writing over a WebSocket.
//!
//! `cargo run --example realtime`

use std::io::Write;

use openai::types::realtime::{Item, RealtimeConnectParams, RealtimeServerEvent, Session};
use openai::{Client, Error};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let answer = talk(&Client::from_env()?, "Say hello!").await?;
    println!("\n{} characters", answer.chars().count());
    Ok(())
}

/// Says something and prints the answer as it is written.
pub(crate) async fn talk(client: &Client, text: &str) -> Result<String, Box<dyn std::error::Error>> {
    let mut connection = client.realtime().connect(RealtimeConnectParams::new().model("gpt-realtime-2")).await?;
    connection.session().update(Session::realtime().output_modalities(["text"])).await?;
    connection.conversation().item().create(Item::user_text(text)).await?;
    connection.response().create().await?;
    let mut answer = String::new();
    while let Some(event) = connection.try_next().await? {
        match event {
            RealtimeServerEvent::ResponseOutputTextDelta(delta) => {
                answer.push_str(&delta.delta);
                print!("{}", delta.delta);
                std::io::stdout().flush()?;
            }
            RealtimeServerEvent::ResponseDone(_) => break,
            RealtimeServerEvent::Error(_) => return Err(Error::of_event(&event).ok_or("an error without words")?.into()),
            _ => {}
        }
    }
    connection.close().await;
    Ok(answer)
}
