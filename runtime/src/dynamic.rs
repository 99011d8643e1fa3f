//! Operations and types by name: arguments come as one JSON object and results go out as JSON, and both pass through the same types, encoders and
//! call loop as typed code. Owns the algorithm; the table is emitted. Knows no operation and no type.

mod arguments;
mod page;
mod poll;
mod stream;
mod value;

use std::fmt;

use crate::binary::Binary;
use crate::call::{Call, Origin};
use crate::client::Client;
use crate::error::{Error, Result};
use crate::json::{Decode, DecodeBoxed, Departure, Encode, Json, decode_boxed};
use crate::operation::Operation;
use crate::page::{Page, Paged};
use crate::response::{FromResponse, Received};
use crate::stream::EventStream;
use arguments::Arguments;

pub use page::{DynamicPage, DynamicPages};
pub use poll::NamedPoll;
pub use stream::DynamicStream;
pub use value::{ApiType, Dynamic, NamedType};

/// An operation that can be called by its name.
///
/// Emitted as a chain that says what the operation takes and returns: `NamedOperation::new(&X_LIST).params::<P>().page::<E>()`.
#[derive(Clone, Copy)]
pub struct NamedOperation {
    pub(crate) operation: &'static Operation,
    /// Arguments that are not called as on the wire: (argument, wire name).
    renamed: &'static [(&'static str, &'static str)],
    /// What the params are decoded as.
    params: Option<DecodeBoxed>,
    body: BodyArgument,
    answer: Answer,
    events: Option<fn(Received, &Origin) -> Result<DynamicStream>>,
    lists: Option<Lists>,
}

/// How a list is walked over.
#[derive(Clone, Copy)]
struct Lists {
    page: fn(Received, &Origin) -> Result<DynamicPage>,
    pages: fn(Call<Dynamic>) -> DynamicPages,
    items: fn(Call<Dynamic>) -> DynamicStream,
}

/// What is sent as the body besides the params: the argument `body`.
#[derive(Clone, Copy)]
enum BodyArgument {
    None,
    Json(DecodeBoxed),
    Bytes { content_type: &'static str },
}

/// What an operation answers with.
#[derive(Clone, Copy)]
pub(crate) enum Answer {
    Nothing,
    Json(DecodeBoxed),
    Text,
    Binary,
}

/// The kinds of results, for code that has to tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResultKind {
    /// None: the value is null.
    Nothing,
    /// A JSON value.
    Json,
    /// Text: the value is a string.
    Text,
    /// Bytes: the value is a string in base64. [`Call::cast`] to [`Binary`] reads them as they arrive.
    Binary,
}

/// What the emitted table is made of.
impl NamedOperation {
    /// An operation without arguments that returns nothing.
    pub const fn new(operation: &'static Operation) -> Self {
        Self { operation, renamed: &[], params: None, body: BodyArgument::None, answer: Answer::Nothing, events: None, lists: None }
    }

    /// Its params.
    #[must_use]
    pub const fn params<T: Decode + Encode + Send + Sync + 'static>(mut self) -> Self {
        self.params = Some(decode_boxed::<T>);
        self
    }

    /// A JSON body that is no part of the params.
    #[must_use]
    pub const fn body<T: Decode + Encode + Send + Sync + 'static>(mut self) -> Self {
        self.body = BodyArgument::Json(decode_boxed::<T>);
        self
    }

    /// A body of bytes.
    #[must_use]
    pub const fn bytes(mut self, content_type: &'static str) -> Self {
        self.body = BodyArgument::Bytes { content_type };
        self
    }

    /// Arguments that are not called as on the wire: (argument, wire name).
    #[must_use]
    pub const fn renamed(mut self, renamed: &'static [(&'static str, &'static str)]) -> Self {
        self.renamed = renamed;
        self
    }

    /// It returns a JSON value.
    #[must_use]
    pub const fn json<T: Decode + Encode + Send + Sync + 'static>(mut self) -> Self {
        self.answer = Answer::Json(decode_boxed::<T>);
        self
    }

    /// It returns a page of a list.
    #[must_use]
    pub const fn page<E>(mut self) -> Self
    where
        E: Paged + Encode + Send + Sync,
        E::Item: Encode + Send + Sync,
    {
        self.lists = Some(Lists {
            page: DynamicPage::of::<E>,
            pages: |call| DynamicPages::of(call.cast::<Page<E>>().pages()),
            items: |call| DynamicStream::items(call.cast::<Page<E>>().items()),
        });
        self.json::<E>()
    }

    /// It returns bytes.
    #[must_use]
    pub const fn binary(mut self) -> Self {
        self.answer = Answer::Binary;
        self
    }

    /// It returns text.
    #[must_use]
    pub const fn text(mut self) -> Self {
        self.answer = Answer::Text;
        self
    }

    /// Its streaming form yields these events.
    #[must_use]
    pub const fn events<T: Decode + Encode + Send + Sync + 'static>(mut self) -> Self {
        self.events = Some(|response, origin| EventStream::<T>::from_response(response, origin).map(DynamicStream::events));
        self
    }
}

