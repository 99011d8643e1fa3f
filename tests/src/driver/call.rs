//! `call`, `request` and `pages`: an operation by its name, made, or only built, or walked to its end.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openai::dynamic::{self, Dynamic, DynamicPage, DynamicStream, NamedOperation, ResultKind};
use openai::{Binary, Call, Json, RequestBody, ResponseMeta, Timeout, WithResponse};
use serde_json::{Value, json};

use super::client::{Configured, configured, pairs, plain, retries, seconds};
use super::notation::arguments;
use super::{Answer, Failure, collect, helpers, optional, poll, runtime, text};
use crate::clock::RecordingClock;

/// A call that was not made yet.
struct Prepared {
    operation: &'static NamedOperation,
    call: Call<Dynamic>,
    clock: RecordingClock,
}

/// Makes a call.
pub(super) fn call(line: &Value) -> Result<Answer, Failure> {
    if line.get("call").and_then(Value::as_str).is_some_and(helpers::is_known) {
        return poll::poll(line);
    }
    let prepared = prepare(line)?;
    let clock = prepared.clock.clone();
    let made = match line.get("mode").and_then(Value::as_str).unwrap_or("async") {
        "async" => value_async(prepared),
        "blocking" => value_blocking(prepared),
        "stream" => events(prepared),
        mode => return Err(Failure::driver(format!("unknown mode: {mode:?}"))),
    };
    match made {
        Ok(mut answer) => {
            answer.insert("sleeps_s".to_owned(), sleeps(&clock));
            Ok(answer)
        }
        Err(failure) => Err(failure.with("sleeps_s", sleeps(&clock))),
    }
}

/// Builds a request and sends nothing.
pub(super) fn request(line: &Value) -> Result<Answer, Failure> {
    let Prepared { call, .. } = prepare(line)?;
    let request = match line.get("mode").and_then(Value::as_str) {
        Some("stream") => call.streaming().request()?,
        _ => call.request()?,
    };
    let headers = request.headers().iter().map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]));
    let mut answer = Answer::new();
    answer.insert("method".to_owned(), request.method().as_str().into());
    answer.insert("url".to_owned(), request.url().into());
    answer.insert("headers".to_owned(), headers.collect());
    answer.insert("body".to_owned(), body(request.body().clone())?);
    Ok(answer)
}

/// The items of all pages, up to a number of them; and how many requests that took.
pub(super) fn pages(line: &Value) -> Result<Answer, Failure> {
    let Prepared { call, clock, .. } = prepare(line)?;
    let most = optional(line, "most").and_then(Value::as_u64).unwrap_or(u64::MAX);
    let mut pages = call.pages()?;
    let (mut items, mut requests) = (Vec::new(), 0);
    let outcome = runtime().block_on(async {
        while (items.len() as u64) < most
            && let Some(page) = pages.try_next().await?
        {
            requests += 1 + page.response().retries();
            items.extend(page.items().iter().map(Json::to_value));
        }
        Ok::<_, openai::Error>(())
    });
    items.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let mut answer: Answer = [("items".to_owned(), items.into()), ("sleeps_s".to_owned(), sleeps(&clock))].into_iter().collect();
    if let Err(error) = outcome {
        // A page that leads in a circle was asked for, too.
        requests += 1 + error.retries().unwrap_or(0);
        answer.extend(Failure::from(error).into_members());
    }
    answer.insert("requests".to_owned(), requests.into());
    Ok(answer)
}

/// What a page by hand says of itself and of the next.
fn described(page: &DynamicPage) -> Value {
    let next = page.next_cursor().map_or(Value::Null, |(param, cursor)| json!({ param: cursor }));
    json!({ "list": page.list().to_value(), "items": page.items().len(), "has_next_page": page.has_next_page(), "next": next })
}

/// Pages as they are, to the end, or (`force`) the first and the one after it, whatever the first says. For the corpus.
pub(crate) fn pages_by_hand(line: &Value) -> Result<Answer, Failure> {
    let Prepared { call, clock, .. } = prepare(line)?;
    let first = call.page()?;
    let is_forced = line.get("force").and_then(Value::as_bool) == Some(true);
    let mut pages = Vec::new();
    let outcome = runtime().block_on(async {
        let mut page = first.await?;
        pages.push(described(&page));
        while page.has_next_page() || is_forced {
            page = page.next_page().await?;
            pages.push(described(&page));
            if is_forced {
                break;
            }
        }
        Ok::<_, openai::Error>(())
    });
    let mut answer: Answer = [("pages".to_owned(), pages.into()), ("sleeps_s".to_owned(), sleeps(&clock))].into_iter().collect();
    if let Err(error) = outcome {
        answer.extend(Failure::from(error).into_members());
    }
    Ok(answer)
}

pub(super) fn sleeps(clock: &RecordingClock) -> Value {
    clock.sleeps().iter().map(Duration::as_secs_f64).collect()
}

