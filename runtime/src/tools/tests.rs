//! Functions that are called, one by one and at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{Tool, ToolCall, Tools};

/// Echoes its arguments, after as many turns as they say; how many ran at once is kept.
fn echo(peak: &Arc<AtomicUsize>) -> Tool {
    let running = Arc::new(AtomicUsize::new(0));
    let peak = peak.clone();
    Tool::unchecked("echo", json!({}), move |arguments: Value| {
        let (running, peak) = (running.clone(), peak.clone());
        async move {
            peak.fetch_max(running.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            for _ in 0..arguments["turns"].as_u64().unwrap_or(0) {
                tokio::task::yield_now().await;
            }
            running.fetch_sub(1, Ordering::Relaxed);
            match arguments.get("fail") {
                Some(why) => Err(why.to_string().into()),
                None => Ok(arguments),
            }
        }
    })
}

/// What the model is told of these calls of `echo`, and how many ran at once.
#[track_caller]
fn check(arguments: &[&str], at_once: usize, told: &[&str], peak: usize) {
    let most = Arc::new(AtomicUsize::new(0));
    let tools = Tools::new().tool(echo(&most)).max_concurrency(at_once);
    let calls = arguments.iter().map(|arguments| ToolCall::new("c", "echo", *arguments)).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcomes = runtime.block_on(tools.round(calls).finish());
    let texts: Vec<String> = outcomes.iter().map(super::ToolOutcome::text).collect();
    assert_eq!((texts.iter().map(String::as_str).collect::<Vec<_>>(), most.load(Ordering::Relaxed)), (told.to_vec(), peak));
}

#[test]
fn outcomes_are_in_the_order_of_the_calls_and_no_more_run_at_once_than_may() {
    let calls = [r#"{"turns":3}"#, r#"{"turns":0}"#, r#"{"turns":1}"#];
    check(&calls, usize::MAX, &calls, 2);
    check(&calls, 1, &calls, 1);
    check(&[], 1, &[], 0);
}

#[test]
fn failures_are_told() {
    check(&[r#"{"fail":"no"}"#], 1, &[r#"error: "no""#], 1);
    check(&["{"], 1, &["error: the arguments are not valid: EOF while parsing an object at line 1 column 1"], 0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let outcome = runtime.block_on(Tools::new().call(ToolCall::new("c", "nope", "{}")));
    assert_eq!(outcome.text(), "error: there is no function `nope`");
}

#[test]
fn a_text_goes_to_the_model_as_it_is() {
    let tools = Tools::new().tool(Tool::unchecked("f", json!({}), |_: Value| async { Ok("plain") }));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(tools.call(ToolCall::new("c", "f", "{}"))).text(), "plain");
}

#[test]
fn a_schema_that_the_api_would_refuse_is_an_error_of_the_tools() {
    let tool = Tool::from_schema("f", json!({"type": "array"}), |_: Value| async { Ok(()) });
    let error = Tools::new().tool(tool).check().unwrap_err();
    assert!(error.is_argument() && error.message().contains("$"), "{error}");
}
