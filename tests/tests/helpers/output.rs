//! Structured output.

use openai::types::chat::{ChatCompletion, ChatCompletionCreateParamsTool};
use openai::types::responses::{Response, ResponseTextParam};
use openai::{Error, JsonModel, OutputFormat};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Answer, Place, chat, client, completion, question};

#[test]
fn output_is_a_value_of_the_type() {
    let (client, transport) = client([completion(json!({ "content": r#"{"city":"Paris","n":null}"# }), "stop")]);
    let parsed = client.chat().completions().parse::<Place>(chat()).blocking().unwrap();
    assert_eq!((parsed.output().unwrap().city.as_str(), parsed.id.as_str()), ("Paris", "c"));
    assert_eq!(parsed.into_output().unwrap(), Place { city: "Paris".to_owned(), n: None });
    let schema = &transport.requests()[0].json()["response_format"]["json_schema"];
    assert_eq!(
        (&schema["name"], &schema["strict"], &schema["description"]),
        (&json!("Place"), &json!(true), &json!("Where something is."))
    );
    assert_eq!(schema["schema"]["required"], json!(["city", "n"]));
    assert_eq!(schema["schema"]["properties"]["n"], json!({ "type": ["integer", "null"] }));
}

#[track_caller]
fn fails(message: Value, reason: &str, is: fn(&Error) -> bool) -> Error {
    let (client, _) = client([completion(message, reason)]);
    let parsed = client.chat().completions().parse::<Place>(chat()).blocking();
    let error = parsed.and_then(|parsed| parsed.into_output()).expect_err("an error");
    assert!(is(&error), "{error}");
    let completion = error.attachment::<ChatCompletion>().expect("the completion");
    assert_eq!(completion.usage.as_ref().map(|usage| usage.total_tokens), Some(3));
    error
}

#[test]
fn output_that_is_not_there_is_an_error_with_the_completion_and_its_usage() {
    fails(json!({ "content": r#"{"city":"Par"# }), "length", Error::is_length_finish_reason);
    fails(json!({ "content": "" }), "content_filter", Error::is_content_filter);
    assert_eq!(fails(json!({ "content": null, "refusal": "no" }), "stop", Error::is_refusal).message(), "no");
    fails(json!({ "content": null, "tool_calls": [] }), "tool_calls", Error::is_decode);
    let error = fails(json!({ "content": r#"{"city":5}"# }), "stop", Error::is_decode);
    assert_eq!((error.request_id(), error.status().map(|status| status.as_u16())), (Some("req_1"), Some(200)));
    assert_eq!(error.into_attachment::<ChatCompletion>().unwrap().id, "c");
}

#[test]
fn values_are_of_the_type_and_not_made_to_fit_it() {
    fails(json!({ "content": r#"{"city":"P","n":"1"}"# }), "stop", Error::is_decode);
}

#[track_caller]
fn response_fails(response: Value, is: fn(&Error) -> bool) {
    let (client, _) = client([Answer::json(200, response.to_string())]);
    let error = client.responses().parse::<Place>(question()).blocking().and_then(|parsed| parsed.into_output()).expect_err("an error");
    assert!(is(&error), "{error}");
    assert_eq!(error.attachment::<Response>().expect("the response").usage.as_ref().map(|usage| usage.total_tokens), Some(3));
}

#[test]
fn half_a_response_is_an_error_with_the_response() {
    let response = |content: Value, reason: Value| {
        let message = json!({ "type": "message", "content": [content] });
        json!({ "id": "r", "output": [message], "incomplete_details": reason, "usage": { "total_tokens": 3 } })
    };
    let half = json!({ "type": "output_text", "text": r#"{"city":"Par"# });
    response_fails(response(half.clone(), json!({ "reason": "max_output_tokens" })), Error::is_length_finish_reason);
    response_fails(response(half.clone(), json!({ "reason": "content_filter" })), Error::is_content_filter);
    response_fails(response(half, Value::Null), Error::is_decode);
    response_fails(response(json!({ "type": "refusal", "refusal": "no" }), Value::Null), Error::is_refusal);
    response_fails(json!({ "id": "r", "output": [], "usage": { "total_tokens": 3 } }), Error::is_decode);
}

#[test]
fn a_schema_that_the_api_would_refuse_is_not_sent() {
    #[derive(Debug, Deserialize, JsonSchema)]
    #[expect(dead_code, reason = "only its schema counts")]
    struct Scores {
        scores: std::collections::BTreeMap<String, i64>,
    }
    let (client, transport) = client([]);
    for error in [
        client.responses().parse::<Scores>(question()).blocking().unwrap_err(),
        client.chat().completions().parse::<Scores>(chat()).blocking().unwrap_err(),
        client.responses().parse::<Vec<Place>>(question()).blocking().unwrap_err(),
    ] {
        assert!(error.is_argument() && error.message().contains("at $"), "{error}");
    }
    let named = OutputFormat::<Place>::new().unwrap();
    let error = client.responses().parse_as(question().text(ResponseTextParam::new().format(named.clone())), named);
    assert!(error.blocking().unwrap_err().is_argument());
    assert!(transport.requests().is_empty());
}

#[test]
fn a_type_may_contain_itself() {
    #[derive(Debug, Deserialize, JsonSchema)]
    struct Node {
        /// Its children.
        children: Vec<Node>,
        /// The node that it belongs to.
        next: Option<Box<Node>>,
        kind: Kind,
    }
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(tag = "type")]
    enum Kind {
        Leaf,
        Named { name: String },
    }
    let format = OutputFormat::<Node>::new().unwrap();
    assert!(!format.schema().as_str().contains("oneOf"), "{}", format.schema());
    let (client, _) = client([completion(
        json!({ "content": r#"{"children":[],"next":{"children":[],"next":null,"kind":{"type":"Leaf"}},"kind":{"type":"Named","name":"a"}}"# }),
        "stop",
    )]);
    let node = client.chat().completions().parse_as(chat(), format).blocking().unwrap().into_output().unwrap();
    assert!(matches!(&node.kind, Kind::Named { name } if name == "a"));
    assert!(node.children.is_empty() && node.next.is_some_and(|next| matches!(next.kind, Kind::Leaf)));
}

#[test]
fn names_of_generic_types_are_made_acceptable() {
    let format = OutputFormat::<Value>::from_schema("Box<Inner>", json!({ "type": "object", "properties": {} })).unwrap();
    assert_eq!(format.name(), "Box_Inner");
    assert_eq!(format.named("a b").name(), "a_b");
}

#[test]
fn functions_beside_structured_output_are_strict() {
    let (client, transport) = client([]);
    let with = |tool: Value| chat().tools([ChatCompletionCreateParamsTool::from_value(tool).unwrap()]);
    for tool in [json!({ "type": "function", "function": { "name": "loose" } }), json!({ "type": "custom", "custom": { "name": "c" } })] {
        assert!(client.chat().completions().parse::<Place>(with(tool)).blocking().unwrap_err().is_argument());
    }
    assert!(transport.requests().is_empty());
}
