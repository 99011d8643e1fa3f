//! JSON text laid out over lines. Changes nothing but the space between tokens, so that no number or string is respelled.

/// The text with an indent of two spaces a level; empty arrays and objects stay on one line.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0;
    let mut rest = json.trim_ascii();
    while let Some(first) = rest.bytes().next() {
        let len = if first == b'"' { string_len(rest) } else { rest.chars().next().map_or(1, char::len_utf8) };
        let (token, after) = rest.split_at(len);
        rest = after.trim_ascii_start();
        let closes = rest.starts_with([']', '}']);
        match first {
            b'[' | b'{' => {
                depth += 1;
                out.push_str(token);
                if !closes {
                    new_line(&mut out, depth);
                }
            }
            b',' => {
                out.push(',');
                new_line(&mut out, depth);
                continue;
            }
            b':' => {
                out.push_str(": ");
                continue;
            }
            b']' | b'}' => {
                depth -= 1;
                out.push_str(token);
            }
            _ => out.push_str(token),
        }
        if closes && !matches!(first, b'[' | b'{') {
            new_line(&mut out, depth - 1);
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// The length of the string that a text begins with, quotes included.
pub(crate) fn string_len(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1);
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'"' => return index + 1,
            b'\\' => _ = bytes.next(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn only_the_space_between_tokens_changes() {
        for (json, expect) in [
            ("1.50", "1.50"),
            ("[]", "[]"),
            (r#"{"a": {}}"#, "{\n  \"a\": {}\n}"),
            (r#"{"a":[1,"x, }\" é"],"b":-1e5}"#, "{\n  \"a\": [\n    1,\n    \"x, }\\\" é\"\n  ],\n  \"b\": -1e5\n}"),
            ("[[],[{}],[[1]]]", "[\n  [],\n  [\n    {}\n  ],\n  [\n    [\n      1\n    ]\n  ]\n]"),
        ] {
            assert_eq!(pretty(json), expect);
        }
    }
}
