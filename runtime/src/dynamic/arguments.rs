//! Sorts the arguments of a call that come in one object: into the path, the body, and the params. Pure.

use super::{BodyArgument, Dynamic, NamedOperation};
use crate::call::Call;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::json::{DecodeBoxed, DecodeError, Departure, Json, JsonModel, Map, Mode, decode_boxed, decode_text_boxed};
use crate::request::path::placeholders;
use crate::upload::Upload;

/// The argument that is a body of its own.
const BODY: &str = "body";

/// Sorted arguments.
pub(super) struct Arguments {
    path: Vec<(&'static str, String)>,
    body: Option<Json>,
    /// All others by their wire names.
    params: Map<Json>,
}

impl Arguments {
    pub(super) fn split(operation: &NamedOperation, arguments: &Json) -> Result<Self> {
        let given = match arguments.is_null() {
            true => Map::new(),
            false => {
                Map::<Json>::from_json(arguments.as_str()).map_err(|e| Error::argument("the arguments are no object").with_source(e))?
            }
        };
        let mut sorted = Self { path: Vec::new(), body: None, params: Map::new() };
        let mut rest = Vec::new();
        for (name, value) in given {
            let wire = |from: &str| operation.renamed.iter().find(|(argument, _)| *argument == from).map(|(_, wire)| *wire);
            let wire = wire(&name).map_or(name, ToOwned::to_owned);
            rest.push((wire, value));
        }
        for name in placeholders(operation.operation.path) {
            let index = rest.iter().position(|(given, _)| given == name).ok_or_else(|| missing(operation, name))?;
            sorted.path.push((name, path_value(name, &rest.remove(index).1)?));
        }
        for (name, value) in rest {
            if name == BODY && !matches!(operation.body, BodyArgument::None) {
                sorted.body = Some(value);
            } else {
                sorted.params.insert(name, value);
            }
        }
        Ok(sorted)
    }

    pub(super) fn departures(&self, operation: &NamedOperation) -> Vec<Departure> {
        let mut found = departures(&self.params, operation.params.unwrap_or(decode_boxed::<NoParams>));
        if let (BodyArgument::Json(decode), Some(body)) = (operation.body, &self.body) {
            found.extend(departures(body, decode));
        }
        found
    }

    pub(super) fn call(self, operation: &'static NamedOperation, client: &Client) -> Result<Call<Dynamic>> {
        let mut call = Call::<Dynamic>::of_named(client, operation);
        for (name, value) in self.path {
            call = call.path(name, value);
        }
        let refused = |e: DecodeError| Error::argument(e.to_string()).with_source(e);
        match (operation.body, self.body) {
            (BodyArgument::None, _) => {}
            (_, None) => return Err(missing(operation, BODY)),
            (BodyArgument::Json(decode), Some(body)) => {
                call = call.body_json(&decode_text_boxed(body.as_str(), Mode::Lenient, decode).map_err(refused)?);
            }
            (BodyArgument::Bytes { content_type }, Some(body)) => call = call.content(bytes_of(&body).map_err(refused)?, content_type),
        }
        let Some(decode) = operation.params else {
            return match self.params.iter().next() {
                None => Ok(call),
                Some((name, _)) => Err(Error::argument(format!("{} takes no argument `{name}`", operation.name()))),
            };
        };
        let at_top = |departure: &&Departure| departure.is_missing_field() && !departure.path()[2..].contains(['.', '[']);
        if let Some(departure) = departures(&self.params, decode).iter().find(at_top) {
            return Err(missing(operation, departure.path().trim_start_matches("$.")));
        }
        let params = decode_text_boxed(&self.params.to_json(), Mode::Lenient, decode).map_err(refused)?;
        Ok(call.params(&*params))
    }
}

fn missing(operation: &NamedOperation, name: &str) -> Error {
    Error::argument(format!("{} needs the argument `{name}`", operation.name()))
}

/// A path parameter as text.
fn path_value(name: &str, value: &Json) -> Result<String> {
    match value.to_value() {
        serde_json::Value::String(text) => Ok(text),
        serde_json::Value::Number(_) | serde_json::Value::Bool(_) => Ok(value.as_str().to_owned()),
        _ => Err(Error::argument(format!("the path parameter `{name}` is a text, not {value}"))),
    }
}

/// The content of a file, or a text as it is.
fn bytes_of(body: &Json) -> Result<bytes::Bytes, DecodeError> {
    if let serde_json::Value::String(text) = body.to_value() {
        return Ok(text.into());
    }
    Upload::from_json(body.as_str()).map(|upload| upload.as_bytes().cloned().unwrap_or_default())
}

fn departures(value: &impl JsonModel, decode: DecodeBoxed) -> Vec<Departure> {
    match decode_text_boxed(&value.to_json(), Mode::Exact, decode) {
        Ok(_) => Vec::new(),
        Err(error) => error.departures().to_vec(),
    }
}

/// The params of an operation that has none.
#[derive(Default)]
struct NoParams(crate::json::Extra);

impl crate::json::Object for NoParams {
    const FIELDS: &'static [crate::json::Field] = &[];

    fn decode_field(&mut self, _: usize, r: &mut crate::json::Reader<'_>) -> Result<(), crate::json::Fault> {
        r.skip()
    }

    fn extra_mut(&mut self) -> &mut crate::json::Extra {
        &mut self.0
    }
}

impl crate::json::Decode for NoParams {
    fn decode(r: &mut crate::json::Reader<'_>) -> Result<Self, crate::json::Fault> {
        r.object()
    }
}

impl crate::json::Encode for NoParams {
    fn encode(&self, w: &mut crate::json::Writer) {
        w.object(<Self as crate::json::Object>::FIELDS, &self.0).finish();
    }
}
