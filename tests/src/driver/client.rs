//! Clients from JSON. Every key that is not known is refused, so that no case passes because a part of it was not looked at.

mod services;

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use openai::{Client, ClientBuilder, Timeout};
use serde_json::Value;

use super::{Failure, optional, text};
use crate::clock::{Fake, RecordingClock};

/// A client and its clock.
pub(super) struct Configured {
    pub(super) client: Client,
    pub(super) clock: RecordingClock,
}

/// The client that a line asks for.
pub(super) fn configured(line: &Value) -> Result<Configured, Failure> {
    let nothing = Value::Object(serde_json::Map::new());
    let config = optional(line, "client").unwrap_or(&nothing);
    let members = config.as_object().ok_or_else(|| Failure::driver("`client` is an object"))?;
    let clock = match optional(config, "fake_time") {
        Some(fake) => RecordingClock::fake(fake_time(fake)?),
        None => RecordingClock::system(),
    };
    let environment: HashMap<String, String> = match optional(config, "env") {
        Some(env) => pairs(env)?.into_iter().filter_map(|(name, value)| Some((name, plain(&value?)))).collect(),
        None => HashMap::new(),
    };
    let lookup = move |name: &str| environment.get(name).cloned();
    let client = match optional(config, "azure") {
        Some(azure) => {
            let builder = services::azure(Client::azure().env(lookup).time(clock.clone()), azure)?;
            members.iter().try_fold(builder, |builder, (key, value)| set(builder, key, value, config))?.build()?
        }
        None => {
            let builder = services::direct(Client::builder().env(lookup).time(clock.clone()), config)?;
            members.iter().try_fold(builder, |builder, (key, value)| set(builder, key, value, config))?.build()?
        }
    };
    Ok(Configured { client, clock })
}

/// What clients of every service take.
fn set<S>(builder: ClientBuilder<Client, S>, key: &str, value: &Value, config: &Value) -> Result<ClientBuilder<Client, S>, Failure> {
    Ok(match key {
        "timeout_s" if value.is_null() => builder.timeout(Timeout::none()),
        "env" | "fake_time" => builder,
        _ if value.is_null() => builder,
        "azure" => builder,
        key if services::DIRECT.contains(&key) && optional(config, "azure").is_none() => builder,
        "base_url" => builder.base_url(text(config, key)?),
        "api_key" => builder.api_key(text(config, key)?),
        "webhook_secret" => builder.webhook_secret(text(config, key)?),
        "organization" => builder.organization(text(config, key)?),
        "project" => builder.project(text(config, key)?),
        "max_retries" => builder.max_retries(retries(value)?),
        "timeout_s" => builder.timeout(seconds(value)?),
        "strict" if value.as_bool() == Some(true) => builder.strict(),
        "strict" => builder,
        "default_headers" => pairs(value)?.into_iter().fold(builder, |builder, (name, value)| match value {
            Some(value) => builder.default_header(name, plain(&value)),
            None => builder.without_default_header(name),
        }),
        "default_query" => {
            pairs(value)?.into_iter().fold(builder, |builder, (name, value)| builder.default_query(name, value.unwrap_or_default()))
        }
        _ => return Err(Failure::driver(format!("the client option `{key}` is not known"))),
    })
}

fn fake_time(fake: &Value) -> Result<Fake, Failure> {
    let start = match optional(fake, "now_unix") {
        Some(now) => SystemTime::UNIX_EPOCH + seconds(now)?,
        None => SystemTime::UNIX_EPOCH,
    };
    Ok(Fake { start, random: fake.get("random").and_then(Value::as_f64).unwrap_or(0.0) })
}

/// A number of seconds.
pub(super) fn seconds(value: &Value) -> Result<Duration, Failure> {
    let seconds = value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| Failure::driver(format!("{value} is no number of seconds")))
}

/// A number of retries.
pub(super) fn retries(value: &Value) -> Result<u32, Failure> {
    let retries = value.as_u64().and_then(|retries| u32::try_from(retries).ok());
    retries.ok_or_else(|| Failure::driver(format!("{value} is no number of retries")))
}

/// The members of an object, or a list of pairs. Null stands for leaving out, and so does `{"$omit": true}`.
pub(super) fn pairs(value: &Value) -> Result<Vec<(String, Option<Value>)>, Failure> {
    let kept = |value: &Value| (!value.is_null() && value.get("$omit").is_none()).then(|| value.clone());
    match value {
        Value::Object(members) => Ok(members.iter().map(|(name, value)| (name.clone(), kept(value))).collect()),
        Value::Array(pairs) => Ok(pairs.iter().map(|pair| (plain(&pair[0]), kept(&pair[1]))).collect()),
        _ => Err(Failure::driver(format!("{value} has no names and values"))),
    }
}

/// A value as the text of a header.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
