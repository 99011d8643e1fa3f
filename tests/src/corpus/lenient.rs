//! `lenient`: what becomes of answers that the types do not describe, for a client that takes them as they are and for a strict one. Owns what the corpus's classes
//! and attribute accesses are in Rust.

use std::fmt::Debug;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openai::JsonModel;
use openai::types::audio::CreateTranscriptionResponseJson;
use openai::types::chat::ChatCompletion;
use openai::types::realtime::RealtimeCreateClientSecretResponse;
use openai::types::responses::Response;
use serde_json::{Value, json};

use super::calls::{Named, named};
use super::case::Case;
use super::compare::Differences;
use super::outcome;
use crate::driver::perform as drive;
use crate::server::{Answer, Server};

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let mut differences = Differences::new();
    for (mode, expected) in case.expected().as_object().ok_or("nothing is expected")? {
        let is_strict = match mode.as_str() {
            "default" => false,
            "strict" => true,
            _ => return Err(format!("the mode `{mode}` is not known")),
        };
        let answer = called(case, is_strict)?;
        differences.extend(compare(mode, expected, &answer)?);
    }
    Ok(differences)
}

/// What the driver makes of the call whose answer the case has.
fn called(case: &Case, is_strict: bool) -> Result<Value, String> {
    let input = case.input();
    let body = match (input.get("body"), input["body_text"].as_str(), input["body_text_b64"].as_str()) {
        (Some(body), None, None) => body.to_string().into_bytes(),
        (None, Some(text), None) => text.as_bytes().to_vec(),
        (None, None, Some(bytes)) => STANDARD.decode(bytes).map_err(|error| error.to_string())?,
        _ => return Err("a case has one body".to_owned()),
    };
    let answer = Answer::json(body).header("content-type", content_type(case)).header("x-request-id", "req_l");
    let server = Server::script([answer]).map_err(|error| error.to_string())?;
    let Named { name, mode, args, .. } = named(input["call"].as_str().ok_or("no call")?)?;
    let client = json!({ "base_url": server.url(), "api_key": "k", "max_retries": 0, "strict": is_strict });
    Ok(drive(&json!({ "do": "call", "call": name, "mode": mode, "args": args, "client": client })))
}

/// JSON, unless the official client complains of another type, which is said nowhere else.
fn content_type(case: &Case) -> &str {
    let complaint = case.expected()["strict"]["error"]["str"].as_str().and_then(|text| text.split_once("but received `"));
    complaint.and_then(|(_, rest)| rest.split_once('`')).map_or("application/json", |(content_type, _)| content_type)
}

fn compare(mode: &str, expected: &Value, answer: &Value) -> Result<Differences, String> {
    let mut differences = outcome::compare(mode, expected, answer);
    if answer["ok"] != true {
        return Ok(differences);
    }
    for (name, expected) in expected.as_object().into_iter().flatten() {
        let at = format!("{mode}.{name}");
        match name.as_str() {
            "ok" | "error" => {}
            "types" => compare_types(&at, expected, &answer["value"], &mut differences),
            "request_id" => differences.json(&at, expected, &answer["request_id"]),
            "probes" => compare_probes(&at, expected, &answer["value"], &mut differences)?,
            _ => differences.note(at, expected.clone(), Value::from("not looked at")),
        }
    }
    Ok(differences)
}

/// Compares the types of values, place by place. A class is an object; its name is Python's own. What is missing on one side, `ok` has found.
fn compare_types(at: &str, expected: &Value, found: &Value, differences: &mut Differences) {
    match (expected, found) {
        (Value::Object(members), Value::Object(found)) => {
            let members = members.get("$dict").and_then(Value::as_object).unwrap_or(members);
            for (name, expected) in members.iter().filter(|(name, _)| *name != "$class") {
                if let Some(found) = found.get(name) {
                    compare_types(&format!("{at}.{name}"), expected, found, differences);
                }
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare_types(&format!("{at}[{index}]"), expected, found, differences);
            }
        }
        _ => {
            if expected.as_str() != Some(python_type(found)) {
                differences.note(at, expected.clone(), Value::from(python_type(found)));
            }
        }
    }
}

fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// Compares accesses to the typed value. Where one raises in Python, there is nothing here, and that is all.
fn compare_probes(at: &str, expected: &Value, value: &Value, differences: &mut Differences) -> Result<(), String> {
    for (name, expected) in expected.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        let found = match name.as_str() {
            // What a type does not have does not compile; in the JSON there is no such field either.
            "missing attribute" => {
                differences.plain(&at, expected["$raises"] == "AttributeError", value.get("no_such_field").is_none());
                continue;
            }
            "output_text" => typed::<Response>(value)?.output_text().into(),
            "output classes" => typed::<Response>(value)?.output.iter().map(variant).collect(),
            "tool classes" => typed::<Response>(value)?.tools.iter().map(variant).collect(),
            "class" => typed::<ChatCompletion>(value)?.choices[0].message.tool_calls.iter().flatten().map(variant).next().into(),
            "usage class" => typed::<CreateTranscriptionResponseJson>(value)?.usage.iter().map(variant).next().into(),
            "session class" => variant(&typed::<RealtimeCreateClientSecretResponse>(value)?.session),
            "reasoning" => at_path(value, "choices[0].message.reasoning_content"),
            "hate_threatening" => at_path(value, "results[0].categories.hate/threatening"),
            path => at_path(value, path),
        };
        let is_nothing = found.is_null() || found == json!("") || found == json!([]);
        match expected.get("$raises") {
            Some(raised) if is_nothing => differences.note(format!("{at}.$raises"), raised.clone(), None),
            _ if name.contains("class") => differences.json(&at, &variants(expected), &found),
            _ => differences.json(&at, expected, &found),
        }
    }
    Ok(())
}

fn typed<T: JsonModel>(value: &Value) -> Result<T, String> {
    T::from_value(value.clone()).map_err(|error| error.to_string())
}

/// The official client's classes of things that are variants of a union here.
const CLASSES: &[(&str, &str)] = &[
    ("ResponseOutputMessage", "Message"),
    ("ResponseFileSearchToolCall", "FileSearchCall"),
    ("ResponseFunctionToolCall", "FunctionCall"),
    ("ResponseFunctionToolCallOutputItem", "FunctionCallOutput"),
    ("ResponseFunctionWebSearch", "WebSearchCall"),
    ("ResponseComputerToolCall", "ComputerCall"),
    ("ResponseComputerToolCallOutputItem", "ComputerCallOutput"),
    ("ResponseReasoningItem", "Reasoning"),
    ("ResponseToolSearchCall", "ToolSearchCall"),
    ("ResponseToolSearchOutputItem", "ToolSearchOutput"),
    ("ResponseCompactionItem", "Compaction"),
    ("ImageGenerationCall", "ImageGenerationCall"),
    ("ResponseCodeInterpreterToolCall", "CodeInterpreterCall"),
    ("LocalShellCall", "LocalShellCall"),
    ("LocalShellCallOutput", "LocalShellCallOutput"),
    ("ResponseFunctionShellToolCall", "ShellCall"),
    ("ResponseFunctionShellToolCallOutput", "ShellCallOutput"),
    ("ResponseApplyPatchToolCall", "ApplyPatchCall"),
    ("ResponseApplyPatchToolCallOutput", "ApplyPatchCallOutput"),
    ("McpCall", "McpCall"),
    ("McpListTools", "McpListTools"),
    ("McpApprovalRequest", "McpApprovalRequest"),
    ("McpApprovalResponse", "McpApprovalResponse"),
    ("ResponseCustomToolCall", "CustomToolCall"),
    ("ResponseCustomToolCallOutputItem", "CustomToolCallOutput"),
    ("Program", "Program"),
    ("ProgramOutput", "ProgramOutput"),
    ("AdditionalTools", "AdditionalTools"),
    ("FunctionTool", "Function"),
    ("ChatCompletionMessageFunctionToolCall", "Function"),
    ("ChatCompletionMessageCustomToolCall", "Custom"),
    ("UsageTokens", "Tokens"),
    ("UsageDuration", "Duration"),
    ("RealtimeSessionCreateResponse", "Realtime"),
    ("RealtimeTranscriptionSessionCreateResponse", "Transcription"),
];

/// Classes as the names of our variants; what is in no table stays, and so differs.
fn variants(classes: &Value) -> Value {
    match classes {
        Value::Array(classes) => classes.iter().map(variants).collect(),
        Value::String(class) => CLASSES.iter().find(|(theirs, _)| theirs == class).map_or(classes.clone(), |(_, ours)| (*ours).into()),
        other => other.clone(),
    }
}

/// The name of a union's variant, which is what it shows of itself: `Message(ResponseOutputMessage { … })`.
fn variant(union: &impl Debug) -> Value {
    let shown = format!("{union:?}");
    shown.split('(').next().unwrap_or_default().into()
}

/// What is at a path of names and indices; null if there is nothing.
fn at_path(value: &Value, path: &str) -> Value {
    let mut value = value;
    for step in path.split(['.', '[']).map(|step| step.trim_end_matches(']')) {
        value = match step.parse::<usize>() {
            Ok(index) => &value[index],
            Err(_) => &value[step],
        };
    }
    value.clone()
}
