//! Pages of a list: the page itself, the way to the next, and all items or pages as one stream (contract 6).

#[cfg(test)]
mod tests;
mod trail;
mod walk;

use std::fmt;
use std::ops::{Deref, DerefMut};

use crate::call::{Call, Origin};
use crate::error::{Error, Result};
use crate::json::{Decode, Extra, Json, Kind};
use crate::operation::{Body, Paging};
use crate::response::{FromResponse, Received, ResponseMeta};

pub(crate) use trail::Trail;
pub use walk::{Items, Pages};

/// A list as the server sends it, one page at a time. Emitted for every list envelope.
pub trait Paged: Decode + Send + Sync + 'static {
    /// What the list holds.
    type Item: Send + 'static;

    /// The param that takes the cursor, `after` for instance.
    const CURSOR_PARAM: &'static str;

    /// The field that holds the items.
    const ITEMS: &'static str;

    /// The items of this page.
    fn items(&self) -> &[Self::Item];

    /// The items of this page, by value.
    fn into_items(self) -> Vec<Self::Item>;

    /// Whether the server says that there is more; None when it does not say.
    fn has_more(&self) -> Option<bool>;

    /// Where the next page begins; None when nothing says so.
    fn next_cursor(&self) -> Option<String>;

    /// What the fields of the list do not name or cannot hold.
    fn extra(&self) -> &Extra;
}

/// The cursor that a field holds: its text, or the number that came in its place.
pub fn cursor_of(text: Option<&str>, extra: &Extra, field: &str) -> Option<String> {
    match text {
        Some(text) if !text.is_empty() => Some(text.to_owned()),
        _ => extra.get(field).filter(|found| matches!(found.kind(), Kind::Integer | Kind::Number)).map(Json::to_string),
    }
}

/// What came in the place of a list, when that is something else.
fn misfit<E: Paged>(list: &E) -> Option<&Json> {
    list.extra().whole().or_else(|| list.extra().get(E::ITEMS))
}

/// Whether the server says that this is all: with a boolean, or with what others take for one.
fn is_last<E: Paged>(list: &E) -> bool {
    match list.has_more() {
        Some(has_more) => !has_more,
        None => list.extra().get("has_more").is_some_and(|found| matches!(found.as_str(), "\"false\"" | "\"False\"" | "0")),
    }
}

/// One page of a list. Dereferences to the list as the server sent it, so that `page.data` can be read; [`into_items`](Page::into_items) hands its items
/// over. It knows how to get the next page, and a call that has not been sent yet can be made to yield the items of all pages (`.items()`).
#[derive(Clone)]
pub struct Page<E> {
    envelope: E,
    origin: Origin,
    meta: ResponseMeta,
}

impl<E: Paged> FromResponse for Page<E> {
    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        let meta = response.meta.clone();
        let body = response.bytes();
        let envelope = E::from_response(response, origin)?;
        if let Some(found) = misfit(&envelope) {
            let found: String = found.as_str().chars().take(40).collect();
            return Err(Error::decode(format!("the server answered with something that is no list: {found}"))
                .with_body(&body)
                .with_meta(meta));
        }
        Ok(Self { envelope, origin: origin.clone(), meta })
    }
}

impl<E: Paged> Page<E> {
    /// Whether there is another page: the server does not deny it, this page has items, and something says where the next begins.
    pub fn has_next_page(&self) -> bool {
        !is_last(&self.envelope) && self.next_cursor().is_some()
    }

    /// Where the next page begins: what [`next_page`](Self::next_page) sends. It is known as a rule even when this is the last page; sent later, it
    /// brings what was added in the meantime.
    pub fn next_cursor(&self) -> Option<String> {
        if self.envelope.items().is_empty() || self.origin.draft.operation.pages == Paging::One {
            return None;
        }
        self.envelope.next_cursor().filter(|cursor| !cursor.is_empty())
    }

    /// The next page, with the same filters and options. It is asked for even if this page says that it is the last
    /// ([`has_next_page`](Self::has_next_page)).
    ///
    /// # Errors
    /// When nothing says where the next page begins, when the server sent a cursor again, or when the call fails.
    pub async fn next_page(&self) -> Result<Self> {
        match self.next_call()? {
            Some(call) => call.send().await,
            None => Err(Error::argument("nothing says where the next page begins; ask has_next_page first")),
        }
    }

    /// The call for the next page; None when nothing says where that begins.
    ///
    /// # Errors
    /// When the server sent a cursor again that it had sent for an earlier page, which would go on for ever.
    pub fn next_call(&self) -> Result<Option<Call<Self>>> {
        let Some(cursor) = self.next_cursor() else { return Ok(None) };
        let Some(trail) = self.origin.draft.trail.follow(&cursor) else {
            let message = format!("the server sent the cursor {cursor:?} again; following it would never end");
            return Err(Error::decode(message).with_meta(self.meta.clone()));
        };
        let mut origin = self.origin.clone();
        origin.draft.set_cursor(E::CURSOR_PARAM, &cursor);
        origin.draft.trail = trail;
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
}

impl crate::request::Draft {
    /// Asks for the page that begins at the cursor.
    fn set_cursor(&mut self, param: &'static str, cursor: &str) {
        let value = Json::from(cursor);
        let in_query = self.encoding() == Body::None || self.operation.query_fields.contains(&param);
        let fields = if in_query { &mut self.query } else { &mut self.body_fields };
        fields.retain(|(name, _)| name != param);
        fields.push((param.to_owned(), value));
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