/// The call that a line asks for.
fn prepare(line: &Value) -> Result<Prepared, Failure> {
    let name = text(line, "call")?;
    let operation = dynamic::operation(name).ok_or_else(|| Failure::driver(format!("unknown call: {name}")))?;
    let args = match optional(line, "args") {
        Some(args) => arguments(args)?,
        None => json!({}),
    };
    // An argument that the params do not know would be sent all the same, and hide that it is missing.
    let is_argument = |path: &str| !path.trim_start_matches("$.").contains(['.', '[']);
    if let Some(unknown) =
        operation.departures(&args).iter().find(|departure| departure.is_unknown_field() && is_argument(departure.path()))
    {
        return Err(Failure::argument(format!("{name} does not know the argument {}", unknown.path())));
    }
    let Configured { client, clock } = configured(line)?;
    let call = operation.call(&client, &args)?;
    let call = match optional(line, "options") {
        Some(options) => with_options(call, options)?,
        None => call,
    };
    Ok(Prepared { operation, call, clock })
}

pub(super) fn with_options(mut call: Call<Dynamic>, options: &Value) -> Result<Call<Dynamic>, Failure> {
    let options = options.as_object().ok_or_else(|| Failure::driver("`options` is an object"))?;
    for (key, value) in options {
        call = match key.as_str() {
            "timeout_s" if value.is_null() => call.timeout(Timeout::none()),
            _ if value.is_null() => call,
            "max_retries" => call.max_retries(retries(value)?),
            "timeout_s" => call.timeout(seconds(value)?),
            "headers" => pairs(value)?.into_iter().fold(call, |call, (name, value)| match value {
                Some(value) => call.header(name, plain(&value)),
                None => call.without_header(name),
            }),
            "query" => members(value)?.into_iter().fold(call, |call, (name, value)| call.query(name, value)),
            "body" => members(value)?.into_iter().fold(call, |call, (name, value)| call.body_field(name, value)),
            _ => return Err(Failure::driver(format!("the option `{key}` is not known"))),
        };
    }
    Ok(call)
}

/// Fields that are added to a query or a body.
fn members(value: &Value) -> Result<serde_json::Map<String, Value>, Failure> {
    match arguments(value)? {
        Value::Object(members) => Ok(members),
        other => Err(Failure::driver(format!("{other} has no names and values"))),
    }
}

fn value_async(Prepared { operation, call, .. }: Prepared) -> Result<Answer, Failure> {
    runtime().block_on(async {
        if operation.result_kind() != ResultKind::Binary {
            let WithResponse { value, response } = call.with_response().await?;
            return Ok(answered(value.to_value(), &response));
        }
        let WithResponse { value, response } = call.binary().with_response().await?;
        Ok(answered(bytes(&value.bytes().await?), &response))
    })
}

fn value_blocking(Prepared { operation, call, .. }: Prepared) -> Result<Answer, Failure> {
    if operation.result_kind() != ResultKind::Binary {
        let WithResponse { value, response } = call.with_response().blocking()?;
        return Ok(answered(value.to_value(), &response));
    }
    let WithResponse { value, response } = call.binary().with_response().blocking()?;
    Ok(answered(bytes(&Binary::blocking(value).bytes()?), &response))
}

fn events(Prepared { operation, call, .. }: Prepared) -> Result<Answer, Failure> {
    if !operation.streams() {
        return Err(Failure::driver(format!("{} has no streaming form", operation.name())));
    }
    runtime().block_on(async {
        let call = call.streaming().cast::<DynamicStream>();
        let WithResponse { value: mut stream, response } = call.with_response().await?;
        let mut events = Vec::new();
        let broke = loop {
            match stream.try_next().await {
                Ok(Some(event)) => events.push(event.to_value()),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        let mut answer = met(&response);
        answer.insert("events".to_owned(), events.into());
        if let Some(error) = broke {
            answer.extend(Failure::from(error).into_members());
        }
        Ok(answer)
    })
}

fn answered(value: Value, response: &ResponseMeta) -> Answer {
    let mut answer = met(response);
    answer.insert("value".to_owned(), value);
    answer
}

fn met(response: &ResponseMeta) -> Answer {
    let mut answer = Answer::new();
    answer.insert("status".to_owned(), response.status().as_u16().into());
    answer.insert("request_id".to_owned(), response.request_id().map_or(Value::Null, Value::from));
    answer.insert("retries".to_owned(), response.retries().into());
    answer
}

fn bytes(bytes: &[u8]) -> Value {
    json!({ "bytes": STANDARD.encode(bytes) })
}

/// A body as JSON if it is that, else as text, else as bytes.
fn body(body: RequestBody) -> Result<Value, Failure> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    let body = collect(body).map_err(|error| Failure::argument(error.to_string()))?;
    Ok(match std::str::from_utf8(&body) {
        Ok(text) => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        Err(_) => bytes(&body),
    })
}
