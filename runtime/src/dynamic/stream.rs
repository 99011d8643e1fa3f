//! Events and items whose types are not named.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::Dynamic;
use crate::call::Origin;
use crate::client::Client;
use crate::error::{Error, Result};
use crate::json::{Decode, Encode};
use crate::page::{Items, Paged};
use crate::response::{FromResponse, Reading, Received, ResponseMeta};
use crate::stream::EventStream;

/// Events of a streaming call, or items of a list: a `futures_core::Stream` of results. Dropping it ends what is under way.
///
/// Cancel safety: dropping the future of [`try_next`](Self::try_next) loses nothing.
pub struct DynamicStream {
    values: Pin<Box<dyn Stream<Item = Result<Dynamic>> + Send>>,
    meta: Option<ResponseMeta>,
    #[cfg_attr(not(feature = "blocking"), expect(dead_code, reason = "it owns the background thread"))]
    client: Client,
    #[cfg(feature = "blocking")]
    home: Option<crate::blocking::Home>,
}

impl DynamicStream {
    pub(super) fn events<T: Decode + Encode + Send + Sync + 'static>(events: EventStream<T>) -> Self {
        Self {
            meta: Some(events.response().clone()),
            client: events.client().clone(),
            #[cfg(feature = "blocking")]
            home: events.home(),
            values: Box::pin(Values(events)),
        }
    }

    pub(super) fn items<E>(items: Items<E>) -> Self
    where
        E: Paged,
        E::Item: Encode + Sync,
    {
        Self {
            meta: None,
            client: items.client().clone(),
            #[cfg(feature = "blocking")]
            home: None,
            values: Box::pin(Values(items)),
        }
    }

    /// The next value; None at the end.
    ///
    /// # Errors
    /// Those of [`EventStream::try_next`] or [`Items::try_next`].
    pub async fn try_next(&mut self) -> Result<Option<Dynamic>> {
        std::future::poll_fn(|cx| self.values.as_mut().poll_next(cx)).await.transpose()
    }

    /// Status, headers and request id of a stream of events.
    pub fn response(&self) -> Option<&ResponseMeta> {
        self.meta.as_ref()
    }

    /// The values for a program without an async runtime.
    #[cfg(feature = "blocking")]
    pub fn blocking(self) -> crate::blocking::Blocking<Self> {
        let (client, home) = (self.client.clone(), self.home);
        crate::blocking::Blocking::new(self, client, home)
    }
}

impl FromResponse for DynamicStream {
    const READING: Reading = Reading::Streaming;

    fn from_response(response: Received, origin: &Origin) -> Result<Self> {
        match origin.draft.named.and_then(|named| named.events) {
            Some(events) => events(response, origin),
            None => Err(Error::argument(format!("{} has no streaming form", origin.draft.operation.name))),
        }
    }
}

impl Stream for DynamicStream {
    type Item = Result<Dynamic>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.values.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for DynamicStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicStream").field("response", &self.meta).finish_non_exhaustive()
    }
}

/// A stream whose values lose their type.
struct Values<S>(S);

impl<T: Encode + Send + Sync + 'static, S: Stream<Item = Result<T>> + Unpin> Stream for Values<S> {
    type Item = Result<Dynamic>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx).map(|value| value.map(|value| value.map(Dynamic::new)))
    }
}
