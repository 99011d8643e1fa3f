//! Tools of chat completions: the loop's view of a conversation. The loop itself is the runtime's.

use openai_runtime::{
    Call, Conversation, Deferred, Driver, StreamedConversation, Tool, ToolCall, ToolOutcome, ToolRun, ToolStream, Tools, run_tools,
};

use super::stream::ChatCompletionStream;
use crate::resources::chat::completions::Completions;
use crate::types::chat::{
    ChatCompletion, ChatCompletionCreateParams, ChatCompletionCreateParamsTool, ChatCompletionMessageToolCallsItem,
    ChatCompletionRequestToolMessage, ChatCompletionTool, ChatCompletionToolChoiceOption, ChatMessage, FunctionObject,
};

/// How a run of tools ended: the last [`ChatCompletion`], to which it dereferences, and the conversation.
pub type ChatToolRun = ToolRun<ChatConversation>;

/// A run of tools as it happens.
pub type ChatToolStream = ToolStream<ChatConversation>;

impl Completions {
    /// Creates completions until the model calls no more functions: those of `tools` are run and the model is told what they returned.
    ///
    /// Functions that the model calls at once run at the same time. Tools in the params are left as they are; when the model calls one of
    /// those, the run ends with the completion that does. A `tool_choice` that forces a call holds for the first completion.
    ///
    /// # Errors
    /// As [`create`](Self::create). When the model asks for more rounds than [`Tools::max_rounds`] allows, or a function fails and errors are
    /// for the caller ([`Tools::errors`]), [`is_tool`](crate::Error::is_tool) holds.
    #[inline]
    pub fn run_tools(&self, params: ChatCompletionCreateParams, tools: Tools) -> Deferred<'static, ChatToolRun> {
        Deferred::new(Driver::new(&self.client), run_tools(self.conversation(params, &tools), tools))
    }

    /// The same as it happens: events of the completions, and of the functions between them.
    #[inline]
    pub fn run_tools_stream(&self, params: ChatCompletionCreateParams, tools: Tools) -> ChatToolStream {
        ToolStream::new(Driver::new(&self.client), self.conversation(params, &tools), tools)
    }

    #[inline]
    fn conversation(&self, mut params: ChatCompletionCreateParams, tools: &Tools) -> ChatConversation {
        let own = params.tools.iter().flatten().filter_map(function_name).map(ToOwned::to_owned).collect();
        params.tools.get_or_insert_default().extend(tools.iter().map(Into::into));
        ChatConversation { completions: self.clone(), params, own }
    }
}

impl From<&Tool> for ChatCompletionCreateParamsTool {
    #[inline]
    fn from(tool: &Tool) -> Self {
        let mut function = FunctionObject::new(tool.name()).parameters(tool.parameters().clone()).strict(tool.is_strict());
        function.description = tool.description().map(ToOwned::to_owned);
        ChatCompletionTool::new(function).into()
    }
}

#[inline]
fn function_name(tool: &ChatCompletionCreateParamsTool) -> Option<&str> {
    match tool {
        ChatCompletionCreateParamsTool::Function(tool) => Some(&tool.function.name),
        _ => None,
    }
}

/// A conversation in which tools are run.
#[derive(Clone, Debug)]
pub struct ChatConversation {
    completions: Completions,
    params: ChatCompletionCreateParams,
    /// Functions that the params had, which the program runs itself.
    own: Vec<String>,
}

impl ChatConversation {
    /// All messages, those of the model and of the tools included.
    #[inline]
    pub fn messages(&self) -> &[ChatMessage] {
        &self.params.messages
    }

    /// All messages, to go on with.
    #[inline]
    pub fn into_messages(self) -> Vec<ChatMessage> {
        self.params.messages
    }
}

impl Conversation for ChatConversation {
    type Turn = ChatCompletion;

    #[inline]
    fn ask(&self) -> Call<ChatCompletion> {
        self.completions.create(self.params.clone())
    }

    #[inline]
    fn calls(&self, turn: &ChatCompletion) -> Vec<ToolCall> {
        let message = turn.choices.first().map(|choice| &choice.message);
        let calls = message.and_then(|message| message.tool_calls.as_ref()).into_iter().flatten();
        let call = |call: &ChatCompletionMessageToolCallsItem| match call {
            ChatCompletionMessageToolCallsItem::Function(call) => {
                Some(ToolCall::new(&*call.id, &*call.function.name, &*call.function.arguments))
            }
            _ => None,
        };
        // A call that only the program can answer leaves all of them to it.
        calls.map(call).collect::<Option<_>>().unwrap_or_default()
    }

    #[inline]
    fn runs_elsewhere(&self, name: &str) -> bool {
        self.own.iter().any(|own| own == name)
    }

    #[inline]
    fn hear(&mut self, turn: &ChatCompletion) {
        if let Some(choice) = turn.choices.first() {
            self.params.messages.push(choice.message.clone().into());
        }
        let is_forced = |choice: &ChatCompletionToolChoiceOption| {
            !matches!(choice, ChatCompletionToolChoiceOption::None | ChatCompletionToolChoiceOption::Auto)
        };
        if self.params.tool_choice.as_ref().is_some_and(is_forced) {
            self.params.tool_choice = None;
        }
    }

    #[inline]
    fn report(&mut self, outcomes: &[ToolOutcome]) {
        let message = |outcome: &ToolOutcome| ChatCompletionRequestToolMessage::new(outcome.text(), &*outcome.call.id).into();
        self.params.messages.extend(outcomes.iter().map(message));
    }
}

impl StreamedConversation for ChatConversation {
    type Stream = ChatCompletionStream;

    #[inline]
    fn ask_stream(&self) -> Call<ChatCompletionStream> {
        self.completions.stream(self.params.clone())
    }
}
