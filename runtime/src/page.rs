//! Pages of a list: the page itself, the way to the next, and all items or pages as one stream (contract 6).

mod walk;

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::call::{Call, Origin};
use crate::error::{Error, Result};
use crate::json::{Decode, Json};
use crate::operation::Body;
use crate::response::{FromResponse, Received, ResponseMeta};

pub use walk::{Items, Pages};

/// A list as the server sends it, one page at a time. Emitted for every list envelope.
pub trait Paged: Decode + Send + 'static {
    /// What the list holds.
    type Item: Send + 'static;

    /// The param that takes the cursor, `after` for instance.
    const CURSOR_PARAM: &'static str;

    /// The items of this page.
    fn items(&self) -> &[Self::Item];

    /// The items of this page, by value.
    fn into_items(self) -> Vec<Self::Item>;

    /// Whether the server says that there is more; None when it does not say.
    fn has_more(&self) -> Option<bool>;

    /// Where the next page begins; None when nothing says so.
    fn next_cursor(&self) -> Option<String>;
}

/// One page of a list. Dereferences to the list as the server sent it, and knows how to get the next.
#[derive(Clone)]
pub struct Page<E> {
    envelope: E,
    origin: Origin,
    meta: ResponseMeta,
    cursor: Option<String>,
}

impl<E: Paged> FromResponse for Page<E> {
    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        let meta = response.meta.clone();
        let envelope = E::from_response(response, origin)?;
        let cursor = origin.draft.cursor.clone();
        Ok(Self { envelope, origin: origin.clone(), meta, cursor })
    }
}

impl<E: Paged> Page<E> {
    /// Whether there is another page: the server does not deny it, this page has items, and something says where the next begins.
    pub fn has_next_page(&self) -> bool {
        self.next_cursor().is_some()
    }

    /// The next page, with the same filters and options.
    ///
    /// # Errors
    /// When there is none ([`has_next_page`](Self::has_next_page)), or when the call fails.
    pub async fn next_page(&self) -> Result<Self> {
        match self.next_call()? {
            Some(call) => call.send().await,
            None => Err(Error::argument("there is no next page; ask has_next_page first")),
        }
    }

    /// The call for the next page; None when this is the last.
    ///
    /// # Errors
    /// When the server sent the same cursor again, which would go on for ever.
    pub fn next_call(&self) -> Result<Option<Call<Self>>> {
        let Some(cursor) = self.next_cursor() else { return Ok(None) };
        if self.cursor.as_deref() == Some(&cursor) {
            let message = format!("the server sent the cursor {cursor:?} again; following it would never end");
            return Err(Error::decode(message).with_meta(self.meta.clone()));
        }
        let mut origin = self.origin.clone();
        origin.draft.set_cursor(E::CURSOR_PARAM, cursor);
        Ok(Some(Call::from_origin(origin)))
    }

    /// The items of this page, by value.
    pub fn into_items(self) -> Vec<E::Item> {
        self.envelope.into_items()
    }

    /// Status, headers and request id.
    pub fn response(&self) -> &ResponseMeta {
        &self.meta
    }

    /// The list as the server sent it.
    pub fn into_inner(self) -> E {
        self.envelope
    }

    fn next_cursor(&self) -> Option<String> {
        if self.envelope.has_more() == Some(false) || self.envelope.items().is_empty() {
            return None;
        }
        self.envelope.next_cursor().filter(|cursor| !cursor.is_empty())
    }
}

impl crate::request::Draft {
    /// Asks for the page that begins at the cursor.
    fn set_cursor(&mut self, param: &'static str, cursor: String) {
        let value = Json::from(cursor.as_str());
        let in_query = self.encoding() == Body::None || self.operation.query_fields.contains(&param);
        let fields = if in_query { &mut self.query } else { &mut self.body_fields };
        fields.retain(|(name, _)| name != param);
        fields.push((param.to_owned(), value));
        self.cursor = Some(cursor);
    }
}

impl<E: Paged> Call<Page<E>> {
    /// All items of all pages, as a stream. A page is asked for when the items before it are taken.
    pub fn items(self) -> Items<E> {
        Items::new(self)
    }

    /// All pages, as a stream.
    pub fn pages(self) -> Pages<E> {
        Pages::new(self)
    }
}

impl<E> Deref for Page<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.envelope
    }
}

impl<E> DerefMut for Page<E> {
    fn deref_mut(&mut self) -> &mut E {
        &mut self.envelope
    }
}

impl<E: fmt::Debug> fmt::Debug for Page<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.envelope.fmt(f)
    }
}
