//! Walks over pages, over a scripted transport.

use serde_json::{Value, json};

use super::{Page, Paged};
use crate::json::{Decode, Fault, Json, Reader};
use crate::testing::{Answer, ScriptedTransport};
use crate::{Body, Call, Client, Error, Method, Operation, Paging};

static LIST: Operation = Operation { path: "/files", ..Operation::DEFAULT };
static ONE: Operation = Operation { pages: Paging::One, ..LIST };
static SEARCH: Operation = Operation { method: Method::Post, path: "/search", body: Body::Json, ..Operation::DEFAULT };

/// A list whose next page begins after its last item's id.
#[derive(Debug)]
struct List {
    items: Vec<Value>,
    has_more: Option<bool>,
    misfit: Option<Json>,
}

impl Decode for List {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let list = Value::decode(r)?;
        let data = &list["data"];
        let misfit = (!data.is_array() && !data.is_null()).then(|| Json::from_text(&data.to_string()).unwrap());
        Ok(Self { items: data.as_array().cloned().unwrap_or_default(), has_more: list["has_more"].as_bool(), misfit })
    }
}

impl Paged for List {
    type Item = Value;
    const CURSOR_PARAM: &'static str = "after";

    fn items(&self) -> &[Value] {
        &self.items
    }

    fn into_items(self) -> Vec<Value> {
        self.items
    }

    fn has_more(&self) -> Option<bool> {
        self.has_more
    }

    fn next_cursor(&self) -> Option<String> {
        self.items.last()?["id"].as_str().map(Into::into)
    }

    fn misfit(&self) -> Option<&Json> {
        self.misfit.as_ref()
    }
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn page(ids: &str, has_more: impl Into<Value>) -> Answer {
    let items: Vec<Value> = ids.chars().map(|id| json!({ "id": id.to_string() })).collect();
    Answer::ok(&json!({ "data": items, "has_more": has_more.into() }))
}

fn call(client: &Client, operation: &'static Operation) -> Call<Page<List>> {
    Call::new(client, operation).params(&json!({"limit": 1})).max_retries(0)
}

/// What came out of a walk over all items, with errors as their kinds, and the queries that were sent.
#[track_caller]
fn check(operation: &'static Operation, answers: impl IntoIterator<Item = Answer>, expect: &str, queries: &[&str]) {
    let transport = ScriptedTransport::new(answers);
    let mut items = call(&transport.client(), operation).items();
    let found = run(async {
        let mut found = Vec::new();
        loop {
            assert!(found.len() < 10, "it does not end: {found:?}");
            match items.try_next().await {
                Ok(Some(item)) => found.push(item["id"].as_str().unwrap_or("-").to_owned()),
                Ok(None) => return found.join(" "),
                Err(error) => found.push(error.kind().to_owned()),
            }
        }
    });
    assert_eq!(found, expect);
    let sent: Vec<String> = transport.requests().iter().map(|request| request.url.split_once('?').unwrap().1.to_owned()).collect();
    assert_eq!(sent, queries);
}

#[test]
fn items_come_from_all_pages_with_the_same_filters() {
    let error = || Answer::error(500, "boom");
    check(&LIST, [page("ab", true), page("c", false)], "a b c", &["limit=1", "limit=1&after=b"]);
    check(
        &LIST,
        [page("a", Value::Null), page("b", Value::Null), page("", Value::Null)],
        "a b",
        &["limit=1", "limit=1&after=a", "limit=1&after=b"],
    );
    check(&LIST, [page("", true), page("a", false)], "", &["limit=1"]);
    check(&LIST, [Answer::ok(&json!({"data": [{}], "has_more": true}))], "-", &["limit=1"]);
    check(&LIST, [Answer::ok(&json!({"data": null, "has_more": true}))], "", &["limit=1"]);
    check(&ONE, [page("a", true), page("b", false)], "a", &["limit=1"]);
    // The position is kept over errors: asking again asks for the page that failed.
    check(&LIST, [page("a", true), error(), page("b", false)], "a internal_server b", &["limit=1", "limit=1&after=a", "limit=1&after=a"]);
    check(&LIST, [error(), page("a", false)], "internal_server a", &["limit=1", "limit=1"]);
    check(&LIST, [Answer::ok(&json!({"data": {"id": "a"}})), page("a", false)], "decode a", &["limit=1", "limit=1"]);
}

#[test]
fn a_server_that_leads_in_a_circle_is_noticed() {
    check(&LIST, [page("a", true)], "a decode", &["limit=1", "limit=1&after=a"]);
    let circle = || [page("a", true), page("b", true), page("c", true), page("b", true), page("c", true), page("b", true)];
    let queries = ["limit=1", "limit=1&after=a", "limit=1&after=b", "limit=1&after=c", "limit=1&after=b", "limit=1&after=c"];
    check(&LIST, circle(), "a b c b decode", &queries[..5]);

    let client: Client = ScriptedTransport::new([page("a", true)]).client();
    let error: Error = run(async {
        let mut pages = call(&client, &LIST).pages();
        pages.try_next().await.unwrap();
        let error = pages.try_next().await.unwrap_err();
        assert!(pages.try_next().await.unwrap().is_none());
        error
    });
    assert!(error.message().contains(r#"the cursor "a" again"#), "{error}");
    assert_eq!(error.attachment::<Page<List>>().unwrap().items.len(), 1);
}

#[test]
fn a_page_leads_to_the_next_by_hand() {
    let transport =
        ScriptedTransport::new([page("a", true).header("x-request-id", "r1"), page("b", false), page("c", false), page("", false)]);
    run(async {
        let first = call(&transport.client(), &LIST).header("x-mine", "1").await.unwrap();
        assert_eq!((first.has_next_page(), first.next_cursor().as_deref(), first.response().request_id()), (true, Some("a"), Some("r1")));
        let second = first.next_page().await.unwrap();
        // It says that it is the last; what was added since comes with another page.
        assert_eq!((second.has_next_page(), second.next_cursor().as_deref()), (false, Some("b")));
        let third = second.next_page().await.unwrap();
        assert_eq!(third.items[0]["id"], "c");
        let empty = third.next_page().await.unwrap();
        assert!(!empty.has_next_page() && empty.next_cursor().is_none());
        assert!(empty.next_page().await.unwrap_err().is_argument());
    });
    assert!(transport.requests().iter().all(|request| request.header("x-mine") == "1"));
    assert_eq!(transport.requests()[3].target(), "/v1/files?limit=1&after=c");
}

#[test]
fn the_cursor_goes_where_the_params_go() {
    let transport = ScriptedTransport::new([page("a", true), page("b", false)]);
    let pages = run(async {
        let mut pages = call(&transport.client(), &SEARCH).pages();
        let mut count = 0;
        while pages.try_next().await.unwrap().is_some() {
            count += 1;
        }
        count
    });
    let bodies: Vec<String> = transport.requests().iter().map(|request| request.text()).collect();
    assert_eq!((pages, bodies), (2, vec![r#"{"limit":1}"#.to_owned(), r#"{"limit":1,"after":"a"}"#.to_owned()]));
}

#[cfg(feature = "blocking")]
#[test]
fn pages_and_items_are_iterators_without_a_runtime() {
    let transport = ScriptedTransport::new([page("ab", true), page("c", false), page("d", false)]);
    let items: Vec<Value> = call(&transport.client(), &LIST).items().blocking().map(|item| item.unwrap()["id"].clone()).collect();
    assert_eq!(items, ["a", "b", "c"]);
    assert_eq!(call(&transport.client(), &LIST).pages().blocking().count(), 1);
}
