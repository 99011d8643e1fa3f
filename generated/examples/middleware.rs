//! A transport around another: every request and its answer pass through it, retries included, and are logged with the time that they took.
//!
//! `cargo run --example middleware`

use std::sync::Arc;
use std::time::Instant;

use openai::Client;
use openai::transport::{BoxFuture, RequestBody, ResponseBody, Transport, TransportError};

/// It could cache, record or refuse as well.
struct Logged {
    next: Arc<dyn Transport>,
}

impl Transport for Logged {
    fn send(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        // A header could be added here: `request` is complete, and its own.
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        Box::pin(async move {
            let start = Instant::now();
            let answer = self.next.send(request).await;
            // The headers are there; the body comes after that, and may be a stream that lasts for minutes.
            let outcome = answer.as_ref().map_or_else(ToString::to_string, |answer| answer.status().to_string());
            eprintln!("{method} {path}: {outcome} in {} ms", start.elapsed().as_millis());
            answer
        })
    }
}

#[tokio::main]
async fn main() -> openai::Result<()> {
    dotenvy::dotenv().ok();
    let client = Client::builder().wrap_transport(|next| Logged { next }).build()?;
    let models = client.models().list().await?;
    println!("{} models", models.data.len());
    Ok(())
}
