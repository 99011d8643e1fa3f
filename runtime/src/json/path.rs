//! Where in a document an offset lies, as a JSON path. Must not know what the document means: it follows brackets and strings, and
//! works on the valid beginning of a broken or unfinished document too.

/// The longest piece of a key that a path shows.
const MAX_KEY: usize = 64;

enum Step<'t> {
    /// The key whose value is being passed, with its quotes; none before the first key.
    Key(Option<&'t str>),
    Index(usize),
}

/// The JSON path of the value at each offset, such as `$.choices[0].delta`. Takes one pass over the text for all of them.
pub(crate) fn locate(text: &str, offsets: &[usize]) -> Vec<String> {
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    order.sort_by_key(|index| offsets[*index]);
    let mut pending = order.into_iter().peekable();
    let mut paths = vec![String::new(); offsets.len()];

    let bytes = text.as_bytes();
    let mut steps = Vec::new();
    let mut at = 0;
    loop {
        while let Some(index) = pending.next_if(|index| offsets[*index] <= at || at >= bytes.len()) {
            paths[index] = render(&steps);
        }
        if pending.peek().is_none() {
            return paths;
        }
        match bytes[at] {
            b'{' => steps.push(Step::Key(None)),
            b'[' => steps.push(Step::Index(0)),
            b'}' | b']' => _ = steps.pop(),
            b',' => match steps.last_mut() {
                Some(Step::Index(index)) => *index += 1,
                Some(Step::Key(key)) => *key = None,
                None => {}
            },
            b'"' => {
                let end = string_end(bytes, at);
                if let Some(Step::Key(key @ None)) = steps.last_mut() {
                    *key = Some(&text[at..end]);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

/// The offset behind the string that starts at `start`, or the end of the text.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn render(steps: &[Step<'_>]) -> String {
    let mut path = String::from("$");
    for step in steps {
        match step {
            Step::Index(index) => path.push_str(&format!("[{index}]")),
            Step::Key(Some(quoted)) => push_key(&mut path, quoted),
            Step::Key(None) => {}
        }
    }
    path
}

fn push_key(path: &mut String, quoted: &str) {
    let ident = |key: &&str| (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match quoted.strip_prefix('"').and_then(|key| key.strip_suffix('"')).filter(ident) {
        Some(key) => path.extend([".", key]),
        None => path.extend(["[", &shorten(quoted, MAX_KEY), "]"]),
    }
}

/// The text, or its beginning and an ellipsis.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_named_by_their_path() {
        let text = r#"{"a": [1, {"b c": "x,}\"]"}], "d": {"": 2}, "e""#;
        let at = |needle: &str| text.find(needle).unwrap();
        let offsets = [at("2"), 0, at("1"), at("\"x"), at("[1"), text.len()];
        assert_eq!(locate(text, &offsets), [r#"$.d[""]"#, "$", "$.a[0]", r#"$.a[1]["b c"]"#, "$.a", "$.e"]);
    }
}
