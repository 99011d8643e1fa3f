//! Large messages, floods, slow servers, servers that go away while four tasks send; and that nothing is left behind.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use openai::types::realtime::RealtimeConnectParams;
use openai::websocket::{Incoming, Message, Reconnect};
use openai_tests::websocket::{self, WebSocketServer};

use super::{PATIENCE, client, run};

fn params() -> RealtimeConnectParams {
    RealtimeConnectParams::new()
}

#[test]
fn messages_of_ten_megabytes_go_both_ways() {
    let server = WebSocketServer::start(|mut session| {
        let message = session.hear().unwrap();
        session.send(message);
        session.wait_for_the_end();
    })
    .unwrap();
    run(async {
        let mut connection = client(&server).realtime().connect(params()).await.unwrap();
        let sent: Vec<u8> = (0..10_000_000u32).map(|n| (n >> 8) as u8).collect();
        connection.send_raw(sent.clone()).await.unwrap();
        let Some(Incoming::Binary(received)) = connection.recv().await.unwrap() else { panic!("bytes") };
        assert!(received == sent);
        let audio = "A".repeat(10_000_000);
        let event = connection.input_audio_buffer().append(audio);
        assert_eq!(event.into_event().audio.len(), 10_000_000);
        connection.close().await;
    });
}

