//! What an example is run against and what must come of it, as data: a file of TOML for each example. Owns how such a file is read, run and judged; knows none of
//! them. The keys are the fields of [`Case`] and [`Scripted`].

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::Value;

use crate::server::{Answer, Request, Server};

/// Stands in an expected text for what differs from run to run.
const ANY: &str = "⟨any⟩";

/// One run of an example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    #[serde(default)]
    args: Vec<String>,
    /// The environment; in values `URL` stands for the server's. What is not set here is an API key and the base URL.
    env: Option<BTreeMap<String, String>>,
    #[serde(default)]
    stdin: String,
    /// Files that are there before.
    #[serde(default)]
    files: BTreeMap<String, String>,
    stdout: String,
    /// Text that the error stream contains.
    #[serde(default)]
    stderr: String,
    /// Files that are there afterwards.
    #[serde(default)]
    written: BTreeMap<String, String>,
    #[serde(default, rename = "answer")]
    answers: Vec<Scripted>,
}

/// What the server answers to one kind of request. Several of one kind are used in turn, and the last one of them again and again.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scripted {
    /// `POST /files`, below the base URL; with a query where that is looked at: `GET /files?after=a`.
    to: String,
    /// JSON that the body contains: an object at least these members.
    body: Option<String>,
    /// Text that the body contains.
    #[serde(default)]
    contains: Vec<String>,
    /// Headers that the request has.
    #[serde(default)]
    with: BTreeMap<String, String>,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<String>,
    /// Each is the data of one event.
    events: Option<Vec<String>>,
    text: Option<String>,
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// When it is no case.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Runs the example of that name, and says everything that is otherwise than it should be.
    ///
    /// # Panics
    /// When there is no port or no folder to be had, or the program cannot be started.
    pub fn run(self, name: &str) -> Vec<String> {
        let script = Arc::new(Script::new(self.answers.clone()));
        let answering = Arc::clone(&script);
        let server = Server::start(move |request| answering.answer(request)).expect("a free port");
        let folder = tempfile::tempdir().expect("a folder");
        for (path, contents) in &self.files {
            std::fs::write(folder.path().join(path), contents).expect("a file");
        }
        let output = self.start(name, folder.path(), &server.url());
        drop(server);

        let mut faults = script.faults();
        let (printed, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if !output.status.success() {
            faults.push(format!("ended with {}", output.status));
        }
        if !matches(&printed, &self.stdout) {
            faults.push(format!("printed:\n{printed}\nand not:\n{}", self.stdout));
        }
        if !complaints.contains(&self.stderr) {
            faults.push(format!("complained without {:?}", self.stderr));
        }
        for (path, expected) in &self.written {
            let written = std::fs::read(folder.path().join(path)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            if written.as_ref().ok() != Some(expected) {
                faults.push(format!("{path} holds {written:?} and not {expected:?}"));
            }
        }
        if !faults.is_empty() && !complaints.is_empty() {
            faults.push(format!("complained:\n{complaints}"));
        }
        faults
    }

    fn start(&self, name: &str, folder: &Path, url: &str) -> Output {
        let usual =
            || BTreeMap::from([("OPENAI_API_KEY", "sk-test"), ("OPENAI_BASE_URL", "URL")].map(|(n, v)| (n.to_owned(), v.to_owned())));
        let mut command = super::command(name);
        command.args(&self.args).env_clear().current_dir(folder).env("TMPDIR", folder);
        for (variable, value) in self.env.clone().unwrap_or_else(usual) {
            command.env(variable, value.replace("URL", url));
        }
        let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        // A program that reads nothing may have ended already.
        let _ = program.stdin.take().expect("its input").write_all(self.stdin.as_bytes());
        program.wait_with_output().expect("the program ends")
    }
}

/// The answers that are left, and what was asked otherwise than expected.
struct Script(Mutex<Left>);

struct Left {
    answers: Vec<(Scripted, usize)>,
    faults: Vec<String>,
}

impl Script {
    fn new(answers: Vec<Scripted>) -> Self {
        Self(Mutex::new(Left { answers: answers.into_iter().map(|answer| (answer, 0)).collect(), faults: Vec::new() }))
    }

    fn answer(&self, request: &Request) -> Answer {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Left { answers, faults } = &mut *left;
        let asked = format!("{} {}", request.method, request.target.trim_start_matches("/v1"));
        let path = asked.split('?').next().unwrap_or_default();
        let mut fitting = answers.iter_mut().filter(|(answer, _)| answer.to == asked || answer.to == path).peekable();
        let mut chosen = None;
        while let Some(next) = fitting.next() {
            if next.1 == 0 || fitting.peek().is_none() {
                chosen = Some(next);
                break;
            }
        }
        let Some((answer, times)) = chosen else {
            faults.push(format!("asked {asked}"));
            return Answer::status(404);
        };
        *times += 1;
        faults.extend(answer.objections(request).into_iter().map(|objection| format!("{asked}: {objection}")));
        answer.answer()
    }

    /// What was wrong with the requests, and which of them were missing.
    fn faults(&self) -> Vec<String> {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let missing = left.answers.iter().filter(|(_, times)| *times == 0).map(|(answer, _)| format!("did not ask {}", answer.to));
        left.faults.iter().cloned().chain(missing).collect()
    }
}

impl Scripted {
    fn objections(&self, request: &Request) -> Vec<String> {
        let sent = String::from_utf8_lossy(&request.body);
        let mut objections = Vec::new();
        if let Some(expected) = &self.body {
            let expected: Value =
                serde_json::from_str(expected).unwrap_or_else(|error| Value::from(format!("the case's own JSON: {error}")));
            let value: Value = serde_json::from_str(&sent).unwrap_or_default();
            if !includes(&value, &expected) {
                objections.push(format!("the body is {value} and does not include {expected}"));
            }
        }
        objections.extend(self.contains.iter().filter(|text| !sent.contains(*text)).map(|text| format!("the body lacks {text:?}: {sent}")));
        let differing = self.with.iter().filter(|(name, value)| request.header(name) != Some(value));
        objections.extend(differing.map(|(name, _)| format!("the header {name} is {:?}", request.header(name))));
        objections
    }

    fn answer(&self) -> Answer {
        let mut answer = match (&self.json, &self.events, &self.text) {
            (Some(json), _, _) => Answer::json(json.as_str()),
            (_, Some(events), _) => Answer::events(events.iter().map(|event| format!("data: {event}\n\n")).collect::<String>()),
            (_, _, Some(text)) => Answer::status(200).body(text.as_str()),
            _ => Answer::status(200),
        };
        for (name, value) in &self.headers {
            answer = answer.header(name, value);
        }
        match self.status {
            Some(status) => answer.with_status(status),
            None => answer,
        }
    }
}

/// Whether a value is another one, with more members of objects at most.
fn includes(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Object(value), Value::Object(expected)) => {
            expected.iter().all(|(name, expected)| value.get(name).is_some_and(|value| includes(value, expected)))
        }
        (Value::Array(value), Value::Array(expected)) => {
            value.len() == expected.len() && value.iter().zip(expected).all(|(value, expected)| includes(value, expected))
        }
        _ => value == expected,
    }
}

