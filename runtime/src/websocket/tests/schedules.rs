//! Connections that break anywhere, under four tasks that send at once: each message arrives exactly once, or is handed back exactly once, in order.

use std::time::Duration;

use proptest::prelude::*;

use super::pipe::{Ending, FakeServer, Script, close_frame, text_frame};
use super::{Anything, Connect, client, run};
use crate::websocket::{Closed, Message, Reconnect};

fn script() -> impl Strategy<Value = Script> {
    let ending = prop_oneof![
        4 => Just(Ending::Broken),
        2 => Just(Ending::Hangup),
        2 => prop::sample::select(vec![1001, 1011, 1012, 1013]).prop_map(|code| Ending::Frame(close_frame(code, ""))),
        1 => prop::sample::select(vec![1000, 1008, 4000]).prop_map(|code| Ending::Frame(close_frame(code, ""))),
    ];
    let pace = prop_oneof![Just(usize::MAX), 1..30usize];
    (0..400usize, pace, 0..4usize, ending).prop_map(|(takes, pace, events, ending)| {
        let script = Script::new().takes(takes).pace(pace);
        (0..events).fold(script, |script, _| script.says(text_frame("0")).says(vec![0x89, 1, b'p'])).ends(ending)
    })
}

/// A message that says who sent it, and as what number.
fn message(task: usize, number: usize, len: usize) -> Message {
    let mut bytes = vec![task as u8, number as u8];
    bytes.resize(2 + len, 0);
    Message::binary(bytes)
}

fn label(bytes: &[u8]) -> (u8, u8) {
    (bytes[0], bytes[1])
}

#[derive(Debug)]
struct Outcome {
    /// What arrived, by connection.
    delivered: Vec<(u8, u8)>,
    /// What `send` handed back, by task.
    returned: Vec<Vec<(u8, u8)>>,
    closed: Closed,
    all_dropped: bool,
}

fn perform(scripts: Vec<Script>, refusals: usize, lens: &[Vec<usize>], limit: usize) -> Outcome {
    run(async {
        let server = FakeServer::new(scripts.into_iter().chain([Script::new()]));
        server.refuse(refusals);
        let connect = Connect::<Anything>::new(&client(&server), &super::TALK);
        let connection = connect.reconnect(Reconnect::new().initial_delay(Duration::ZERO)).max_queue_size(limit).await.unwrap();
        let (sender, mut receiver) = connection.split();
        let reader = async { while receiver.recv().await.unwrap().is_some() {} };
        let sending = async |task: usize| {
            let mut returned = Vec::new();
            for (number, len) in lens[task].iter().enumerate() {
                if let Err(error) = sender.send_raw(message(task, number, *len)).await {
                    returned.push(label(error.attachment::<Message>().unwrap().as_bytes()));
                }
            }
            returned
        };
        let writers = async {
            let (a, b, c, d) = tokio::join!(sending(0), sending(1), sending(2), sending(3));
            // It may have ended before all was sent.
            _ = sender.flush().await;
            (vec![a, b, c, d], sender.close().await)
        };
        let ((returned, closed), ()) = tokio::join!(writers, reader);
        let delivered = server.received().iter().flat_map(|connection| &connection.messages).map(|message| label(message)).collect();
        Outcome { delivered, returned, closed, all_dropped: server.are_all_dropped() }
    })
}

#[track_caller]
fn check(scripts: Vec<Script>, refusals: usize, lens: &[Vec<usize>], limit: usize) {
    let outcome = perform(scripts, refusals, lens, limit);
    let unsent: Vec<(u8, u8)> = outcome.closed.unsent.iter().map(|message| label(message.as_bytes())).collect();
    let mut all = [outcome.delivered.clone(), unsent.clone(), outcome.returned.concat()].concat();
    all.sort_unstable();
    let sent: Vec<(u8, u8)> = (0..4).flat_map(|task| (0..lens[task].len()).map(move |number| (task as u8, number as u8))).collect();
    assert_eq!(all, sent, "{outcome:?}");
    for task in 0..4u8 {
        let of_task = |labels: &[(u8, u8)]| labels.iter().filter(|(own, _)| *own == task).map(|(_, number)| *number).collect::<Vec<_>>();
        assert!(of_task(&outcome.delivered).is_sorted(), "{outcome:?}");
        assert!(of_task(&unsent).is_sorted(), "{outcome:?}");
    }
    assert!(outcome.all_dropped, "no connection is left");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_comes_twice(
        scripts in prop::collection::vec(script(), 0..5),
        refusals in 0..4usize,
        lens in prop::collection::vec(prop::collection::vec(0..150usize, 0..6), 4),
        limit in prop::sample::select(vec![64, 400, 1 << 20]),
    ) {
        check(scripts, refusals, &lens, limit);
    }
}

#[test]
fn drops_at_every_byte_lose_nothing() {
    let lens = [vec![0, 130], vec![10], vec![3], vec![70_000]];
    for takes in (0..320).chain([5_000, 70_290, 70_291, 70_292, 70_293, 70_300]) {
        check(vec![Script::new().takes(takes).ends(Ending::Broken)], 0, &lens, 1 << 20);
        check(vec![Script::new().takes(takes).ends(Ending::Frame(close_frame(1001, "")))], 1, &lens, 1 << 20);
    }
}
