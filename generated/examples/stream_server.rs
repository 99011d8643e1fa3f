//! A web server (axum) that streams answers to browsers; one that leaves drops the stream from the API with its request.
//!
//! `cargo run --example stream_server`, then open the printed address, or `curl -N http://127.0.0.1:8000/ask/Hello`.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures_util::StreamExt;
use openai::Client;
use openai::types::responses::{ResponseCreateParams, ResponseStreamEvent};

const PAGE: &str = r#"<form><input name=q autofocus></form><p id=a></p><script>
const q = new URLSearchParams(location.search).get("q");
if (q) {
  const source = new EventSource("/ask/" + encodeURIComponent(q));
  source.onmessage = e => a.textContent += JSON.parse(e.data);
  source.addEventListener("done", () => source.close());
  source.addEventListener("failed", e => { a.textContent += " [" + JSON.parse(e.data) + "]"; source.close(); });
}
</script>"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let client = Client::from_env()?;
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:8000".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    let routes = Router::new().route("/", get(async || Html(PAGE))).route("/ask/{question}", get(ask)).with_state(client);
    axum::serve(listener, routes).await?;
    Ok(())
}

/// A clone of the client shares its connections, so that every request has one of its own.
async fn ask(State(client): State<Client>, Path(question): Path<String>) -> Response {
    let params = ResponseCreateParams::new().model("gpt-5.2").input(question);
    let events = match client.responses().create_stream(params).await {
        Ok(events) => events,
        // A refusal of the API is still a plain answer here: nothing has been sent yet.
        Err(error) => {
            let status = if error.is_rate_limit() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::BAD_GATEWAY };
            return (status, error.to_string()).into_response();
        }
    };
    // The stream owns its connection; axum drops it when the browser is gone.
    let to_browser = events.filter_map(|event| async {
        Some(Ok::<_, Infallible>(match event {
            Ok(ResponseStreamEvent::OutputTextDelta(delta)) => said("message", &delta.delta),
            Ok(ResponseStreamEvent::Completed(_)) => said("done", ""),
            Ok(_) => return None,
            Err(error) => said("failed", error.message()),
        }))
    });
    Sse::new(to_browser).keep_alive(KeepAlive::default()).into_response()
}

/// An event whose data is a string of JSON, so that line breaks survive.
fn said(name: &str, text: &str) -> Event {
    Event::default().event(name).data(serde_json::Value::from(text).to_string())
}
