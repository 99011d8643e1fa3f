//! Against the server that `OPENAI_BASE_URL` names, with the key of `OPENAI_API_KEY`: not part of `cargo test`, but of
//! `cargo test -p openai-tests --features live --test live`. `any_server` is what any server of this API must pass (`cargo xtask live` runs it against one);
//! `openai` runs the quickstart programs, which need the Responses API. `OPENAI_LIVE_MODEL` and `OPENAI_LIVE_EMBEDDING_MODEL` say which models are asked.
#![cfg(feature = "live")]

/// The model that the environment names.
fn model(variable: &str, otherwise: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned())
}

mod any_server {
    use openai::types::chat::{ChatCompletionChunk, ChatCompletionCreateParams, ChatMessage};
    use openai::types::embeddings::EmbeddingCreateParams;
    use openai::{Client, StringEnum};

    fn client() -> Client {
        Client::from_env().expect("OPENAI_API_KEY and OPENAI_BASE_URL")
    }

    #[expect(deprecated, reason = "not every server knows the new name of the limit")]
    fn question() -> ChatCompletionCreateParams {
        let model = super::model("OPENAI_LIVE_MODEL", "gpt-4o-mini");
        ChatCompletionCreateParams::new(model, [ChatMessage::system("Be brief."), ChatMessage::user("Say hello.")]).max_tokens(16)
    }

    #[test]
    fn models_are_listed() {
        let models = client().models().list().blocking().expect("an answer");
        assert!(models.data.iter().all(|model| !model.id.is_empty()) && !models.data.is_empty(), "{models:?}");
    }

    #[tokio::test]
    async fn a_chat_is_answered() {
        let completion = client().chat().completions().create(question()).with_response().await.expect("an answer");
        assert_eq!(completion.status(), 200);
        let [choice] = completion.choices.as_slice() else { panic!("{completion:?}") };
        assert!(choice.message.content.is_some(), "{choice:?}");
        assert!(["stop", "length"].contains(&choice.finish_reason.as_str()), "{choice:?}");
        let usage = completion.usage.clone().expect("usage");
        assert_eq!(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    }

    #[tokio::test]
    async fn a_chat_streams() {
        let mut stream = client().chat().completions().create_stream(question()).await.expect("a stream");
        let mut chunks: Vec<ChatCompletionChunk> = Vec::new();
        while let Some(chunk) = stream.try_next().await.expect("a chunk") {
            chunks.push(chunk);
        }
        assert!(chunks.len() > 1, "{chunks:?}");
        let choices: Vec<_> = chunks.iter().flat_map(|chunk| &chunk.choices).collect();
        assert!(choices.iter().any(|choice| choice.delta.content.as_deref().is_some_and(|text| !text.is_empty())), "{chunks:?}");
        assert!(choices.iter().any(|choice| choice.finish_reason.is_some()), "{chunks:?}");
    }

    #[test]
    fn a_stream_that_is_dropped_leaves_the_client_in_order() {
        let client = client();
        let mut stream = client.chat().completions().create_stream(question()).blocking().expect("a stream").blocking();
        stream.next().expect("a chunk").expect("a chunk");
        drop(stream);
        client.chat().completions().create(question()).blocking().expect("an answer");
    }

    #[test]
    fn texts_are_embedded() {
        let model = super::model("OPENAI_LIVE_EMBEDDING_MODEL", "text-embedding-3-small");
        let made =
            client().embeddings().create(EmbeddingCreateParams::new(model, ["one text", "another text"])).blocking().expect("vectors");
        let [first, second] = made.data.as_slice() else { panic!("{made:?}") };
        assert!(first.embedding.len() > 1 && first.embedding.len() == second.embedding.len(), "{made:?}");
        assert!(first.embedding != second.embedding && first.embedding.iter().all(|number| number.is_finite()), "{made:?}");
    }

    #[test]
    fn a_request_that_is_refused_says_so() {
        let params = question().extra("messages", "no list");
        let error = client().chat().completions().create(params).max_retries(0).blocking().expect_err("a refusal");
        assert!(error.is_status() && !error.message().is_empty() && error.body().is_some(), "{error:?}");
    }
}

mod openai_itself {
    /// The programs of the quickstart, as their users run them.
    #[test]
    fn the_quickstart_programs_end_well() {
        for name in ["first_program", "chat", "streaming", "conversation", "errors", "files", "pagination"] {
            let output = openai_tests::examples::command(name).output().expect("the program runs");
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