/// What is known of it.
impl NamedOperation {
    /// Its name: `chat.completions.create`.
    pub fn name(&self) -> &'static str {
        self.operation.name
    }

    /// How it is sent.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The kind of its result.
    pub fn result_kind(&self) -> ResultKind {
        match self.answer {
            Answer::Nothing => ResultKind::Nothing,
            Answer::Json(_) => ResultKind::Json,
            Answer::Text => ResultKind::Text,
            Answer::Binary => ResultKind::Binary,
        }
    }

    /// Whether it has a streaming form.
    pub fn streams(&self) -> bool {
        self.events.is_some()
    }

    /// Whether it returns a list that goes on.
    pub fn has_items(&self) -> bool {
        self.lists.is_some()
    }

    /// The type of its JSON result.
    pub fn result(&self) -> Option<NamedType> {
        match self.answer {
            Answer::Json(decode) => Some(NamedType::new(self.operation.name, decode)),
            _ => None,
        }
    }

    /// Where the arguments depart from the specification: unknown ones and missing ones, at any depth, and values of another type. Paths are those of the
    /// arguments by their wire names. What departs can be sent all the same, but for arguments that are missing.
    pub fn departures(&self, arguments: impl Into<Json>) -> Vec<Departure> {
        Arguments::split(self, &arguments.into()).map_or_else(|_| Vec::new(), |arguments| arguments.departures(self))
    }
}

/// Calling it.
impl NamedOperation {
    /// The call, with its arguments in one object: path, query, headers, body and files together. Nothing is sent yet.
    ///
    /// A file is `{"$file": {"name": "a.png", "bytes": "<base64>", "content_type": "image/png"}}`, the last one optional, the name possibly null. An argument
    /// that the operation does not know is sent as one more field, as with `.extra(…)`; [`departures`](Self::departures) finds those.
    ///
    /// # Errors
    /// When an argument is missing, or cannot be sent.
    pub fn call(&'static self, client: &Client, arguments: impl Into<Json>) -> Result<Call<Dynamic>> {
        let arguments = Arguments::split(self, &arguments.into())?;
        arguments.call(self, client)
    }

    /// The call in its streaming form.
    ///
    /// # Errors
    /// Those of [`call`](Self::call); and when there is no streaming form.
    pub fn stream(&'static self, client: &Client, arguments: impl Into<Json>) -> Result<Call<DynamicStream>> {
        if self.events.is_none() {
            return Err(Error::argument(format!("{} has no streaming form", self.name())));
        }
        Ok(self.call(client, arguments)?.streaming().cast())
    }

    /// All items of all pages of a list.
    ///
    /// # Errors
    /// Those of [`call`](Self::call); and when it returns no list.
    pub fn items(&'static self, client: &Client, arguments: impl Into<Json>) -> Result<DynamicStream> {
        self.call(client, arguments)?.items()
    }
}

impl Call<Dynamic> {
    /// All items of all pages of a list.
    ///
    /// # Errors
    /// When the operation returns no list.
    pub fn items(self) -> Result<DynamicStream> {
        match self.origin().draft.named.and_then(|named| named.lists) {
            Some(lists) => Ok((lists.items)(self)),
            None => Err(page::no_list(self.origin())),
        }
    }

    /// The call of an operation that returns bytes, which are then read as they arrive.
    pub fn binary(self) -> Call<Binary> {
        self.cast()
    }
}

impl fmt::Debug for NamedOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedOperation")
            .field("name", &self.name())
            .field("result", &self.result_kind())
            .field("streams", &self.streams())
            .field("has_items", &self.has_items())
            .finish_non_exhaustive()
    }
}

/// Everything that has a name. Emitted once.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The operations, by resource.
    pub operations: &'static [&'static [NamedOperation]],
    /// The methods that poll, by resource.
    pub polls: &'static [&'static [NamedPoll]],
    /// The types: their module, and its types by file.
    pub types: &'static [(&'static str, &'static [&'static [NamedType]])],
}

impl Table {
    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&'static NamedOperation> {
        self.operations().find(|operation| operation.name() == name)
    }

    /// All operations.
    pub fn operations(&self) -> impl Iterator<Item = &'static NamedOperation> + use<> {
        self.operations.iter().copied().flatten()
    }

    /// The type of that name: its public one (`ChatCompletion`; with its module, as in `beta::Message`, where several have that name), or that of its
    /// schema in the document.
    pub fn type_named(&self, name: &str) -> Option<&'static NamedType> {
        if let Some((module, name)) = name.split_once("::") {
            return self.types().find(|(home, named)| *home == module && named.name() == name).map(|(_, named)| named);
        }
        let mut found = self.types().filter(|(_, named)| named.name() == name).map(|(_, named)| named);
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only),
            (Some(_), Some(_)) => None,
            (None, _) => self.types().find(|(_, named)| named.schema() == Some(name)).map(|(_, named)| named),
        }
    }

    /// All types, each with its module.
    pub fn types(&self) -> impl Iterator<Item = (&'static str, &'static NamedType)> + use<> {
        self.types.iter().flat_map(|(module, files)| files.iter().copied().flatten().map(|named| (*module, named)))
    }
}
