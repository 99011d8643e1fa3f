//! Functions that a model may call: what is sent of them, and how they are run. Knows no endpoint; the loop around them is in `run`,
//! the loop that streams in `stream`.

mod run;
mod stream;
#[cfg(test)]
mod tests;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};
use crate::json::Json;
use crate::parallel::Parallel;
use crate::schema;
use crate::transport::BoxFuture;
pub use run::{Conversation, ToolRun, run_tools};
pub use stream::{StreamedConversation, StreamedTurn, ToolEvent, ToolStream};

/// What a function may fail with: any error, or a text.
pub type ToolError = Box<dyn StdError + Send + Sync>;

type Run = dyn Fn(&str) -> BoxFuture<'static, Result<String, ToolError>> + Send + Sync;

/// A function that a model may call. Cheap to clone.
#[derive(Clone)]
pub struct Tool {
    name: String,
    description: Option<String>,
    parameters: Json,
    is_strict: bool,
    run: Arc<Run>,
}

impl Tool {
    /// A function of one argument, a struct whose fields are what the model fills in. Its name is the struct's, its description the
    /// struct's doc comment.
    ///
    /// The result goes to the model as JSON; a text goes as it is.
    ///
    /// # Errors
    /// When the API would refuse the struct's schema; the message says where, as a JSON path.
    #[cfg(feature = "schemars")]
    pub fn function<A, R, F, Fut>(run: F) -> Result<Self>
    where
        A: DeserializeOwned + schema::JsonSchema + 'static,
        R: Serialize,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ToolError>> + Send + 'static,
    {
        let schema::Described { name, description, schema } = schema::describe::<A>();
        let tool = Self::from_schema(&name, schema, run)?;
        Ok(match description {
            Some(description) => tool.described(description),
            None => tool,
        })
    }

    /// A function whose argument is described by a schema, which is rewritten for strict mode.
    ///
    /// # Errors
    /// When the API would refuse the schema; the message says where, as a JSON path.
    pub fn from_schema<A, R, F, Fut>(name: &str, parameters: Value, run: F) -> Result<Self>
    where
        A: DeserializeOwned + 'static,
        R: Serialize,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ToolError>> + Send + 'static,
    {
        let parameters = schema::prepare(parameters)?;
        Ok(Self { is_strict: true, ..Self::unchecked(name, parameters, run) })
    }

    /// A function whose argument is described by a schema that is sent as it is, and that the model need not follow to the letter.
    pub fn unchecked<A, R, F, Fut>(name: &str, parameters: impl Into<Json>, run: F) -> Self
    where
        A: DeserializeOwned + 'static,
        R: Serialize,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ToolError>> + Send + 'static,
    {
        let run = move |arguments: &str| -> BoxFuture<'static, Result<String, ToolError>> {
            match serde_json::from_str(arguments) {
                Ok(arguments) => {
                    let result = run(arguments);
                    Box::pin(async move { text_of(&result.await?) })
                }
                Err(error) => Box::pin(std::future::ready(Err(format!("the arguments are not valid: {error}").into()))),
            }
        };
        Self { name: schema::name(name), description: None, parameters: parameters.into(), is_strict: false, run: Arc::new(run) }
    }

    /// Sets the name, which the model sees. What the API does not take is replaced.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = schema::name(name);
        self
    }

    /// Sets the description, which the model sees.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The description, if there is one.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// The schema of the argument.
    pub fn parameters(&self) -> &Json {
        &self.parameters
    }

    /// Whether the model has to follow the schema to the letter.
    pub fn is_strict(&self) -> bool {
        self.is_strict
    }
}

