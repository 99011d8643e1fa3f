//! What is sent: params and what they are made of, from what people have at hand. One test for each promise; what goes out is told as JSON.

use std::collections::{BTreeMap, HashMap};

use openai::testing::{Answer, ScriptedTransport};
use openai::types::beta::AssistantUpdateParams;
use openai::types::chat::{
    ChatCompletion, ChatCompletionCreateParams, ChatCompletionCreateParamsTool, ChatCompletionMessage, ChatMessage, ContentPart,
};
use openai::types::embeddings::EmbeddingCreateParams;
use openai::types::responses::{
    EasyInputMessage, EasyInputMessageRole, FunctionTool, Response, ResponseCreateParams, ResponseInputItem, Tool, ToolChoiceOptions,
};
use openai::types::vector_stores::VectorStoreUpdateParams;
use openai::{Client, Json, JsonModel, Map, StringEnum, dynamic};
use openai_generator::diagnostics::Diagnostics;
use openai_tests::synthesis::{Choice, Synthesis};
use serde_json::{Value, json};

#[track_caller]
fn check(params: impl JsonModel, expect: Value) {
    assert_eq!(params.to_value(), expect);
}

fn params() -> ResponseCreateParams {
    ResponseCreateParams::new()
}

#[test]
fn constructors_take_what_is_required_and_setters_what_can_become_the_field() {
    check(params(), json!({}));
    check(params().model("m").temperature(1.0).max_output_tokens(2).store(false), {
        json!({ "model": "m", "temperature": 1.0, "max_output_tokens": 2, "store": false })
    });
    let text = String::from("m");
    check(ChatCompletionCreateParams::new(text, [ChatMessage::user("hi")]).n(7), {
        json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }], "n": 7 })
    });
    // Maps from whatever holds pairs.
    let metadata = json!({ "metadata": { "a": "1" } });
    check(params().metadata([("a", "1")]), metadata.clone());
    check(params().metadata(vec![("a".to_owned(), "1".to_owned())]), metadata.clone());
    check(params().metadata(HashMap::from([("a".to_owned(), "1".to_owned())])), metadata.clone());
    check(params().metadata(BTreeMap::from([("a".to_owned(), "1".to_owned())])), metadata.clone());
    check(params().metadata(Map::from([("a", "1")])), metadata);
}

#[test]
fn unions_come_from_what_is_at_hand() {
    let text = json!({ "input": "hi" });
    check(params().input("hi"), text.clone());
    check(params().input(String::from("hi")), text);
    let message = || EasyInputMessage::new("user", "hi");
    let items = json!({ "input": [{ "type": "message", "role": "user", "content": "hi" }] });
    check(params().input([ResponseInputItem::user("hi")]), items.clone());
    check(params().input(vec![ResponseInputItem::user("hi")]), items.clone());
    check(params().input([message()]), items.clone());
    check(params().input(vec![message()]), items);
    // Texts, lists of texts and lists of tokens.
    check(EmbeddingCreateParams::new("m", "a"), json!({ "model": "m", "input": "a" }));
    check(EmbeddingCreateParams::new("m", ["a", "b"]), json!({ "model": "m", "input": ["a", "b"] }));
    check(EmbeddingCreateParams::new("m", vec![String::from("a")]), json!({ "model": "m", "input": ["a"] }));
    check(EmbeddingCreateParams::new("m", [1, 2]), json!({ "model": "m", "input": [1, 2] }));
    check(EmbeddingCreateParams::new("m", [vec![1], vec![2, 3]]), json!({ "model": "m", "input": [[1], [2, 3]] }));
    let chat = |stop: ChatCompletionCreateParams| stop.to_value()["stop"].clone();
    let new = || ChatCompletionCreateParams::new("m", [ChatMessage::user("hi")]);
    assert_eq!(
        [chat(new().stop("a")), chat(new().stop(["a", "b"])), chat(new().stop(vec!["a"]))],
        [json!("a"), json!(["a", "b"]), json!(["a"])]
    );
    // Enums take their strings, known or not, and their variants.
    let choice = |params: ResponseCreateParams| params.to_value()["tool_choice"].clone();
    assert_eq!(choice(params().tool_choice(ToolChoiceOptions::Required)), "required");
    assert_eq!(choice(params().tool_choice("brand_new")), "brand_new");
    // The payload's own type.
    check(
        params().tools([FunctionTool::new("f")]),
        json!({ "tools": [{ "type": "function", "name": "f", "parameters": null, "strict": null }] }),
    );
}

