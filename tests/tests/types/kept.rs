//! What is received and does not follow the document: nothing of it breaks, and nothing of it is lost. One test for each rule.

use std::fmt::Debug;

use openai::types::audio::TranscriptionCreateResponse;
use openai::types::chat::{ChatCompletion, ChatCompletionChoiceFinishReason, CompletionUsage};
use openai::types::evals::CreateEvalCompletionsRunDataSourceInputMessagesTemplateTemplateItem as TemplateItem;
use openai::types::fine_tuning::FineTuningJobHyperparametersNEpochs;
use openai::types::models::Model;
use openai::types::responses::{
    EasyInputMessageContent, Response, ResponseInputItem, ResponseOutputContent, ResponseOutputItem, ResponseStatus, ResponseStreamEvent,
};
use openai::types::shared::FineTuningJob;
use openai::{Json, JsonModel, StringEnum};
use serde_json::json;

/// Decodes, expects that encoding gives the same JSON back, and hands out the value.
#[track_caller]
fn same<T: JsonModel + Debug + PartialEq>(text: &str) -> T {
    let value = T::from_json(text).expect("anything decodes");
    let encoded = value.to_json();
    assert_eq!(Json::from_text(&encoded).expect("JSON"), Json::from_text(text).expect("JSON"));
    assert_eq!(T::from_json(&encoded).expect("what is encoded decodes"), value);
    value
}

#[test]
fn unknown_fields_are_kept_at_every_level() {
    let completion: ChatCompletion = same(
        r#"{"id":"c","top":1,"choices":[{"index":0,"middle":[2],"message":{"role":"assistant","content":"a","reasoning_content":"why"}}],
            "usage":{"total_tokens":3,"details":{"deep":{"er":null}}}}"#,
    );
    assert_eq!(completion.extra.get("top"), Some(&Json::from(1)));
    assert_eq!(completion.choices[0].extra.get("middle"), Some(&Json::from([2])));
    assert_eq!(completion.choices[0].message.extra.get("reasoning_content"), Some(&Json::from("why")));
    let usage = completion.usage.expect("usage");
    assert_eq!(usage.extra.get("details").expect("details").to_value(), json!({ "deep": { "er": null } }));
}