/// A function's result as the model gets it.
fn text_of(result: &impl Serialize) -> Result<String, ToolError> {
    Ok(match serde_json::to_value(result)? {
        Value::String(text) => text,
        other => other.to_string(),
    })
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Who hears of a function that fails, was given arguments that it cannot take, or does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ToolErrors {
    /// The model, which may try again.
    #[default]
    ToModel,
    /// The program: the run ends with the error.
    ToCaller,
}

/// The functions that a model may call, and how they are run.
#[derive(Clone, Debug)]
pub struct Tools {
    tools: Vec<Tool>,
    max_rounds: u32,
    max_concurrency: usize,
    errors: ToolErrors,
    fault: Option<String>,
}

impl Default for Tools {
    fn default() -> Self {
        Self::new()
    }
}

impl Tools {
    /// How often the model may ask for functions, if nothing else is said.
    pub const MAX_ROUNDS: u32 = 10;

    /// No functions yet.
    pub fn new() -> Self {
        Self { tools: Vec::new(), max_rounds: Self::MAX_ROUNDS, max_concurrency: usize::MAX, errors: ToolErrors::ToModel, fault: None }
    }

    /// Adds a function; see [`Tool::function`]. That the API would refuse its schema is an error when the tools are used.
    #[cfg(feature = "schemars")]
    #[must_use]
    pub fn function<A, R, F, Fut>(self, run: F) -> Self
    where
        A: DeserializeOwned + schema::JsonSchema + 'static,
        R: Serialize,
        F: Fn(A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, ToolError>> + Send + 'static,
    {
        self.tool(Tool::function(run))
    }

    /// Adds a function, or notes why there is none.
    #[must_use]
    pub fn tool(mut self, tool: impl Into<Result<Tool>>) -> Self {
        match tool.into() {
            Ok(tool) => self.tools.push(tool),
            Err(error) => self.fault = self.fault.or_else(|| Some(error.message().to_owned())),
        }
        self
    }

    /// How often the model may ask for functions before the run ends with an error. The default is 10.
    #[must_use]
    pub fn max_rounds(mut self, rounds: u32) -> Self {
        self.max_rounds = rounds;
        self
    }

    /// How many functions run at the same time when the model calls several at once. The default is all of them; 1 is one after the other.
    #[must_use]
    pub fn max_concurrency(mut self, functions: usize) -> Self {
        self.max_concurrency = functions.max(1);
        self
    }

    /// Who hears of a function that fails. The default is the model.
    #[must_use]
    pub fn errors(mut self, errors: ToolErrors) -> Self {
        self.errors = errors;
        self
    }

    /// The functions.
    pub fn iter(&self) -> impl Iterator<Item = &Tool> {
        self.tools.iter()
    }

    /// The function of that name.
    pub fn get(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    /// What was wrong with a function.
    ///
    /// # Errors
    /// When one was added that cannot be sent.
    pub fn check(&self) -> Result<()> {
        match &self.fault {
            None => Ok(()),
            Some(fault) => Err(Error::argument(fault.clone())),
        }
    }

    /// Runs the calls of one round, as many at the same time as may.
    fn round(&self, calls: Vec<ToolCall>) -> Parallel<ToolOutcome> {
        let tools = self.clone();
        let work = calls.into_iter().map(move |call| -> BoxFuture<'static, ToolOutcome> {
            let tools = tools.clone();
            Box::pin(async move { tools.call(call).await })
        });
        Parallel::new(work, self.max_concurrency)
    }

    /// Runs one call.
    pub async fn call(&self, call: ToolCall) -> ToolOutcome {
        let output = match self.get(&call.name) {
            Some(tool) => (tool.run)(&call.arguments).await.map_err(|error| ToolFailure { error }),
            None => Err(ToolFailure { error: format!("there is no function `{}`", call.name).into() }),
        };
        ToolOutcome { call, output }
    }
}

impl From<Tool> for Result<Tool> {
    fn from(tool: Tool) -> Self {
        Ok(tool)
    }
}

/// A call that a model asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToolCall {
    /// What the model calls this call; the answer names it.
    pub id: String,
    /// The function.
    pub name: String,
    /// The arguments, as JSON text.
    pub arguments: String,
}

impl ToolCall {
    /// A call.
    pub fn new(id: impl Into<String>, name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), arguments: arguments.into() }
    }
}

/// What became of a call.
#[derive(Debug)]
#[non_exhaustive]
pub struct ToolOutcome {
    /// The call.
    pub call: ToolCall,
    /// What the function returned, as the model gets it.
    pub output: Result<String, ToolFailure>,
}

impl ToolOutcome {
    /// What the model is told.
    pub fn text(&self) -> String {
        match &self.output {
            Ok(text) => text.clone(),
            Err(failure) => format!("error: {failure}"),
        }
    }
}

/// Why a call came to nothing: the function failed, its arguments were not valid, or there is no such function.
#[derive(Debug)]
pub struct ToolFailure {
    error: ToolError,
}

impl fmt::Display for ToolFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for ToolFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.error)
    }
}

impl From<ToolFailure> for Error {
    fn from(failure: ToolFailure) -> Self {
        Self::new(ErrorKind::Tool, failure.to_string()).with_source(failure)
    }
}
