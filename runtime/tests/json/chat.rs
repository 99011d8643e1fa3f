//! Samples: a chat completion chunk and a chat request. Written as the generator emits types.

use openai_runtime::json::{self, Decode, Encode, Extra, Fault, Field, Json, Map, Object, Reader, StringEnum, Writer};

/// Why the model stopped.
#[derive(Clone, Debug, PartialEq)]
pub enum FinishReason {
    Stop,
    Length,
    ToolCalls,
    ContentFilter,
    FunctionCall,
    Other(String),
}

impl StringEnum for FinishReason {
    const VALUES: &'static [&'static str] = &["stop", "length", "tool_calls", "content_filter", "function_call"];

    #[inline]
    fn as_str(&self) -> &str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::FunctionCall => "function_call",
            Self::Other(text) => text,
        }
    }

    #[inline]
    fn from_text(text: &str) -> Self {
        match text {
            "stop" => Self::Stop,
            "length" => Self::Length,
            "tool_calls" => Self::ToolCalls,
            "content_filter" => Self::ContentFilter,
            "function_call" => Self::FunctionCall,
            _ => Self::Other(text.to_owned()),
        }
    }
}

openai_runtime::string_enum!(FinishReason);

/// Who speaks.
#[derive(Clone, Debug, PartialEq)]
pub enum Role {
    Developer,
    System,
    User,
    Assistant,
    Tool,
    Other(String),
}

impl StringEnum for Role {
    const VALUES: &'static [&'static str] = &["developer", "system", "user", "assistant", "tool"];

    #[inline]
    fn as_str(&self) -> &str {
        match self {
            Self::Developer => "developer",
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::Other(text) => text,
        }
    }

    #[inline]
    fn from_text(text: &str) -> Self {
        match text {
            "developer" => Self::Developer,
            "system" => Self::System,
            "user" => Self::User,
            "assistant" => Self::Assistant,
            "tool" => Self::Tool,
            _ => Self::Other(text.to_owned()),
        }
    }
}

openai_runtime::string_enum!(Role);

/// The tier of the request.
#[derive(Clone, Debug, PartialEq)]
pub enum ServiceTier {
    Auto,
    Default,
    Flex,
    Scale,
    Priority,
    Other(String),
}

impl StringEnum for ServiceTier {
    const VALUES: &'static [&'static str] = &["auto", "default", "flex", "scale", "priority"];

    #[inline]
    fn as_str(&self) -> &str {
        match self {
            Self::Auto => "auto",
            Self::Default => "default",
            Self::Flex => "flex",
            Self::Scale => "scale",
            Self::Priority => "priority",
            Self::Other(text) => text,
        }
    }

    #[inline]
    fn from_text(text: &str) -> Self {
        match text {
            "auto" => Self::Auto,
            "default" => Self::Default,
            "flex" => Self::Flex,
            "scale" => Self::Scale,
            "priority" => Self::Priority,
            _ => Self::Other(text.to_owned()),
        }
    }
}

openai_runtime::string_enum!(ServiceTier);

/// A chunk of a streamed completion.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatChunk {
    pub id: String,
    pub choices: Vec<ChunkChoice>,
    pub created: i64,
    pub model: String,
    pub service_tier: Option<ServiceTier>,
    pub system_fingerprint: Option<String>,
    pub usage: Option<Usage>,
    pub extra: Extra,
}

impl Object for ChatChunk {
    const FIELDS: &'static [Field] = &[
        Field { name: "id", flags: 1, values: &[] },
        Field { name: "choices", flags: 1, values: &[] },
        Field { name: "created", flags: 1, values: &[] },
        Field { name: "model", flags: 1, values: &[] },
        Field { name: "service_tier", flags: 2, values: &[] },
        Field { name: "system_fingerprint", flags: 0, values: &[] },
        Field { name: "object", flags: 5, values: &["chat.completion.chunk"] },
        Field { name: "usage", flags: 2, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.id),
            1 => r.set(&mut self.choices),
            2 => r.set(&mut self.created),
            3 => r.set(&mut self.model),
            4 => r.set_optional(&mut self.service_tier),
            5 => r.set_optional(&mut self.system_fingerprint),
            6 => r.constant("chat.completion.chunk"),
            7 => r.set_optional(&mut self.usage),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for ChatChunk {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for ChatChunk {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.id);
        o.required(1, &self.choices);
        o.required(2, &self.created);
        o.required(3, &self.model);
        o.optional(4, &self.service_tier);
        o.optional(5, &self.system_fingerprint);
        o.constant(6);
        o.optional(7, &self.usage);
        o.finish();
    }
}

