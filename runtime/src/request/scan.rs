//! A cursor over JSON text: it finds where values begin and end and keeps their positions. It trusts the text to be valid, as the codec
//! writes it; from text that is not it finds something, without a panic. Knows nothing of what the values are for.

use std::borrow::Cow;

/// A value inside a text: its raw JSON and where that begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span<'a> {
    pub(crate) text: &'a str,
    pub(crate) at: usize,
}

/// One key of an object, with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Member<'a> {
    pub(crate) key: Cow<'a, str>,
    pub(crate) value: Span<'a>,
}

/// What a value is. Numbers keep their text.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    Null,
    Bool(&'a str),
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Elements<'a>),
    Object(Members<'a>),
}

impl<'a> Span<'a> {
    /// A whole text.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The value at a path of keys, from the outside in.
    pub(crate) fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |value, key| match value.node() {
            Node::Object(mut members) => members.find(|member| member.key == *key).map(|member| member.value),
            _ => None,
        })
    }

    /// The text at a path of keys, unless that is empty.
    pub(crate) fn text_at(self, path: &[&str]) -> Option<String> {
        match self.at(path)?.node() {
            Node::String(text) if !text.is_empty() => Some(text.into_owned()),
            _ => None,
        }
    }

    /// Looks at the value.
    pub(crate) fn node(self) -> Node<'a> {
        let text = self.text.trim_ascii_start();
        let inside = Cursor { text: self.text, at: self.text.len() - text.len() + 1, offset: self.at };
        match text.as_bytes().first() {
            Some(b'{') => Node::Object(Members(inside)),
            Some(b'[') => Node::Array(Elements(inside)),
            Some(b'"') => Node::String(unescape(text.trim_ascii_end())),
            Some(b't' | b'f') => Node::Bool(text.trim_ascii_end()),
            Some(b'n') | None => Node::Null,
            Some(_) => Node::Number(text.trim_ascii_end()),
        }
    }
}

/// The members of an object, in order.
#[derive(Debug)]
pub(crate) struct Members<'a>(Cursor<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.0.next_value(b'}')?;
        self.0.skip(b':');
        let value = self.0.value();
        Some(Member { key: unescape(key.text), value })
    }
}

/// The elements of an array, in order.
#[derive(Debug)]
pub(crate) struct Elements<'a>(Cursor<'a>);

impl<'a> Iterator for Elements<'a> {
    type Item = Span<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_value(b']')
    }
}

#[derive(Debug)]
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// Where `text` begins in the text that positions are counted in.
    offset: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, separator: u8) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace() || byte == separator) {
            self.at += 1;
        }
    }

    fn next_value(&mut self, close: u8) -> Option<Span<'a>> {
        self.skip(b',');
        match self.peek() {
            Some(byte) if byte != close => Some(self.value()),
            _ => None,
        }
    }

    /// Takes the value at the cursor.
    fn value(&mut self) -> Span<'a> {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 1 => depth -= 1,
                b'}' | b']' if depth == 1 => {
                    self.at += 1;
                    break;
                }
                b'}' | b']' => break,
                b',' | b':' if depth == 0 => break,
                byte if depth == 0 && byte.is_ascii_whitespace() => break,
                _ => {}
            }
            self.at += 1;
            if depth == 0 && byte == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
        Span { text: self.text.get(start..self.at).unwrap_or_default(), at: self.offset + start }
    }

    /// Moves from a string's opening quote to its closing one.
    fn string(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(skipped) = memchr::memchr2(b'"', b'\\', &bytes[self.at.min(bytes.len())..]) {
            self.at += skipped;
            if bytes[self.at] == b'"' {
                return;
            }
            self.at += 2;
        }
        self.at = bytes.len();
    }
}

/// The text of a JSON string.
fn unescape(raw: &str) -> Cow<'_, str> {
    match raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) {
        Some(plain) if !plain.contains('\\') => Cow::Borrowed(plain),
        _ => serde_json::from_str::<String>(raw).map_or(Cow::Borrowed(raw), Cow::Owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[(&str, &str)]) {
        let Node::Object(members) = Span::new(text).node() else { panic!("not an object") };
        let found: Vec<_> = members
            .map(|member| {
                let Span { text: raw, at } = member.value;
                assert_eq!(&text[at..at + raw.len()], raw);
                (member.key.into_owned(), raw.to_owned())
            })
            .collect();
        let expect: Vec<_> = expect.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn members_keep_their_raw_text_and_position() {
        check("{}", &[]);
        check(" { } ", &[]);
        check(r#"{"a":1}"#, &[("a", "1")]);
        check(r#"{"a":"x,}\"]","b\n":[{"c":[]},"]"],"d":null}"#, &[("a", r#""x,}\"]""#), ("b\n", r#"[{"c":[]},"]"]"#), ("d", "null")]);
        check(" {\n \"a\" : -1.5e3 , \"b\" : { \"x\" : [ ] } }\n", &[("a", "-1.5e3"), ("b", r#"{ "x" : [ ] }"#)]);
        check(r#"{"a":"\\","b":true}"#, &[("a", r#""\\""#), ("b", "true")]);
    }

    #[test]
    fn text_that_is_no_json_causes_no_panic() {
        for text in ["{", "{\"a", "{\"a\\", "{\"a\":", "{\"a\":\"é\\é", "{]}", "{é:é,,}", "{\"a\":[[", "{\"a\"\"b\"}", "{}}{"] {
            let Node::Object(members) = Span::new(text).node() else { panic!("not an object") };
            for member in members.take(9) {
                let _ = member.value.node();
            }
        }
    }

    #[test]
    fn positions_inside_nested_values_count_from_the_beginning() {
        let text = r#"{"a":[{"f":null}]}"#;
        let Node::Object(mut members) = Span::new(text).node() else { panic!() };
        let Node::Array(mut elements) = members.next().unwrap().value.node() else { panic!() };
        let Node::Object(mut inner) = elements.next().unwrap().node() else { panic!() };
        let found = inner.next().unwrap().value;
        assert_eq!(found.at, text.find("null").unwrap());
    }
}
