//! A server that takes webhooks (axum).
//!
//! `OPENAI_WEBHOOK_SECRET=… cargo run --example webhooks`, with the secret that the dashboard shows.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use openai::types::webhooks::WebhookEvent;
use openai::{Client, webhook_id};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Arc::new(Client::from_env()?);
    let address: SocketAddr = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:8000".to_owned()).parse()?;
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/webhook", listener.local_addr()?);
    axum::serve(listener, Router::new().route("/webhook", post(webhook)).with_state(client)).await?;
    Ok(())
}

/// The body as bytes: an extractor that decodes it would lose what was signed.
async fn webhook(State(client): State<Arc<Client>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let event = match client.webhooks().unwrap(&body, &headers) {
        Ok(event) => event,
        Err(error) if error.is_webhook() => {
            println!("refused: {}", error.message());
            return StatusCode::BAD_REQUEST;
        }
        Err(error) => {
            println!("{error}");
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
    };
    // The same event may come twice: a program that must not do things twice remembers the ids.
    let id = webhook_id(&headers).unwrap_or_default();
    match event {
        WebhookEvent::ResponseCompleted(event) => println!("{id}: response {} is complete", event.data.id),
        other => println!("{id}: unhandled {}", other.event_type()),
    }
    StatusCode::OK
}
