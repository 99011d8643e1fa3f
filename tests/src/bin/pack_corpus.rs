//! `pack_corpus FROM TO`: copies a recorded corpus into the repository in a compact form: one case a line, in the newest client's version, without what is not compared. Numbers
//! and strings keep their spelling. Streams recorded from the live API (`*-recorded.json`) stay where they are.

use std::fs;
use std::path::{Path, PathBuf};

use openai::{Json, JsonModel, Map};
use openai_tests::corpus::requests::IDENTIFICATION;
use openai_tests::corpus::versions;

type Failed = Box<dyn std::error::Error>;

fn main() -> Result<(), Failed> {
    let arguments: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let [from, to] = arguments.as_slice() else { return Err("usage: pack_corpus FROM TO".into()) };
    fs::create_dir_all(to)?;
    for (name, pack) in [("wire", wire as fn(Map<Json>) -> Result<Map<Json>, Failed>), ("decode", decode)] {
        let lines: Result<Vec<String>, Failed> = fs::read_to_string(from.join(format!("{name}.jsonl")))?
            .lines()
            .map(|line| Ok(pack(Map::from_json(line)?)?.to_json()))
            .collect();
        write(&to.join(format!("{name}.jsonl")), &lines?)?;
    }
    let mut files: Vec<PathBuf> = fs::read_dir(from.join("behaviour"))?.map(|entry| Ok(entry?.path())).collect::<Result<_, Failed>>()?;
    files.sort();
    for file in files {
        let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.ends_with("-recorded") {
            write(&to.join(format!("{name}.jsonl")), &behaviour(&fs::read_to_string(&file)?)?)?;
        }
    }
    Ok(())
}

fn write(path: &Path, lines: &[String]) -> Result<(), Failed> {
    fs::write(path, lines.join("\n") + "\n")?;
    Ok(())
}

fn wire(mut case: Map<Json>) -> Result<Map<Json>, Failed> {
    pack_call(&mut case)?;
    for key in ["sdk", "operation", "decoded_type", "notes"] {
        case.remove(key);
    }
    let mut case: Map<Json> = case.into_iter().filter(|(_, value)| !value.is_null()).collect();
    if let Some(request) = case.get_mut("request") {
        *request = packed_request(request)?;
    }
    if let Some(exchanges) = case.get_mut("exchanges") {
        let packed: Result<Vec<Json>, Failed> = Vec::<Map<Json>>::from_json(exchanges.as_str())?
            .into_iter()
            .map(|mut exchange| {
                if let Some(request) = exchange.get_mut("request") {
                    *request = packed_request(request)?;
                }
                Ok(Json::from_text(&exchange.to_json())?)
            })
            .collect();
        *exchanges = packed?.into();
    }
    // An answer that came back as it was need not be told twice, nor how it was laid out.
    if let Some((body, response)) = json_body(&case)
        && Some(&body) == case.get("decoded")
    {
        case.insert("response", response);
        case.remove("decoded");
        case.insert("echo", true);
    }
    Ok(case)
}

/// Without what only Python tells apart.
fn pack_call(case: &mut Map<Json>) -> Result<(), Failed> {
    let call = case.get_mut("call").ok_or("a case without a call")?;
    let mut members = Map::<Json>::from_json(call.as_str())?;
    members.remove("positional");
    *call = Json::from_text(&members.to_json())?;
    Ok(())
}

/// Without the headers that are not compared, and without the bytes where they are told in another form.
fn packed_request(request: &Json) -> Result<Json, Failed> {
    let request = Map::<Json>::from_json(request.as_str())?;
    let mut request: Map<Json> = request.into_iter().filter(|(_, value)| !value.is_null()).collect();
    if ["json", "multipart", "text"].iter().any(|form| request.contains_key(form)) {
        request.remove("body_b64");
    }
    if let Some(headers) = request.get_mut("headers") {
        let mut pairs = Vec::<(String, String)>::new();
        for pair in Vec::<Vec<String>>::from_json(headers.as_str())? {
            if let [name, value] = pair.as_slice()
                && !IDENTIFICATION.contains(&name.as_str())
            {
                pairs.push((name.clone(), value.clone()));
            }
        }
        *headers = pairs.into_iter().map(|(name, value)| Json::from([name, value])).collect::<Vec<Json>>().into();
    }
    Ok(Json::from_text(&request.to_json())?)
}

fn decode(mut case: Map<Json>) -> Result<Map<Json>, Failed> {
    pack_call(&mut case)?;
    for key in ["sdk", "operation", "decoded_type", "strict_error"] {
        case.remove(key);
    }
    if case.get("echo") == Some(&Json::from(true))
        && let Some((_, response)) = json_body(&case)
    {
        case.insert("response", response);
    }
    Ok(case)
}

/// The JSON that a case was answered with, and the answer with that as compact text.
fn json_body(case: &Map<Json>) -> Option<(Json, Json)> {
    let mut response = Map::<Json>::from_json(case.get("response")?.as_str()).ok()?;
    let body = Json::from_text(&response.get("body")?.decode::<String>().ok()?).ok()?;
    // Text on several lines is kept without space.
    let body = Json::from_text(&body.to_json_pretty()).ok()?;
    response.insert("body", body.as_str());
    Some((body, Json::from_text(&response.to_json()).ok()?))
}

fn behaviour(file: &str) -> Result<Vec<String>, Failed> {
    let file = Map::<Json>::from_json(file)?;
    let cases = file.get("cases").ok_or("a file without cases")?;
    let category = file.get("category").ok_or("a file without a category")?;
    let lines = Vec::<Map<Json>>::from_json(cases.as_str())?.into_iter().map(|case| {
        let mut packed = Map::<Json>::new();
        packed.insert("category", category.clone());
        packed.insert("name", case.get("name").cloned().unwrap_or_default());
        for key in ["input", "expected"] {
            packed.insert(key, newest(&case, key).unwrap_or_default());
        }
        if let Some(client) = case.get("client_kwargs") {
            packed.insert("client_kwargs", client.clone());
        }
        packed.to_json()
    });
    Ok(lines.collect())
}

/// What the newest version has.
fn newest(case: &Map<Json>, key: &str) -> Option<Json> {
    let known = Vec::<String>::from_json(case.get("versions")?.as_str()).ok()?;
    let version = versions().iter().find(|version| known.iter().any(|known| known == *version))?;
    let by_version = case.get(&format!("{key}_by_version")).and_then(|all| Map::<Json>::from_json(all.as_str()).ok());
    by_version.and_then(|all| all.get(version).cloned()).or_else(|| case.get(key).cloned())
}
