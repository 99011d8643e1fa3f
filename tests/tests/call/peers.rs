//! Faults that were seen in other clients, where no other test shows that this one has none of them. `tests/peers.toml` lists all of them with their tests.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use openai::testing::{Answer as Scripted, ScriptedTransport};
use openai::types::audio::TranscriptionCreateParams;
use openai::types::images::ImageEditParams;
use openai::types::responses::{ResponseCreateParams, ResponseStreamEvent};
use openai::{Client, JsonModel, Options, Upload, dynamic};
use openai_generator::diagnostics::Diagnostics;
use openai_tests::corpus::multipart;
use openai_tests::server::{Answer, Server};
use openai_tests::synthesis::{Choice, Synthesis};
use serde_json::json;

use crate::capture::Capture;
use crate::world::{builder, run};

fn scripted(answer: Scripted) -> (Client, ScriptedTransport) {
    let transport = ScriptedTransport::new([answer]);
    (transport.client(), transport)
}

#[test]
fn an_id_cannot_lead_to_another_path() {
    let asked = |id: &str| {
        let (client, transport) = scripted(Scripted::json(200, "{}"));
        let outcome = client.models().retrieve(id).blocking();
        (outcome.is_err_and(|error| error.is_argument()), transport.requests().first().map(|request| request.target().to_owned()))
    };
    let path = |path: &str| (false, Some(path.to_owned()));
    assert_eq!(asked("../models/evil"), path("/v1/models/..%2Fmodels%2Fevil"));
    assert_eq!(asked("a?b=c#d"), path("/v1/models/a%3Fb=c%23d"));
    assert_eq!(asked("%2e%2e"), path("/v1/models/%252e%252e"));
    for id in ["..", ".", ""] {
        assert_eq!(asked(id), (true, None), "{id}");
    }
}

#[test]
fn the_client_says_who_it_is() {
    let (client, transport) = scripted(Scripted::json(200, "{}"));
    client.models().list().blocking().unwrap();
    let request = &transport.requests()[0];
    let name = request.header("user-agent");
    assert!(!name.is_empty() && name.contains(env!("CARGO_PKG_VERSION")) && !name.contains("Python"), "{name}");
}

#[test]
fn what_cannot_be_decoded_is_neither_logged_nor_shown() {
    let capture = Capture::default();
    let body = r#"{"id": "the secret of the body", "created":"#;
    let error = tracing::subscriber::with_default(capture.subscriber(), || {
        scripted(Scripted::json(200, body)).0.models().retrieve("m").blocking().unwrap_err()
    });
    assert!(error.is_decode());
    let said = format!("{error} {error:?} {:?}", capture.said());
    assert!(!said.contains("the secret"), "{said}");
    // Who asks for it has it.
    assert_eq!(error.body_text(), Some(body));
}

