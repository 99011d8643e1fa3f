//! A chat in the terminal: the answer streams, the history is kept, and Ctrl-C stops the answer, not the program.
//!
//! `cargo run --example terminal_chat`. Commands: `/model NAME`, `/undo`, `/clear`, `/quit`. Ctrl-C where nothing is being answered ends it, too.

use std::io::Write;
use std::sync::Arc;

use openai::types::responses::{ResponseCreateParams, ResponseInputItem, ResponseStreamEvent};
use openai::{Client, EventStream, Result};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::Notify;

struct Chat {
    client: Client,
    model: String,
    history: Vec<ResponseInputItem>,
    /// Ctrl-C.
    interrupted: Arc<Notify>,
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let interrupted = Arc::new(Notify::new());
    let mut chat =
        Chat { client: Client::from_env()?, model: "gpt-5.2".to_owned(), history: Vec::new(), interrupted: Arc::clone(&interrupted) };
    // Listened for all the time, so that none is lost between an answer and the next prompt.
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            interrupted.notify_one();
        }
    });
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        prompt("> ");
        let line = tokio::select! {
            line = lines.next_line() => line?,
            // A thread still waits for the line, and returning from `main` would wait for the thread.
            () = chat.interrupted.notified() => std::process::exit(0),
        };
        let Some(line) = line else { break };
        match line.trim().split_once(' ').unwrap_or((line.trim(), "")) {
            ("", _) => {}
            ("/quit", _) => break,
            ("/clear", _) => chat.history.clear(),
            // A question and its answer.
            ("/undo", _) => chat.history.truncate(chat.history.len().saturating_sub(2)),
            ("/model", name) if !name.is_empty() => chat.model = name.to_owned(),
            _ => {
                // What went wrong with one question is no reason to lose the others.
                if let Err(error) = chat.ask(line).await {
                    println!("[{error}]");
                }
            }
        }
    }
    Ok(())
}

impl Chat {
    async fn ask(&mut self, question: String) -> Result<()> {
        let mut input = self.history.clone();
        input.push(ResponseInputItem::user(question));
        let params = ResponseCreateParams::new().model(&self.model).input(input.clone()).store(false);
        let mut answer = String::new();
        let outcome = tokio::select! {
            outcome = self.read(params, &mut answer) => outcome,
            // The stream is dropped with the other branch, and its connection closes: nothing more is generated for nobody.
            () = self.interrupted.notified() => {
                print!(" [stopped]");
                Ok(())
            }
        };
        outcome?;
        println!();
        if !answer.is_empty() {
            input.push(ResponseInputItem::assistant(answer));
            self.history = input;
        }
        Ok(())
    }

    async fn read(&self, params: ResponseCreateParams, answer: &mut String) -> Result<()> {
        let mut events: EventStream<ResponseStreamEvent> = self.client.responses().create_stream(params).await?;
        while let Some(event) = events.try_next().await? {
            if let ResponseStreamEvent::OutputTextDelta(delta) = event {
                answer.push_str(&delta.delta);
                prompt(&delta.delta);
            }
        }
        Ok(())
    }
}

fn prompt(text: &str) {
    print!("{text}");
    // A terminal that is gone is found out when the next line is read.
    std::io::stdout().flush().ok();
}
