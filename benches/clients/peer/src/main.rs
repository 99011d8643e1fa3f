//! async-openai under measurement.

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionRequestDeveloperMessageArgs, ChatCompletionRequestUserMessageArgs, CreateChatCompletionRequest,
    CreateChatCompletionRequestArgs,
};
use async_openai::types::responses::CreateResponseArgs;
use client_harness::{Client, Stream};
use futures::TryStreamExt;

#[derive(Clone)]
struct Peer(async_openai::Client<OpenAIConfig>);

impl Client for Peer {
    fn new(base_url: &str) -> Self {
        Self(async_openai::Client::with_config(OpenAIConfig::new().with_api_key("sk-test").with_api_base(base_url)))
    }

    async fn chat(&self) -> usize {
        let completion = self.0.chat().create(question(false)).await.expect("an answer");
        completion.choices[0].message.content.as_deref().map_or(0, str::len)
    }

    async fn stream(&self, stream: Stream, mut event: impl FnMut() + Send) {
        match stream {
            Stream::Chat => {
                let mut events = self.0.chat().create_stream(question(true)).await.expect("an answer");
                while events.try_next().await.expect("an event").is_some() {
                    event();
                }
            }
            Stream::Responses => {
                // With the feature `byot`, which `full` turns on, the flag has to be set by hand.
                let params = CreateResponseArgs::default()
                    .model("gpt-5.2")
                    .input("How do I check a value's type?")
                    .stream(true)
                    .build()
                    .expect("valid");
                let mut events = self.0.responses().create_stream(params).await.expect("an answer");
                while events.try_next().await.expect("an event").is_some() {
                    event();
                }
            }
        }
    }

    async fn download(&self) -> u64 {
        self.0.files().content("file-1").await.expect("an answer").len() as u64
    }
}

fn question(stream: bool) -> CreateChatCompletionRequest {
    let messages = [
        ChatCompletionRequestDeveloperMessageArgs::default().content("Talk like a pirate.").build().expect("valid").into(),
        ChatCompletionRequestUserMessageArgs::default().content("How do I check a value's type?").build().expect("valid").into(),
    ];
    CreateChatCompletionRequestArgs::default().model("gpt-5.2").messages(messages).temperature(0.2).stream(stream).build().expect("valid")
}

fn main() {
    client_harness::run::<Peer>();
}
