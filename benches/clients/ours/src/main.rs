//! This project's client under measurement.

use client_harness::{Client, Stream};
use openai::types::chat::{ChatCompletionCreateParams, ChatMessage};
use openai::types::responses::ResponseCreateParams;

#[derive(Clone)]
struct Ours(openai::Client);

impl Client for Ours {
    fn new(base_url: &str) -> Self {
        Self(openai::Client::builder().api_key("sk-test").base_url(base_url).build().expect("a valid configuration"))
    }

    async fn chat(&self) -> usize {
        let completion = self.0.chat().completions().create(question()).await.expect("an answer");
        completion.choices[0].message.content.as_deref().map_or(0, str::len)
    }

    async fn stream(&self, stream: Stream, mut event: impl FnMut() + Send) {
        match stream {
            Stream::Chat => {
                let mut events = self.0.chat().completions().create_stream(question()).await.expect("an answer");
                while events.try_next().await.expect("an event").is_some() {
                    event();
                }
            }
            Stream::Responses => {
                let params = ResponseCreateParams::new().model("gpt-5.2").input("How do I check a value's type?");
                let mut events = self.0.responses().create_stream(params).await.expect("an answer");
                while events.try_next().await.expect("an event").is_some() {
                    event();
                }
            }
        }
    }

    async fn download(&self) -> u64 {
        let mut content = self.0.files().content("file-1").await.expect("an answer");
        while content.try_next().await.expect("bytes").is_some() {}
        content.received()
    }
}

fn question() -> ChatCompletionCreateParams {
    let messages = [ChatMessage::developer("Talk like a pirate."), ChatMessage::user("How do I check a value's type?")];
    ChatCompletionCreateParams::new("gpt-5.2", messages).temperature(0.2)
}

fn main() {
    client_harness::run::<Ours>();
}