#[test]
fn tagged_variants_have_short_constructors() {
    check(ChatMessage::developer("d"), json!({ "role": "developer", "content": "d" }));
    check(ChatMessage::tool("42", "call_1"), json!({ "role": "tool", "content": "42", "tool_call_id": "call_1" }));
    check(ChatMessage::user([ContentPart::text("t"), ContentPart::image_url("https://example.com/a.png")]), {
        json!({ "role": "user", "content": [{ "type": "text", "text": "t" }, { "type": "image_url", "image_url": { "url": "https://example.com/a.png" } }] })
    });
    check(ChatCompletionCreateParamsTool::function("f"), json!({ "type": "function", "function": { "name": "f" } }));
    check(
        ResponseInputItem::easy_input_message(EasyInputMessageRole::System, "s"),
        json!({ "type": "message", "role": "system", "content": "s" }),
    );
    check(
        ResponseInputItem::function_call_output("call_1", "42"),
        json!({ "type": "function_call_output", "call_id": "call_1", "output": "42" }),
    );
    check(ResponseInputItem::item_reference("i"), json!({ "id": "i" }));
    check(Tool::custom("c"), json!({ "type": "custom", "name": "c" }));
}

#[test]
fn null_can_be_said() {
    check(VectorStoreUpdateParams::new().name_null().metadata_null(), json!({ "name": null, "metadata": null }));
    check(AssistantUpdateParams::new().description_null().name("n"), json!({ "name": "n", "description": null }));
    // The last word counts.
    check(VectorStoreUpdateParams::new().name_null().name("n"), json!({ "name": "n" }));
    check(VectorStoreUpdateParams::new().name("n").name_null(), json!({ "name": null }));
    // And what is not said is not sent.
    check(VectorStoreUpdateParams::new(), json!({}));
}

#[test]
fn fields_can_be_added_anywhere() {
    check(params().extra("a", 1).extra("b", json!({ "c": [null] })), json!({ "a": 1, "b": { "c": [null] } }));
    check(EasyInputMessage::new("user", "hi").extra("a", "x"), json!({ "type": "message", "role": "user", "content": "hi", "a": "x" }));
    check(FunctionTool::new("f").extra("a", true), {
        json!({ "type": "function", "name": "f", "parameters": null, "strict": null, "a": true })
    });
    // A field that has a setter too is that field.
    let params = params().extra("temperature", 0.5).extra("model", 7);
    assert_eq!((params.temperature, params.model.clone()), (Some(0.5), None));
    check(params, json!({ "temperature": 0.5, "model": 7 }));
}

#[test]
fn params_turn_into_json_and_back() {
    let json = r#"{"model":"m","input":[{"role":"user","content":"hi","new":1}],"tools":[{"type":"brand_new"}],"temperature":null}"#;
    let params = ResponseCreateParams::from_json(json).expect("params");
    assert_eq!(params.to_value(), serde_json::from_str::<Value>(json).expect("JSON"));
    assert_eq!(ResponseCreateParams::from_value(params.to_value()).expect("params"), params);
    assert_eq!(params.model.as_ref().map(|model| model.as_str()), Some("m"));
    assert!(params.to_json_pretty().contains("\n  \"model\": \"m\""), "{}", params.to_json_pretty());
    let error = ResponseCreateParams::from_json("{").expect_err("no JSON");
    assert!(error.is_syntax());
}

