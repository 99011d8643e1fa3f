//! The shapes of the samples with serde derive, for comparison. Fields that come as null are written as null, so that both sides
//! write the same.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "read by serde only")]
#![allow(clippy::large_enum_variant, reason = "as the samples")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    Stop,
    Length,
    ToolCalls,
    ContentFilter,
    FunctionCall,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Developer,
    System,
    User,
    Assistant,
    Tool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    Auto,
    Default,
    Flex,
    Scale,
    Priority,
}

macro_rules! derived {
    ($($name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* })*) => {$(
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct $name { $($(#[$meta])* pub $field: $type,)* }
    )*};
}

derived! {
    ChatChunk {
        id: String,
        choices: Vec<ChunkChoice>,
        created: i64,
        model: String,
        #[serde(skip_serializing_if = "Option::is_none")] service_tier: Option<ServiceTier>,
        #[serde(skip_serializing_if = "Option::is_none")] system_fingerprint: Option<String>,
        object: String,
        usage: Option<Usage>,
    }
    ChunkChoice {
        delta: Delta,
        logprobs: Option<Logprobs>,
        finish_reason: Option<FinishReason>,
        index: i64,
    }
    Delta {
        #[serde(skip_serializing_if = "Option::is_none")] content: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] tool_calls: Option<Vec<ToolCallDelta>>,
        #[serde(skip_serializing_if = "Option::is_none")] role: Option<Role>,
        #[serde(skip_serializing_if = "Option::is_none")] refusal: Option<String>,
    }
    ToolCallDelta {
        index: i64,
        #[serde(skip_serializing_if = "Option::is_none")] id: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] r#type: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] function: Option<FunctionDelta>,
    }
    FunctionDelta {
        #[serde(skip_serializing_if = "Option::is_none")] name: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] arguments: Option<String>,
    }
    Logprobs { content: Option<Vec<TokenLogprob>>, refusal: Option<Vec<TokenLogprob>>, }
    TokenLogprob { token: String, logprob: f64, bytes: Option<Vec<i64>>, top_logprobs: Vec<TopLogprob>, }
    TopLogprob { token: String, logprob: f64, bytes: Option<Vec<i64>>, }
    Usage { completion_tokens: i64, prompt_tokens: i64, total_tokens: i64, }
    ChatRequest {
        model: String,
        messages: Vec<Message>,
        #[serde(skip_serializing_if = "Option::is_none")] temperature: Option<f64>,
        #[serde(skip_serializing_if = "Option::is_none")] stream: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")] metadata: Option<BTreeMap<String, String>>,
    }
    Message { role: Role, content: String, #[serde(skip_serializing_if = "Option::is_none")] name: Option<String>, }

    FileList { object: String, data: Vec<FileObject>, first_id: String, last_id: String, has_more: bool, }
    FileObject {
        id: String,
        bytes: i64,
        created_at: i64,
        expires_at: Option<i64>,
        filename: String,
        object: String,
        purpose: Purpose,
        status: String,
        status_details: Option<String>,
    }

    Response {
        id: String,
        object: String,
        created_at: f64,
        #[serde(skip_serializing_if = "Option::is_none")] status: Option<Status>,
        error: Option<ResponseError>,
        incomplete_details: Option<Value>,
        instructions: Option<Input>,
        max_output_tokens: Option<i64>,
        model: String,
        output: Vec<OutputItem>,
        parallel_tool_calls: bool,
        temperature: Option<f64>,
        tools: Vec<Value>,
        metadata: Option<BTreeMap<String, String>>,
        #[serde(skip_serializing_if = "Option::is_none")] usage: Option<ResponseUsage>,
        #[serde(skip_serializing_if = "Option::is_none")] text: Option<TextConfig>,
    }
    ResponseError { code: String, message: String, }
    ResponseUsage { input_tokens: i64, output_tokens: i64, total_tokens: i64, }
    TextConfig {
        #[serde(skip_serializing_if = "Option::is_none")] format: Option<Format>,
        #[serde(skip_serializing_if = "Option::is_none")] verbosity: Option<String>,
    }
    FormatText {}
    FormatSchema { name: String, schema: Option<Value>, #[serde(skip_serializing_if = "Option::is_none")] strict: Option<bool>, }
    OutputMessage { id: String, role: String, content: Vec<OutputContent>, status: Status, }
    OutputText { text: String, annotations: Vec<Annotation>, #[serde(skip_serializing_if = "Option::is_none")] logprobs: Option<Vec<Value>>, }
    Refusal { refusal: String, }
    UrlCitation { url: String, start_index: i64, end_index: i64, title: String, }
    FunctionCall {
        #[serde(skip_serializing_if = "Option::is_none")] id: Option<String>,
        call_id: String,
        name: String,
        arguments: String,
        #[serde(skip_serializing_if = "Option::is_none")] status: Option<Status>,
    }
    Reasoning {
        id: String,
        summary: Vec<SummaryText>,
        #[serde(skip_serializing_if = "Option::is_none")] encrypted_content: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")] status: Option<Status>,
    }
    SummaryText { r#type: String, text: String, }
    WebSearchCall { id: String, status: Status, }
    ItemEvent { output_index: i64, sequence_number: i64, item: OutputItem, }
    TextDelta { item_id: String, output_index: i64, content_index: i64, delta: String, sequence_number: i64, logprobs: Vec<Value>, }
    ArgumentsDelta { item_id: String, output_index: i64, delta: String, sequence_number: i64, }
    ResponseEvent { sequence_number: i64, response: Response, }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    Assistants,
    Batch,
    FineTune,
    Vision,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Completed,
    Failed,
    InProgress,
    Cancelled,
    Queued,
    Incomplete,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Input {
    Text(String),
    Items(Vec<OutputItem>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Format {
    Text(FormatText),
    JsonSchema(FormatSchema),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputItem {
    Message(OutputMessage),
    FunctionCall(FunctionCall),
    Reasoning(Reasoning),
    WebSearchCall(WebSearchCall),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum OutputContent {
    #[serde(rename = "output_text")]
    Text(OutputText),
    #[serde(rename = "refusal")]
    Refusal(Refusal),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Annotation {
    UrlCitation(UrlCitation),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum StreamEvent {
    #[serde(rename = "response.output_item.added")]
    OutputItemAdded(ItemEvent),
    #[serde(rename = "response.output_item.done")]
    OutputItemDone(ItemEvent),
    #[serde(rename = "response.output_text.delta")]
    OutputTextDelta(TextDelta),
    #[serde(rename = "response.completed")]
    Completed(ResponseEvent),
    #[serde(rename = "response.function_call_arguments.delta")]
    FunctionCallArgumentsDelta(ArgumentsDelta),
}
