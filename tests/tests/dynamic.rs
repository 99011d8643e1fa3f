//! Operations and types by name: arguments find their place, what is missing or unknown is told, and results pass through their types.

use openai::testing::{Answer, ScriptedTransport};
use openai::types::audio::{TranscriptionCreateParams, TranscriptionCreateResponse};
use openai::{Client, Upload, dynamic};
use serde_json::{Value, json};

fn answered(answers: impl IntoIterator<Item = Answer>) -> (Client, ScriptedTransport) {
    let transport = ScriptedTransport::new(answers);
    let builder = Client::builder().env(|_| None).api_key("sk-test").admin_api_key("adm").base_url("http://local/v1").max_retries(0);
    (builder.transport(transport.clone()).build().expect("a client"), transport)
}

#[track_caller]
fn check_request(name: &str, arguments: Value, expect: (&str, &str, &str)) {
    let (client, transport) = answered([Answer::json(200, "{}")]);
    dynamic::call(&client, name, arguments).expect("arguments that fit").blocking().expect("an answer");
    let request = &transport.requests()[0];
    assert_eq!((request.method.as_str(), request.url.as_str(), request.text().as_str()), expect);
}

#[test]
fn arguments_find_their_place() {
    check_request("models.retrieve", json!({"model": "a/b"}), ("GET", "http://local/v1/models/a%2Fb", ""));
    check_request(
        "fine_tuning.jobs.list",
        json!({"limit": 2, "metadata": {"a": "b"}}),
        ("GET", "http://local/v1/fine_tuning/jobs?limit=2&metadata%5Ba%5D=b", ""),
    );
    check_request(
        "conversations.items.create",
        json!({"conversation_id": "c", "items": [], "include": ["x"]}),
        ("POST", "http://local/v1/conversations/c/items?include%5B%5D=x", r#"{"items":[]}"#),
    );
    check_request(
        "responses.create",
        json!({"model": "m", "input": "hi", "new_thing": {"a": [1.50]}}),
        ("POST", "http://local/v1/responses", r#"{"model":"m","input":"hi","new_thing":{"a":[1.5]}}"#),
    );
}

#[test]
fn an_argument_goes_by_its_name_in_rust_or_on_the_wire() {
    for name in ["betas", "openai-beta"] {
        let (client, transport) = answered([Answer::json(200, "{}")]);
        let arguments = json!({"response_id": "r", name: ["a", "b"]});
        dynamic::call(&client, "beta.responses.retrieve", arguments).unwrap().blocking().unwrap();
        assert_eq!(transport.requests()[0].header("openai-beta"), "a,b");
    }
}

#[track_caller]
fn check_refused(name: &str, arguments: Value, expect: &str) {
    let (client, transport) = answered([Answer::json(200, "{}")]);
    let error = dynamic::call(&client, name, arguments).and_then(|call| call.blocking()).expect_err("arguments that do not fit");
    assert!(error.is_argument() && error.message().contains(expect), "{error}");
    assert!(transport.requests().is_empty());
}

#[test]
fn arguments_that_cannot_be_sent_are_refused() {
    check_refused("no.such.call", json!({}), "no operation is called `no.such.call`");
    check_refused("models.retrieve", json!({}), "models.retrieve needs the argument `model`");
    check_refused("models.retrieve", json!({"model": ""}), "non-empty");
    check_refused("models.retrieve", json!({"model": ["m"]}), "`model` is a text");
    check_refused("models.list", json!({"nope": 1}), "models.list takes no argument `nope`");
    check_refused("models.list", json!([1]), "no object");
    check_refused("chat.completions.create", json!({"model": "m"}), "chat.completions.create needs the argument `messages`");
    check_refused("responses.create", json!({"stream": true}), "responses.create_stream");
}

#[track_caller]
fn check_departures(name: &str, arguments: Value, expect: &[&str]) {
    let departures = dynamic::operation(name).expect("an operation").departures(arguments);
    assert_eq!(departures.iter().map(ToString::to_string).collect::<Vec<_>>(), expect);
}

#[test]
fn departures_are_found_at_any_depth() {
    check_departures("models.list", json!({}), &[]);
    check_departures("models.list", json!({"nope": 1}), &["$.nope: expected no field of that name, found number 1"]);
    check_departures(
        "chat.completions.create",
        json!({"model": "m", "messages": [{"role": "user", "content": "x", "surprise": true}], "temperature": "hot"}),
        &[
            "$.messages[0].surprise: expected no field of that name, found boolean true",
            "$.temperature: expected a number, found string \"hot\"",
        ],
    );
    check_departures("chat.completions.create", json!({"model": "m"}), &["$.messages: expected a required field, found nothing"]);
}

#[test]
fn files_are_given_in_base64() {
    let (client, transport) = answered([Answer::json(200, r#"{"id":"f","filename":"a.txt"}"#)]);
    let file = json!({"$file": {"name": "a.txt", "bytes": "aGk=", "content_type": "text/x"}});
    let made = dynamic::call(&client, "files.create", json!({"file": file, "purpose": "batch"})).unwrap().blocking().unwrap();
    assert_eq!(made.to_value(), json!({"id": "f", "filename": "a.txt"}));
    let body = transport.requests()[0].text();
    assert!(body.contains("filename=\"a.txt\"\r\nContent-Type: text/x\r\n\r\nhi\r\n"), "{body}");
}

#[test]
fn results_pass_through_their_types() {
    let (client, _) = answered([Answer::json(200, r#"{"id":1,"object":"model","created":"x"}"#)]);
    let call = dynamic::call(&client, "models.retrieve", json!({"model": "m"})).unwrap();
    assert_eq!(call.blocking().unwrap().to_json(), r#"{"id":1,"created":"x","object":"model"}"#);
    let strict = client.with_options(openai::Options::strict);
    let call = dynamic::call(&strict, "models.retrieve", json!({"model": "m"})).unwrap();
    assert!(call.blocking().unwrap_err().message().contains("$.created"));
    let (client, _) = answered([Answer::body(200, "application/octet-stream", "ab")]);
    let content = dynamic::call(&client, "files.content", json!({"file_id": "f"})).unwrap();
    assert_eq!(content.clone().blocking().unwrap().to_value(), json!("YWI="));
    assert_eq!(content.binary().blocking().unwrap().blocking().bytes().unwrap(), "ab");
}

#[test]
fn events_and_items_come_one_by_one() {
    let (client, _) = answered([Answer::events(
        "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\ndata: {\"type\":\"response.completed\",\"response\":{}}\n\n",
    )]);
    let stream = dynamic::stream(&client, "responses.create", json!({"model": "m"})).unwrap().blocking().unwrap();
    let events: Vec<Value> = stream.blocking().map(|event| event.unwrap().to_value()["type"].clone()).collect();
    assert_eq!(events, ["response.output_text.delta", "response.completed"]);
    let page = |id: &str, more: bool| Answer::json(200, json!({"data": [{"id": id}], "has_more": more}).to_string());
    let (client, transport) = answered([page("a", true), page("b", false)]);
    let items = dynamic::items(&client, "fine_tuning.jobs.list", json!({})).unwrap();
    assert_eq!(items.blocking().map(|item| item.unwrap().to_json()).collect::<Vec<_>>(), [r#"{"id":"a"}"#, r#"{"id":"b"}"#]);
    assert!(transport.requests()[1].url.ends_with("?after=a"));
    assert!(dynamic::stream(&client, "models.list", json!({})).unwrap_err().message().contains("no streaming form"));
    assert!(dynamic::items(&client, "models.retrieve", json!({"model": "m"})).unwrap_err().message().contains("no list"));
}

#[test]
fn types_go_by_their_names_and_by_those_of_the_document() {
    for name in ["ChatCompletion", "CreateChatCompletionResponse", "chat::ChatCompletion", "ModelIdsShared", "BetaResponse"] {
        assert!(dynamic::type_named(name).is_some(), "{name}");
    }
    assert!(dynamic::type_named("Nothing").is_none() && dynamic::type_named("chat::Nothing").is_none());
    let completion = dynamic::type_named("ChatCompletion").unwrap();
    assert_eq!(completion.from_json(r#"{"id":"c","odd":[1]}"#).unwrap().to_json(), r#"{"id":"c","odd":[1]}"#);
    assert_eq!(completion.from_json_strict(r#"{"id":"c"}"#).unwrap_err().departures().len(), 4);
}

#[test]
fn names_lead_to_one_thing() {
    let mut names: Vec<&str> = dynamic::operations().map(|operation| operation.name()).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), all), (288, 288));
    for operation in dynamic::operations() {
        let path: Vec<&str> = operation.operation().path.split(['{', '}']).skip(1).step_by(2).collect();
        let arguments: Value = path.iter().map(|name| ((*name).to_owned(), Value::from("x"))).collect::<serde_json::Map<_, _>>().into();
        let unknown: Vec<_> = operation.departures(arguments).into_iter().filter(|d| d.is_unknown_field()).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", operation.name());
    }
    for (module, named) in dynamic::types() {
        assert!(dynamic::type_named(&format!("{module}::{}", named.name())).is_some(), "{module}::{}", named.name());
    }
}

#[test]
fn text_is_asked_for_by_its_format() {
    let params = |format: &str| TranscriptionCreateParams::new(Upload::bytes("a.mp3", "x"), "m").response_format(format);
    for (format, body, expect) in [
        ("srt", "1\n00:00 --> 00:01\nhi\n", "1\n00:00 --> 00:01\nhi\n"),
        ("text", "{\"text\":\"quoted\"}", "{\"text\":\"quoted\"}"),
        ("vtt", "", ""),
    ] {
        let (client, _) = answered([Answer::body(200, "text/plain", body)]);
        let transcript = client.audio().transcriptions().create(params(format)).blocking().unwrap();
        assert_eq!(transcript, TranscriptionCreateResponse::Text(expect.to_owned()));
    }
    let (client, _) = answered([Answer::body(200, "text/plain", "plain")]);
    let error = client.audio().transcriptions().create(params("json")).blocking().unwrap_err();
    assert!(error.is_decode() && error.body_text() == Some("plain"), "{error}");
}