/// One choice in a chunk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChunkChoice {
    pub delta: Delta,
    pub logprobs: Option<Logprobs>,
    pub finish_reason: Option<FinishReason>,
    pub index: i64,
    pub extra: Extra,
}

impl Object for ChunkChoice {
    const FIELDS: &'static [Field] = &[
        Field { name: "delta", flags: 1, values: &[] },
        Field { name: "logprobs", flags: 2, values: &[] },
        Field { name: "finish_reason", flags: 3, values: &[] },
        Field { name: "index", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.delta),
            1 => r.set_optional(&mut self.logprobs),
            2 => r.set(&mut self.finish_reason),
            3 => r.set(&mut self.index),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for ChunkChoice {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for ChunkChoice {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.delta);
        o.optional(1, &self.logprobs);
        o.required(2, &self.finish_reason);
        o.required(3, &self.index);
        o.finish();
    }
}

/// What a chunk adds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    pub content: Option<String>,
    pub tool_calls: Option<Vec<ToolCallDelta>>,
    pub role: Option<Role>,
    pub refusal: Option<String>,
    pub extra: Extra,
}

impl Object for Delta {
    const FIELDS: &'static [Field] = &[
        Field { name: "content", flags: 2, values: &[] },
        Field { name: "tool_calls", flags: 0, values: &[] },
        Field { name: "role", flags: 0, values: &[] },
        Field { name: "refusal", flags: 2, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set_optional(&mut self.content),
            1 => r.set_optional(&mut self.tool_calls),
            2 => r.set_optional(&mut self.role),
            3 => r.set_optional(&mut self.refusal),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Delta {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Delta {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.optional(0, &self.content);
        o.optional(1, &self.tool_calls);
        o.optional(2, &self.role);
        o.optional(3, &self.refusal);
        o.finish();
    }
}

/// A piece of a tool call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolCallDelta {
    pub index: i64,
    pub id: Option<String>,
    pub function: Option<FunctionDelta>,
    pub extra: Extra,
}

impl Object for ToolCallDelta {
    const FIELDS: &'static [Field] = &[
        Field { name: "index", flags: 1, values: &[] },
        Field { name: "id", flags: 0, values: &[] },
        Field { name: "type", flags: 4, values: &["function"] },
        Field { name: "function", flags: 0, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.index),
            1 => r.set_optional(&mut self.id),
            2 => r.constant("function"),
            3 => r.set_optional(&mut self.function),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for ToolCallDelta {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for ToolCallDelta {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.index);
        o.optional(1, &self.id);
        o.constant(2);
        o.optional(3, &self.function);
        o.finish();
    }
}

/// A piece of a function call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunctionDelta {
    pub name: Option<String>,
    pub arguments: Option<String>,
    pub extra: Extra,
}

impl Object for FunctionDelta {
    const FIELDS: &'static [Field] = &[Field { name: "name", flags: 0, values: &[] }, Field { name: "arguments", flags: 0, values: &[] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set_optional(&mut self.name),
            1 => r.set_optional(&mut self.arguments),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for FunctionDelta {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for FunctionDelta {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.optional(0, &self.name);
        o.optional(1, &self.arguments);
        o.finish();
    }
}

/// Log probabilities of tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Logprobs {
    pub content: Option<Vec<TokenLogprob>>,
    pub refusal: Option<Vec<TokenLogprob>>,
    pub extra: Extra,
}

