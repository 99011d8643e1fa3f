//! Tools of the Responses API: the loop's view of a conversation. The loop itself is the runtime's.

use openai_runtime::{
    Call, Conversation, Deferred, Driver, StreamedConversation, Tool, ToolCall, ToolOutcome, ToolRun, ToolStream, Tools, run_tools,
};

use super::stream::ResponseStream;
use crate::JsonModel;
use crate::resources::responses::Responses;
use crate::types::responses::{
    FunctionTool, InputParam, Response, ResponseCreateParams, ResponseInputItem, ResponseOutputItem, Tool as ResponseTool,
    ToolChoiceOptions, ToolChoiceParam,
};

/// How a run of tools ended: the last [`Response`], to which it dereferences, and the conversation.
pub type ResponseToolRun = ToolRun<ResponseConversation>;

/// A run of tools as it happens.
pub type ResponseToolStream = ToolStream<ResponseConversation>;

impl Responses {
    /// Creates responses until the model calls no more functions: those of `tools` are run and the model is told what they returned.
    ///
    /// Functions that the model calls at once run at the same time. Tools in the params are left as they are: what the server runs itself, MCP
    /// servers included, needs nothing done, and when the model calls something that the program has to run, the run ends with the
    /// response that does. A `tool_choice` that forces a call holds for the first response.
    ///
    /// # Errors
    /// As [`create`](Self::create). When the model asks for more rounds than [`Tools::max_rounds`] allows, or a function fails and errors are
    /// for the caller ([`Tools::errors`]), [`is_tool`](crate::Error::is_tool) holds.
    #[inline]
    pub fn run_tools(&self, params: ResponseCreateParams, tools: Tools) -> Deferred<'static, ResponseToolRun> {
        Deferred::new(Driver::new(&self.client), run_tools(self.conversation(params, &tools), tools))
    }

    /// The same as it happens: events of the responses, and of the functions between them.
    #[inline]
    pub fn run_tools_stream(&self, params: ResponseCreateParams, tools: Tools) -> ResponseToolStream {
        ToolStream::new(Driver::new(&self.client), self.conversation(params, &tools), tools)
    }

    #[inline]
    fn conversation(&self, mut params: ResponseCreateParams, tools: &Tools) -> ResponseConversation {
        let own = params.tools.iter().flatten().filter_map(function_name).map(ToOwned::to_owned).collect();
        params.tools.get_or_insert_default().extend(tools.iter().map(Into::into));
        ResponseConversation { responses: self.clone(), params, own }
    }
}

impl From<&Tool> for ResponseTool {
    #[inline]
    fn from(tool: &Tool) -> Self {
        let mut function = FunctionTool::new(tool.name());
        // What a schema is, an object, it always is: everything else is refused by the server.
        function.parameters = JsonModel::from_json(tool.parameters().as_str()).ok();
        function.strict = Some(tool.is_strict());
        function.description = tool.description().map(ToOwned::to_owned);
        function.into()
    }
}

#[inline]
fn function_name(tool: &ResponseTool) -> Option<&str> {
    match tool {
        ResponseTool::Function(tool) => Some(&tool.name),
        _ => None,
    }
}

/// A conversation in which tools are run.
#[derive(Clone, Debug)]
pub struct ResponseConversation {
    responses: Responses,
    params: ResponseCreateParams,
    /// Functions that the params had, which the program runs itself.
    own: Vec<String>,
}

impl ResponseConversation {
    /// What would be the next input: everything that was said, results of functions included, or only what the server does not know yet
    /// if the params name a `conversation`.
    #[inline]
    pub fn input(&self) -> &[ResponseInputItem] {
        match &self.params.input {
            Some(InputParam::Items(items)) => items,
            _ => &[],
        }
    }

    /// The same, to go on with.
    #[inline]
    pub fn into_input(mut self) -> Vec<ResponseInputItem> {
        std::mem::take(self.items())
    }

    /// The input as a list.
    #[inline]
    fn items(&mut self) -> &mut Vec<ResponseInputItem> {
        let items = match self.params.input.take() {
            Some(InputParam::Items(items)) => items,
            Some(InputParam::Text(text)) => vec![ResponseInputItem::user(text)],
            Some(InputParam::Unknown(other)) => vec![ResponseInputItem::Unknown(other)],
            None => Vec::new(),
        };
        match self.params.input.insert(InputParam::Items(items)) {
            InputParam::Items(items) => items,
            _ => unreachable!("a list was inserted"),
        }
    }
}

impl Conversation for ResponseConversation {
    type Turn = Response;

    #[inline]
    fn ask(&self) -> Call<Response> {
        self.responses.create(self.params.clone())
    }

    #[inline]
    fn calls(&self, turn: &Response) -> Vec<ToolCall> {
        if turn.output.iter().any(is_for_the_program) {
            return Vec::new();
        }
        let call = |item: &ResponseOutputItem| match item {
            ResponseOutputItem::FunctionCall(call) => Some(ToolCall::new(&*call.call_id, &*call.name, &*call.arguments)),
            _ => None,
        };
        turn.output.iter().filter_map(call).collect()
    }

    #[inline]
    fn runs_elsewhere(&self, name: &str) -> bool {
        self.own.iter().any(|own| own == name)
    }

    #[inline]
    fn hear(&mut self, turn: &Response) {
        if self.params.conversation.is_some() {
            self.items().clear();
        } else {
            let output = turn.output.iter().cloned().map(ResponseInputItem::from);
            self.items().extend(output);
        }
        if self.params.tool_choice.as_ref().is_some_and(is_forced) {
            self.params.tool_choice = None;
        }
    }

    #[inline]
    fn report(&mut self, outcomes: &[ToolOutcome]) {
        let output = |outcome: &ToolOutcome| ResponseInputItem::function_call_output(&*outcome.call.id, outcome.text());
        self.items().extend(outcomes.iter().map(output));
    }
}

/// Whether only the program can answer this item.
#[inline]
fn is_for_the_program(item: &ResponseOutputItem) -> bool {
    matches!(
        item,
        ResponseOutputItem::CustomToolCall(_)
            | ResponseOutputItem::ComputerCall(_)
            | ResponseOutputItem::LocalShellCall(_)
            | ResponseOutputItem::ApplyPatchCall(_)
            | ResponseOutputItem::McpApprovalRequest(_)
    )
}

/// Whether the model has to call something.
#[inline]
fn is_forced(choice: &ToolChoiceParam) -> bool {
    !matches!(choice, ToolChoiceParam::Options(ToolChoiceOptions::Auto | ToolChoiceOptions::None))
}

impl StreamedConversation for ResponseConversation {
    type Stream = ResponseStream;

    #[inline]
    fn ask_stream(&self) -> Call<ResponseStream> {
        self.responses.stream(self.params.clone())
    }
}
