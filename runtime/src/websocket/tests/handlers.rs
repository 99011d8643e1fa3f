//! Functions that are called for events: which, in what order, and how they come and go while events are dispatched.

use std::sync::{Arc, Mutex};

use super::pipe::{Ending, FakeServer, Script, close_frame, text_frame};
use super::{Anything, Connection, connect, run};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::websocket::{Handlers, Incoming};

/// A connection on which events of these types arrive, and which is closed then.
async fn hearing(kinds: &[&str]) -> Connection<Anything> {
    let script = kinds.iter().fold(Script::new(), |script, kind| script.says(text_frame(&format!(r#"{{"n":1,"type":"{kind}"}}"#))));
    connect(&FakeServer::new([script.ends(Ending::Frame(close_frame(1000, "")))])).await
}

/// The names of those who were called.
#[derive(Clone, Default)]
struct Calls(Arc<Mutex<String>>);

impl Calls {
    /// A handler that notes its name.
    fn note(&self, name: &'static str) -> impl FnMut(Arc<Json>) -> std::future::Ready<Result<()>> + Send + use<> {
        let calls = self.clone();
        move |_| {
            calls.add(name);
            std::future::ready(Ok(()))
        }
    }

    fn add(&self, name: &str) {
        self.0.lock().unwrap().push_str(name);
    }

    fn all(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

#[test]
fn handlers_are_called_in_order_and_errors_without_one_end_the_dispatch() {
    run(async {
        let event = |kind: &str| text_frame(&format!(r#"{{"n":1,"type":"{kind}"}}"#));
        let error = text_frame(r#"{"type":"error","error":{"code":"c","message":"m"}}"#);
        let script = Script::new().says(event("a")).says(event("a")).says(event("b")).says(error).says(event("a"));
        let server = FakeServer::new([script.ends(Ending::Frame(close_frame(1000, "")))]);
        let mut connection = connect(&server).await;
        let calls = Calls::default();
        let handlers = Handlers::new();
        let first = handlers.on("a", calls.note("1"));
        handlers.once("a", calls.note("2"));
        handlers.on("a", calls.note("1"));
        let error = connection.dispatch_events(&handlers).await.unwrap_err();
        assert_eq!((error.message(), error.code()), ("m", Some("c")));
        assert_eq!(calls.all(), "12111");
        assert!(handlers.off(first) && !handlers.off(first));
        handlers.on_event(calls.note("e"));
        connection.dispatch_events(&handlers).await.unwrap();
        assert_eq!(calls.all(), "121111e");
    });
}

#[test]
fn handlers_come_and_go_while_events_are_dispatched() {
    run(async {
        let calls = Calls::default();
        let handlers = Handlers::new();
        let second = handlers.on("a", calls.note("2"));
        let (own, noted) = (handlers.clone(), calls.clone());
        let other = handlers.on("b", calls.note("b"));
        handlers.once("a", move |_| {
            noted.add("x");
            assert!(own.off(second) && own.off(other));
            own.once("a", noted.note("o"));
            own.on("a", noted.note("3"));
            std::future::ready(Ok(()))
        });
        hearing(&["a", "b", "a", "a"]).await.dispatch_events(&handlers).await.unwrap();
        assert_eq!(calls.all(), "2xo33");
    });
}

#[test]
fn a_handler_takes_itself_away() {
    run(async {
        let calls = Calls::default();
        let handlers = Handlers::new();
        let id = Arc::new(Mutex::new(None));
        let (own, noted, at) = (handlers.clone(), calls.clone(), id.clone());
        *id.lock().unwrap() = Some(handlers.on("a", move |_| {
            let (own, noted, at) = (own.clone(), noted.clone(), at.clone());
            async move {
                noted.add("1");
                assert!(own.off(at.lock().unwrap().unwrap()));
                Ok(())
            }
        }));
        handlers.on("a", calls.note("2"));
        hearing(&["a", "a"]).await.dispatch_events(&handlers).await.unwrap();
        assert_eq!(calls.all(), "122");
    });
}

#[test]
fn one_that_was_taken_away_by_another_is_not_called_for_the_same_event() {
    run(async {
        let calls = Calls::default();
        let handlers = Handlers::new();
        let later = Arc::new(Mutex::new(None));
        let (own, at) = (handlers.clone(), later.clone());
        handlers.once("a", move |_| {
            assert!(own.off(at.lock().unwrap().unwrap()));
            std::future::ready(Ok(()))
        });
        *later.lock().unwrap() = Some(handlers.on_event(calls.note("e")));
        hearing(&["a", "b"]).await.dispatch_events(&handlers).await.unwrap();
        assert_eq!(calls.all(), "");
    });
}

#[test]
fn what_a_handler_returns_ends_the_dispatch_and_once_is_once_all_the_same() {
    run(async {
        let calls = Calls::default();
        let handlers = Handlers::new();
        handlers.once("a", |_| std::future::ready(Err(Error::argument("enough"))));
        handlers.on("a", calls.note("1"));
        let noted = calls.clone();
        handlers.on_other(move |other| {
            if let Incoming::Closed(closed) = other {
                noted.add(&format!(" closed {}", closed.code));
            }
            std::future::ready(Ok(()))
        });
        let mut connection = hearing(&["a", "a"]).await;
        assert_eq!(connection.dispatch_events(&handlers).await.unwrap_err().message(), "enough");
        connection.dispatch_events(&handlers).await.unwrap();
        assert_eq!(calls.all(), "1 closed 1000");
    });
}
