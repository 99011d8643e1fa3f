//! Whether two JSON texts mean the same. Knows nothing of types.

use std::borrow::Cow;
use std::collections::HashMap;

use super::number;
use super::reader::{Fault, Mode, Reader};

/// A JSON value whose numbers are still text, so that none is rounded.
#[derive(Debug)]
enum Tree<'j> {
    Null,
    Bool(bool),
    Number(&'j str),
    String(Cow<'j, str>),
    Array(Vec<Tree<'j>>),
    Object(HashMap<Cow<'j, str>, Tree<'j>>),
    /// A string or object with lone surrogates, by its text.
    Raw(&'j str),
}

/// Whether two JSON texts are equal but for the order of keys, repeated keys (the last counts) and the spelling of numbers and
/// strings. Texts that are not JSON equal nothing but themselves.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let tree = |text| Tree::read(&mut Reader::new(text, Mode::Lenient)).ok();
    a == b || tree(a).is_some_and(|a| tree(b) == Some(a))
}

impl<'j> Tree<'j> {
    fn read(r: &mut Reader<'j>) -> Result<Self, Fault> {
        let first = r.peek()?;
        let mark = r.mark();
        let tree = match first {
            b'n' => r.null().map(|()| Self::Null),
            b't' | b'f' => r.bool().map(Self::Bool),
            b'"' => r.text().map(Self::String),
            b'[' => Self::read_array(r),
            b'{' => Self::read_object(r),
            _ => r.span().map(Self::Number),
        };
        match tree {
            Err(Fault::Mismatch) => {
                r.back_to(mark);
                r.span().map(Self::Raw)
            }
            tree => tree,
        }
    }

    fn read_array(r: &mut Reader<'j>) -> Result<Self, Fault> {
        let mut values = Vec::new();
        let mut more = r.enter_array()?;
        while more {
            values.push(Self::read(r)?);
            more = r.next_element()?;
        }
        Ok(Self::Array(values))
    }

    fn read_object(r: &mut Reader<'j>) -> Result<Self, Fault> {
        let mut members = HashMap::new();
        let start = r.enter_object()?;
        while let Some(key) = r.key(start)? {
            members.insert(key, Self::read(r)?);
        }
        Ok(Self::Object(members))
    }
}

impl PartialEq for Tree<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => number::same(a, b),
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            (Self::Raw(a), Self::Raw(b)) => a == b,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn order_and_spelling_do_not_count() {
        for (a, b, expect) in [
            ("1", "1.0", true),
            (r#"{"a":1,"b":[2]}"#, r#"{ "b": [2.0], "a": 1 }"#, true),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, true),
            (r#""\u0061""#, r#""a""#, true),
            (r#"["\ud800"]"#, r#"[ "\ud800" ]"#, true),
            (r#"["\ud800"]"#, r#"["\ud801"]"#, false),
            ("[1,2]", "[2,1]", false),
            ("null", "false", false),
            (r#"{"a":null}"#, "{}", false),
            ("1", r#""1""#, false),
        ] {
            assert_eq!((same(a, b), same(b, a)), (expect, expect), "{a} {b}");
        }
    }
}
