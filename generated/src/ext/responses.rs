//! The Responses API beyond one call: structured output, streams that accumulate, tools that run by themselves, and conveniences.
//!
//! ```no_run
//! # async fn example(client: openai::Client) -> openai::Result<()> {
//! use openai::types::responses::ResponseCreateParams;
//!
//! let mut stream = client.responses().stream(ResponseCreateParams::new().model("gpt-5.2").input("Write a short poem.")).await?;
//! while let Some(event) = stream.try_next().await? {
//!     if let Some(text) = event.snapshot {
//!         println!("{text}");
//!     }
//! }
//! let response = stream.final_response().await?;
//! println!("{:?}", response.usage);
//! # Ok(())
//! # }
//! ```

mod accumulate;
mod item;
mod output;
mod stream;
mod tools;

pub use accumulate::{ResponseAccumulator, ResponseEvent};
pub use output::ParsedResponse;
pub use stream::ResponseStream;
pub use tools::{ResponseConversation, ResponseToolRun, ResponseToolStream};

use openai_runtime::json;

use crate::types::responses::{
    EasyInputMessageContent, EasyInputMessageRole, Response, ResponseCreateParams, ResponseInputItem, ResponseOutputContent,
    ResponseOutputItem, ResponseOutputText, ResponsesClientEvent, ResponsesClientEventResponseCreate,
};

impl Response {
    /// All text of the output messages, one after the other; empty if there is none.
    #[inline]
    pub fn output_text(&self) -> String {
        self.output_text_parts().map(|part| part.text.as_str()).collect()
    }

    /// The parts that this text is made of, each with its annotations: the sources that a model cites.
    #[inline]
    pub fn output_text_parts(&self) -> impl Iterator<Item = &ResponseOutputText> {
        let messages = self.output.iter().filter_map(|item| match item {
            ResponseOutputItem::Message(message) => Some(&message.content),
            _ => None,
        });
        messages.flatten().filter_map(|content| match content {
            ResponseOutputContent::OutputText(part) => Some(&**part),
            _ => None,
        })
    }
}

/// Messages, the items that are written most.
impl ResponseInputItem {
    /// What a user says: text, or a list of parts.
    #[inline]
    pub fn user(content: impl Into<EasyInputMessageContent>) -> Self {
        Self::easy_input_message(EasyInputMessageRole::User, content)
    }

    /// What the developer says, which the model follows before what a user says.
    #[inline]
    pub fn developer(content: impl Into<EasyInputMessageContent>) -> Self {
        Self::easy_input_message(EasyInputMessageRole::Developer, content)
    }

    /// What older models take for [`developer`](Self::developer).
    #[inline]
    pub fn system(content: impl Into<EasyInputMessageContent>) -> Self {
        Self::easy_input_message(EasyInputMessageRole::System, content)
    }

    /// What the model is to have said.
    #[inline]
    pub fn assistant(content: impl Into<EasyInputMessageContent>) -> Self {
        Self::easy_input_message(EasyInputMessageRole::Assistant, content)
    }
}

/// The parameters of a call, for a connection: `connection.send(params)`.
impl From<ResponseCreateParams> for ResponsesClientEventResponseCreate {
    #[inline]
    fn from(params: ResponseCreateParams) -> Self {
        json::recast(&params.extra("type", "response.create"))
    }
}

impl From<ResponseCreateParams> for ResponsesClientEvent {
    #[inline]
    fn from(params: ResponseCreateParams) -> Self {
        ResponsesClientEventResponseCreate::from(params).into()
    }
}
