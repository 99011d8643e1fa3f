//! Finds the values of attributes in JSON by their paths. Pure; knows no attribute.

use std::borrow::Cow;

use crate::request::scan::{Node, Span};

/// A value that an attribute can have.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found<'a> {
    Text(Cow<'a, str>),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    /// Several values, as a JSON array.
    List(String),
}

impl Found<'_> {
    pub(super) fn into_owned(self) -> Found<'static> {
        match self {
            Self::Text(text) => Found::Text(Cow::Owned(text.into_owned())),
            Self::Integer(number) => Found::Integer(number),
            Self::Number(number) => Found::Number(number),
            Self::Boolean(value) => Found::Boolean(value),
            Self::List(list) => Found::List(list),
        }
    }
}

/// Hands on what stands at the paths, in one pass over the members of an object. A path is made of keys with `/` between them; `*` stands
/// for all elements of an array. Null, objects and what is not there are passed over.
pub(super) fn find<'a, A: Copy>(object: Span<'a>, wanted: &[(A, &'static str)], found: &mut dyn FnMut(A, Found<'a>)) {
    let Node::Object(members) = object.node() else { return };
    for member in members {
        for (attribute, path) in wanted {
            let (key, rest) = path.split_once('/').unwrap_or((path, ""));
            if key == member.key
                && let Some(value) = at(member.value, rest)
            {
                found(*attribute, value);
            }
        }
    }
}

/// The value of the object's member of that name; the object itself when the name is empty.
pub(super) fn inside<'a>(json: &'a str, name: &str) -> Option<Span<'a>> {
    let whole = Span::new(json);
    match whole.node() {
        Node::Object(_) if name.is_empty() => Some(whole),
        Node::Object(mut members) => members.find(|member| member.key == name).map(|member| member.value),
        _ => None,
    }
}

fn at<'a>(value: Span<'a>, path: &str) -> Option<Found<'a>> {
    let (key, rest) = path.split_once('/').unwrap_or((path, ""));
    match value.node() {
        Node::Array(elements) if key == "*" => {
            let texts: Vec<&str> = elements.filter_map(|element| raw_at(element, rest)).collect();
            (!texts.is_empty()).then(|| Found::List(format!("[{}]", texts.join(","))))
        }
        Node::Object(mut members) if !key.is_empty() => at(members.find(|member| member.key == key)?.value, rest),
        Node::String(text) if key.is_empty() => Some(Found::Text(text)),
        Node::Bool(text) if key.is_empty() => Some(Found::Boolean(text == "true")),
        Node::Number(text) if key.is_empty() => text.parse().map(Found::Integer).or_else(|_| text.parse().map(Found::Number)).ok(),
        _ => None,
    }
}

/// The JSON text of a string, number or boolean.
fn raw_at<'a>(value: Span<'a>, path: &str) -> Option<&'a str> {
    let (key, rest) = path.split_once('/').unwrap_or((path, ""));
    match value.node() {
        Node::Object(mut members) if !key.is_empty() => raw_at(members.find(|member| member.key == key)?.value, rest),
        Node::String(_) | Node::Bool(_) | Node::Number(_) if key.is_empty() => Some(value.text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, path: &'static str, expect: Option<Found<'_>>) {
        let mut last = None;
        find(Span::new(json), &[("a", path)], &mut |attribute, value| {
            assert_eq!(attribute, "a");
            last = Some(value);
        });
        assert_eq!(last, expect, "{json} {path}");
    }

    #[test]
    fn values_are_found_by_their_paths() {
        let text = |text: &'static str| Some(Found::Text(text.into()));
        check(r#"{"model":"m","usage":{"in":7,"x":{"y":0.5}}}"#, "model", text("m"));
        check(r#"{"model":"m","usage":{"in":7,"x":{"y":0.5}}}"#, "usage/in", Some(Found::Integer(7)));
        check(r#"{"model":"m","usage":{"in":7,"x":{"y":0.5}}}"#, "usage/x/y", Some(Found::Number(0.5)));
        check(
            r#"{"choices":[{"why":"stop"},{"why":null},{"why":"length"},{}]}"#,
            "choices/*/why",
            Some(Found::List(r#"["stop","length"]"#.into())),
        );
        check(r#"{"formats":["a","b"]}"#, "formats/*", Some(Found::List(r#"["a","b"]"#.into())));
        check(r#"{"on":true}"#, "on", Some(Found::Boolean(true)));
        for (json, path) in [
            (r#"{"usage":null}"#, "usage/in"),
            (r#"{"usage":null}"#, "usage"),
            (r#"{"usage":{}}"#, "usage"),
            (r#"{"choices":[]}"#, "choices/*/why"),
            (r#"{"model":"m"}"#, "model/x"),
            ("[1]", "a"),
            ("<html>", "a"),
            ("", "a"),
        ] {
            check(json, path, None);
        }
    }

    #[test]
    fn a_result_may_be_inside_an_event() {
        let inside = |json, name| inside(json, name).map(|span| span.text);
        assert_eq!(inside(r#"{"type":"done","response":{"id":1}}"#, "response"), Some(r#"{"id":1}"#));
        assert_eq!(inside(r#"{"type":"delta"}"#, "response"), None);
        assert_eq!(inside(r#"{"a":1}"#, ""), Some(r#"{"a":1}"#));
        assert_eq!(inside("7", ""), None);
    }
}
