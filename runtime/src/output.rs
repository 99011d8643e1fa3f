//! [`OutputFormat`]: the schema that a model's output follows, and the Rust type that it becomes. Knows no endpoint.

use std::fmt;
use std::marker::PhantomData;

use serde_core::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::json::Json;
use crate::schema;

/// A schema for the model's output, and the type that the output is read as.
///
/// With the feature `schemars` the type is the schema: [`OutputFormat::new`]. It goes wherever the API takes a format.
pub struct OutputFormat<T> {
    name: String,
    description: Option<String>,
    schema: Json,
    is_strict: bool,
    makes: PhantomData<fn() -> T>,
}

impl<T> OutputFormat<T> {
    /// The format of a type: its name, its doc comment and its schema, rewritten for strict mode. Every field is required; one that is an
    /// `Option` may be null.
    ///
    /// # Errors
    /// When the API would refuse the schema (a map, a tuple, a value of any kind, a root that is no struct); the message says where, as a
    /// JSON path.
    #[cfg(feature = "schemars")]
    pub fn new() -> Result<Self>
    where
        T: schema::JsonSchema,
    {
        let schema::Described { name, description, schema } = schema::describe::<T>();
        let format = Self::from_schema(&name, schema)?;
        Ok(match description {
            Some(description) => format.described(description),
            None => format,
        })
    }

    /// A format from a schema, rewritten for strict mode. In the name, what the API does not take is replaced.
    ///
    /// # Errors
    /// When the API would refuse the schema; the message says where, as a JSON path.
    pub fn from_schema(name: &str, schema: Value) -> Result<Self> {
        Ok(Self { is_strict: true, ..Self::unchecked(name, schema::prepare(schema)?) })
    }

    /// A format from a schema that is sent as it is, and that the model need not follow to the letter.
    pub fn unchecked(name: &str, schema: impl Into<Json>) -> Self {
        Self { name: schema::name(name), description: None, schema: schema.into(), is_strict: false, makes: PhantomData }
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

    /// The schema as it is sent.
    pub fn schema(&self) -> &Json {
        &self.schema
    }

    /// Whether the model has to follow the schema to the letter.
    pub fn is_strict(&self) -> bool {
        self.is_strict
    }
}

/// Reads a model's output, which is text, as a value of a type.
///
/// # Errors
/// When it is not JSON, or not of the type.
pub fn read_output<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Error::decode(format!("the output is not of the type asked for: {error}")).with_source(error))
}

impl<T> Clone for OutputFormat<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            description: self.description.clone(),
            schema: self.schema.clone(),
            is_strict: self.is_strict,
            makes: PhantomData,
        }
    }
}

impl<T> fmt::Debug for OutputFormat<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputFormat").field("name", &self.name).field("strict", &self.is_strict).finish_non_exhaustive()
    }
}