impl Object for Logprobs {
    const FIELDS: &'static [Field] = &[Field { name: "content", flags: 3, values: &[] }, Field { name: "refusal", flags: 3, values: &[] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.content),
            1 => r.set(&mut self.refusal),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Logprobs {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Logprobs {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.content);
        o.required(1, &self.refusal);
        o.finish();
    }
}

/// One token.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenLogprob {
    pub token: String,
    pub logprob: f64,
    pub bytes: Option<Vec<i64>>,
    pub top_logprobs: Vec<TopLogprob>,
    pub extra: Extra,
}

impl Object for TokenLogprob {
    const FIELDS: &'static [Field] = &[
        Field { name: "token", flags: 1, values: &[] },
        Field { name: "logprob", flags: 1, values: &[] },
        Field { name: "bytes", flags: 3, values: &[] },
        Field { name: "top_logprobs", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.token),
            1 => r.set(&mut self.logprob),
            2 => r.set(&mut self.bytes),
            3 => r.set(&mut self.top_logprobs),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for TokenLogprob {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for TokenLogprob {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.token);
        o.required(1, &self.logprob);
        o.required(2, &self.bytes);
        o.required(3, &self.top_logprobs);
        o.finish();
    }
}

/// A likely token.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopLogprob {
    pub token: String,
    pub logprob: f64,
    pub bytes: Option<Vec<i64>>,
    pub extra: Extra,
}

impl Object for TopLogprob {
    const FIELDS: &'static [Field] = &[
        Field { name: "token", flags: 1, values: &[] },
        Field { name: "logprob", flags: 1, values: &[] },
        Field { name: "bytes", flags: 3, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.token),
            1 => r.set(&mut self.logprob),
            2 => r.set(&mut self.bytes),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for TopLogprob {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for TopLogprob {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.token);
        o.required(1, &self.logprob);
        o.required(2, &self.bytes);
        o.finish();
    }
}

/// Token counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    pub completion_tokens: i64,
    pub prompt_tokens: i64,
    pub total_tokens: i64,
    pub extra: Extra,
}

impl Object for Usage {
    const FIELDS: &'static [Field] = &[
        Field { name: "completion_tokens", flags: 1, values: &[] },
        Field { name: "prompt_tokens", flags: 1, values: &[] },
        Field { name: "total_tokens", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.completion_tokens),
            1 => r.set(&mut self.prompt_tokens),
            2 => r.set(&mut self.total_tokens),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Usage {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Usage {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.completion_tokens);
        o.required(1, &self.prompt_tokens);
        o.required(2, &self.total_tokens);
        o.finish();
    }
}

/// A request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    pub model: String,
    pub messages: Vec<Message>,
    pub temperature: Option<f64>,
    pub stream: Option<bool>,
    pub metadata: Option<Map<String>>,
    pub extra: Extra,
}

impl Object for ChatRequest {
    const FIELDS: &'static [Field] = &[
        Field { name: "model", flags: 1, values: &[] },
        Field { name: "messages", flags: 1, values: &[] },
        Field { name: "temperature", flags: 2, values: &[] },
        Field { name: "stream", flags: 2, values: &[] },
        Field { name: "metadata", flags: 2, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.model),
            1 => r.set(&mut self.messages),
            2 => r.set_optional(&mut self.temperature),
            3 => r.set_optional(&mut self.stream),
            4 => r.set_optional(&mut self.metadata),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for ChatRequest {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for ChatRequest {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.model);
        o.required(1, &self.messages);
        o.optional(2, &self.temperature);
        o.optional(3, &self.stream);
        o.optional(4, &self.metadata);
        o.finish();
    }
}

/// A message of a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    pub role: Role,
    pub content: String,
    pub name: Option<String>,
    pub extra: Extra,
}

impl Object for Message {
    const FIELDS: &'static [Field] = &[
        Field { name: "role", flags: 1, values: &[] },
        Field { name: "content", flags: 1, values: &[] },
        Field { name: "name", flags: 0, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.role),
            1 => r.set(&mut self.content),
            2 => r.set_optional(&mut self.name),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Message {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Message {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.role);
        o.required(1, &self.content);
        o.optional(2, &self.name);
        o.finish();
    }
}
