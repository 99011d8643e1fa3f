//! Structured output of responses: a format goes out, a value of the type comes back (contract 5.2, 5.7).

use std::fmt;
use std::ops::Deref;

use openai_runtime::{Call, Error, ErrorKind, FromResponse, Origin, OutputFormat, Received, Result, read_output};
use serde_core::de::DeserializeOwned;

use crate::resources::responses::Responses;
use crate::types::responses::{
    Response, ResponseCreateParams, ResponseFunctionToolCall, ResponseIncompleteDetailsReason, ResponseOutputContent, ResponseOutputItem,
    ResponseStatus, TextResponseFormatConfiguration, TextResponseFormatJsonSchema,
};

impl Responses {
    /// Creates a response whose text is a value of a type: the type's schema goes out as `text.format`, and the text is read as the type.
    ///
    /// # Errors
    /// When the API would refuse the schema ([`is_argument`](Error::is_argument), nothing is sent). When the text was cut short
    /// ([`is_length_finish_reason`](Error::is_length_finish_reason)) or withheld ([`is_content_filter`](Error::is_content_filter)), or is not of
    /// the type ([`is_decode`](Error::is_decode)); the error carries the [`Response`] with its usage then: [`attachment`](Error::attachment).
    /// That the model refused is no error here, but of [`into_output`](ParsedResponse::into_output).
    #[doc(alias = "responses.parse")]
    #[cfg(feature = "schemars")]
    pub fn parse<T>(&self, params: ResponseCreateParams) -> Call<ParsedResponse<T>>
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
        mut params: ResponseCreateParams,
        format: OutputFormat<T>,
    ) -> Call<ParsedResponse<T>> {
        let text = params.text.get_or_insert_default();
        let checked = match text.format.replace(format.into()) {
            None => Ok(()),
            Some(_) => Err(Error::argument("the params have a `text.format` of their own: it is the type that says it")),
        };
        self.create(params).checked(checked).cast()
    }
}

impl<T> From<OutputFormat<T>> for TextResponseFormatConfiguration {
    #[inline]
    fn from(format: OutputFormat<T>) -> Self {
        let mut schema = TextResponseFormatJsonSchema::new(format.name(), format.schema().clone()).strict(format.is_strict());
        schema.description = format.description().map(ToOwned::to_owned);
        schema.into()
    }
}

/// A response whose text was read as a value of a type. Dereferences to the response.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct ParsedResponse<T> {
    /// The response.
    pub response: Response,
    /// What each part of its text says, in order: one most of the time, none when the model refused or called a tool.
    pub outputs: Vec<T>,
}

impl<T> ParsedResponse<T> {
    /// What the text says; None when the model refused or called a tool.
    #[inline]
    pub fn output(&self) -> Option<&T> {
        self.outputs.first()
    }

    /// What the text says.
    ///
    /// # Errors
    /// When the model refused ([`is_refusal`](Error::is_refusal)), or there is no text: because it was cut short
    /// ([`is_length_finish_reason`](Error::is_length_finish_reason)) or withheld ([`is_content_filter`](Error::is_content_filter)), or the
    /// model calls a tool ([`is_decode`](Error::is_decode)). The error carries the [`Response`]: [`attachment`](Error::attachment).
    #[inline]
    pub fn into_output(self) -> Result<T> {
        match self.outputs.into_iter().next() {
            Some(output) => Ok(output),
            None => Err(nothing(&self.response).with_attachment(self.response)),
        }
    }
}

impl<T: DeserializeOwned> ParsedResponse<T> {
    #[inline]
    fn new(response: Response) -> Result<Self> {
        match texts(&response).map(read_output).collect::<Result<_>>() {
            Ok(outputs) => Ok(Self { response, outputs }),
            // Half an answer is seldom of the type, and that it is half an answer says more.
            Err(error) => Err(cut(&response).unwrap_or(error).with_attachment(response)),
        }
    }
}

impl Response {
    /// The text as a value of a type: for a response whose format was an [`OutputFormat`], streamed ones included.
    ///
    /// # Errors
    /// As [`Responses::parse`] and [`ParsedResponse::into_output`].
    pub fn output_as<T: DeserializeOwned>(&self) -> Result<T> {
        match texts(self).next().map(read_output) {
            Some(Ok(output)) => Ok(output),
            Some(Err(error)) => Err(cut(self).unwrap_or(error).with_attachment(self.clone())),
            None => Err(nothing(self).with_attachment(self.clone())),
        }
    }
}

impl ResponseFunctionToolCall {
    /// The arguments as a value of their type.
    ///
    /// # Errors
    /// When they are not JSON, or not of the type.
    pub fn parse_arguments<T: DeserializeOwned>(&self) -> Result<T> {
        read_output(&self.arguments)
    }
}

#[inline]
fn contents(response: &Response) -> impl Iterator<Item = &ResponseOutputContent> {
    let messages = response.output.iter().filter_map(|item| match item {
        ResponseOutputItem::Message(message) => Some(message),
        _ => None,
    });
    messages.flat_map(|message| &message.content)
}

#[inline]
fn texts(response: &Response) -> impl Iterator<Item = &str> {
    contents(response).filter_map(|content| match content {
        ResponseOutputContent::OutputText(part) => Some(part.text.as_str()),
        _ => None,
    })
}

/// Why there is no output.
#[inline]
fn nothing(response: &Response) -> Error {
    let refusal = contents(response).find_map(|content| match content {
        ResponseOutputContent::Refusal(part) => Some(part.refusal.as_str()),
        _ => None,
    });
    match refusal {
        Some(refusal) => Error::new(ErrorKind::Refusal, refusal),
        None => cut(response).unwrap_or_else(|| Error::decode("the response has no text")),
    }
}

/// The error of a response that ended before it was complete.
#[inline]
pub(super) fn cut(response: &Response) -> Option<Error> {
    let reason = response.incomplete_details.as_ref().and_then(|details| details.reason.as_ref());
    match reason {
        Some(ResponseIncompleteDetailsReason::MaxOutputTokens) => {
            Some(Error::new(ErrorKind::LengthFinishReason, "the response is incomplete: max_output_tokens"))
        }
        Some(ResponseIncompleteDetailsReason::ContentFilter) => {
            Some(Error::new(ErrorKind::ContentFilter, "the response is incomplete: content_filter"))
        }
        Some(ResponseIncompleteDetailsReason::Other(reason)) => {
            Some(Error::new(ErrorKind::Stream, format!("the response is incomplete: {reason}")))
        }
        None if response.status == Some(ResponseStatus::Incomplete) => Some(Error::new(ErrorKind::Stream, "the response is incomplete")),
        None => None,
    }
}

impl<T: DeserializeOwned + 'static> FromResponse for ParsedResponse<T> {
    #[inline]
    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        let meta = response.meta().clone();
        Self::new(Response::from_response(response, origin)?).map_err(|error| error.with_meta(meta))
    }
}

impl<T> Deref for ParsedResponse<T> {
    type Target = Response;

    #[inline]
    fn deref(&self) -> &Response {
        &self.response
    }
}

impl<T: fmt::Debug> fmt::Debug for ParsedResponse<T> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedResponse").field("response", &self.response).field("outputs", &self.outputs).finish()
    }
}
