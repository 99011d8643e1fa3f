//! Samples: output items and stream events of a response. Written as the generator emits types.

use openai_runtime::json::{self, Decode, Encode, Extra, Fault, Field, Json, Kind, Map, Object, Reader, StringEnum, Writer};

/// How far the response is.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    Completed,
    Failed,
    InProgress,
    Cancelled,
    Queued,
    Incomplete,
    Other(String),
}

impl StringEnum for Status {
    const VALUES: &'static [&'static str] = &["completed", "failed", "in_progress", "cancelled", "queued", "incomplete"];

    #[inline]
    fn as_str(&self) -> &str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::InProgress => "in_progress",
            Self::Cancelled => "cancelled",
            Self::Queued => "queued",
            Self::Incomplete => "incomplete",
            Self::Other(text) => text,
        }
    }

    #[inline]
    fn from_text(text: &str) -> Self {
        match text {
            "completed" => Self::Completed,
            "failed" => Self::Failed,
            "in_progress" => Self::InProgress,
            "cancelled" => Self::Cancelled,
            "queued" => Self::Queued,
            "incomplete" => Self::Incomplete,
            _ => Self::Other(text.to_owned()),
        }
    }
}

openai_runtime::string_enum!(Status);

/// A response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    pub id: String,
    pub created_at: f64,
    pub status: Option<Status>,
    pub error: Option<ResponseError>,
    pub incomplete_details: Option<Json>,
    pub instructions: Option<Input>,
    pub max_output_tokens: Option<i64>,
    pub model: String,
    pub output: Vec<OutputItem>,
    pub parallel_tool_calls: bool,
    pub temperature: Option<f64>,
    pub tools: Vec<Json>,
    pub metadata: Option<Map<String>>,
    pub usage: Option<ResponseUsage>,
    pub text: Option<TextConfig>,
    pub extra: Extra,
}

impl Object for Response {
    const FIELDS: &'static [Field] = &[
        Field { name: "id", flags: 1, values: &[] },
        Field { name: "object", flags: 5, values: &["response"] },
        Field { name: "created_at", flags: 1, values: &[] },
        Field { name: "status", flags: 0, values: &[] },
        Field { name: "error", flags: 3, values: &[] },
        Field { name: "incomplete_details", flags: 3, values: &[] },
        Field { name: "instructions", flags: 3, values: &[] },
        Field { name: "max_output_tokens", flags: 2, values: &[] },
        Field { name: "model", flags: 1, values: &[] },
        Field { name: "output", flags: 1, values: &[] },
        Field { name: "parallel_tool_calls", flags: 1, values: &[] },
        Field { name: "temperature", flags: 3, values: &[] },
        Field { name: "tools", flags: 1, values: &[] },
        Field { name: "metadata", flags: 3, values: &[] },
        Field { name: "usage", flags: 0, values: &[] },
        Field { name: "text", flags: 0, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.id),
            1 => r.constant("response"),
            2 => r.set(&mut self.created_at),
            3 => r.set_optional(&mut self.status),
            4 => r.set(&mut self.error),
            5 => r.set(&mut self.incomplete_details),
            6 => r.set(&mut self.instructions),
            7 => r.set_optional(&mut self.max_output_tokens),
            8 => r.set(&mut self.model),
            9 => r.set(&mut self.output),
            10 => r.set(&mut self.parallel_tool_calls),
            11 => r.set(&mut self.temperature),
            12 => r.set(&mut self.tools),
            13 => r.set(&mut self.metadata),
            14 => r.set_optional(&mut self.usage),
            15 => r.set_optional(&mut self.text),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Response {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Response {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.id);
        o.constant(1);
        o.required(2, &self.created_at);
        o.optional(3, &self.status);
        o.required(4, &self.error);
        o.required(5, &self.incomplete_details);
        o.required(6, &self.instructions);
        o.optional(7, &self.max_output_tokens);
        o.required(8, &self.model);
        o.required(9, &self.output);
        o.required(10, &self.parallel_tool_calls);
        o.required(11, &self.temperature);
        o.required(12, &self.tools);
        o.required(13, &self.metadata);
        o.optional(14, &self.usage);
        o.optional(15, &self.text);
        o.finish();
    }
}

/// Why it failed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseError {
    pub code: String,
    pub message: String,
    pub extra: Extra,
}

impl Object for ResponseError {
    const FIELDS: &'static [Field] = &[Field { name: "code", flags: 1, values: &[] }, Field { name: "message", flags: 1, values: &[] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.code),
            1 => r.set(&mut self.message),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for ResponseError {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for ResponseError {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.code);
        o.required(1, &self.message);
        o.finish();
    }
}