/// Nothing goes out when a number is not finite, wherever it stands.
#[test]
fn numbers_that_are_not_finite_are_refused_before_anything_is_sent() {
    let transport = ScriptedTransport::new([Answer::json(200, "{}")]);
    let client: Client = transport.client();
    let refused = |params: ResponseCreateParams, place: &str| {
        let error = client.responses().create(params).blocking().expect_err("a number that is not finite");
        assert!(error.is_argument() && error.message().contains(place), "{error}");
    };
    refused(params().temperature(f64::NAN), "temperature");
    refused(params().top_p(f64::NEG_INFINITY), "top_p");
    let chat = ChatCompletionCreateParams::new("m", [ChatMessage::user("hi")]).presence_penalty(f64::INFINITY);
    let error = client.chat().completions().create(chat).blocking().expect_err("a number that is not finite");
    assert!(error.is_argument() && error.message().contains("presence_penalty"), "{error}");
    assert!(transport.requests().is_empty());
}

#[test]
fn what_was_put_out_goes_in_again_as_it_is() {
    let response = Response::from_json(
        r#"{"id":"r","output":[{"type":"reasoning","id":"rs","summary":[],"encrypted_content":"x","new":1},
            {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"brand_new","x":1},
            {"type":"message","id":"m","role":"assistant","status":"completed","content":[{"type":"output_text","text":"t","annotations":[]}]}]}"#,
    )
    .expect("a response");
    let output = response.to_value()["output"].clone();
    check(params().input(response.output.clone()), json!({ "input": output }));
    let mut history = vec![ResponseInputItem::user("hi")];
    history.extend(response.output.into_iter().map(ResponseInputItem::from));
    let sent = params().input(history).to_value();
    assert_eq!(sent["input"].as_array().map(|items| items[1..].to_vec()), output.as_array().cloned());

    let completion = ChatCompletion::from_json(
        r#"{"choices":[{"message":{"role":"assistant","content":null,"refusal":null,"reasoning_content":"why",
            "tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}}]}"#,
    )
    .expect("a completion");
    let message: ChatCompletionMessage = completion.choices[0].message.clone();
    let said = message.to_value();
    check(ChatCompletionCreateParams::new("m", [ChatMessage::user("hi"), message.into()]), {
        json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }, said] })
    });
}

/// Whatever the document lets a model put out, kind by kind.
#[test]
fn every_kind_of_output_is_an_input_that_says_the_same() {
    let spec = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/openapi.yaml");
    let document = openai_generator::load::load(&mut Diagnostics::default(), &spec).expect("the document").root;
    check_returns::<openai::types::responses::ResponseOutputItem, ResponseInputItem>(&document, "OutputItem", |i| i.tag().into_owned());
    check_returns::<openai::types::responses::ResponseItem, ResponseInputItem>(&document, "ItemResource", |i| i.tag().into_owned());
    check_returns::<openai::types::conversations::ConversationItem, ResponseInputItem>(&document, "ConversationItem", |i| {
        i.tag().into_owned()
    });
    check_returns::<openai::types::beta::BetaResponseOutputItem, openai::types::beta::BetaResponseInputItem>(
        &document,
        "BetaOutputItem",
        |i| i.tag().into_owned(),
    );
}

fn check_returns<T: JsonModel, U: From<T> + JsonModel>(document: &Value, schema: &str, tag: impl Fn(&U) -> String) {
    let branches =
        document["components"]["schemas"][schema]["oneOf"].as_array().or(document["components"]["schemas"][schema]["anyOf"].as_array());
    let branches = branches.expect("a union").len();
    let mut tags = std::collections::BTreeSet::new();
    for number in 0..branches {
        let value = Synthesis::new(document, Choice::Full(number)).component(schema).expect("a value");
        let input = U::from(T::from_value(&value).expect("it decodes"));
        assert!(Json::from(&input.to_value()) == Json::from(&value), "{value}\nbecame {}", input.to_json());
        assert_eq!(tag(&input), value["type"].as_str().unwrap_or_default());
        tags.insert(tag(&input));
    }
    assert!(tags.len() > 15, "{schema}: {tags:?}");
}

#[test]
fn an_argument_that_no_type_knows_is_told_by_name() {
    let operation = dynamic::operation("responses.create").expect("an operation");
    let departures = operation.departures(json!({ "model": "m", "inptu": "hi" }));
    assert_eq!(
        departures.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["$.inptu: expected no field of that name, found string \"hi\""]
    );
}
