//! Structured output of chat completions: a format goes out, a value of the type comes back (contract 5.2 to 5.4).

use std::fmt;
use std::ops::Deref;

use openai_runtime::{Call, Error, ErrorKind, FromResponse, Origin, OutputFormat, Received, Result, read_output};
use serde_core::de::DeserializeOwned;

use crate::resources::chat::completions::Completions;
use crate::types::chat::{
    ChatCompletion, ChatCompletionChoice, ChatCompletionChoiceFinishReason, ChatCompletionCreateParams,
    ChatCompletionCreateParamsResponseFormat, ChatCompletionCreateParamsTool, ChatCompletionMessageToolCallFunction,
    ResponseFormatJsonSchema, ResponseFormatJsonSchemaJsonSchema,
};

impl Completions {
    /// Creates a completion whose content is a value of a type: the type's schema goes out as `response_format`, and the content is read
    /// as the type.
    ///
    /// Functions among the tools must be strict.
    ///
    /// # Errors
    /// When the API would refuse the schema ([`is_argument`](Error::is_argument), nothing is sent). When the output was cut short
    /// ([`is_length_finish_reason`](Error::is_length_finish_reason)) or withheld ([`is_content_filter`](Error::is_content_filter)), or the
    /// content is not of the type ([`is_decode`](Error::is_decode)); the error carries the [`ChatCompletion`] with its usage then:
    /// [`attachment`](Error::attachment). That the model refused is no error here, but of [`into_output`](ParsedChatCompletion::into_output).
    #[doc(alias = "chat.completions.parse")]
    #[cfg(feature = "schemars")]
    pub fn parse<T>(&self, params: ChatCompletionCreateParams) -> Call<ParsedChatCompletion<T>>
    where
        T: DeserializeOwned + openai_runtime::schema::JsonSchema + 'static,
    {
        match OutputFormat::new() {
            Ok(format) => self.parse_as(params, format),
            Err(error) => self.create(params).cast().checked(Err(error)),
        }
    }

    /// The same, with a format that was made by hand or is used again.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_as<T: DeserializeOwned + 'static>(
        &self,
        mut params: ChatCompletionCreateParams,
        format: OutputFormat<T>,
    ) -> Call<ParsedChatCompletion<T>> {
        let checked = check(&params);
        params.response_format = Some(format.into());
        let call = self.create(params).checked(checked).body_field("stream", false);
        call.header("x-stainless-helper-method", "chat.completions.parse").cast()
    }
}

#[inline]
fn check(params: &ChatCompletionCreateParams) -> Result<()> {
    if params.response_format.is_some() {
        return Err(Error::argument("the params have a `response_format` of their own: it is the type that says it"));
    }
    params.tools.iter().flatten().try_for_each(|tool| match tool {
        ChatCompletionCreateParamsTool::Function(tool) if tool.function.strict == Some(true) => Ok(()),
        ChatCompletionCreateParamsTool::Function(tool) => {
            Err(Error::argument(format!("`{}` is not strict: only the arguments of strict functions can be relied on", tool.function.name)))
        }
        other => Err(Error::argument(format!("only functions can be among the tools here, not `{}`", other.tag()))),
    })
}

impl<T> From<OutputFormat<T>> for ChatCompletionCreateParamsResponseFormat {
    #[inline]
    fn from(format: OutputFormat<T>) -> Self {
        let mut schema = ResponseFormatJsonSchemaJsonSchema::new(format.name()).schema(format.schema().clone()).strict(format.is_strict());
        schema.description = format.description().map(ToOwned::to_owned);
        ResponseFormatJsonSchema::new(schema).into()
    }
}

/// A completion whose content was read as a value of a type. Dereferences to the completion.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ParsedChatCompletion<T> {
    /// The completion.
    pub completion: ChatCompletion,
    /// What each choice's content says; None where the model refused or said nothing.
    pub outputs: Vec<Option<T>>,
}

impl<T> ParsedChatCompletion<T> {
    /// What the first choice's content says; None when the model refused or said nothing.
    #[inline]
    pub fn output(&self) -> Option<&T> {
        self.outputs.first()?.as_ref()
    }