#[test]
fn every_part_that_is_a_file_says_its_type() {
    let types = |transport: &ScriptedTransport| {
        let request = &transport.requests()[0];
        let parts = multipart::parts(request.header("content-type"), &request.body).unwrap();
        let files = parts.as_array().unwrap().iter().filter(|part| !part["filename"].is_null());
        files.map(|part| part["content_type"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let (client, transport) = scripted(Scripted::json(200, "{}"));
    let files = [
        Upload::bytes("a.png", "x"),
        Upload::bytes("b.webp", "x"),
        Upload::bytes("c.odd", "x"),
        Upload::bytes("d", "x").content_type("image/jpeg"),
    ];
    client.images().edit(ImageEditParams::new(files, "a hat")).blocking().unwrap();
    assert_eq!(types(&transport), ["image/png", "image/webp", "application/octet-stream", "image/jpeg"]);
    let (client, transport) = scripted(Scripted::json(200, "{}"));
    client.audio().transcriptions().create(TranscriptionCreateParams::new(Upload::bytes("a.mp3", "x"), "m")).blocking().unwrap();
    assert_eq!(types(&transport), ["audio/mpeg"]);
}

#[test]
fn handles_calls_and_streams_move_into_tasks() {
    let server = Server::start(|_| Answer::json(r#"{"id":"m"}"#)).unwrap();
    run(async || {
        let client = builder(server.url()).build().unwrap();
        let models = client.models();
        let tasks: Vec<_> = (0..3)
            .map(|_| {
                let (models, call) = (models.clone(), models.retrieve("m"));
                tokio::spawn(async move { (models.retrieve("m").await.unwrap().id, call.await.unwrap().id) })
            })
            .collect();
        drop((client, models));
        for task in tasks {
            assert_eq!(task.await.unwrap(), ("m".to_owned(), "m".to_owned()));
        }
    });
}

/// A server that sends as fast as it is let, and counts.
fn endless_stream() -> (String, Arc<AtomicUsize>) {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n").unwrap();
        let event = format!("data: {{\"type\":\"response.output_text.delta\",\"delta\":\"{}\"}}\n\n", "x".repeat(60_000));
        while connection.write_all(event.as_bytes()).is_ok() {
            counted.fetch_add(event.len(), Ordering::Relaxed);
        }
    });
    (url, sent)
}

/// Nobody reads, so nothing is fetched beyond what the kernel and a few buffers hold; and there is no task that fetches it.
#[test]
fn the_readers_pace_is_the_networks_pace() {
    const MOST: usize = 32 << 20;
    let (url, sent) = endless_stream();
    run(async || {
        let client = builder(url).build().unwrap();
        let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        let mut stream = client.responses().create_stream(ResponseCreateParams::new().model("m")).await.unwrap();
        assert!(stream.try_next().await.unwrap().is_some());
        // The connection's task and the one that gives it back to the pool are the HTTP library's.
        assert!(tokio::runtime::Handle::current().metrics().num_alive_tasks() <= before + 2);
        // As soon as the sender has stood still for a while, it is not let on.
        let mut last = 0;
        loop {
            for _ in 0..50 {
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
            let now = sent.load(Ordering::Relaxed);
            assert!(now < MOST, "{now} bytes were taken although nobody reads");
            if now == last {
                break;
            }
            last = now;
        }
        // And goes on as soon as somebody reads.
        for _ in 0..(last / 60_000 + 10) {
            assert!(stream.try_next().await.unwrap().is_some());
        }
        drop((stream, client));
    });
}

#[test]
fn a_stream_that_was_read_to_its_end_gives_its_connection_back() {
    let events = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n";
    let server = Server::start(move |request| match request.method.as_str() {
        "POST" => Answer::events(events),
        _ => Answer::json("{}"),
    });
    let server = server.unwrap();
    run(async || {
        let client = builder(server.url()).build().unwrap();
        for _ in 0..3 {
            let params = openai::types::chat::ChatCompletionCreateParams::new("m", [openai::types::chat::ChatMessage::user("hi")]);
            let mut stream = client.chat().completions().create_stream(params).await.unwrap();
            while stream.try_next().await.unwrap().is_some() {}
            drop(stream);
            // The connection goes back by way of a task.
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            client.models().list().await.unwrap();
        }
        let connections: Vec<usize> = server.requests().iter().map(|request| request.connection).collect();
        assert_eq!(connections, [0; 6]);
    });
}

/// By the document: whatever kind of event it has comes as a variant of its own.
#[test]
fn every_event_of_the_document_is_typed() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/openapi.yaml");
    let document = openai_generator::load::load(&mut Diagnostics::default(), &spec).unwrap().root;
    let branches = document["components"]["schemas"]["ResponseStreamEvent"]["anyOf"].as_array().unwrap().len();
    let mut tags = std::collections::BTreeSet::new();
    for number in 0..branches {
        let value = Synthesis::new(&document, Choice::Full(number)).component("ResponseStreamEvent").unwrap();
        let event = ResponseStreamEvent::from_value(&value).unwrap();
        assert!(!matches!(event, ResponseStreamEvent::Unknown(_)), "{value}");
        assert_eq!(event.tag(), value["type"].as_str().unwrap());
        tags.insert(event.tag().into_owned());
    }
    assert!(tags.len() >= 50, "{tags:?}");
}

#[test]
fn one_client_made_from_another_is_as_strict() {
    let (client, _) = scripted(Scripted::json(200, r#"{"id":1}"#));
    let strict = client.with_options(Options::strict);
    for client in [strict.with_options(|options| options.max_retries(1)), strict.clone()] {
        assert!(client.models().retrieve("m").blocking().is_err_and(|error| error.is_decode()));
    }
    assert!(client.models().retrieve("m").blocking().is_ok());
}

#[test]
fn no_part_of_a_paths_query_is_lost() {
    let (client, transport) = scripted(Scripted::json(200, "{}"));
    client.get("/foo?x=a%20b+c&y").query("z", 1).blocking().unwrap();
    assert_eq!(transport.requests()[0].target(), "/v1/foo?x=a+b+c&y=&z=1");
    client.get("/foo?x=a%20b+c&y").blocking().unwrap();
    assert_eq!(transport.requests()[1].target(), "/v1/foo?x=a%20b+c&y");
}

#[test]
fn a_search_that_has_more_is_walked_over() {
    let page = |id: &str, more: bool| {
        let next = if more { json!("p2") } else { json!(null) };
        Scripted::json(200, json!({ "data": [{ "file_id": id }], "has_more": more, "next_page": next }).to_string())
    };
    let transport = ScriptedTransport::new([page("a", true), page("b", false)]);
    let client: Client = transport.client();
    let operation = dynamic::operation("vector_stores.search").unwrap();
    let items = operation.items(&client, json!({ "vector_store_id": "v", "query": "q" })).unwrap();
    assert_eq!(items.blocking().map(|item| item.unwrap().to_value()["file_id"].clone()).collect::<Vec<_>>(), ["a", "b"]);
}
