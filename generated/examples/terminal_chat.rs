//! A chat in the terminal: the answer streams, the history is kept, and Ctrl-C stops the answer, not the program.
//!
//! `cargo run --example terminal_chat`. Commands: `/model NAME`, `/undo`, `/clear`, `/quit`.

use std::io::Write;

use openai::types::responses::{ResponseCreateParams, ResponseInputItem, ResponseStreamEvent};
use openai::{Client, EventStream, Result};
use tokio::io::{AsyncBufReadExt, BufReader};

struct Chat {
    client: Client,
    model: String,
    history: Vec<ResponseInputItem>,
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    dotenvy::dotenv().ok();
    let mut chat = Chat { client: Client::from_env()?, model: "gpt-5.2".to_owned(), history: Vec::new() };
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        prompt("> ");
        let Some(line) = lines.next_line().await? else { break };
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
            _ = tokio::signal::ctrl_c() => {
                print!(" [stopped]");
                Ok(())
            }
        };
        outcome?;
        println!();
        input.push(ResponseInputItem::assistant(answer));
        self.history = input;
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
