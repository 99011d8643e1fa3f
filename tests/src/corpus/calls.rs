//! Calls as the behaviour files name them: without their arguments, or with a few as Python writes them. Owns which arguments those are, as data.

use serde_json::{Map, Value, json};

/// A call by its name, with its arguments and options.
pub(super) struct Named {
    /// The operation, or None for an undocumented endpoint.
    pub(super) name: String,
    pub(super) mode: &'static str,
    pub(super) args: Value,
    pub(super) options: Map<String, Value>,
    /// What stands first in the parentheses: the path of an undocumented endpoint.
    pub(super) path: Option<String>,
}

/// Keyword arguments, parted.
#[derive(Default)]
pub(super) struct Keywords {
    pub(super) args: Map<String, Value>,
    pub(super) options: Map<String, Value>,
}

/// The arguments that were given without being named in the files, as the recorded requests show them.
const ARGUMENTS: &[(&str, &str)] = &[
    ("models.retrieve", r#"{"model": "m"}"#),
    ("models.delete", r#"{"model": "m"}"#),
    ("moderations.create", r#"{"input": "x"}"#),
    ("embeddings.create", r#"{"input": "x", "model": "m"}"#),
    ("responses.create", r#"{"input": "x", "model": "m"}"#),
    ("chat.completions.create", r#"{"messages": [{"role": "user", "content": "x"}], "model": "m"}"#),
    ("audio.speech.create", r#"{"input": "x", "model": "m", "voice": "alloy"}"#),
    ("files.create", r#"{"file": {"$file": {"name": "a.txt", "bytes": "aGVsbG8="}}, "purpose": "batch"}"#),
    ("files.create(BytesIO)", r#"{"file": {"$file": {"name": null, "bytes": "aGVsbG8="}}, "purpose": "batch"}"#),
    ("embeddings.create(float)", r#"{"input": "x", "model": "m", "encoding_format": "float"}"#),
    ("completions.create", r#"{"model": "m", "prompt": "x"}"#),
    ("images.generate", r#"{"prompt": "x"}"#),
    ("audio.transcriptions.create", r#"{"file": {"$file": {"name": "a.mp3", "bytes": "aGVsbG8="}}, "model": "m"}"#),
    (
        "audio.transcriptions.create(verbose_json)",
        r#"{"file": {"$file": {"name": "a.mp3", "bytes": "aGVsbG8="}}, "model": "m", "response_format": "verbose_json"}"#,
    ),
    ("batches.retrieve", r#"{"batch_id": "b"}"#),
    ("containers.retrieve", r#"{"container_id": "c"}"#),
    ("fine_tuning.jobs.retrieve", r#"{"fine_tuning_job_id": "j"}"#),
    ("fine_tuning.checkpoints.permissions.create", r#"{"fine_tuned_model_checkpoint": "m", "project_ids": ["p"]}"#),
];

/// Streams and readers are named in parentheses or by the way they are called.
const FORMS: &[(&str, &str, &str)] = &[
    ("chat.completions.create(stream)", "chat.completions.create", "stream"),
    ("responses.create(stream)", "responses.create", "stream"),
    ("audio.speech.with_streaming_response", "audio.speech.create", "async"),
    ("files.create(BytesIO)", "files.create", "async"),
    ("embeddings.create(float)", "embeddings.create", "async"),
    ("audio.transcriptions.create(verbose_json)", "audio.transcriptions.create", "async"),
];

/// Reads the name of a call.
pub(super) fn named(call: &str) -> Result<Named, String> {
    let form = FORMS.iter().find(|(written, _, _)| *written == call);
    let (name, mode) = form.map_or((call, "async"), |(_, name, mode)| (name, mode));
    let (name, inside) = match name.split_once('(') {
        Some((name, inside)) => (name, inside.strip_suffix(')').ok_or_else(|| format!("{call} does not end"))?),
        None => (name, ""),
    };
    let known = |written: &str| ARGUMENTS.iter().find(|(name, _)| *name == written).and_then(|(_, args)| serde_json::from_str(args).ok());
    let mut named = Named {
        name: name.trim_start_matches("client.").to_owned(),
        mode,
        args: known(call).or_else(|| known(name)).unwrap_or_else(|| json!({})),
        options: Map::new(),
        path: None,
    };
    for argument in split(inside) {
        match argument.split_once('=').filter(|(key, _)| key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')) {
            None => named.path = literal(argument)?.as_str().map(ToOwned::to_owned),
            Some((key, value)) => match option(key) {
                Some(option) => _ = named.options.insert(option.to_owned(), literal(value)?),
                None => named.args[key] = literal(value)?,
            },
        }
    }
    Ok(named)
}

/// Parts keyword arguments into arguments and options of the driver.
pub(super) fn keywords(kwargs: &Value) -> Result<Keywords, String> {
    let mut keywords = Keywords::default();
    for (key, value) in kwargs.as_object().ok_or("a call without kwargs")? {
        match option(key) {
            Some(option) => keywords.options.insert(option.to_owned(), value.clone()),
            None => keywords.args.insert(key.clone(), value.clone()),
        };
    }
    Ok(keywords)
}

/// The driver's option for a keyword of every method.
fn option(key: &str) -> Option<&'static str> {
    Some(match key {
        "extra_headers" => "headers",
        "extra_query" => "query",
        "extra_body" => "body",
        "timeout" => "timeout_s",
        _ => return None,
    })
}

/// Parts at the commas that are outside of brackets and quotes.
fn split(arguments: &str) -> impl Iterator<Item = &str> {
    let (mut depth, mut quoted) = (0, false);
    let parts = arguments.split(move |c: char| {
        match c {
            '\'' => quoted = !quoted,
            '{' | '[' | '(' if !quoted => depth += 1,
            '}' | ']' | ')' if !quoted => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0 && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

/// A literal of Python that is one of JSON but for its quotes and words.
fn literal(text: &str) -> Result<Value, String> {
    let words = [("True", "true"), ("False", "false"), ("None", "null")];
    let json = words.iter().fold(text.replace('\'', "\""), |json, (python, word)| json.replace(python, word));
    super::case::parse(&json).map_err(|error| format!("{text} is no literal: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_read_as_python_writes_them() {
        let read = |call: &str| {
            let Named { name, mode, args, options, path } = named(call).unwrap();
            json!([name, mode, args, options, path])
        };
        assert_eq!(read("models.list()"), json!(["models.list", "async", {}, {}, null]));
        assert_eq!(read("files.list(limit=2)"), json!(["files.list", "async", {"limit": 2}, {}, null]));
        assert_eq!(
            read("files.list(extra_query={'a': 3, 'd': {'x': 9}}, limit=2)"),
            json!(["files.list", "async", {"limit": 2}, {"query": {"a": 3, "d": {"x": 9}}}, null])
        );
        assert_eq!(read("client.get('/q?x=1&y=(a,b)')"), json!(["get", "async", {}, {}, "/q?x=1&y=(a,b)"]));
        assert_eq!(read("chat.completions.create(stream)")[1], "stream");
    }
}
