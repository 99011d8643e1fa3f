//! The schema of a Rust type. The one place that knows the crate which derives it.

pub use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// What a type says of itself.
pub(crate) struct Described {
    /// Its name; that of a generic type names its arguments.
    pub(crate) name: String,
    /// Its doc comment.
    pub(crate) description: Option<String>,
    pub(crate) schema: Value,
}

/// The schema of what deserializes into a `T`.
pub(crate) fn describe<T: JsonSchema>() -> Described {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    let description = schema.get("description").and_then(Value::as_str).map(ToOwned::to_owned);
    Described { name: T::schema_name().into_owned(), description, schema }
}