/// Token counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseUsage {
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub total_tokens: i64,
    pub extra: Extra,
}

impl Object for ResponseUsage {
    const FIELDS: &'static [Field] = &[
        Field { name: "input_tokens", flags: 1, values: &[] },
        Field { name: "output_tokens", flags: 1, values: &[] },
        Field { name: "total_tokens", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.input_tokens),
            1 => r.set(&mut self.output_tokens),
            2 => r.set(&mut self.total_tokens),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for ResponseUsage {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for ResponseUsage {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.input_tokens);
        o.required(1, &self.output_tokens);
        o.required(2, &self.total_tokens);
        o.finish();
    }
}

/// How text is formatted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextConfig {
    pub format: Option<Format>,
    pub verbosity: Option<String>,
    pub extra: Extra,
}

impl Object for TextConfig {
    const FIELDS: &'static [Field] = &[Field { name: "format", flags: 0, values: &[] }, Field { name: "verbosity", flags: 2, values: &[] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set_optional(&mut self.format),
            1 => r.set_optional(&mut self.verbosity),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for TextConfig {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for TextConfig {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.optional(0, &self.format);
        o.optional(1, &self.verbosity);
        o.finish();
    }
}

/// A text format.
#[derive(Clone, Debug, PartialEq)]
pub enum Format {
    Text(FormatText),
    JsonSchema(FormatSchema),
    Unknown(Json),
}

impl Decode for Format {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.tag("type")?.as_deref() {
            Some("text") => Ok(Self::Text(r.decode()?)),
            Some("json_schema") => Ok(Self::JsonSchema(r.decode()?)),
            _ => Ok(Self::Unknown(r.unknown()?)),
        }
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(Self::Unknown(raw))
    }
}

impl Encode for Format {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::Text(value) => value.encode(w),
            Self::JsonSchema(value) => value.encode(w),
            Self::Unknown(value) => value.encode(w),
        }
    }
}

impl Default for Format {
    #[inline]
    fn default() -> Self {
        Self::Unknown(Json::null())
    }
}

/// Plain text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormatText {
    pub extra: Extra,
}

impl Object for FormatText {
    const FIELDS: &'static [Field] = &[Field { name: "type", flags: 5, values: &["text"] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("text"),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for FormatText {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for FormatText {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.finish();
    }
}

/// JSON by a schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormatSchema {
    pub name: String,
    pub schema: Json,
    pub strict: Option<bool>,
    pub extra: Extra,
}

impl Object for FormatSchema {
    const FIELDS: &'static [Field] = &[
        Field { name: "type", flags: 5, values: &["json_schema"] },
        Field { name: "name", flags: 1, values: &[] },
        Field { name: "schema", flags: 3, values: &[] },
        Field { name: "strict", flags: 2, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("json_schema"),
            1 => r.set(&mut self.name),
            2 => r.set(&mut self.schema),
            3 => r.set_optional(&mut self.strict),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for FormatSchema {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for FormatSchema {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.name);
        o.required(2, &self.schema);
        o.optional(3, &self.strict);
        o.finish();
    }
}

/// An output item.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputItem {
    Message(OutputMessage),
    FunctionCall(FunctionCall),
    Reasoning(Reasoning),
    WebSearchCall(WebSearchCall),
    Unknown(Json),
}

impl Decode for OutputItem {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.tag("type")?.as_deref() {
            Some("message") => Ok(Self::Message(r.decode()?)),
            Some("function_call") => Ok(Self::FunctionCall(r.decode()?)),
            Some("reasoning") => Ok(Self::Reasoning(r.decode()?)),
            Some("web_search_call") => Ok(Self::WebSearchCall(r.decode()?)),
            _ => Ok(Self::Unknown(r.unknown()?)),
        }
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(Self::Unknown(raw))
    }
}

impl Encode for OutputItem {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::Message(value) => value.encode(w),
            Self::FunctionCall(value) => value.encode(w),
            Self::Reasoning(value) => value.encode(w),
            Self::WebSearchCall(value) => value.encode(w),
            Self::Unknown(value) => value.encode(w),
        }
    }
}