    /// What the first choice's content says.
    ///
    /// # Errors
    /// When the model refused ([`is_refusal`](Error::is_refusal)) or said nothing, because it calls a tool for instance
    /// ([`is_decode`](Error::is_decode)). The error carries the [`ChatCompletion`]: [`attachment`](Error::attachment).
    #[inline]
    pub fn into_output(self) -> Result<T> {
        match self.outputs.into_iter().next().flatten() {
            Some(output) => Ok(output),
            None => Err(nothing(&self.completion).with_attachment(self.completion)),
        }
    }
}

impl<T: DeserializeOwned> ParsedChatCompletion<T> {
    #[inline]
    fn new(completion: ChatCompletion) -> Result<Self> {
        match completion.choices.iter().map(ChatCompletionChoice::output).collect::<Result<_>>() {
            Ok(outputs) => Ok(Self { completion, outputs }),
            Err(error) => Err(error.with_attachment(completion)),
        }
    }
}

impl ChatCompletion {
    /// The first choice's content as a value of a type: for a completion whose format was an [`OutputFormat`], streamed ones included.
    ///
    /// # Errors
    /// When the output was cut short ([`is_length_finish_reason`](Error::is_length_finish_reason)) or withheld
    /// ([`is_content_filter`](Error::is_content_filter)), when the model refused ([`is_refusal`](Error::is_refusal)), and when there is no
    /// content or it is not of the type ([`is_decode`](Error::is_decode)). The error carries the completion: [`attachment`](Error::attachment).
    pub fn output<T: DeserializeOwned>(&self) -> Result<T> {
        let output = self.choices.first().map_or(Ok(None), ChatCompletionChoice::output);
        match output {
            Ok(Some(output)) => Ok(output),
            Ok(None) => Err(nothing(self).with_attachment(self.clone())),
            Err(error) => Err(error.with_attachment(self.clone())),
        }
    }
}

impl ChatCompletionMessageToolCallFunction {
    /// The arguments as a value of their type.
    ///
    /// # Errors
    /// When they are not JSON, or not of the type.
    pub fn parse_arguments<T: DeserializeOwned>(&self) -> Result<T> {
        read_output(&self.arguments)
    }
}

impl ChatCompletionChoice {
    /// The content as a value of a type; None where the model refused or said nothing.
    ///
    /// # Errors
    /// When the output was cut short or withheld, and when the content is not of the type.
    pub fn output<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        if let Some(error) = cut(&self.finish_reason) {
            return Err(error);
        }
        if refusal(self).is_some() {
            return Ok(None);
        }
        self.message.content.as_deref().filter(|content| !content.is_empty()).map(read_output).transpose()
    }
}

#[inline]
fn refusal(choice: &ChatCompletionChoice) -> Option<&str> {
    choice.message.refusal.as_deref().filter(|refusal| !refusal.is_empty())
}

/// Why there is no output.
#[inline]
fn nothing(completion: &ChatCompletion) -> Error {
    match completion.choices.first().and_then(refusal) {
        Some(refusal) => Error::new(ErrorKind::Refusal, refusal),
        None => Error::decode("the completion has no content"),
    }
}

/// The error of an answer that ended before it was complete.
#[inline]
pub(super) fn cut(reason: &ChatCompletionChoiceFinishReason) -> Option<Error> {
    match reason {
        ChatCompletionChoiceFinishReason::Length => Some(Error::new(ErrorKind::LengthFinishReason, "finish_reason is `length`")),
        ChatCompletionChoiceFinishReason::ContentFilter => Some(Error::new(ErrorKind::ContentFilter, "finish_reason is `content_filter`")),
        _ => None,
    }
}

impl<T: DeserializeOwned + 'static> FromResponse for ParsedChatCompletion<T> {
    #[inline]
    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        let meta = response.meta().clone();
        Self::new(ChatCompletion::from_response(response, origin)?).map_err(|error| error.with_meta(meta))
    }
}

impl<T> Deref for ParsedChatCompletion<T> {
    type Target = ChatCompletion;

    #[inline]
    fn deref(&self) -> &ChatCompletion {
        &self.completion
    }
}

impl<T: fmt::Debug> fmt::Debug for ParsedChatCompletion<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedChatCompletion").field("completion", &self.completion).field("outputs", &self.outputs).finish()
    }
}
