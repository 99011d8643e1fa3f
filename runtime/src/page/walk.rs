//! Walks from page to page. After an error the position is kept: asking again asks for the page that failed.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::{Page, Paged};
use crate::call::Call;
use crate::client::Client;
use crate::error::Result;
use crate::transport::BoxFuture;

/// All pages of a list.
#[must_use = "no page is asked for yet: `while let Some(page) = pages.try_next().await? { … }`"]
pub struct Pages<E: Paged> {
    #[cfg_attr(not(any(feature = "blocking", feature = "dynamic")), expect(dead_code, reason = "it owns the background thread"))]
    client: Client,
    state: State<E>,
}

enum State<E: Paged> {
    /// The call that comes next.
    Due(Call<Page<E>>),
    /// A call on its way, and the call to make again should it fail.
    Asking(BoxFuture<'static, Result<Page<E>>>, Call<Page<E>>),
    Over,
}

impl<E: Paged> Pages<E> {
    pub(super) fn new(call: Call<Page<E>>) -> Self {
        Self { client: call.origin().client.clone(), state: State::Due(call) }
    }

    /// The next page; None after the last.
    ///
    /// # Errors
    /// When the call for it fails: asking again repeats the call. When the server leads in a circle: then this is the end, and the
    /// error carries the page ([`attachment`](crate::Error::attachment)).
    pub async fn try_next(&mut self) -> Result<Option<Page<E>>> {
        std::future::poll_fn(|cx| self.poll_page(cx)).await.transpose()
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page<E>>>> {
        loop {
            match &mut self.state {
                State::Over => return Poll::Ready(None),
                State::Due(call) => {
                    let call = call.clone();
                    self.state = State::Asking(call.clone().into_future(), call);
                }
                State::Asking(future, call) => {
                    let page = match ready!(future.as_mut().poll(cx)) {
                        Ok(page) => page,
                        Err(error) => {
                            self.state = State::Due(call.clone());
                            return Poll::Ready(Some(Err(error)));
                        }
                    };
                    self.state = State::Over;
                    if page.has_next_page() {
                        match page.next_call() {
                            Ok(Some(next)) => self.state = State::Due(next),
                            Ok(None) => {}
                            // The page says that it is followed by one before it: it is not what was asked for.
                            Err(error) => return Poll::Ready(Some(Err(error.with_attachment(page)))),
                        }
                    }
                    return Poll::Ready(Some(Ok(page)));
                }
            }
        }
    }

    /// The pages for a program without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> crate::blocking::Blocking<Self> {
        let client = self.client.clone();
        crate::blocking::Blocking::new(self, client, None)
    }
}

impl<E: Paged> Stream for Pages<E> {
    type Item = Result<Page<E>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_page(cx)
    }
}

/// All items of a list.
#[must_use = "no page is asked for yet: `while let Some(item) = items.try_next().await? { … }`"]
pub struct Items<E: Paged> {
    pages: Pages<E>,
    items: std::vec::IntoIter<E::Item>,
}

// No item is ever pinned.
impl<E: Paged> Unpin for Items<E> {}
impl<E: Paged> Unpin for Pages<E> {}

impl<E: Paged> Items<E> {
    pub(super) fn new(call: Call<Page<E>>) -> Self {
        Self { pages: Pages::new(call), items: Vec::new().into_iter() }
    }

    /// The next item; None after the last.
    ///
    /// # Errors
    /// When the call for its page fails: asking again repeats the call, and no item is lost. When the server leads in a circle: then this
    /// is the end.
    pub async fn try_next(&mut self) -> Result<Option<E::Item>> {
        std::future::poll_fn(|cx| self.poll_item(cx)).await.transpose()
    }

    #[cfg(feature = "dynamic")]
    pub(crate) fn client(&self) -> &Client {
        &self.pages.client
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<E::Item>>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll_page(cx)) {
                Some(Ok(page)) => self.items = page.into_items().into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    /// The items for a program without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> crate::blocking::Blocking<Self> {
        let client = self.pages.client.clone();
        crate::blocking::Blocking::new(self, client, None)
    }
}

impl<E: Paged> Stream for Items<E> {
    type Item = Result<E::Item>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(cx)
    }
}

impl<E: Paged> fmt::Debug for Pages<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("over", &matches!(self.state, State::Over)).finish_non_exhaustive()
    }
}

impl<E: Paged> fmt::Debug for Items<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("buffered", &self.items.len()).finish_non_exhaustive()
    }
}
