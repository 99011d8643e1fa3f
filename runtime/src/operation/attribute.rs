//! The attributes of spans that an operation's data may name. Owns the list, which exists once; must not know where they are found or how they are recorded.

macro_rules! attributes {
    ($($variant:ident = $name:literal,)*) => {
        /// An attribute that the span of a call can have: those of OpenTelemetry's conventions for generative AI that say nothing of what people write or models say.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Attribute {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Attribute {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in the conventions.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

attributes! {
    GenAiRequestModel = "gen_ai.request.model",
    GenAiRequestMaxTokens = "gen_ai.request.max_tokens",
    GenAiRequestTemperature = "gen_ai.request.temperature",
    GenAiRequestTopP = "gen_ai.request.top_p",
    GenAiRequestFrequencyPenalty = "gen_ai.request.frequency_penalty",
    GenAiRequestPresencePenalty = "gen_ai.request.presence_penalty",
    GenAiRequestSeed = "gen_ai.request.seed",
    GenAiRequestChoiceCount = "gen_ai.request.choice.count",
    GenAiRequestEncodingFormats = "gen_ai.request.encoding_formats",
    GenAiEmbeddingsDimensionCount = "gen_ai.embeddings.dimension.count",
    GenAiAgentId = "gen_ai.agent.id",
    GenAiAgentName = "gen_ai.agent.name",
    GenAiConversationId = "gen_ai.conversation.id",
    GenAiResponseId = "gen_ai.response.id",
    GenAiResponseModel = "gen_ai.response.model",
    GenAiResponseFinishReasons = "gen_ai.response.finish_reasons",
    GenAiUsageInputTokens = "gen_ai.usage.input_tokens",
    GenAiUsageOutputTokens = "gen_ai.usage.output_tokens",
    GenAiUsageCacheReadInputTokens = "gen_ai.usage.cache_read.input_tokens",
    GenAiUsageReasoningOutputTokens = "gen_ai.usage.reasoning.output_tokens",
    OpenaiRequestServiceTier = "openai.request.service_tier",
    OpenaiResponseServiceTier = "openai.response.service_tier",
    OpenaiResponseSystemFingerprint = "openai.response.system_fingerprint",
}