#[test]
fn a_flood_of_events_arrives_whole() {
    const COUNT: usize = 100_000;
    let server = WebSocketServer::start(|mut session| {
        for n in 0..COUNT {
            session.write(websocket::Message::text(format!(r#"{{"type":"response.output_text.delta","event_id":"e{n}","delta":"word"}}"#)));
        }
        session.flush();
        session.close(1000, "");
    })
    .unwrap();
    run(async {
        let mut connection = client(&server).realtime().connect(params()).await.unwrap();
        let mut count = 0;
        while let Some(event) = connection.try_next().await.unwrap() {
            assert_eq!(event.tag(), "response.output_text.delta");
            count += 1;
        }
        assert_eq!(count, COUNT);
    });
}

#[test]
fn a_slow_server_slows_the_sender_down() {
    let (ready, go) = channel::<()>();
    let go = Mutex::new(go);
    let server = WebSocketServer::start(move |mut session| {
        go.lock().unwrap().recv().unwrap();
        let mut count = 0;
        while session.hear().is_some() {
            count += 1;
        }
        assert_eq!(count, 200);
    })
    .unwrap();
    run(async {
        let connection = client(&server).realtime().connect(params()).max_queue_size(100_000).await.unwrap();
        let sender = connection.sender();
        let sending = tokio::spawn(async move {
            for _ in 0..200 {
                sender.send_raw(vec![0u8; 100_000]).await.unwrap();
            }
        });
        // The system's buffers fill up, and then nothing more is taken.
        let mut last = usize::MAX;
        while connection.try_send_raw(vec![0u8; 1]).is_ok() || connection.queued_bytes() != last {
            last = connection.queued_bytes();
            assert!(last <= 200_000, "what waits is bounded");
            tokio::task::yield_now().await;
            if sending.is_finished() {
                panic!("everything was taken");
            }
            if last > 0 {
                break;
            }
        }
        ready.send(()).unwrap();
        sending.await.unwrap();
        connection.close().await;
    });
}

#[test]
fn a_reader_that_does_not_come_slows_the_server_down() {
    const COUNT: usize = 400;
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    let server = WebSocketServer::start(move |mut session| {
        for _ in 0..COUNT {
            session.send(websocket::Message::binary(vec![0u8; 100_000]));
            count.fetch_add(1, Ordering::SeqCst);
        }
        session.wait_for_the_end();
    })
    .unwrap();
    run(async {
        let mut connection = client(&server).realtime().connect(params()).await.unwrap();
        // Until the system's buffers are full, which is when nothing more is written however long one looks.
        let mut last = (0, Instant::now());
        while last.1.elapsed() < Duration::from_millis(200) {
            let now = written.load(Ordering::SeqCst);
            if now != last.0 {
                last = (now, Instant::now());
            }
            // What is sent moves the connection, and reads nothing ahead.
            connection.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
        assert!(last.0 < COUNT, "what nobody reads stays with the server");
        for _ in 0..COUNT {
            let Some(Incoming::Binary(bytes)) = connection.recv().await.unwrap() else { panic!("bytes") };
            assert_eq!(bytes.len(), 100_000);
        }
        connection.close().await;
    });
}

/// Four tasks send while the server goes away again and again, after it has heard so many messages.
#[test]
fn four_tasks_send_while_the_connection_is_restored() {
    const EACH: usize = 200;
    /// More than the system's buffers hold, all together.
    const LEN: usize = 60_000;
    // By connection: the server may still read from one when the next has begun.
    let heard: Arc<Mutex<BTreeMap<usize, Vec<[u8; 2]>>>> = Arc::default();
    let ears = heard.clone();
    let server = WebSocketServer::start(move |mut session| {
        let mut count = 0;
        while let Some(message) = session.hear() {
            let label = *message.into_data().first_chunk().unwrap();
            ears.lock().unwrap().entry(session.handshake.number).or_default().push(label);
            count += 1;
            // What was sent before the client knows is heard all the same.
            if count == 70 && session.handshake.number < 5 {
                session.say_close(1012, "restart");
            }
        }
    })
    .unwrap();
    run(async {
        let reconnect = Reconnect::new().initial_delay(Duration::from_millis(1));
        let connect = client(&server).realtime().connect(params()).reconnect(reconnect);
        let connection = connect.max_queue_size(4 * EACH * LEN).await.unwrap();
        let (sender, mut receiver) = connection.split();
        let tasks: Vec<_> = (0..4u8)
            .map(|task| {
                let sender = sender.clone();
                tokio::spawn(async move {
                    for n in 0..EACH {
                        let mut message = vec![0; LEN];
                        message[..2].copy_from_slice(&[task, n as u8]);
                        sender.send_raw(message).await.unwrap();
                    }
                })
            })
            .collect();
        let reading = tokio::spawn(async move {
            let mut times = 0;
            while let Some(incoming) = receiver.recv().await.unwrap() {
                times += usize::from(matches!(incoming, Incoming::Reconnected(_)));
            }
            times
        });
        for task in tasks {
            task.await.unwrap();
        }
        sender.flush().await.unwrap();
        let closed = sender.close().await;
        assert!(closed.unsent.is_empty());
        let times = reading.await.unwrap();
        assert!((1..=5).contains(&times), "it was restored {times} times");
        while heard.lock().unwrap().values().map(Vec::len).sum::<usize>() < 4 * EACH {
            tokio::task::yield_now().await;
        }
    });
    let mut by_task: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
    for [task, number] in heard.lock().unwrap().values().flatten() {
        by_task.entry(*task).or_default().push(*number);
    }
    let expect: Vec<u8> = (0..EACH).map(|n| n as u8).collect();
    for (task, numbers) in by_task {
        assert!(numbers == expect, "task {task}: {numbers:?}");
    }
}

#[test]
fn a_dropped_connection_is_closed_at_once() {
    let (end, ended) = channel();
    let server = WebSocketServer::start(move |mut session| {
        let left = session.wire().read_to_end(&mut Vec::new());
        end.send(left.is_ok()).unwrap();
    })
    .unwrap();
    run(async {
        let client = client(&server);
        let connect = || client.realtime().connect(params());
        // As a whole, and half by half in tasks of their own, in either order.
        drop(connect().await.unwrap());
        assert!(ended.recv_timeout(PATIENCE).unwrap());
        let (sender, receiver) = connect().await.unwrap().split();
        tokio::spawn(async move { drop(receiver) }).await.unwrap();
        assert!(sender.is_open() && ended.try_recv().is_err());
        tokio::spawn(async move { drop(sender) }).await.unwrap();
        assert!(ended.recv_timeout(PATIENCE).unwrap());
        let (sender, mut receiver) = connect().await.unwrap().split();
        let clone = sender.clone();
        tokio::spawn(async move { drop((sender, clone)) }).await.unwrap();
        let waiting = tokio::spawn(async move { receiver.recv().await.map(drop) });
        tokio::task::yield_now().await;
        assert!(ended.try_recv().is_err(), "who receives holds the connection, too");
        waiting.abort();
        assert!(waiting.await.is_err_and(|error| error.is_cancelled()));
        assert!(ended.recv_timeout(PATIENCE).unwrap());
    });
}

#[test]
fn what_waits_counts_until_it_is_written() {
    let server = WebSocketServer::start(|mut session| session.wait_for_the_end()).unwrap();
    run(async {
        let connection = client(&server).realtime().connect(params()).await.unwrap();
        connection.try_send_raw("abc").unwrap();
        connection.flush().await.unwrap();
        assert_eq!(connection.queued_bytes(), 0);
        let closed = connection.close_with(3000, "done").await.unwrap();
        assert_eq!(closed.unsent, Vec::<Message>::new());
    });
}
