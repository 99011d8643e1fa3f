//! Pages of lists whose types are not named.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::Dynamic;
use crate::call::{Call, Origin};
use crate::error::{Error, Result};
use crate::json::{Encode, Json, Writer};
use crate::page::{Page, Paged, Pages};
use crate::response::{FromResponse, Received, ResponseMeta};

/// One page of a list; see [`Page`].
pub struct DynamicPage(Box<dyn AnyPage>);

/// All pages of a list: a `futures_core::Stream` of results; see [`Pages`].
pub struct DynamicPages(Pin<Box<dyn Stream<Item = Result<DynamicPage>> + Send>>);

/// What every page can do.
trait AnyPage: Send + Sync {
    fn list(&self) -> Json;
    fn items(&self) -> Vec<Json>;
    fn has_next_page(&self) -> bool;
    fn next(&self) -> Option<(&'static str, String)>;
    fn next_call(&self) -> Result<Option<Call<DynamicPage>>>;
    fn response(&self) -> &ResponseMeta;
}

impl<E> AnyPage for Page<E>
where
    E: Paged + Encode,
    E::Item: Encode,
{
    fn list(&self) -> Json {
        raw(&**self)
    }

    fn items(&self) -> Vec<Json> {
        Paged::items(&**self).iter().map(raw).collect()
    }

    fn has_next_page(&self) -> bool {
        self.has_next_page()
    }

    fn next(&self) -> Option<(&'static str, String)> {
        Some((E::CURSOR_PARAM, self.next_cursor()?))
    }

    fn next_call(&self) -> Result<Option<Call<DynamicPage>>> {
        self.next_call().map(|call| call.map(Call::cast))
    }

    fn response(&self) -> &ResponseMeta {
        self.response()
    }
}

fn raw(value: &impl Encode) -> Json {
    let mut w = Writer::new();
    value.encode(&mut w);
    Json::from_span(&w.into_text())
}

impl DynamicPage {
    pub(super) fn of<E>(response: Received, origin: &Origin) -> Result<Self>
    where
        E: Paged + Encode,
        E::Item: Encode,
    {
        Page::<E>::from_response(response, origin).map(|page| Self(Box::new(page)))
    }

    /// The list as the server sent it.
    pub fn list(&self) -> Json {
        self.0.list()
    }

    /// The items of this page.
    pub fn items(&self) -> Vec<Json> {
        self.0.items()
    }

    /// Whether there is another page; see [`Page::has_next_page`].
    pub fn has_next_page(&self) -> bool {
        self.0.has_next_page()
    }

    /// Where the next page begins: the param that takes the cursor, and the cursor; see [`Page::next_cursor`].
    pub fn next_cursor(&self) -> Option<(&'static str, String)> {
        self.0.next()
    }

    /// The next page; see [`Page::next_page`].
    ///
    /// # Errors
    /// When nothing says where the next page begins, when the server sent a cursor again, or when the call fails.
    pub async fn next_page(&self) -> Result<Self> {
        match self.0.next_call()? {
            Some(call) => call.send().await,
            None => Err(Error::argument("nothing says where the next page begins; ask has_next_page first")),
        }
    }

    /// Status, headers and request id.
    pub fn response(&self) -> &ResponseMeta {
        self.0.response()
    }
}

impl FromResponse for DynamicPage {
    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        match origin.draft.named.and_then(|named| named.lists) {
            Some(lists) => (lists.page)(response, origin),
            None => Err(no_list(origin)),
        }
    }
}

impl DynamicPages {
    pub(super) fn of<E>(pages: Pages<E>) -> Self
    where
        E: Paged + Encode,
        E::Item: Encode,
    {
        Self(Box::pin(Erased(pages)))
    }

    /// The next page; None after the last.
    ///
    /// # Errors
    /// Those of [`Pages::try_next`].
    pub async fn try_next(&mut self) -> Result<Option<DynamicPage>> {
        std::future::poll_fn(|cx| self.0.as_mut().poll_next(cx)).await.transpose()
    }
}

impl Stream for DynamicPages {
    type Item = Result<DynamicPage>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl Call<Dynamic> {
    /// The first page of a list.
    ///
    /// # Errors
    /// When the operation returns no list.
    pub fn page(self) -> Result<Call<DynamicPage>> {
        match self.origin().draft.named.and_then(|named| named.lists) {
            Some(_) => Ok(self.cast()),
            None => Err(no_list(self.origin())),
        }
    }

    /// All pages of a list.
    ///
    /// # Errors
    /// When the operation returns no list.
    pub fn pages(self) -> Result<DynamicPages> {
        match self.origin().draft.named.and_then(|named| named.lists) {
            Some(lists) => Ok((lists.pages)(self)),
            None => Err(no_list(self.origin())),
        }
    }
}

pub(super) fn no_list(origin: &Origin) -> Error {
    Error::argument(format!("{} returns no list", origin.draft.operation.name))
}

/// Pages that lose their type.
struct Erased<E: Paged>(Pages<E>);

impl<E> Stream for Erased<E>
where
    E: Paged + Encode,
    E::Item: Encode,
{
    type Item = Result<DynamicPage>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx).map(|page| page.map(|page| page.map(|page| DynamicPage(Box::new(page)))))
    }
}

impl fmt::Debug for DynamicPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.list().fmt(f)
    }
}

impl fmt::Debug for DynamicPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DynamicPages")
    }
}
