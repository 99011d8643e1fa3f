//! Names of schemas and functions: the API takes letters, digits, `_` and `-`, at most 64 of them.

/// The longest name.
const MAX_LEN: usize = 64;

/// The name with what the API refuses replaced by `_`, and cut after 64 characters. `Box<Inner>` becomes `Box_Inner`.
pub fn name(text: &str) -> String {
    let mut name = String::with_capacity(text.len().min(MAX_LEN));
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => name.push(c),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    // What was put in for a closing bracket says nothing.
    if !text.ends_with('_') {
        name.truncate(name.trim_end_matches('_').len());
    }
    name.truncate(MAX_LEN);
    if name.is_empty() { "output".to_owned() } else { name }
}
