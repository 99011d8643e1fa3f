//! The encodings of sorted params: query string, JSON, multipart, form, plain text, bytes (contract 3.2 to 3.5). Pure.

use std::borrow::Cow;

use http::HeaderValue;

use super::Draft;
use super::arguments::Arguments;
use super::body::{RequestBody, Segment};
use super::multipart::{self, Content, Part};
use super::query;
use super::scan::{Member, Node, Span};
use crate::codec::Encoded;
use crate::error::{Error, Result};
use crate::operation::{Body, Operation};
use crate::time;

type Encoding = (RequestBody, Option<Cow<'static, str>>);

/// The body, with its content type when that is not JSON. `boundary` gives the one that the caller asks for, if any.
pub(crate) fn body(draft: &Draft, arguments: &Arguments<'_>, boundary: &dyn Fn() -> Option<String>) -> Result<Encoding> {
    let (operation, params, members) = (draft.operation, draft.params.as_deref(), &arguments.body);
    let has_files = params.is_some_and(|params| !params.uploads.is_empty());
    let form = |typed: &[(&'static str, &'static str)]| {
        let boundary = boundary().unwrap_or_else(|| multipart::boundary(u128::from(time::random()) << 64 | u128::from(time::random())));
        let mut parts = parts(operation, params, members, typed);
        parts.extend(draft.files.iter().map(|(name, file)| Part { name: name.clone(), content: Content::File(file.clone()) }));
        let parts = multipart::arrange(parts);
        let body = RequestBody::segments(multipart::segments(&parts, &boundary))?;
        Ok((body, Some(Cow::Owned(format!("multipart/form-data; boundary={boundary}")))))
    };
    match draft.encoding() {
        Body::None if members.is_empty() => Ok((RequestBody::empty(), None)),
        Body::None if operation.method == crate::operation::Method::Get => Err(Error::argument("a GET request has no body")),
        Body::None | Body::Json if has_files => Err(Error::argument("this operation takes no files")),
        Body::MultipartIfFiles if has_files => form(&[]),
        Body::None | Body::Json | Body::MultipartIfFiles => Ok((json(params, arguments), None)),
        Body::Multipart => form(&[]),
        Body::MultipartOrText { field, content_type } => match &members[..] {
            [only] if only.key == field => Ok((RequestBody::bytes(plain(only.value)), Some(content_type.into()))),
            _ => form(&[(field, content_type)]),
        },
        Body::Form => {
            let mut text = String::new();
            for member in members {
                query::append(&mut text, &member.key, member.value);
            }
            Ok((RequestBody::bytes(text), Some("application/x-www-form-urlencoded".into())))
        }
        Body::Text { field, content_type } => Ok((RequestBody::bytes(plain(single(members, field)?.value)), Some(content_type.into()))),
        Body::Bytes { field, content_type } => {
            let value = single(members, field)?.value;
            let body = match params.and_then(|params| params.upload_at(value.at)) {
                Some(upload) => RequestBody::segments(vec![Segment::File(upload.clone())])?,
                None => RequestBody::bytes(plain(value)),
            };
            Ok((body, Some(content_type.into())))
        }
    }
}

/// The JSON object of the members; nothing at all when there were no params.
fn json(params: Option<&Encoded>, arguments: &Arguments<'_>) -> RequestBody {
    if let (Some(params), true) = (params, arguments.untouched) {
        return RequestBody::bytes(params.text.clone());
    }
    if params.is_none() && arguments.body.is_empty() {
        return RequestBody::empty();
    }
    let mut text = String::with_capacity(params.map_or(64, |params| params.text.len() + 32));
    text.push('{');
    for (index, member) in arguments.body.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&quote(&member.key));
        text.push(':');
        text.push_str(member.value.text);
    }
    text.push('}');
    RequestBody::bytes(text)
}

fn parts(
    operation: &'static Operation,
    params: Option<&Encoded>,
    members: &[Member<'_>],
    typed: &[(&'static str, &'static str)],
) -> Vec<Part> {
    let mut parts = Vec::new();
    for member in members {
        let content_type = operation.part_types.iter().chain(typed).find(|(field, _)| member.key == *field).map(|(_, kind)| *kind);
        if let (Some(content_type), None) = (content_type, params.and_then(|params| params.upload_at(member.value.at))) {
            if !matches!(member.value.node(), Node::Null) {
                let content = Content::Text { text: plain(member.value), content_type: Some(content_type) };
                parts.push(Part { name: member.key.clone().into_owned(), content });
            }
            continue;
        }
        query::flatten(&member.key, member.value, &mut |leaf| match params.and_then(|params| params.upload_at(leaf.at)) {
            Some(upload) => parts.push(Part { name: leaf.name, content: Content::File(upload.clone()) }),
            None if leaf.value.is_empty() => {}
            None => parts.push(Part::text(leaf.name, leaf.value)),
        });
    }
    parts
}

/// The query string: pairs that are encoded already, constant pairs, then fields. A field replaces pairs of its name.
pub(crate) fn query(encoded: &[Option<&str>], constant: &[(&str, &str)], fields: &[Member<'_>]) -> String {
    let mut text = String::new();
    let replaced = |name: &str| fields.iter().any(|field| field.key == name);
    for given in encoded.iter().flatten().filter(|given| !given.is_empty()) {
        if constant.is_empty() && fields.is_empty() {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(given);
            continue;
        }
        for (name, value) in query::parse(given).filter(|(name, _)| !replaced(name)) {
            query::append_pair(&mut text, &name, &value);
        }
    }
    for (name, value) in constant.iter().filter(|(name, _)| !replaced(name)) {
        query::append_pair(&mut text, name, value);
    }
    for field in fields {
        query::append(&mut text, &field.key, field.value);
    }
    text
}

/// A param that is sent as a header: lists joined with a comma; null is no header.
pub(crate) fn header_text(value: Span<'_>) -> Option<String> {
    match value.node() {
        Node::Null => None,
        Node::Array(elements) => {
            let texts: Vec<String> = elements.filter_map(header_text).collect();
            if texts.is_empty() { None } else { Some(texts.join(",")) }
        }
        _ => Some(plain(value)),
    }
}

/// The boundary of a multipart content type.
pub(crate) fn boundary_of(content_type: &HeaderValue) -> Option<&str> {
    let text = content_type.to_str().ok()?;
    if !text.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
        return None;
    }
    let boundary = text.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?.trim_matches('"');
    if boundary.is_empty() { None } else { Some(boundary) }
}

/// A string's text; anything else as JSON.
pub(super) fn plain(value: Span<'_>) -> String {
    match value.node() {
        Node::String(text) => text.into_owned(),
        _ => value.text.to_owned(),
    }
}

fn single<'m, 'a>(members: &'m [Member<'a>], field: &str) -> Result<&'m Member<'a>> {
    match members {
        [only] if only.key == field => Ok(only),
        _ => Err(Error::argument(format!("the body of this operation is `{field}` and nothing else"))),
    }
}

fn quote(text: &str) -> Cow<'_, str> {
    // Serializing a string cannot fail.
    serde_json::to_string(text).map_or(Cow::Borrowed(text), Cow::Owned)
}