impl Default for OutputItem {
    #[inline]
    fn default() -> Self {
        Self::Unknown(Json::null())
    }
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutputMessage {
    pub id: String,
    pub content: Vec<OutputContent>,
    pub status: Status,
    pub extra: Extra,
}

impl Object for OutputMessage {
    const FIELDS: &'static [Field] = &[
        Field { name: "id", flags: 1, values: &[] },
        Field { name: "type", flags: 5, values: &["message"] },
        Field { name: "role", flags: 5, values: &["assistant"] },
        Field { name: "content", flags: 1, values: &[] },
        Field { name: "status", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.id),
            1 => r.constant("message"),
            2 => r.constant("assistant"),
            3 => r.set(&mut self.content),
            4 => r.set(&mut self.status),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for OutputMessage {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for OutputMessage {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.id);
        o.constant(1);
        o.constant(2);
        o.required(3, &self.content);
        o.required(4, &self.status);
        o.finish();
    }
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum OutputContent {
    Text(OutputText),
    Refusal(Refusal),
    Unknown(Json),
}

impl Decode for OutputContent {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.tag("type")?.as_deref() {
            Some("output_text") => Ok(Self::Text(r.decode()?)),
            Some("refusal") => Ok(Self::Refusal(r.decode()?)),
            _ => Ok(Self::Unknown(r.unknown()?)),
        }
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(Self::Unknown(raw))
    }
}

impl Encode for OutputContent {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::Text(value) => value.encode(w),
            Self::Refusal(value) => value.encode(w),
            Self::Unknown(value) => value.encode(w),
        }
    }
}

impl Default for OutputContent {
    #[inline]
    fn default() -> Self {
        Self::Unknown(Json::null())
    }
}

/// Text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutputText {
    pub text: String,
    pub annotations: Vec<Annotation>,
    pub logprobs: Option<Vec<Json>>,
    pub extra: Extra,
}

impl Object for OutputText {
    const FIELDS: &'static [Field] = &[
        Field { name: "type", flags: 5, values: &["output_text"] },
        Field { name: "text", flags: 1, values: &[] },
        Field { name: "annotations", flags: 1, values: &[] },
        Field { name: "logprobs", flags: 0, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("output_text"),
            1 => r.set(&mut self.text),
            2 => r.set(&mut self.annotations),
            3 => r.set_optional(&mut self.logprobs),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for OutputText {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for OutputText {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.text);
        o.required(2, &self.annotations);
        o.optional(3, &self.logprobs);
        o.finish();
    }
}

/// A refusal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refusal {
    pub refusal: String,
    pub extra: Extra,
}

impl Object for Refusal {
    const FIELDS: &'static [Field] =
        &[Field { name: "type", flags: 5, values: &["refusal"] }, Field { name: "refusal", flags: 1, values: &[] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("refusal"),
            1 => r.set(&mut self.refusal),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Refusal {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Refusal {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.refusal);
        o.finish();
    }
}

/// A note to text.
#[derive(Clone, Debug, PartialEq)]
pub enum Annotation {
    UrlCitation(UrlCitation),
    Unknown(Json),
}

impl Decode for Annotation {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.tag("type")?.as_deref() {
            Some("url_citation") => Ok(Self::UrlCitation(r.decode()?)),
            _ => Ok(Self::Unknown(r.unknown()?)),
        }
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(Self::Unknown(raw))
    }
}

impl Encode for Annotation {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::UrlCitation(value) => value.encode(w),
            Self::Unknown(value) => value.encode(w),
        }
    }
}

impl Default for Annotation {
    #[inline]
    fn default() -> Self {
        Self::Unknown(Json::null())
    }
}

/// A link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UrlCitation {
    pub url: String,
    pub start_index: i64,
    pub end_index: i64,
    pub title: String,
    pub extra: Extra,
}

impl Object for UrlCitation {
    const FIELDS: &'static [Field] = &[
        Field { name: "type", flags: 5, values: &["url_citation"] },
        Field { name: "url", flags: 1, values: &[] },
        Field { name: "start_index", flags: 1, values: &[] },
        Field { name: "end_index", flags: 1, values: &[] },
        Field { name: "title", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("url_citation"),
            1 => r.set(&mut self.url),
            2 => r.set(&mut self.start_index),
            3 => r.set(&mut self.end_index),
            4 => r.set(&mut self.title),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for UrlCitation {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for UrlCitation {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.url);
        o.required(2, &self.start_index);
        o.required(3, &self.end_index);
        o.required(4, &self.title);
        o.finish();
    }
}

/// A function call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunctionCall {
    pub id: Option<String>,
    pub call_id: String,
    pub name: String,
    pub arguments: String,
    pub status: Option<Status>,
    pub extra: Extra,
}

