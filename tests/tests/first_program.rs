//! A first program against the generated crate gets answers from a server: models, a response, a page, an error, a stream.

use openai::types::fine_tuning::JobListParams;
use openai::types::responses::{ResponseCreateParams, ResponseStreamEvent};
use openai::{Client, JsonModel};
use openai_tests::server::{Answer, Request, Server};

fn client(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> (Client, Server) {
    let server = Server::start(answer).expect("a free port");
    let client = Client::builder().env(|_| None).api_key("sk-test").base_url(server.url()).max_retries(0).build().expect("a client");
    (client, server)
}

#[test]
fn models_are_listed() {
    let (client, server) =
        client(|_| Answer::json(r#"{"object":"list","data":[{"id":"m1","object":"model","created":1,"owned_by":"me","new":7}]}"#));
    let models = client.models().list().blocking().unwrap();
    assert_eq!(models.data[0].id, "m1");
    assert_eq!(models.data[0].extra.get("new").unwrap().as_str(), "7");
    let request = &server.requests()[0];
    assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "/v1/models"));
    assert_eq!(request.header("authorization"), Some("Bearer sk-test"));
}

#[test]
fn a_response_is_created() {
    let (client, server) = client(|_| {
        Answer::json(
            r#"{"id":"resp_1","object":"response","output":[{"type":"message","id":"m","role":"assistant","status":"completed","content":[{"type":"output_text","text":"hi","annotations":[]}]},{"type":"brand_new","x":1}]}"#,
        )
    });
    let params = ResponseCreateParams::new().model("gpt-5.2").input("How?").temperature(0.5);
    let response = client.responses().create(params).blocking().unwrap();
    assert_eq!(response.output_text(), "hi");
    let sent: serde_json::Value = serde_json::from_slice(&server.requests()[0].body).unwrap();
    assert_eq!(sent, serde_json::json!({ "model": "gpt-5.2", "input": "How?", "temperature": 0.5 }));
    let again: serde_json::Value = serde_json::from_str(&response.to_json()).unwrap();
    assert_eq!(again["output"][1], serde_json::json!({ "type": "brand_new", "x": 1 }));
}

#[test]
fn a_list_goes_on_to_its_next_page() {
    let (client, server) = client(|request| {
        if request.target.contains("after=") {
            Answer::json(r#"{"object":"list","data":[{"id":"b"}],"has_more":false}"#)
        } else {
            Answer::json(r#"{"object":"list","data":[{"id":"a"}],"has_more":true}"#)
        }
    });
    let jobs = client.fine_tuning().jobs().list(JobListParams::new().limit(1)).items().blocking();
    let ids: Vec<String> = jobs.map(|job| job.unwrap().id).collect();
    assert_eq!(ids, ["a", "b"]);
    let targets: Vec<String> = server.requests().into_iter().map(|r| r.target).collect();
    assert_eq!(targets, ["/v1/fine_tuning/jobs?limit=1", "/v1/fine_tuning/jobs?limit=1&after=a"]);
}

#[test]
fn a_refusal_is_a_typed_error() {
    let (client, _server) = client(|_| {
        let body = r#"{"error":{"message":"no such model","type":"invalid_request_error","param":"model","code":"model_not_found"}}"#;
        Answer::json(body).with_status(404).header("x-request-id", "req_local")
    });
    let error = client.models().retrieve("nope").blocking().unwrap_err();
    assert_eq!(error.status().map(|s| s.as_u16()), Some(404));
    assert_eq!(error.code(), Some("model_not_found"));
    assert_eq!(error.request_id(), Some("req_local"));
}

#[test]
fn events_arrive_typed() {
    let (client, server) = client(|_| {
        Answer::events(
            "data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\ndata: {\"type\":\"response.new\"}\n\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\"}}\n\n",
        )
    });
    let stream = client.responses().create_stream(ResponseCreateParams::new().model("m").input("x")).blocking().unwrap();
    let events: Vec<ResponseStreamEvent> = stream.blocking().map(|event| event.unwrap()).collect();
    assert!(matches!(&events[0], ResponseStreamEvent::OutputTextDelta(delta) if delta.delta == "a"));
    assert!(matches!(&events[1], ResponseStreamEvent::Unknown(raw) if raw.tag("type").as_deref() == Some("response.new")));
    assert!(matches!(&events[2], ResponseStreamEvent::Completed(done) if done.response.id == "r"));
    let sent: serde_json::Value = serde_json::from_slice(&server.requests()[0].body).unwrap();
    assert_eq!(sent["stream"], true);
}
