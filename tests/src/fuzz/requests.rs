//! Requests: whatever the values are, what is built is well-formed; whatever a server says about waiting, the wait is bounded.

use std::time::Duration;

use openai::testing::{Answer, FakeClock, ScriptedTransport};
use openai::types::files::FileCreateParams;
use openai::{Client, Json, Upload};
use openai_runtime::PreparedRequest;

use crate::corpus::multipart as forms;

/// The longest wait before a retry that a server can ask for.
const LONGEST: Duration = Duration::from_secs(120);

fn client() -> Client {
    let transport = ScriptedTransport::new([Answer::json(200, "{}")]);
    Client::builder().env(|_| None).api_key("k").base_url("http://local/v1").transport(transport).build().expect("a client")
}

/// Any JSON as a parameter of the query.
pub(super) fn query(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (name, value) = text.split_once('\n').unwrap_or(("q", text));
    let Ok(value) = Json::from_text(value) else { return };
    let request = client().get("/x").query(name, value).request().expect("every value has a form in a query");
    let url: &str = request.url();
    let query = url.strip_prefix("http://local/v1/x").expect("the path stays").trim_start_matches('?');
    assert!(query.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-~%+&=".contains(&byte)), "{url}");
    let whole = |piece: &str| piece.split('%').skip(1).all(|escape| escape.get(..2).is_some_and(|hex| u8::from_str_radix(hex, 16).is_ok()));
    assert!(whole(query), "{url}");
    assert!(query.is_empty() || query.split('&').all(|pair| pair.split('=').count() == 2), "{url}");
}

/// Any bytes as a file, under any name, beside any text.
pub(super) fn multipart(input: &[u8]) {
    let mut pieces = input.splitn(3, |byte| *byte == b'\n');
    let mut text = || String::from_utf8_lossy(pieces.next().unwrap_or_default()).into_owned();
    let (name, purpose) = (text(), text());
    let content = pieces.next().unwrap_or_default();
    let upload = Upload::bytes(name, content.to_vec()).part_header("x-odd", &purpose);
    let params = FileCreateParams::new(upload, purpose.as_str());
    let Ok(request): Result<PreparedRequest, _> = client().files().create(params).request() else { return };
    let body = crate::driver::collect(request.body().clone()).expect("a body in memory");
    let parts = forms::parts(request.headers()["content-type"].to_str().expect("a boundary"), &body).expect("a form");
    let parts = parts.as_array().expect("parts");
    let (file, fields) = parts.split_last().expect("the file");
    assert!(fields.len() == usize::from(!purpose.is_empty()), "{parts:?}");
    assert!(fields.iter().all(|field| field["name"] == "purpose" && field["body"] == purpose), "{parts:?}");
    assert_eq!(file["name"], "file");
    let ends_so = body.windows(content.len() + 4).any(|window| window.starts_with(content) && window.ends_with(b"\r\n--"));
    assert!(ends_so, "the content is not in the body");
}

/// Any text as `retry-after`, `retry-after-ms` and `x-should-retry`, a line each.
pub(super) fn retry_after(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut answer = Answer::json(429, "{}");
    for (name, value) in ["retry-after", "retry-after-ms", "x-should-retry"].into_iter().zip(text.split('\n')) {
        if value.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return;
        }
        answer = answer.header(name, value);
    }
    let clock = FakeClock::at_unix(1_700_000_000);
    let transport = ScriptedTransport::new([answer]);
    let builder = Client::builder().env(|_| None).api_key("k").base_url("http://local/v1").transport(transport.clone()).time(clock.clone());
    let client: Client = builder.max_retries(2).build().expect("a client");
    let error = client.models().list().blocking().expect_err("429");
    assert!(error.is_rate_limit());
    assert!(error.retry_after().is_none_or(|wait| !wait.is_zero()));
    assert!(clock.sleeps().len() < transport.requests().len());
    assert!(clock.sleeps().iter().all(|wait| *wait <= LONGEST && !wait.is_zero()), "{:?}", clock.sleeps());
}
