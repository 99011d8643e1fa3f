//! Takes `multipart/form-data` bodies apart, in the form in which the corpus writes their parts.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::case::parse;
use super::compare::Differences;

/// The parts of a body with the given content type: name and file name as they are escaped on the wire.
///
/// # Errors
/// When it is not well-formed.
pub fn parts(content_type: &str, body: &[u8]) -> Result<Value, String> {
    let boundary = boundary(content_type).ok_or_else(|| format!("no boundary in {content_type:?}"))?;
    let mut rest = strip(body, format!("--{boundary}").as_bytes()).ok_or("the body does not begin with its boundary")?;
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let mut parts = Vec::new();
    loop {
        if let Some(end) = strip(rest, b"--") {
            return if end == b"\r\n" || end.is_empty() { Ok(parts.into()) } else { Err("more after the last boundary".to_owned()) };
        }
        let part = strip(rest, b"\r\n").ok_or("no line end after a boundary")?;
        let end = find(part, &delimiter).ok_or("a part without an end")?;
        parts.push(self::part(&part[..end])?);
        rest = &part[end + delimiter.len()..];
    }
}

/// Compares parts of one name with one another, in their order. What is about all of them has a place of its own: `order` is the order of differently named
/// parts, `files_last` that no file comes before a plain field, `number_form` a number that is spelt otherwise (`0.0` for `0`).
pub fn compare(at: &str, expected: &Value, found: &Value, differences: &mut Differences) {
    let names = |parts: &Value| parts.as_array().into_iter().flatten().map(|part| part["name"].clone()).collect::<Vec<_>>();
    let of_name = |parts: &Value, name: &Value| {
        parts.as_array().into_iter().flatten().filter(|part| part["name"] == *name).cloned().collect::<Vec<_>>()
    };
    let (wanted, seen) = (names(expected), names(found));
    let mut told: Vec<&Value> = Vec::new();
    for name in &wanted {
        if told.contains(&name) {
            continue;
        }
        told.push(name);
        let (expected, found) = (of_name(expected, name), of_name(found, name));
        let at = format!("{at}.{}", name.as_str().unwrap_or_default());
        differences.plain(&format!("{at}.count"), expected.len() as u64, found.len() as u64);
        expected
            .iter()
            .zip(&found)
            .enumerate()
            .for_each(|(index, (expected, found))| compare_part(&format!("{at}[{index}]"), expected, found, differences));
    }
    for name in seen.iter().filter(|name| !wanted.contains(name)) {
        differences.note(format!("{at}.{}", name.as_str().unwrap_or_default()), None, of_name(found, name).into_iter().next());
    }
    if wanted != seen {
        differences.note(format!("{at}.order"), Value::from(wanted), Value::from(seen));
    }
    let files_last = |parts: &Value| {
        let is_file: Vec<bool> = parts.as_array().into_iter().flatten().map(|part| !part["filename"].is_null()).collect();
        is_file.is_sorted()
    };
    differences.plain(&format!("{at}.files_last"), files_last(expected), files_last(found));
}

fn compare_part(at: &str, expected: &Value, found: &Value, differences: &mut Differences) {
    let Some(members) = expected.as_object() else { return };
    for (name, value) in members.iter().filter(|(name, _)| !matches!(name.as_str(), "body" | "body_b64")) {
        differences.json(&format!("{at}.{name}"), value, &found[name]);
    }
    let Some(body) = members.get("body") else {
        // Python's recorder found text with line ends of its own not clean enough.
        let bytes = |part: &Value| {
            let encoded = part["body_b64"].as_str().and_then(|body| STANDARD.decode(body).ok());
            encoded.or_else(|| Some(part["body"].as_str()?.as_bytes().to_vec())).unwrap_or_default()
        };
        differences.plain(&format!("{at}.body"), STANDARD.encode(bytes(expected)), STANDARD.encode(bytes(found)));
        return;
    };
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<f64>().ok());
    let json = |value: &Value| value.as_str().and_then(|text| parse(text).ok()).unwrap_or_default();
    if expected["content_type"] == "application/json" {
        differences.json(&format!("{at}.body"), &json(body), &json(&found["body"]));
    } else if *body != found["body"] && number(body).is_some() && number(body) == number(&found["body"]) {
        differences.note(format!("{at}.number_form"), body.clone(), found["body"].clone());
    } else {
        differences.json(&format!("{at}.body"), body, &found["body"]);
    }
}

fn boundary(content_type: &str) -> Option<&str> {
    let (_, parameter) = content_type.split_once("boundary=")?;
    Some(parameter.split(';').next()?.trim().trim_matches('"'))
}

fn part(part: &[u8]) -> Result<Value, String> {
    let end = find(part, b"\r\n\r\n").ok_or("a part without an empty line")?;
    let head = std::str::from_utf8(&part[..end]).map_err(|_| "a part's head is not UTF-8")?;
    let headers: Vec<(String, &str)> =
        head.split("\r\n").filter_map(|line| line.split_once(':')).map(|(name, value)| (name.to_lowercase(), value.trim())).collect();
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
    let disposition = header("content-disposition").ok_or("a part without a disposition")?;
    let mut part_json = json!({
        "name": parameter(disposition, "name"),
        "filename": parameter(disposition, "filename"),
        "content_type": header("content-type"),
        "headers": headers,
    });
    match std::str::from_utf8(&part[end + 4..]) {
        Ok(text) => part_json["body"] = text.into(),
        Err(_) => part_json["body_b64"] = STANDARD.encode(&part[end + 4..]).into(),
    }
    Ok(part_json)
}

/// A parameter of a disposition; quotes within it are escaped as `%22`.
fn parameter<'d>(disposition: &'d str, name: &str) -> Option<&'d str> {
    let start = disposition.find(&format!("; {name}=\""))? + name.len() + 4;
    let rest = &disposition[start..];
    Some(&rest[..rest.find('"')?])
}

fn strip<'b>(bytes: &'b [u8], prefix: &[u8]) -> Option<&'b [u8]> {
    bytes.strip_prefix(prefix)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_taken_apart() {
        let body = b"--b\r\nContent-Disposition: form-data; name=\"a[x]\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a%22.png\"\r\nContent-Type: image/png\r\n\r\n\xff\r\n\r\n--b--\r\n";
        let found = parts("multipart/form-data; boundary=b", body).unwrap();
        assert_eq!(found[0]["name"], "a[x]");
        assert_eq!(found[0]["body"], "1");
        assert_eq!(found[1]["filename"], "a%22.png");
        assert_eq!(found[1]["content_type"], "image/png");
        assert_eq!(found[1]["body_b64"], "/w0K");
        for broken in [&b"--b\r\n"[..], b"x", b"--b\r\nA: b\r\n\r\n1\r\n--b--\r\n"] {
            assert!(parts("multipart/form-data; boundary=b", broken).is_err());
        }
    }
}
