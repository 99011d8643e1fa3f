//! Bracket flattening of JSON into name–value pairs, and their form encoding (contract 3.2). Pure; used by queries, forms and multipart.

use std::borrow::Cow;

use super::scan::{Node, Span};

/// A primitive found by [`flatten`]: its bracketed name and its text, or the position of a null that may stand for a file.
pub(crate) struct Leaf<'a> {
    pub(crate) name: String,
    pub(crate) value: Cow<'a, str>,
    pub(crate) at: usize,
}

/// Calls `leaf` for every primitive under `value`. Nulls and empty strings are passed on with an empty text: queries drop them.
pub(crate) fn flatten<'a>(name: &str, value: Span<'a>, leaf: &mut dyn FnMut(Leaf<'a>)) {
    let text = match value.node() {
        Node::Object(members) => {
            for member in members {
                flatten(&format!("{name}[{}]", member.key), member.value, leaf);
            }
            return;
        }
        Node::Array(elements) => {
            let name = format!("{name}[]");
            for element in elements {
                flatten(&name, element, leaf);
            }
            return;
        }
        Node::Null => Cow::Borrowed(""),
        Node::Bool(text) => Cow::Borrowed(text),
        Node::Number(text) => python_number(text),
        Node::String(text) => text,
    };
    leaf(Leaf { name: name.to_owned(), value: text, at: value.at });
}

/// Appends `name=value` pairs for everything under `value`. Values whose text is empty are dropped.
pub(crate) fn append(query: &mut String, name: &str, value: Span<'_>) {
    flatten(name, value, &mut |leaf| {
        if !leaf.value.is_empty() {
            append_pair(query, &leaf.name, &leaf.value);
        }
    });
}

/// Appends one pair, form-encoded.
pub(crate) fn append_pair(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    encode(query, name);
    query.push('=');
    encode(query, value);
}

/// `application/x-www-form-urlencoded` as Python's `urlencode` writes it: `~` stays, a space is `+`.
fn encode(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.extend(['%', char::from(HEX[usize::from(byte >> 4)]), char::from(HEX[usize::from(byte & 15)])]),
        }
    }
}

/// The pairs of an encoded query, decoded. A name without `=` has an empty value.
pub(crate) fn parse(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    url::form_urlencoded::parse(query.as_bytes())
}

/// A JSON number as Python prints it: integers as they are, `1e-7` as `1e-07`, integral floats with `.0`.
pub(crate) fn python_number(text: &str) -> Cow<'_, str> {
    if !text.contains(['.', 'e', 'E']) {
        return if text == "-0" { Cow::Borrowed("0") } else { Cow::Borrowed(text) };
    }
    let Ok(number) = text.parse::<f64>() else { return Cow::Borrowed(text) };
    if !number.is_finite() {
        return Cow::Borrowed(if number > 0.0 { "inf" } else { "-inf" });
    }
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return Cow::Owned(scientific) };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    Cow::Owned(match exponent {
        -4..16 => format!("{number:?}"),
        _ => format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expect: &str) {
        let Node::Object(members) = Span::new(json).node() else { panic!("not an object") };
        let mut query = String::new();
        for member in members {
            append(&mut query, &member.key, member.value);
        }
        assert_eq!(query, expect);
    }

    #[test]
    fn nested_values_become_bracketed_names() {
        check(r#"{"q":["a","b"],"n":{"x":true,"y":null,"z":""}}"#, "q%5B%5D=a&q%5B%5D=b&n%5Bx%5D=true");
        check(r#"{"a":[{"b":1},{"b":2,"c":3}]}"#, "a%5B%5D%5Bb%5D=1&a%5B%5D%5Bb%5D=2&a%5B%5D%5Bc%5D=3");
        check(r#"{"a":[],"b":{},"c":[[]],"d":[null]}"#, "");
        check("{\"a b\":\"x y~*'()!$&=+,;:@/?#%é\"}", "a+b=x+y~%2A%27%28%29%21%24%26%3D%2B%2C%3B%3A%40%2F%3F%23%25%C3%A9");
    }

    #[test]
    fn numbers_are_printed_as_python_prints_them() {
        for (json, python) in [
            ("1", "1"),
            ("1.0", "1.0"),
            ("0.2", "0.2"),
            ("1e-7", "1e-07"),
            ("1.5e-5", "1.5e-05"),
            ("0.0001", "0.0001"),
            ("1e15", "1000000000000000.0"),
            ("1e16", "1e+16"),
            ("1.25e300", "1.25e+300"),
            ("-0.0", "-0.0"),
            ("-0", "0"),
            ("12345678901234567890", "12345678901234567890"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ] {
            assert_eq!(python_number(json), python);
        }
    }
}
