//! Path templates: percent encoding of values, and the errors for what cannot stand in a path (contract 3.1). Pure.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::error::{Error, Result};

/// Everything but RFC 3986 `pchar`.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Puts the values into the template. Each `{name}` must have a value.
pub(crate) fn fill(template: &str, values: &[(&'static str, String)]) -> Result<String> {
    let mut path = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        let value = value.ok_or_else(|| Error::argument(format!("the path {template} needs a value for `{name}`")))?;
        if value.is_empty() {
            return Err(Error::argument(format!("expected a non-empty value for `{name}`")));
        }
        path.push_str(before);
        path.extend(utf8_percent_encode(value, SEGMENT));
        rest = after;
    }
    path.push_str(rest);
    match path.split('/').find(|segment| is_dots(segment)) {
        None => Ok(path),
        Some(segment) => {
            Err(Error::argument(format!("the path {path} has the dot segment `{segment}`, which servers take as another path")))
        }
    }
}

/// The names in the braces of a template.
pub(crate) fn placeholders(template: &'static str) -> impl Iterator<Item = &'static str> {
    template.split('{').skip(1).filter_map(|after| after.split_once('}')).map(|(name, _)| name)
}

/// Whether the segment is `.` or `..`, with the dots as they are or encoded.
fn is_dots(segment: &str) -> bool {
    fn past_dot(segment: &str) -> Option<&str> {
        [".", "%2e", "%2E"].into_iter().find_map(|dot| segment.strip_prefix(dot))
    }
    past_dot(segment).is_some_and(|rest| rest.is_empty() || past_dot(rest) == Some(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expect: Result<&str, &str>) {
        let found = fill("/models/{model}/x", &[("model", value.to_owned())]);
        match (found, expect) {
            (Ok(path), Ok(expect)) => assert_eq!(path, format!("/models/{expect}/x")),
            (Err(error), Err(words)) => assert!(error.is_argument() && error.message().contains(words), "{error}"),
            (found, expect) => panic!("{found:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn values_are_encoded_and_cannot_leave_their_segment() {
        check("gpt-4o:ft~a.b_c!$&'()*+,;=@", Ok("gpt-4o:ft~a.b_c!$&'()*+,;=@"));
        check("a/b c?d#e%", Ok("a%2Fb%20c%3Fd%23e%25"));
        check("../models/evil", Ok("..%2Fmodels%2Fevil"));
        check("%2e", Ok("%252e"));
        check("é\r\n\\\"<>[]^`{|}", Ok("%C3%A9%0D%0A%5C%22%3C%3E%5B%5D%5E%60%7B%7C%7D"));
        check("\u{7f}\u{0}", Ok("%7F%00"));
        check("", Err("non-empty value for `model`"));
        check(".", Err("dot segment"));
        check("..", Err("dot segment"));
    }

    #[test]
    fn a_template_without_a_value_is_refused() {
        assert!(fill("/a/{b}", &[]).unwrap_err().message().contains('b'));
        assert_eq!(fill("/a", &[]).unwrap(), "/a");
    }
}
