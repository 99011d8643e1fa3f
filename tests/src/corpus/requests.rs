//! Compares requests: what the official client sent, and what a server saw of ours. Owns which headers carry meaning.

use std::collections::BTreeMap;

use openai::testing::Recorded;
use serde_json::{Map, Value, json};

use super::case::parse;
use super::compare::Differences;
use super::multipart;
use crate::server::Request;

/// Headers that say who sends and over which connection, not what is asked for.
pub const IDENTIFICATION: &[&str] = &[
    "host",
    "connection",
    "accept-encoding",
    "content-length",
    "user-agent",
    "x-stainless-lang",
    "x-stainless-package-version",
    "x-stainless-os",
    "x-stainless-arch",
    "x-stainless-runtime",
    "x-stainless-runtime-version",
    "x-stainless-async",
];

/// Headers that say something even where a case lists only a few headers: they must not be there unless they are listed.
const TELLING: &[&str] = &[
    "openai-beta",
    "openai-organization",
    "openai-project",
    "idempotency-key",
    "x-stainless-helper-method",
    "x-stainless-poll-helper",
    "x-stainless-custom-poll-interval",
];

/// Whether a case lists every header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Every header of the wire.
    All,
    /// Every header but these, which are the same in all cases of the file.
    AllBut(&'static [&'static str]),
    /// Some: those that are the same in all cases of the file are left out.
    Some,
}

/// Compares requests one by one.
pub fn compare_all(at: &str, expected: &[Value], found: &[Request], listed: Listed) -> Differences {
    let mut differences = Differences::new();
    differences.plain(&format!("{at}.count"), expected.len() as u64, found.len() as u64);
    for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
        differences.extend(compare(&format!("{at}[{index}]"), expected, found, listed));
    }
    differences
}

/// Compares requests that a scripted transport kept. `look` looks at what a category has beside those of a server: it may take members away.
pub fn compare_recorded(
    expected: &Value,
    sent: &[Recorded],
    listed: Listed,
    look: impl Fn(&str, &mut Map<String, Value>, &Recorded, &mut Differences),
) -> Differences {
    let mut differences = Differences::new();
    let expected: &[Value] = expected.as_array().map_or(&[], Vec::as_slice);
    differences.plain("requests.count", expected.len() as u64, sent.len() as u64);
    for (index, (expected, sent)) in expected.iter().zip(sent).enumerate() {
        let at = format!("requests[{index}]");
        let mut members = expected.as_object().cloned().unwrap_or_default();
        look(&at, &mut members, sent, &mut differences);
        if let Some(url) = members.remove("url") {
            differences.json(&format!("{at}.url"), &url, &sent.url.clone().into());
        }
        if let Some(path) = members.remove("raw_path") {
            differences.json(&format!("{at}.raw_path"), &path, &sent.target().into());
        }
        differences.extend(compare(&at, &members.into(), &received(sent), listed));
    }
    differences
}

/// The request as a server would have received it.
fn received(sent: &Recorded) -> Request {
    let headers = sent.headers.iter();
    let headers = headers.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect();
    Request { method: sent.method.to_string(), target: sent.target().to_owned(), headers, body: sent.body.to_vec(), ..Request::default() }
}

/// Compares a request.
pub fn compare(at: &str, expected: &Value, found: &Request, listed: Listed) -> Differences {
    let mut differences = Differences::new();
    let Some(members) = expected.as_object() else {
        differences.note(at, expected.clone(), Value::from(found.target.as_str()));
        return differences;
    };
    let mut has_body = false;
    for (name, value) in members {
        let at = format!("{at}.{name}");
        match name.as_str() {
            "method" => differences.json(&at, value, &found.method.as_str().into()),
            "path" => differences.json(&at, value, &found.path().into()),
            "query" => query(&at, value.as_str(), found.query(), &mut differences),
            "headers" => headers(&at, value, found, listed, &mut differences),
            "retry_count_header" => differences.json(&at, value, &found.header("x-stainless-retry-count").into()),
            "json" | "multipart" | "text" | "body" => {
                has_body = true;
                body(&at, name, value, found, &mut differences);
            }
            // The same bytes as one of those.
            "body_b64" => {}
            _ => differences.note(at, value.clone(), Value::from("not looked at")),
        }
    }
    if !has_body && !found.body.is_empty() {
        differences.note(format!("{at}.body"), None, Value::from(String::from_utf8_lossy(&found.body)));
    }
    differences
}

/// The order of values counts, that of keys does not.
fn query(at: &str, expected: Option<&str>, found: Option<&str>, differences: &mut Differences) {
    let grouped = |query: Option<&str>| {
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            groups.entry(key.to_owned()).or_default().push(value.to_owned());
        }
        json!(groups)
    };
    differences.json(at, &grouped(expected), &grouped(found));
}

fn headers(at: &str, expected: &Value, found: &Request, listed: Listed, differences: &mut Differences) {
    let expected: Vec<(String, String)> = expected.as_array().into_iter().flatten().map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
    let meant = |name: &str| !IDENTIFICATION.contains(&name);
    let must_be_listed = |name: &str| match listed {
        Listed::All => meant(name),
        Listed::AllBut(others) => meant(name) && !others.contains(&name),
        Listed::Some => false,
    };
    for (name, value) in expected.iter().filter(|(name, _)| meant(name)) {
        let found = found.header(name).map(|found| without_boundary(found).to_owned());
        let value = without_boundary(value).to_owned();
        if found.as_ref() != Some(&value) {
            differences.note(format!("{at}.{name}"), Value::from(value), found.map(Value::from));
        }
    }
    let unexpected = found.headers.iter().filter(|(name, _)| !expected.iter().any(|(known, _)| known == name));
    for (name, value) in unexpected {
        if must_be_listed(name) || TELLING.contains(&name.as_str()) {
            differences.note(format!("{at}.{name}"), None, Value::from(value.as_str()));
        }
    }
}

fn body(at: &str, form: &str, expected: &Value, found: &Request, differences: &mut Differences) {
    let as_text = || String::from_utf8_lossy(&found.body).into_owned();
    match form {
        "multipart" => match multipart::parts(found.header("content-type").unwrap_or_default(), &found.body) {
            Ok(parts) => multipart::compare(at, expected, &parts, differences),
            Err(error) => differences.note(at, expected.clone(), Value::from(error)),
        },
        "text" => differences.json(at, expected, &as_text().into()),
        // Text that is JSON is compared as that.
        "body" if expected.as_str().is_some_and(|text| parse(text).is_err()) => {
            differences.json(at, expected, &as_text().into());
        }
        _ => {
            let expected = match (form, expected.as_str()) {
                ("body", Some(text)) => parse(text).unwrap_or_default(),
                _ => expected.clone(),
            };
            match parse(&as_text()) {
                Ok(json) => differences.json(at, &expected, &json),
                Err(_) => differences.note(at, expected, Value::from(as_text())),
            }
        }
    }
}

/// The boundary of a multipart body is random.
fn without_boundary(value: &str) -> &str {
    value.split_once("; boundary=").map_or(value, |(kind, _)| kind)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
