//! `schemas`: schemas rewritten for strict mode, and the formats and functions made of them.

use openai::types::chat::{ChatCompletionCreateParamsResponseFormat, ChatCompletionCreateParamsTool};
use openai::{Error, JsonModel, OutputFormat, Tool, schema};
use serde_json::Value;

use super::case::Case;
use super::compare::Differences;
use super::outcome::kind_of;

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let (input, expected) = (case.input(), case.expected());
    let name = input["model"].as_str().unwrap_or("schema");
    let mut differences = Differences::new();
    if input.get("json_schema").is_none() {
        let found = match input.get("response_format") {
            Some(format) => passed_through(format)?,
            None => function_without_schema(input, expected)?,
        };
        let expected = expected.get("response_format").unwrap_or(expected);
        differences.json("value", expected, &found);
        return Ok(differences);
    }
    let schema = &input["json_schema"];
    for (member, value) in expected.as_object().into_iter().flatten() {
        match member.as_str() {
            "strict" | "strict_error" => compare("strict", member, value, schema::strict(schema), &mut differences),
            "response_format" | "response_format_error" => {
                compare("response_format", member, value, response_format(name, schema), &mut differences);
            }
            "function_tool" => compare("function_tool", member, value, function(name, schema), &mut differences),
            _ => differences.note(member, value.clone(), Value::from("not looked at")),
        }
    }
    Ok(differences)
}

/// `member` ends in `_error` when `value` is an error. What is refused before it is sent is a difference of its own.
fn compare(at: &str, member: &str, value: &Value, found: Result<Value, Error>, differences: &mut Differences) {
    let is_error = member.ends_with("_error");
    match found {
        Ok(found) if is_error => differences.note(format!("{at}.error"), value.clone(), found),
        Ok(found) => differences.json(at, value, &found),
        Err(error) if is_error => {
            let class = value["class"].as_str().unwrap_or_default();
            differences.json(&format!("{at}.kind"), &kind_of(class).into(), &error.kind().into());
        }
        Err(error) if error.message().starts_with("the API would refuse this schema at $") => {
            differences.note(format!("{at}.refused"), value.clone(), Value::from(error.message()));
        }
        Err(error) => differences.note(at, value.clone(), Value::from(error.message())),
    }
}

fn response_format(name: &str, schema: &Value) -> Result<Value, Error> {
    let format = OutputFormat::<Value>::from_schema(name, schema.clone())?;
    Ok(ChatCompletionCreateParamsResponseFormat::from(format).to_value())
}

fn function(name: &str, schema: &Value) -> Result<Value, Error> {
    let tool = Tool::from_schema(name, schema.clone(), |arguments: Value| async { Ok(arguments) })?;
    let tool = match schema.get("description").and_then(Value::as_str) {
        Some(description) => tool.described(description),
        None => tool,
    };
    Ok(ChatCompletionCreateParamsTool::from(&tool).to_value())
}

/// A format that a program writes itself.
fn passed_through(format: &Value) -> Result<Value, String> {
    let format = ChatCompletionCreateParamsResponseFormat::from_value(format).map_err(|error| error.to_string())?;
    Ok(format.to_value())
}

/// The model's schema is not in the case. What came out goes in: to rewrite it again changes nothing.
fn function_without_schema(input: &Value, expected: &Value) -> Result<Value, String> {
    let text = |name: &str| input.get(name).and_then(Value::as_str);
    let name = text("name").or(text("model")).ok_or("a function without a name")?;
    let mut schema = expected["function"]["parameters"].clone();
    if let Some(description) = text("description") {
        schema["description"] = description.into();
    }
    let mut found = function(name, &schema).map_err(|error| error.to_string())?;
    if text("description").is_some() {
        found["function"]["parameters"]["description"] = expected["function"]["parameters"]["description"].clone();
    }
    Ok(found)
}
