//! Streams that break off anywhere and go on: no event is lost, none comes twice.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::tests::{TYPED, read, run};
use crate::testing::{Answer, FakeClock, Recorded, ScriptedTransport};
use crate::{Call, Client, Error, EventStream, Operation, Resume};

static JOBS: Operation = Operation {
    name: "jobs.create",
    path: "/jobs",
    resume: Some(Resume {
        operation: &JOB,
        path: "job",
        id: &["job", "id"],
        number: "n",
        after: "after",
        keeps: &["include", "betas"],
        requires: Some("background"),
    }),
    ..TYPED
};
static JOB: Operation = Operation {
    name: "jobs.retrieve",
    path: "/jobs/{job}",
    header_fields: &[("betas", "x-betas")],
    stream: TYPED.stream,
    events: TYPED.events,
    stream_end: TYPED.stream_end,
    resume: Some(Resume { operation: &JOB, path: "job", id: &[], number: "n", after: "after", keeps: &[], requires: None }),
    ..Operation::DEFAULT
};

/// Six events; what is streamed is named in the second, and the last is the one that ends such a stream.
fn event(n: usize) -> String {
    match n {
        1 => r#"{"type":"made","a":1,"n":1,"job":{"x":{"id":"no"},"id":"j 1"}}"#.to_owned(),
        5 => r#"{"type":"done","n":5,"a":5}"#.to_owned(),
        _ => format!(r#"{{"type":"é","a":{n},"n":{n}}}"#),
    }
}

fn events(numbers: impl IntoIterator<Item = usize>) -> String {
    numbers.into_iter().map(|n| format!("event: x\ndata: {}\n\n", event(n))).collect()
}

fn jobs(client: &Client) -> Call<EventStream<Value>> {
    Call::new(client, &JOBS).params(&json!({"background": true, "include": ["b"], "betas": ["c", "d"]})).streaming().resumable()
}

/// The number after which the rest is asked for; none for the first request.
fn after(request: &Recorded) -> Option<usize> {
    let (_, number) = request.url.split_once("after=")?;
    number.parse().ok()
}

type Break = fn(Answer) -> Answer;

const BREAKS: [(Break, &str); 3] =
    [(Answer::then_connection_error, "connection"), (Answer::then_timeout, "timeout"), (|answer| answer, "truncated")];

#[test]
fn a_stream_that_breaks_off_anywhere_goes_on_without_loss_or_repetition() {
    let whole = events(0..6);
    let named = events(0..2).len();
    for (cut, (breaks, kind)) in (0..whole.len()).flat_map(|cut| BREAKS.map(|way| (cut, way))) {
        let text = whole.as_bytes()[..cut].to_vec();
        let transport = ScriptedTransport::from_fn(move |request| match after(request) {
            None => breaks(Answer::events(text.clone())),
            Some(last) => Answer::events(events(last + 1..6)),
        });
        let (found, error) = run(async { read(jobs(&transport.client()).await).await });
        let arrived = (0..6).take_while(|n| events(0..*n + 1).len() <= cut).count();
        if cut < named {
            let before: String = (0..arrived).map(|n| format!("{n} ")).collect();
            assert_eq!(found, format!("{before}{kind} end"), "cut at {cut}: {error:?}");
        } else {
            assert_eq!(found, "0 1 2 3 4 5 end", "cut at {cut}: {error:?}");
            assert_eq!(after(&transport.requests()[1]), Some(arrived - 1));
            assert_eq!(transport.clock().sleeps(), [Duration::from_millis(500)]);
        }
    }
}

/// What the client sees when the first answer has the events up to `arrived` and the others are as given: the outcome, the numbers that
/// were asked for, and the waits in milliseconds.
#[track_caller]
fn check(arrived: usize, others: impl IntoIterator<Item = Answer>, expect: &str, asked: &[usize], waits: &[u128]) {
    let first = Answer::events(events(0..arrived)).then_connection_error();
    let transport = ScriptedTransport::new([first].into_iter().chain(others));
    let (found, error) = run(async { read(jobs(&transport.client()).await).await });
    assert_eq!(found, expect, "{error:?}");
    assert_eq!(transport.requests().iter().filter_map(after).collect::<Vec<_>>(), asked);
    assert_eq!(transport.clock().sleeps().iter().map(Duration::as_millis).collect::<Vec<_>>(), waits);
}

#[test]
fn the_rules_of_retries_hold_for_resuming() {
    let broken = |n: std::ops::Range<usize>| Answer::events(events(n)).then_connection_error();
    let whole = |n: std::ops::Range<usize>| Answer::events(events(n));
    check(3, [broken(3..4), broken(4..5), whole(5..6)], "0 1 2 3 4 5 end", &[2, 3, 4], &[500, 500, 500]);
    check(3, [broken(3..3), whole(3..6)], "0 1 2 3 4 5 end", &[2, 2], &[500, 1000]);
    check(3, [broken(3..3)], "0 1 2 connection end", &[2, 2], &[500, 1000]);
    check(3, [Answer::events(": nothing\n\n")], "0 1 2 truncated end", &[2, 2], &[500, 1000]);
    check(3, [Answer::json(500, "{}"), whole(3..6)], "0 1 2 3 4 5 end", &[2, 2], &[500, 500]);
    check(3, [Answer::json(500, "{}")], "0 1 2 internal_server end", &[2, 2], &[500, 500]);
    check(3, [Answer::connection_error(), whole(3..6)], "0 1 2 3 4 5 end", &[2, 2], &[500, 500]);
    check(3, [Answer::json(404, "{}")], "0 1 2 not_found end", &[2], &[500]);
    check(3, [Answer::body(200, "text/html", "<html>")], "0 1 2 decode end", &[2], &[500]);
    // Events that were there already are passed over, whatever the server was asked for.
    check(3, [whole(0..6)], "0 1 2 3 4 5 end", &[2], &[500]);
    check(3, [broken(0..2), whole(1..6)], "0 1 2 3 4 5 end", &[2, 2], &[500, 1000]);
    // After the event that comes last it does not matter how the connection ends.
    check(6, [], "0 1 2 3 4 5 end", &[], &[]);
}

#[test]
fn the_server_may_say_how_long_to_wait() {
    let wait = |milliseconds: &str| {
        let text = format!("{}retry: {milliseconds}\n\n", events(0..2));
        let transport = ScriptedTransport::new([Answer::events(text), Answer::events(events(2..6))]);
        let (found, _) = run(async { read(jobs(&transport.client()).await).await });
        assert_eq!(found, "0 1 2 3 4 5 end");
        transport.clock().sleeps()[0]
    };
    assert_eq!((wait("3000"), wait("99999999")), (Duration::from_secs(3), Duration::from_secs(120)));
}

#[test]
fn the_rest_is_asked_for_with_what_the_first_call_was_made_with() {
    let transport = ScriptedTransport::new([
        Answer::events(events(0..3)).header("x-request-id", "1"),
        Answer::events(events(3..6)).header("x-request-id", "2"),
    ]);
    run(async {
        let call = jobs(&transport.client()).header("x-mine", "1").idempotency_key("once").query("tenant", "t");
        let mut stream = call.await.unwrap();
        assert_eq!(stream.sequence_number(), None);
        stream.try_next().await.unwrap();
        assert_eq!((stream.sequence_number(), stream.response().request_id()), (Some(0), Some("1")));
        while stream.try_next().await.unwrap().is_some() {}
        assert_eq!((stream.sequence_number(), stream.response().request_id()), (Some(5), Some("2")));
    });
    let [first, second] = &transport.requests()[..] else { panic!("two requests") };
    assert_eq!((first.method.as_str(), first.target()), ("POST", "/v1/jobs?tenant=t"));
    assert_eq!((second.method.as_str(), second.target()), ("GET", "/v1/jobs/j%201?include%5B%5D=b&stream=true&tenant=t&after=2"));
    let headers = |request: &Recorded| ["x-mine", "x-betas", "idempotency-key"].map(|name| request.header(name).to_owned());
    assert_eq!(headers(first), ["1", "", "once"]);
    assert_eq!(headers(second), ["1", "c,d", ""]);
}

#[test]
fn a_stream_that_is_the_rest_of_another_goes_on_too() {
    let transport = ScriptedTransport::new([Answer::events(events(3..4)), Answer::events(events(4..6))]);
    let call = Call::<EventStream<Value>>::new(&transport.client::<Client>(), &JOB)
        .path("job", "j")
        .params(&json!({"after": 2, "include": ["b"]}));
    let (found, _) = run(async { read(call.streaming().resumable().await).await });
    assert_eq!(found, "3 4 5 end");
    let targets: Vec<String> = transport.requests().iter().map(|request| request.target().to_owned()).collect();
    let target = |after: u32| format!("/v1/jobs/j?after={after}&include%5B%5D=b&stream=true");
    assert_eq!(targets, [target(2), target(3)]);
}

#[test]
fn without_being_asked_nothing_is_resumed() {
    let transport = ScriptedTransport::new([Answer::events(events(0..3)), Answer::events(events(3..6))]);
    let call = Call::<EventStream<Value>>::new(&transport.client::<Client>(), &JOBS).params(&json!({"background": true})).streaming();
    let (found, _) = run(async { read(call.await).await });
    assert_eq!((found.as_str(), transport.requests().len()), ("0 1 2 truncated end", 1));
}

#[test]
fn the_deadline_holds_for_all_of_it() {
    let outcome = |limit: Duration| {
        let transport = ScriptedTransport::new([Answer::events(events(0..3)), Answer::events(events(3..5)).then_never()]);
        let client: Client = transport.builder().time(FakeClock::default().ringing()).build().unwrap();
        let (found, error) = run(async { read(jobs(&client).deadline(limit).await).await });
        (found, error.unwrap().message().to_owned(), transport.requests().len())
    };
    let expect = |words: &str, message: &str, requests| (words.to_owned(), message.to_owned(), requests);
    let passed = "the deadline for the whole call passed";
    assert_eq!(outcome(Duration::from_secs(5)), expect("0 1 2 3 4 timeout end", passed, 2));
    // There is no time for the wait before a second request.
    assert_eq!(outcome(Duration::from_millis(400)), expect("0 1 2 truncated end", "the stream ended before it was complete", 1));
}

#[test]
fn what_cannot_be_resumed_is_refused_before_anything_is_sent() {
    let transport = ScriptedTransport::new([Answer::events("")]);
    let client: Client = transport.client();
    let refused = |operation, params: Value| -> Error {
        let call = Call::<EventStream<Value>>::new(&client, operation).params(&params).streaming().resumable();
        run(call.into_future()).unwrap_err()
    };
    for (error, words) in [
        (refused(&TYPED, json!({})), "cannot be resumed"),
        (refused(&JOBS, json!({})), "only if `background` is true"),
        (refused(&JOBS, json!({"background": false})), "only if `background` is true"),
    ] {
        assert!(error.is_argument() && error.message().contains(words), "{error}");
    }
    assert!(transport.requests().is_empty());
}