#[test]
fn unknown_strings_of_an_enum_are_kept() {
    let completion: ChatCompletion = same(r#"{"choices":[{"finish_reason":"brand_new"},{"finish_reason":"stop"}]}"#);
    let [first, second] = completion.choices.as_slice() else { panic!("{completion:?}") };
    assert_eq!((first.finish_reason.as_str(), first.finish_reason.to_string().as_str()), ("brand_new", "brand_new"));
    assert_eq!(second.finish_reason, ChatCompletionChoiceFinishReason::Stop);
    assert_eq!(same::<ResponseStatus>("\"sleeping\"").as_str(), "sleeping");
}

#[test]
fn unknown_tags_of_a_union_are_kept_whole_and_readable() {
    let item: ResponseOutputItem = same(r#"{"id":"i","payload":{"a":[1]},"type":"brand_new_call"}"#);
    assert_eq!(item.tag(), "brand_new_call");
    let ResponseOutputItem::Unknown(raw) = item else { panic!("a variant was guessed") };
    assert_eq!(raw.to_value()["payload"], json!({ "a": [1] }));
    let event: ResponseStreamEvent = same(r#"{"type":"response.brand_new","n":1}"#);
    assert_eq!(event.tag(), "response.brand_new");
    // No tag, and no tag that is a string.
    for text in [r#"{"id":"i"}"#, r#"{"type":7}"#, r#"{"type":null}"#, "7", "null", "[]", r#""message""#] {
        let item: ResponseOutputItem = same(text);
        assert!(matches!(&item, ResponseOutputItem::Unknown(_)) && item.tag().is_empty(), "{text}");
    }
}

#[test]
fn what_is_missing_or_null_takes_the_default() {
    for text in ["{}", r#"{"id":null,"created":null,"choices":null,"usage":null,"model":null,"object":null}"#] {
        let completion: ChatCompletion = same(text);
        assert_eq!((completion.id.as_str(), completion.created, completion.choices.len(), &completion.usage), ("", 0, 0, &None));
    }
    let response: Response = same(r#"{"id":null,"output":null,"created_at":null,"parallel_tool_calls":null,"metadata":null}"#);
    assert_eq!((response.output.len(), response.created_at, response.parallel_tool_calls), (0, 0.0, false));
    assert_eq!(response.output_text(), "");
}

#[test]
fn a_value_of_the_wrong_type_stays_under_its_own_name() {
    let completion: ChatCompletion =
        same(r#"{"id":5,"created":"soon","choices":{"0":{}},"usage":"none","model":["m"],"object":{"a":1},"service_tier":7}"#);
    assert_eq!((completion.id.as_str(), completion.created, completion.choices.len(), &completion.usage), ("", 0, 0, &None));
    for (name, raw) in [
        ("id", json!(5)),
        ("created", json!("soon")),
        ("choices", json!({ "0": {} })),
        ("usage", json!("none")),
        ("model", json!(["m"])),
        ("object", json!({ "a": 1 })),
        ("service_tier", json!(7)),
    ] {
        assert_eq!(completion.extra.get(name).map(Json::to_value), Some(raw), "{name}");
    }
    // Elements of a list and whole objects have no name: they keep what they are.
    let completion: ChatCompletion = same(r#"{"choices":[5,null,"x",{"index":1,"message":"hi"},[1]]}"#);
    assert_eq!(completion.choices.iter().map(|choice| choice.index).collect::<Vec<_>>(), [0, 0, 0, 1, 0]);
    assert_eq!(completion.choices[0].extra.whole(), Some(&Json::from(5)));
    assert_eq!(completion.choices[3].extra.get("message"), Some(&Json::from("hi")));
}

#[test]
fn numbers_are_read_in_any_form_and_size() {
    let usage: CompletionUsage = same(r#"{"prompt_tokens":1.0,"completion_tokens":2e1,"total_tokens":21}"#);
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (1, 20));
    let response: Response = same(r#"{"created_at":1700000000,"temperature":1,"top_p":0.5}"#);
    assert_eq!((response.created_at, response.temperature), (1_700_000_000.0, Some(1.0)));
    let model: Model = same(r#"{"created":123456789012345678901234567890}"#);
    assert_eq!((model.created, model.extra.get("created").map(Json::as_str)), (0, Some("123456789012345678901234567890")));
    let model: Model = same(r#"{"created":9223372036854775807}"#);
    assert_eq!(model.created, i64::MAX);
    same::<Model>(r#"{"created":1.5}"#);
    same::<Response>(r#"{"temperature":1e999,"top_p":-1e999}"#);
}

#[test]
fn a_union_with_a_tag_goes_by_it_whatever_else_fits() {
    // Everything but the tag is that of a message.
    let item: ResponseOutputItem = same(r#"{"id":"m","role":"assistant","status":"completed","content":[],"type":"reasoning"}"#);
    assert!(matches!(item, ResponseOutputItem::Reasoning(_)), "{item:?}");
    // Nothing but the tag is, and it stands last.
    let item: ResponseOutputItem = same(r#"{"content":{"type":"output_text"},"type":"message"}"#);
    let ResponseOutputItem::Message(message) = item else { panic!("{item:?}") };
    assert!(message.content.is_empty() && message.extra.get("content").is_some());
    let content: ResponseOutputContent = same(r#"{"refusal":"no","type":"output_text"}"#);
    assert!(matches!(content, ResponseOutputContent::OutputText(_)), "{content:?}");
}

#[test]
fn a_union_without_a_tag_goes_by_type_then_by_keys_then_by_fit() {
    // By the JSON type.
    assert!(matches!(same(r#""text""#), EasyInputMessageContent::Text(_)));
    assert!(matches!(same(r#"[{"type":"input_text","text":"t"}]"#), EasyInputMessageContent::Items(_)));
    assert!(matches!(same("5"), EasyInputMessageContent::Unknown(_)));
    let epochs = |job: &str| same::<FineTuningJob>(&format!(r#"{{"hyperparameters":{{"n_epochs":{job}}}}}"#)).hyperparameters.n_epochs;
    assert_eq!(epochs("3"), Some(FineTuningJobHyperparametersNEpochs::Integer(3)));
    assert_eq!(epochs("\"auto\""), Some(FineTuningJobHyperparametersNEpochs::Auto));
    for odd in ["{\"a\":1}", "\"some\"", "[3]", "true"] {
        assert!(matches!(epochs(odd), Some(FineTuningJobHyperparametersNEpochs::Unknown(_))), "{odd}");
    }
    // By the keys that only one of the objects requires.
    assert!(matches!(same(r#"{"text":"t"}"#), TranscriptionCreateResponse::CreateTranscriptionResponseJson(_)));
    assert!(matches!(
        same(r#"{"text":"t","language":"en","duration":1.5}"#),
        TranscriptionCreateResponse::CreateTranscriptionResponseVerboseJson(_)
    ));
    // By the kinds of JSON that their fields take.
    assert!(matches!(same(r#"{"type":"message","role":"user","content":{"type":"input_text","text":"t"}}"#), TemplateItem::EvalItem(_)));
    assert!(matches!(same(r#"{"type":"message","role":"user","content":"t"}"#), TemplateItem::EasyInputMessage(_)));
    assert!(matches!(same(r#"{"type":"message","role":"user","content":null}"#), TemplateItem::EasyInputMessage(_)));
    assert!(matches!(same(r#"{"type":"message","role":"user","content":"t"}"#), ResponseInputItem::EasyInputMessage(_)));
    // By the values that tell them apart: three kinds of messages have one tag.
    assert!(matches!(same(r#"{"type":"message","role":"assistant","content":"t"}"#), ResponseInputItem::EasyInputMessage(_)));
    assert!(matches!(
        same(r#"{"type":"message","role":"assistant","id":"m","status":"completed","content":[{"type":"output_text","text":"t"}]}"#),
        ResponseInputItem::OutputMessage(_)
    ));
}

#[test]
fn the_last_of_repeated_keys_wins() {
    let model: Model = same(r#"{"id":"a","created":1,"id":"b","created":"x","created":2}"#);
    assert_eq!((model.id.as_str(), model.created, model.extra.len()), ("b", 2, 0));
    let model: Model = same(r#"{"id":"a","id":5,"more":1,"more":2}"#);
    assert_eq!((model.id.as_str(), model.extra.get("id"), model.extra.get("more")), ("", Some(&Json::from(5)), Some(&Json::from(2))));
}

#[test]
fn depth_is_bounded_and_no_limit_is_a_panic() {
    let nested = |depth: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(depth - 1), "]".repeat(depth - 1));
    same::<Response>(&nested(128));
    for depth in [129, 10_000, 1_000_000] {
        let error = Response::from_json(&nested(depth)).expect_err("too deep");
        assert!(error.is_syntax() && error.to_string().contains("128"), "{error}");
    }
}

#[test]
fn what_is_not_json_is_an_error_that_says_where() {
    for (text, at) in [("<html>", "$"), (r#"{"id":"r","usage":{"total_tokens":1,}}"#, "$.usage"), (r#"{"id":"#, "$.id"), ("{} {}", "$")] {
        let error = Response::from_json(text).expect_err("no JSON");
        assert!(error.is_syntax(), "{error}");
        assert!(error.path().starts_with(at), "{error}");
    }
}
