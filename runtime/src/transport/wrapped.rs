//! A transport around another, for the connections of the client and for those that it has apart. Knows nothing of what the outer one does.

use std::sync::Arc;

#[cfg(feature = "websocket")]
use super::Upgrade;
use super::{BoxFuture, RequestBody, ResponseBody, Transport, TransportError};
use crate::error::Result;

/// Makes the outer transport, which sends what it passes on through the inner one.
pub(crate) type Wrap = Arc<dyn Fn(Arc<dyn Transport>) -> Arc<dyn Transport> + Send + Sync>;

/// Wrapped as often as there are wraps; the last one is outermost.
pub(crate) fn wrapped(transport: Arc<dyn Transport>, wraps: Vec<Wrap>) -> Arc<dyn Transport> {
    wraps.into_iter().fold(transport, |inner, wrap| Arc::new(Wrapped { outer: wrap(inner.clone()), inner, wrap }))
}

struct Wrapped {
    outer: Arc<dyn Transport>,
    inner: Arc<dyn Transport>,
    wrap: Wrap,
}

impl Transport for Wrapped {
    fn send(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        self.outer.send(request)
    }

    #[cfg(feature = "websocket")]
    fn upgrade(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<Upgrade>, TransportError>> {
        self.outer.upgrade(request)
    }

    /// The inner one's, wrapped in the same way: who wraps need not know of it.
    fn separate(&self) -> Result<Option<Arc<dyn Transport>>> {
        let separate = self.inner.separate()?;
        Ok(separate.map(|inner| wrapped(inner, vec![self.wrap.clone()])))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::Client;
    use crate::testing::{Answer, ScriptedTransport};

    /// Writes its name down before and after.
    struct Named(&'static str, Arc<dyn Transport>, Arc<Mutex<Vec<String>>>);

    impl Transport for Named {
        fn send(&self, request: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
            self.2.lock().unwrap().push(format!("{} {}", self.0, request.uri().path()));
            Box::pin(async {
                let answer = self.1.send(request).await;
                self.2.lock().unwrap().push(format!("{} {}", self.0, answer.as_ref().map_or(0, |answer| answer.status().as_u16())));
                answer
            })
        }
    }

    /// A transport whose connections are made anew for calls without a runtime.
    #[cfg(feature = "blocking")]
    struct Apart(ScriptedTransport);

    #[cfg(feature = "blocking")]
    impl Transport for Apart {
        fn send(&self, _: http::Request<RequestBody>) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
            Box::pin(std::future::ready(Err(TransportError::request("the wrong one"))))
        }

        fn separate(&self) -> Result<Option<Arc<dyn Transport>>> {
            Ok(Some(Arc::new(self.0.clone())))
        }
    }

    fn client(transport: impl Transport, seen: &Arc<Mutex<Vec<String>>>) -> Client {
        let [inner, outer] = [seen.clone(), seen.clone()];
        let builder = Client::builder().env(|_| None).api_key("k").transport(transport);
        let builder = builder.wrap_transport(move |next| Named("inner", next, inner.clone()));
        builder.wrap_transport(move |next| Named("outer", next, outer.clone())).build().unwrap()
    }

    #[tokio::test]
    async fn every_attempt_passes_through_the_last_wrap_first() {
        let (server, seen) = (
            ScriptedTransport::new([
                Answer::body(503, "text/plain", "").header("retry-after-ms", "0"),
                Answer::body(200, "application/json", "{}"),
            ]),
            Arc::default(),
        );
        client(server, &seen).get("/x").await.unwrap();
        let once = |status| ["outer /v1/x".to_owned(), "inner /v1/x".to_owned(), format!("inner {status}"), format!("outer {status}")];
        assert_eq!(*seen.lock().unwrap(), [once(503), once(200)].concat());
    }

    #[cfg(feature = "blocking")]
    #[test]
    fn connections_that_are_made_apart_are_wrapped_as_well() {
        let seen = Arc::default();
        client(Apart(ScriptedTransport::new([Answer::body(200, "application/json", "{}")])), &seen).get("/x").blocking().unwrap();
        assert_eq!(seen.lock().unwrap().len(), 4);
    }
}
