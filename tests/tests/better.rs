//! What the SDK does better than the official client: the tests that `deviations.toml` names. They need no server.

use openai::testing::{Answer, ScriptedTransport};
use openai::types::audio::TranscriptionCreateParams;
use openai::types::embeddings::EmbeddingCreateParams;
use openai::types::responses::ResponseCreateParams;
use openai::types::skills::SkillCreateParams;
use openai::{Client, JsonModel, Upload, dynamic};
use openai_tests::corpus::multipart;

/// A client whose requests get one answer, and the transport that keeps them.
fn answered(answer: Answer) -> (Client, ScriptedTransport) {
    let transport = ScriptedTransport::new([answer]);
    let builder = Client::builder().env(|_| None).api_key("sk-test").base_url("http://local/v1").max_retries(0);
    (builder.transport(transport.clone()).build().expect("a client"), transport)
}

#[test]
fn forms_go_out_in_the_order_of_the_fields_and_files_last() {
    let (client, transport) = answered(Answer::json(200, r#"{"text":"t"}"#));
    let file = Upload::bytes("a.mp3", "sound");
    let params = TranscriptionCreateParams::new(file, "whisper-1").prompt("p").temperature(0.0).language("en");
    client.audio().transcriptions().create(params).blocking().unwrap();
    let request = &transport.requests()[0];
    let parts = multipart::parts(request.header("content-type"), &request.body).unwrap();
    let parts: Vec<(&str, &str)> =
        parts.as_array().unwrap().iter().map(|part| (part["name"].as_str().unwrap(), part["body"].as_str().unwrap())).collect();
    assert_eq!(parts, [("model", "whisper-1"), ("language", "en"), ("prompt", "p"), ("temperature", "0.0"), ("file", "sound")]);
}

#[test]
fn json_in_place_of_a_stream_is_reported() {
    let first = |answer: Answer| {
        let (client, _) = answered(answer);
        client.responses().create_stream(ResponseCreateParams::new().model("m")).blocking().unwrap().blocking().next().unwrap().unwrap_err()
    };
    let error = first(Answer::json(200, r#"{"error":{"message":"no such model","code":"model_not_found"}}"#));
    assert!(error.is_stream() && error.code() == Some("model_not_found"), "{error}");
    let error = first(Answer::json(200, r#"{"id":"resp_1"}"#));
    assert!(error.is_decode() && error.body_text().is_some_and(|body| body.contains("resp_1")), "{error}");
}

#[test]
fn a_header_of_the_call_replaces_the_clients_whatever_its_case() {
    let (client, transport) = answered(Answer::json(200, r#"{"object":"list","data":[]}"#));
    client.models().list().header("aUTHORIZATION", "Bearer other").blocking().unwrap();
    let values: Vec<_> = transport.requests()[0].headers.get_all("authorization").iter().cloned().collect();
    assert_eq!(values, ["Bearer other"]);
}

#[test]
fn a_single_file_of_a_skill_is_sent() {
    let (client, transport) = answered(Answer::json(200, "{}"));
    client.skills().create(SkillCreateParams::new().files(Upload::bytes("skill.zip", "PK"))).blocking().unwrap();
    let request = &transport.requests()[0];
    let parts = multipart::parts(request.header("content-type"), &request.body).unwrap();
    assert_eq!((&parts[0]["name"], &parts[0]["filename"], &parts[0]["body"]), (&"files".into(), &"skill.zip".into(), &"PK".into()));
}

#[test]
fn vectors_are_32_bit_floats() {
    let (client, transport) = answered(Answer::json(200, r#"{"data":[{"embedding":"AACAPwAAAEA="},{"embedding":[0.1]}]}"#));
    let vectors = client.embeddings().create(EmbeddingCreateParams::new("m", "x")).blocking().unwrap();
    let vectors: Vec<&[f32]> = vectors.data.iter().map(|vector| vector.embedding.as_slice()).collect();
    assert_eq!(vectors, [&[1.0, 2.0][..], &[0.1]]);
    assert!(transport.requests()[0].text().contains(r#""encoding_format":"base64""#));
}

#[test]
fn a_vector_is_read_in_any_form_or_kept() {
    let read = |embedding: &str| {
        let (client, _) = answered(Answer::json(200, format!(r#"{{"data":[{{"embedding":{embedding}}}]}}"#)));
        let params = EmbeddingCreateParams::new("m", "x").encoding_format("float");
        let made = client.embeddings().create(params).blocking().unwrap();
        (made.data[0].embedding.clone(), made.data[0].to_value()["embedding"].clone())
    };
    for (packed, vector) in [("[0.5,-1.25]", vec![0.5, -1.25]), ("\"AAAAPwAAoL8=\"", vec![0.5, -1.25]), ("\"\"", vec![])] {
        assert_eq!(read(packed).0, vector, "{packed}");
    }
    for odd in ["\"!!!\"", "\"MTIzNDU=\"", "[\"1\",\"x\"]", "{}", "null"] {
        assert_eq!(read(odd), (vec![], serde_json::from_str(odd).unwrap()), "{odd}");
    }
    let (client, _) = answered(Answer::json(200, r#"{"data":null,"model":"m"}"#));
    let made = client.embeddings().create(EmbeddingCreateParams::new("m", "x")).blocking().unwrap();
    assert_eq!((made.data.len(), made.to_value()["data"].is_null()), (0, true));
}

#[test]
fn an_error_inside_an_answer_that_cannot_be_decoded_is_told() {
    let (client, _) = answered(Answer::json(200, r#"{"id":5,"error":{"code":"server_error","message":"m"}}"#));
    let error = client.with_options(openai::Options::strict).responses().retrieve("r", Default::default()).blocking().unwrap_err();
    assert!(error.is_decode() && error.message().contains("$.id"), "{error}");
    assert_eq!((error.code(), error.status().map(|status| status.as_u16())), (Some("server_error"), Some(200)));
}

#[test]
fn operations_have_one_name() {
    for (second, first) in [
        ("files.retrieve_content", "files.content"),
        ("fine_tuning.checkpoints.permissions.retrieve", "fine_tuning.checkpoints.permissions.list"),
    ] {
        assert!(dynamic::operation(second).is_none() && dynamic::operation(first).is_some(), "{second}");
    }
}

#[test]
fn strict_decoding_goes_by_the_document() {
    let file = dynamic::operation("containers.files.retrieve").and_then(|operation| operation.result()).unwrap();
    let json = r#"{"id":"f","object":"anything","container_id":"c","created_at":1,"bytes":2,"path":"/p","source":"user"}"#;
    assert_eq!(file.from_json_strict(json).unwrap().to_value(), serde_json::from_str::<serde_json::Value>(json).unwrap());
    let error = file.from_json_strict(&json.replace("\"bytes\":2", "\"bytes\":\"2\"")).unwrap_err();
    assert_eq!((error.path(), error.departures().len()), ("$.bytes", 1));
}

/// The outcome of a call for a model that gets this answer.
fn model(answer: Answer) -> openai::Result<openai::types::models::Model> {
    answered(answer).0.models().retrieve("m").blocking()
}

#[test]
fn no_content_is_no_value() {
    assert_eq!(model(Answer::body(204, "application/json", "")).unwrap().to_json(), "null");
}

#[test]
fn text_in_place_of_json_is_reported() {
    for (content_type, text) in [("text/plain", "hello"), ("text/html", "<html>"), ("application/json", "hello")] {
        let error = model(Answer::body(200, content_type, text).header("x-request-id", "req_1")).unwrap_err();
        assert!(error.is_decode(), "{error}");
        assert_eq!((error.body_text(), error.request_id()), (Some(text), Some("req_1")));
    }
}

#[test]
fn a_body_that_is_no_json_is_kept_as_text() {
    let body = r#"{"error":{"message":"m","code":Infinity}}"#;
    let error = model(Answer::json(400, body)).unwrap_err();
    assert!(error.is_bad_request() && error.code().is_none(), "{error}");
    assert_eq!((error.body_text(), error.message()), (Some(body), body));
}

#[test]
fn half_a_character_comes_back() {
    let json = r#"{"id":"a\ud800b","created":1,"object":"model","owned_by":"o"}"#;
    assert_eq!(model(Answer::json(200, json)).unwrap().to_json(), json);
}

#[test]
fn a_number_that_is_not_finite_is_refused() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let (client, transport) = answered(Answer::json(200, "{}"));
        let params = ResponseCreateParams::new().model("m").temperature(number);
        let error = client.responses().create(params).blocking().unwrap_err();
        assert!(error.is_argument() && error.message().contains("temperature"), "{error}");
        assert!(transport.requests().is_empty());
    }
}

#[test]
fn files_of_a_form_are_sent_whatever_the_headers_say() {
    let (client, transport) = answered(Answer::json(200, "{}"));
    let call = client.post("/m").multipart(&serde_json::json!({"a": 1})).file("file", Upload::bytes("a.txt", "hello"));
    for call in [call.clone(), call.clone().header("content-type", "application/json"), call.without_header("content-type")] {
        call.blocking().unwrap();
    }
    for request in transport.requests() {
        let parts = multipart::parts(request.header("content-type"), &request.body).unwrap();
        assert_eq!((&parts[0]["body"], &parts[1]["body"], &parts[1]["content_type"]), (&"1".into(), &"hello".into(), &"text/plain".into()));
    }
}

#[test]
fn a_reference_in_place_of_a_file_is_sent() {
    let (client, transport) = answered(Answer::json(200, "{}"));
    let args = serde_json::json!({"prompt": "p", "input_reference": {"file_id": "f"}});
    dynamic::operation("videos.create").unwrap().call(&client, &args).unwrap().blocking().unwrap();
    let request = &transport.requests()[0];
    let parts = multipart::parts(request.header("content-type"), &request.body).unwrap();
    assert_eq!((&parts[1]["name"], &parts[1]["body"]), (&"input_reference[file_id]".into(), &"f".into()));
}

#[test]
fn the_json_of_a_part_is_compact() {
    let (client, transport) = answered(Answer::body(200, "application/sdp", "v=0"));
    let args = serde_json::json!({"sdp": "v=0", "session": {"type": "realtime", "model": "m"}});
    drop(dynamic::operation("realtime.calls.create").unwrap().call(&client, &args).unwrap().binary().blocking().unwrap());
    assert!(transport.requests()[0].text().contains(r#"{"type":"realtime","model":"m"}"#));
}

#[test]
fn a_client_may_leave_authorization_out() {
    let transport = ScriptedTransport::new([Answer::json(200, "{}")]);
    let client: Client = transport.builder().without_default_header("Authorization").build().unwrap();
    client.models().list().blocking().unwrap();
    assert!(!transport.requests()[0].headers.contains_key("authorization"));
}
