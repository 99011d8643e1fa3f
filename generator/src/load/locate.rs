//! Owns the way from a pointer back to a line and a column. Runs only when there is something to report, so it favours plainness over speed.

/// Finds a place in block-style YAML by walking its indentation. Answers with the nearest enclosing place it can tell.
pub(super) fn yaml(text: &str, segments: &[String]) -> Option<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut best = None;
    let mut from = 0;
    let mut parent: isize = -1;
    for segment in segments {
        let Some((line, column)) = yaml_child(&lines, from, parent, segment) else { return best };
        best = Some((line + 1, column + 1));
        parent = column as isize;
        from = line;
        if lines[line].trim_start().starts_with("- ") && lines[line].len() - lines[line].trim_start().len() == column {
            // The first key of a list's element stands on the line of its dash.
            continue;
        }
        from += 1;
    }
    best
}

/// The line and column of `segment` among the children of the block that starts at `from` and is indented deeper than `parent`.
fn yaml_child(lines: &[&str], from: usize, parent: isize, segment: &str) -> Option<(usize, usize)> {
    let mut level = None;
    let mut index = 0usize;
    for (offset, line) in lines[from..].iter().enumerate() {
        let number = from + offset;
        let mut content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let mut column = line.len() - content.len();
        if offset == 0 && content.starts_with("- ") && column as isize == parent {
            column += content.len() - content[2..].trim_start().len();
            content = content[2..].trim_start();
        }
        let dash = content == "-" || content.starts_with("- ");
        if (column as isize) <= parent && !(dash && column as isize == parent) {
            return None;
        }
        let level = *level.get_or_insert(column);
        if column != level {
            continue;
        }
        if dash {
            if index.to_string() == segment {
                return Some((number, column));
            }
            index += 1;
        } else if key_of(content) == Some(segment) {
            return Some((number, column));
        }
    }
    None
}

fn key_of(content: &str) -> Option<&str> {
    for quote in ['"', '\''] {
        if let Some(rest) = content.strip_prefix(quote) {
            return rest.split_once(quote).filter(|(_, rest)| rest.trim_start().starts_with(':')).map(|(key, _)| key);
        }
    }
    content.split_once(": ").map(|(key, _)| key).or_else(|| content.strip_suffix(':'))
}

/// Finds a place in JSON by scanning its tokens.
pub(super) fn json(text: &str, segments: &[String]) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = skip_space(bytes, 0);
    let mut best = None;
    'segments: for segment in segments {
        let open = *bytes.get(at)?;
        at = skip_space(bytes, at + 1);
        let mut index = 0usize;
        while at < bytes.len() && bytes[at] != b'}' && bytes[at] != b']' {
            let key_at = at;
            let found = if open == b'{' {
                let end = skip_value(bytes, at);
                let key = serde_json::from_str::<String>(text.get(at..end)?).unwrap_or_default();
                at = skip_space(bytes, skip_space(bytes, end) + 1);
                key == *segment
            } else {
                index.to_string() == *segment
            };
            if found {
                best = Some(key_at);
                continue 'segments;
            }
            at = skip_space(bytes, skip_value(bytes, at));
            if bytes.get(at) == Some(&b',') {
                at = skip_space(bytes, at + 1);
            }
            index += 1;
        }
        break;
    }
    let before = text.get(..best?)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    Some((line, column))
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at].is_ascii_whitespace() {
        at += 1;
    }
    at
}

/// The end of the value that starts at `at`; the text is known to be well-formed JSON.
fn skip_value(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    let mut in_string = false;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_string => at += 1,
            b'"' => {
                in_string = !in_string;
                if !in_string && depth == 0 {
                    return at + 1;
                }
            }
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' | b':' if depth == 0 => return at,
            c if c.is_ascii_whitespace() && depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at
}
