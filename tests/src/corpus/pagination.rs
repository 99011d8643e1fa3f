//! `pagination`: the items and the requests of lists, and pages by hand.

use serde_json::{Map, Value, json};

use super::case::Case;
use super::compare::Differences;
use super::outcome::compare_error;
use super::requests::{Listed, compare_all};
use crate::driver::call::pages_by_hand;
use crate::driver::{Failure, perform as drive};
use crate::server::{Answer, Server};

pub(super) fn perform(case: &Case) -> Result<Differences, String> {
    let (input, expected) = (case.input(), case.expected());
    let pages = input["pages"].as_array().ok_or("no pages")?;
    let server = Server::script(pages.iter().map(page).collect::<Result<Vec<_>, _>>()?).map_err(|error| error.to_string())?;
    let mut line = line(case, &server)?;
    let how = input["how"].as_str().unwrap_or_default();
    let answer = match how {
        "iterate" => {
            line["do"] = "pages".into();
            if let Some(most) = expected.get("stopped_at_limit") {
                line["most"] = most.clone();
            }
            drive(&line)
        }
        "page_dict" => {
            line["do"] = "call".into();
            drive(&line)
        }
        "iter_pages" | "manual" | "force_next" => {
            line["force"] = (how == "force_next").into();
            pages_by_hand(&line).unwrap_or_else(Failure::into_members).into()
        }
        _ => return Err(format!("`how` is {how:?}")),
    };
    let mut differences = Differences::new();
    for (name, value) in expected.as_object().into_iter().flatten() {
        match name.as_str() {
            // Where the next page begins is seen in the requests.
            "page_class" | "stopped_at_limit" => {}
            "items" => differences.json("items", value, &answer["items"]),
            "pages" => differences.json("pages", value, &each(&answer, |page| page["list"].clone())),
            "manual" => differences.json("manual", value, &each(&answer, by_hand)),
            "page" => differences.json("page", value, &answer["value"]),
            "requests" => {
                differences.extend(compare_all("requests", value.as_array().map_or(&[], Vec::as_slice), &server.requests(), Listed::Some))
            }
            "sleeps_s" => differences.json("sleeps_s", value, &answer["sleeps_s"]),
            "error" => differences.extend(compare_error("error", value, &answer["error"])),
            _ => differences.note(name, value.clone(), Value::from("not looked at")),
        }
    }
    if let (None, Some(error)) = (expected.get("error"), answer.get("error")) {
        differences.note("error", None, error.clone());
    }
    if how == "iterate" {
        differences.plain("requests.counted", server.requests().len() as u64, answer["requests"].as_u64().unwrap_or(0));
    }
    Ok(differences)
}

/// A page is a body, or a status and a body.
fn page(page: &Value) -> Result<Answer, String> {
    match page.get("status") {
        None => Ok(Answer::json(page.to_string())),
        Some(_) => Answer::from_script(page),
    }
}

fn line(case: &Case, server: &Server) -> Result<Value, String> {
    let input = case.input();
    let (mut args, mut options) = (Map::new(), Map::new());
    for (key, value) in input["kwargs"].as_object().ok_or("a call without kwargs")? {
        match key.as_str() {
            "extra_headers" => options.insert("headers".to_owned(), value.clone()),
            "extra_query" => options.insert("query".to_owned(), value.clone()),
            "extra_body" => options.insert("body".to_owned(), value.clone()),
            _ => args.insert(key.clone(), value.clone()),
        };
    }
    let mut client =
        json!({ "base_url": server.url(), "api_key": "sk-test", "admin_api_key": "adm", "fake_time": { "now_unix": 0, "random": 0.0 } });
    for (key, value) in case.value.get("client_kwargs").and_then(Value::as_object).into_iter().flatten() {
        client[key] = value.clone();
    }
    Ok(json!({ "call": input["call"], "args": args, "options": options, "client": client }))
}

fn each(answer: &Value, of: impl Fn(&Value) -> Value) -> Value {
    answer["pages"].as_array().into_iter().flatten().map(of).collect()
}

fn by_hand(page: &Value) -> Value {
    json!({ "has_next_page": page["has_next_page"], "next_page_info": page["next"], "items": page["items"] })
}