impl Object for FunctionCall {
    const FIELDS: &'static [Field] = &[
        Field { name: "id", flags: 0, values: &[] },
        Field { name: "type", flags: 5, values: &["function_call"] },
        Field { name: "call_id", flags: 1, values: &[] },
        Field { name: "name", flags: 1, values: &[] },
        Field { name: "arguments", flags: 1, values: &[] },
        Field { name: "status", flags: 0, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set_optional(&mut self.id),
            1 => r.constant("function_call"),
            2 => r.set(&mut self.call_id),
            3 => r.set(&mut self.name),
            4 => r.set(&mut self.arguments),
            5 => r.set_optional(&mut self.status),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for FunctionCall {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for FunctionCall {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.optional(0, &self.id);
        o.constant(1);
        o.required(2, &self.call_id);
        o.required(3, &self.name);
        o.required(4, &self.arguments);
        o.optional(5, &self.status);
        o.finish();
    }
}

/// Reasoning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reasoning {
    pub id: String,
    pub summary: Vec<SummaryText>,
    pub encrypted_content: Option<String>,
    pub status: Option<Status>,
    pub extra: Extra,
}

impl Object for Reasoning {
    const FIELDS: &'static [Field] = &[
        Field { name: "type", flags: 5, values: &["reasoning"] },
        Field { name: "id", flags: 1, values: &[] },
        Field { name: "summary", flags: 1, values: &[] },
        Field { name: "encrypted_content", flags: 2, values: &[] },
        Field { name: "status", flags: 0, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("reasoning"),
            1 => r.set(&mut self.id),
            2 => r.set(&mut self.summary),
            3 => r.set_optional(&mut self.encrypted_content),
            4 => r.set_optional(&mut self.status),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Reasoning {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Reasoning {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.id);
        o.required(2, &self.summary);
        o.optional(3, &self.encrypted_content);
        o.optional(4, &self.status);
        o.finish();
    }
}

/// A summary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SummaryText {
    pub text: String,
    pub extra: Extra,
}

impl Object for SummaryText {
    const FIELDS: &'static [Field] =
        &[Field { name: "type", flags: 5, values: &["summary_text"] }, Field { name: "text", flags: 1, values: &[] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("summary_text"),
            1 => r.set(&mut self.text),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for SummaryText {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for SummaryText {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.text);
        o.finish();
    }
}

/// A web search.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WebSearchCall {
    pub id: String,
    pub status: Status,
    pub extra: Extra,
}

impl Object for WebSearchCall {
    const FIELDS: &'static [Field] = &[
        Field { name: "id", flags: 1, values: &[] },
        Field { name: "type", flags: 5, values: &["web_search_call"] },
        Field { name: "status", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.id),
            1 => r.constant("web_search_call"),
            2 => r.set(&mut self.status),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for WebSearchCall {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for WebSearchCall {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.id);
        o.constant(1);
        o.required(2, &self.status);
        o.finish();
    }
}

/// An event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamEvent {
    OutputItemAdded(ItemAdded),
    OutputItemDone(ItemDone),
    OutputTextDelta(TextDelta),
    Completed(ResponseEvent),
    FunctionCallArgumentsDelta(ArgumentsDelta),
    Unknown(Json),
}

impl Decode for StreamEvent {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.tag("type")?.as_deref() {
            Some("response.output_item.added") => Ok(Self::OutputItemAdded(r.decode()?)),
            Some("response.output_item.done") => Ok(Self::OutputItemDone(r.decode()?)),
            Some("response.output_text.delta") => Ok(Self::OutputTextDelta(r.decode()?)),
            Some("response.completed") => Ok(Self::Completed(r.decode()?)),
            Some("response.function_call_arguments.delta") => Ok(Self::FunctionCallArgumentsDelta(r.decode()?)),
            _ => Ok(Self::Unknown(r.unknown()?)),
        }
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(Self::Unknown(raw))
    }
}

impl Encode for StreamEvent {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::OutputItemAdded(value) => value.encode(w),
            Self::OutputItemDone(value) => value.encode(w),
            Self::OutputTextDelta(value) => value.encode(w),
            Self::Completed(value) => value.encode(w),
            Self::FunctionCallArgumentsDelta(value) => value.encode(w),
            Self::Unknown(value) => value.encode(w),
        }
    }
}

impl Default for StreamEvent {
    #[inline]
    fn default() -> Self {
        Self::Unknown(Json::null())
    }
}

/// An item came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemAdded {
    pub output_index: i64,
    pub sequence_number: i64,
    pub item: OutputItem,
    pub extra: Extra,
}

impl Object for ItemAdded {
    const FIELDS: &'static [Field] = &[
        Field { name: "type", flags: 5, values: &["response.output_item.added"] },
        Field { name: "output_index", flags: 1, values: &[] },
        Field { name: "sequence_number", flags: 1, values: &[] },
        Field { name: "item", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("response.output_item.added"),
            1 => r.set(&mut self.output_index),
            2 => r.set(&mut self.sequence_number),
            3 => r.set(&mut self.item),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for ItemAdded {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for ItemAdded {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.output_index);
        o.required(2, &self.sequence_number);
        o.required(3, &self.item);
        o.finish();
    }
}

/// An item is done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemDone {
    pub output_index: i64,
    pub sequence_number: i64,
    pub item: OutputItem,
    pub extra: Extra,
}