/// Whether a text is another one, with anything in the places of [`ANY`].
fn matches(text: &str, expected: &str) -> bool {
    let Some((first, rest)) = expected.split_once(ANY) else { return text == expected };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = rest.split(ANY).collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match left.find(piece) {
            Some(at) => left = &left[at + piece.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_may_be_anything() {
        #[track_caller]
        fn check(text: &str, expected: &str, expect: bool) {
            assert_eq!(matches(text, expected), expect, "{text:?} {expected:?}");
        }
        check("at 127.0.0.1:80, ok", "at ⟨any⟩, ok", true);
        check("at 127.0.0.1:80, not", "at ⟨any⟩, ok", false);
        check("on x", "at ⟨any⟩", false);
        check("a 1 b 2 c", "a ⟨any⟩ b ⟨any⟩ c", true);
        check("a 1 c", "a ⟨any⟩ b ⟨any⟩ c", false);
        check("a", "b", false);
    }

    #[test]
    fn a_body_may_have_more_members_but_no_others() {
        #[track_caller]
        fn check(value: &str, expected: &str, expect: bool) {
            let [value, expected] = [value, expected].map(|json| serde_json::from_str::<Value>(json).unwrap());
            assert_eq!(includes(&value, &expected), expect, "{value} {expected}");
        }
        check(r#"{"a":[{"b":1,"c":2}]}"#, r#"{"a":[{"b":1}]}"#, true);
        check(r#"{"a":[{"b":1},{}]}"#, r#"{"a":[{"b":1}]}"#, false);
        check(r#"{"a":1}"#, r#"{"a":2}"#, false);
        check("{}", r#"{"a":null}"#, false);
    }
}
