//! JSON schemas as the API's strict mode wants them: rewritten ([`strict`]), checked before anything is sent ([`check`]), named
//! ([`name`]). Owns the rules of that mode; must not know how a schema was made, nor what it is sent for.

mod accept;
mod check;
#[cfg(feature = "schemars")]
mod derive;
mod name;
mod path;
mod strict;

pub(crate) use accept::acceptable;
pub use check::check;
#[cfg(feature = "schemars")]
pub use derive::JsonSchema;
#[cfg(feature = "schemars")]
pub(crate) use derive::{Described, describe};
pub use name::name;
pub use strict::strict;

use serde_json::Value;

use crate::error::Result;

/// A schema that strict mode takes: what it does not know but does not need either is left out, `oneOf` becomes `anyOf`, and
/// [`strict`] does the rest.
///
/// # Errors
/// When the API would refuse it all the same; the message says where, as a JSON path, and why.
pub fn prepare(schema: Value) -> Result<Value> {
    let schema = strict(&acceptable(schema))?;
    check(&schema)?;
    Ok(schema)
}

#[cfg(test)]
mod tests;