impl Object for ItemDone {
    const FIELDS: &'static [Field] = &[
        Field { name: "type", flags: 5, values: &["response.output_item.done"] },
        Field { name: "output_index", flags: 1, values: &[] },
        Field { name: "sequence_number", flags: 1, values: &[] },
        Field { name: "item", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("response.output_item.done"),
            1 => r.set(&mut self.output_index),
            2 => r.set(&mut self.sequence_number),
            3 => r.set(&mut self.item),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for ItemDone {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for ItemDone {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.output_index);
        o.required(2, &self.sequence_number);
        o.required(3, &self.item);
        o.finish();
    }
}

/// More arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArgumentsDelta {
    pub item_id: String,
    pub output_index: i64,
    pub delta: String,
    pub sequence_number: i64,
    pub extra: Extra,
}

impl Object for ArgumentsDelta {
    const FIELDS: &'static [Field] = &[
        Field { name: "type", flags: 5, values: &["response.function_call_arguments.delta"] },
        Field { name: "item_id", flags: 1, values: &[] },
        Field { name: "output_index", flags: 1, values: &[] },
        Field { name: "delta", flags: 1, values: &[] },
        Field { name: "sequence_number", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("response.function_call_arguments.delta"),
            1 => r.set(&mut self.item_id),
            2 => r.set(&mut self.output_index),
            3 => r.set(&mut self.delta),
            4 => r.set(&mut self.sequence_number),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for ArgumentsDelta {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for ArgumentsDelta {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.item_id);
        o.required(2, &self.output_index);
        o.required(3, &self.delta);
        o.required(4, &self.sequence_number);
        o.finish();
    }
}

/// More text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextDelta {
    pub item_id: String,
    pub output_index: i64,
    pub content_index: i64,
    pub delta: String,
    pub sequence_number: i64,
    pub logprobs: Vec<Json>,
    pub extra: Extra,
}

impl Object for TextDelta {
    const FIELDS: &'static [Field] = &[
        Field { name: "type", flags: 5, values: &["response.output_text.delta"] },
        Field { name: "item_id", flags: 1, values: &[] },
        Field { name: "output_index", flags: 1, values: &[] },
        Field { name: "content_index", flags: 1, values: &[] },
        Field { name: "delta", flags: 1, values: &[] },
        Field { name: "sequence_number", flags: 1, values: &[] },
        Field { name: "logprobs", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("response.output_text.delta"),
            1 => r.set(&mut self.item_id),
            2 => r.set(&mut self.output_index),
            3 => r.set(&mut self.content_index),
            4 => r.set(&mut self.delta),
            5 => r.set(&mut self.sequence_number),
            6 => r.set(&mut self.logprobs),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for TextDelta {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for TextDelta {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.item_id);
        o.required(2, &self.output_index);
        o.required(3, &self.content_index);
        o.required(4, &self.delta);
        o.required(5, &self.sequence_number);
        o.required(6, &self.logprobs);
        o.finish();
    }
}

/// The response changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseEvent {
    pub sequence_number: i64,
    pub response: Response,
    pub extra: Extra,
}

impl Object for ResponseEvent {
    const FIELDS: &'static [Field] = &[
        Field { name: "type", flags: 5, values: &["response.completed"] },
        Field { name: "sequence_number", flags: 1, values: &[] },
        Field { name: "response", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("response.completed"),
            1 => r.set(&mut self.sequence_number),
            2 => r.set(&mut self.response),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for ResponseEvent {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for ResponseEvent {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.sequence_number);
        o.required(2, &self.response);
        o.finish();
    }
}

/// Text or items: a union told apart by JSON type.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    Text(String),
    Items(Vec<OutputItem>),
    Unknown(Json),
}

impl Decode for Input {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.kind()? {
            Kind::String => Ok(Self::Text(r.decode()?)),
            Kind::Array => Ok(Self::Items(r.decode()?)),
            _ => Ok(Self::Unknown(r.unknown()?)),
        }
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(Self::Unknown(raw))
    }
}

impl Encode for Input {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::Text(value) => value.encode(w),
            Self::Items(value) => value.encode(w),
            Self::Unknown(value) => value.encode(w),
        }
    }
}

impl Default for Input {
    #[inline]
    fn default() -> Self {
        Self::Unknown(Json::null())
    }
}
