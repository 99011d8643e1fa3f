//! `query` and `multipart`: how parameters are encoded that belong to no operation. Requests are built, not sent.

use openai::{Client, RawCall, Upload};
use serde_json::{Map, Value};
use tempfile::TempDir;

use super::notation::arguments;
use super::{Answer, Failure, optional, runtime};
use crate::corpus::multipart::parts;

/// A form that was not sent yet, with the files on disk that it refers to.
pub(crate) struct Form {
    pub(crate) call: RawCall,
    _folders: Vec<TempDir>,
}

/// A query string.
pub(super) fn query(line: &Value) -> Result<Answer, Failure> {
    let call = members(line, "params")?.into_iter().fold(client()?.get("/"), |call, (name, value)| call.query(name, value));
    let request = call.request()?;
    let query = request.url().split_once('?').map_or("", |(_, query)| query);
    Ok([("querystring".to_owned(), query.into())].into_iter().collect())
}

/// The parts of a form.
pub(super) fn multipart(line: &Value) -> Result<Answer, Failure> {
    let form = form(&client()?, "/", line)?;
    let request = form.call.request()?;
    let content_type = request.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let body = runtime().block_on(request.body().clone().collect()).map_err(|error| Failure::argument(error.to_string()))?;
    let parts = parts(&content_type, &body).map_err(Failure::driver)?;
    Ok([("parts".to_owned(), parts)].into_iter().collect())
}

/// The form of `fields` and `files`, on its way to a path.
pub(crate) fn form(client: &Client, path: &str, line: &Value) -> Result<Form, Failure> {
    let mut form = Form { call: client.post(path), _folders: Vec::new() };
    let (mut fields, mut files) = (Map::new(), Vec::new());
    for (name, value) in members(line, "fields")? {
        match is_file(&value) {
            true => files.push((name, form.upload(&value)?)),
            false => _ = fields.insert(name, value),
        }
    }
    form.call = form.call.multipart(&Value::from(fields));
    for (name, value) in pairs(line.get("files").unwrap_or(&Value::Null))? {
        files.push((name, form.upload(&value)?));
    }
    form.call = files.into_iter().fold(form.call, |call, (name, file)| call.file(name, file));
    Ok(form)
}

impl Form {
    /// A file, in any of the corpus' notations.
    fn upload(&mut self, value: &Value) -> Result<Upload, Failure> {
        let Some(items) = value.get("$tuple").and_then(Value::as_array) else { return self.content(value) };
        let (name, content) = match &items[..] {
            [name, Value::String(text), ..] => (name, Upload::unnamed(text.clone().into_bytes())),
            [name, content, ..] => (name, self.content(content)?),
            _ => return Err(Failure::driver(format!("{value} is no file"))),
        };
        let mut upload = match name {
            Value::Null => content.without_file_name(),
            name => content.file_name(name.as_str().ok_or_else(|| Failure::driver(format!("{name} is no file name")))?),
        };
        if let Some(content_type) = items.get(2).and_then(Value::as_str) {
            upload = upload.content_type(content_type);
        }
        let headers = items.get(3).and_then(Value::as_object).into_iter().flatten();
        Ok(headers.fold(upload, |upload, (name, value)| upload.part_header(name, value.as_str().unwrap_or_default())))
    }

    /// What a file holds: `$bytes`, or one of `$file`, `$reader`, `$path` with a name that may be null.
    fn content(&mut self, value: &Value) -> Result<Upload, Failure> {
        let refused = || Failure::argument(format!("{value} is no file"));
        if let Some(bytes) = value.get("$bytes") {
            return Ok(Upload::unnamed(decoded(bytes)?));
        }
        let (form, file) = value.as_object().and_then(|object| object.iter().next()).ok_or_else(refused)?;
        let (name, bytes) = (file.get("name").and_then(Value::as_str), decoded(&file["bytes"])?);
        let io = |error: std::io::Error| Failure::driver(error.to_string());
        let upload = match (form.as_str(), name) {
            ("$file", None) => Upload::unnamed(bytes),
            ("$file", Some(name)) => Upload::bytes(name, bytes),
            ("$reader", name) => Upload::seekable(name.unwrap_or("upload"), std::io::Cursor::new(bytes)).map_err(io)?,
            ("$path", name) => {
                let folder = TempDir::new().map_err(io)?;
                let path = folder.path().join(name.unwrap_or("upload"));
                std::fs::write(&path, bytes).map_err(io)?;
                self._folders.push(folder);
                Upload::path(path)
            }
            _ => return Err(refused()),
        };
        Ok(match file.get("content_type").and_then(Value::as_str) {
            Some(content_type) => upload.content_type(content_type),
            None => upload,
        })
    }
}

fn client() -> Result<Client, Failure> {
    Ok(Client::builder().env(|_| None).api_key("unused").base_url("http://local").build()?)
}

fn is_file(value: &Value) -> bool {
    ["$file", "$reader", "$path", "$tuple"].iter().any(|form| value.get(form).is_some())
}

/// A member that is an object, in the corpus' notation.
fn members(line: &Value, name: &str) -> Result<Map<String, Value>, Failure> {
    match optional(line, name).map(arguments).transpose()? {
        None => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members),
        Some(other) => Err(Failure::argument(format!("`{name}` is an object, not {other}"))),
    }
}

/// The members of an object, or a list of pairs.
fn pairs(value: &Value) -> Result<Vec<(String, Value)>, Failure> {
    let refused = || Failure::argument(format!("{value} has no names and files"));
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Object(members) => Ok(members.iter().map(|(name, value)| (name.clone(), value.clone())).collect()),
        Value::Array(pairs) => {
            let pair = |pair: &Value| match &pair.get("$tuple").unwrap_or(pair).as_array().ok_or_else(refused)?[..] {
                [Value::String(name), file] => Ok((name.clone(), file.clone())),
                _ => Err(refused()),
            };
            pairs.iter().map(pair).collect()
        }
        _ => Err(refused()),
    }
}

fn decoded(bytes: &Value) -> Result<Vec<u8>, Failure> {
    use base64::Engine as _;
    let text = bytes.as_str().ok_or_else(|| Failure::driver("bytes are given as base64 text"))?;
    base64::engine::general_purpose::STANDARD.decode(text).map_err(|error| Failure::driver(error.to_string()))
}
