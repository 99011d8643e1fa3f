//! Which of a call's arguments go into the query, the headers and the body, and what the call itself says of them: overrides, defaults, the flag of a stream. Knows no URL
//! and no encoding.

use std::borrow::Cow;

use super::{Draft, encode, scan};
use crate::codec::Encoded;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::operation::{Body, Operation};
use scan::Member;

/// The sorted params.
#[derive(Default)]
pub(super) struct Arguments<'a> {
    pub(super) query: Vec<Member<'a>>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<Member<'a>>,
    /// The params as they were encoded are the body.
    pub(super) untouched: bool,
}

/// Files are found by their position in the params; values that come from elsewhere have none there.
const ELSEWHERE: usize = usize::MAX / 2;

pub(super) fn member<'a>(key: &'a str, value: &'a str) -> Member<'a> {
    Member { key: Cow::Borrowed(key), value: scan::Span { text: value, at: ELSEWHERE } }
}

fn override_member<'a>(members: &mut Vec<Member<'a>>, key: &'a str, value: &'a Json) {
    let new = member(key, value.as_str());
    match members.iter_mut().find(|member| member.key == key) {
        Some(member) => member.value = new.value,
        None => members.push(new),
    }
}

impl Draft {
    /// Sorts the params: query, headers, body.
    pub(super) fn arguments(&self) -> Result<Arguments<'_>> {
        let operation = self.operation;
        let mut arguments = Arguments::default();
        let mut members = self.params.as_deref().map(Encoded::members).transpose()?.unwrap_or_default();
        let count = members.len();
        self.set_stream_flag(&mut members)?;
        for (field, value) in operation.defaults {
            if self.params.is_some() && !members.iter().any(|member| member.key == *field) {
                members.push(member(field, value));
            }
        }
        arguments.untouched = members.len() == count && !self.streaming && self.body_fields.is_empty();
        for member in members {
            if let Some((_, header)) = operation.header_fields.iter().find(|(field, _)| member.key == *field) {
                arguments.untouched = false;
                if let Some(value) = encode::header_text(member.value) {
                    arguments.headers.push((header, value));
                }
            } else if self.encoding() == Body::None || operation.query_fields.contains(&&*member.key) {
                arguments.untouched = false;
                arguments.query.push(member);
            } else {
                arguments.body.push(member);
            }
        }
        for (field, value) in self.body_fields.iter().filter(|(field, _)| !self.forces(field)) {
            override_member(&mut arguments.body, field, value);
        }
        for (field, value) in self.query.iter().filter(|(field, _)| !self.forces(field)) {
            override_member(&mut arguments.query, field, value);
        }
        Ok(arguments)
    }

    /// Whether this is the flag of a streaming call, which nothing overrides.
    fn forces(&self, field: &str) -> bool {
        self.streaming && self.operation.stream.is_some_and(|flag| flag.field == field)
    }

    /// Whether the params ask for an answer of plain text.
    pub(crate) fn asks_for_text(&self) -> bool {
        let Some((field, values)) = self.operation.text_when else { return false };
        let params = self.params.as_deref().and_then(|params| params.members().ok()).unwrap_or_default();
        let given = params.iter().find(|member| member.key == field).map(|member| member.value);
        let mut overrides = self.body_fields.iter().filter(|(name, _)| name == field).map(|(_, value)| scan::Span::new(value.as_str()));
        match overrides.next_back().or(given).map(scan::Span::node) {
            Some(scan::Node::String(text)) => values.contains(&&*text),
            _ => false,
        }
    }

    /// A param's JSON text.
    pub(crate) fn argument(&self, name: &str) -> Option<Cow<'_, str>> {
        let of_call = self.body_fields.iter().chain(&self.query).find(|(field, _)| field == name);
        if let Some((_, value)) = of_call {
            return Some(Cow::Borrowed(value.as_str()));
        }
        let members = self.params.as_deref()?.members().ok()?;
        members.into_iter().find(|member| member.key == name).map(|member| Cow::Borrowed(member.value.text))
    }

    /// The params of these names, for another call that takes them as well.
    pub(crate) fn kept_params(&self, names: &[&str]) -> Encoded {
        let kept = names.iter().filter_map(|name| Some((*name, self.argument(name)?)));
        let members: Vec<String> = kept.map(|(name, value)| format!("{}:{value}", serde_json::Value::from(name))).collect();
        Encoded { text: format!("{{{}}}", members.join(",")).into(), uploads: Vec::new() }
    }

    /// Forces the flag of a streaming call, and refuses it on another: unless the answer is bytes, which hold a stream as well as anything.
    fn set_stream_flag<'a>(&self, members: &mut Vec<Member<'a>>) -> Result<()> {
        let Some(flag) = self.operation.stream else { return Ok(()) };
        let given = members.iter_mut().find(|member| member.key == flag.field);
        if self.streaming {
            match given {
                Some(given) => given.value = member(flag.field, flag.value).value,
                None => members.push(member(flag.field, flag.value)),
            }
            return Ok(());
        }
        if self.operation.accept != Operation::DEFAULT.accept {
            return Ok(());
        }
        let overrides = self.body_fields.iter().chain(&self.query).filter(|(field, _)| field == flag.field);
        let mut values = given.map(|given| given.value.text).into_iter().chain(overrides.map(|(_, value)| value.as_str()));
        if values.any(|value| value == flag.value) {
            return Err(Error::argument(format!(
                "`{}` asks for a stream, which this method does not return: use {}_stream",
                flag.field, self.operation.name
            )));
        }
        Ok(())
    }
}
