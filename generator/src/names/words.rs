//! Owns the spelling of single identifiers: case, keywords, leading digits, spelled-out punctuation, singular forms.

use std::borrow::Cow;
use std::collections::BTreeMap;

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Names that emitted code must be able to use for the prelude's own things.
const RESERVED_TYPES: &[&str] = &[
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Future",
    "Into",
    "IntoFuture",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
    "Debug",
    "Hash",
    "Client",
    "Call",
    "Page",
    "EventStream",
    "Binary",
    "Upload",
    "Json",
    "Map",
    "Extra",
];

/// Methods that every params type has, or that a setter of the same name would hide.
const RESERVED_FIELDS: &[&str] = &[
    "extra",
    "new",
    "default",
    "clone",
    "clone_from",
    "from",
    "into",
    "try_into",
    "try_from",
    "eq",
    "ne",
    "fmt",
    "hash",
    "borrow",
    "borrow_mut",
    "to_owned",
    "to_string",
    "type_id",
    "drop",
    "to_json",
    "to_json_pretty",
    "to_value",
    "from_json",
    "from_value",
    "from_json_strict",
];

pub(super) fn is_reserved_type(name: &str) -> bool {
    RESERVED_TYPES.contains(&name)
}

pub(super) fn is_reserved_variant(name: &str) -> bool {
    name == "Self"
}

/// `UpperCamelCase`, safe at the beginning.
pub(crate) fn upper_camel(text: &str) -> String {
    let camel = speakable(text).to_upper_camel_case();
    if camel.is_empty() {
        return "Empty".to_owned();
    }
    if camel.starts_with(|c: char| !c.is_alphabetic() && c != '_') { format!("N{camel}") } else { camel }
}

/// Letters and digits that Rust does not take in identifiers (`²`, `ⓐ`) are spelt by their code.
fn speakable(text: &str) -> Cow<'_, str> {
    let odd = |c: char| !c.is_ascii() && c.is_alphanumeric() && syn::parse_str::<syn::Ident>(&format!("a{c}")).is_err();
    if text.is_ascii() || !text.chars().any(odd) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if odd(c) { format!(" u{:x} ", u32::from(c)) } else { c.to_string() }).collect())
}

/// `snake_case` without regard for keywords.
fn snake(text: &str) -> String {
    let snake = speakable(text).to_snake_case();
    if snake.is_empty() {
        return "empty".to_owned();
    }
    if snake.starts_with(|c: char| !c.is_alphabetic() && c != '_') { format!("n{snake}") } else { snake }
}

/// A field's identifier; keywords come with `r#`, or with a trailing underscore where Rust allows no raw form.
pub(crate) fn field_ident(text: &str) -> String {
    let ident = snake(text);
    if RESERVED_FIELDS.contains(&ident.as_str()) {
        return format!("{ident}_");
    }
    escape(ident)
}

/// A method's identifier.
pub(crate) fn method_ident(text: &str) -> String {
    escape(snake(text))
}

fn escape(ident: String) -> String {
    if matches!(ident.as_str(), "self" | "super" | "crate" | "_") {
        return format!("{ident}_");
    }
    if syn::parse_str::<syn::Ident>(&ident).is_ok() { ident } else { format!("r#{ident}") }
}

/// Fields' identifiers, told apart where they fall together.
pub(super) fn distinct_fields<'n>(raw: impl Iterator<Item = &'n str>) -> Vec<String> {
    let raw: Vec<&str> = raw.collect();
    let mut idents: Vec<String> = raw.iter().map(|name| field_ident(name)).collect();
    part(
        &mut idents,
        &raw,
        |name| field_ident(&spelled_words(name)),
        |name, ident| format!("{}_{}", ident.trim_end_matches('_'), case_word(name)),
    );
    idents
}

/// Variants' identifiers of an enum, told apart where they fall together.
pub(super) fn distinct_variants(values: &[String], last_word: &str) -> Vec<String> {
    let raw: Vec<&str> = values.iter().map(String::as_str).collect();
    let mut idents: Vec<String> = raw.iter().map(|value| variant_ident(value, last_word)).collect();
    part(
        &mut idents,
        &raw,
        |value| variant_ident(&spelled_words(value), last_word),
        |value, ident| format!("{ident}{}", upper_camel(case_word(value))),
    );
    idents
}

/// Gives the second and later of equal identifiers another spelling.
fn part(idents: &mut [String], raw: &[&str], spell: impl Fn(&str) -> String, mark: impl Fn(&str, &str) -> String) {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for index in 0..idents.len() {
        if taken.contains_key(&idents[index]) {
            let spelled = spell(raw[index]);
            idents[index] = if taken.contains_key(&spelled) { mark(raw[index], &idents[index]) } else { spelled };
        }
        taken.insert(idents[index].clone(), index);
    }
}

/// A variant's identifier. What starts with a digit is put behind the last word of the type: `Size1024x1024`.
pub(super) fn variant_ident(value: &str, last_word: &str) -> String {
    let signed = match value.as_bytes() {
        [b'+', digit, ..] if digit.is_ascii_digit() => format!("plus {}", &value[1..]),
        [b'-', digit, ..] if digit.is_ascii_digit() => format!("minus {}", &value[1..]),
        _ => value.to_owned(),
    };
    let camel = speakable(&signed).to_upper_camel_case();
    let camel = if camel.is_empty() { spelled_words(value).to_upper_camel_case() } else { camel };
    let ident = match camel.chars().next() {
        None => "Empty".to_owned(),
        Some(c) if c.is_alphabetic() => camel,
        Some(_) => format!("{last_word}{camel}"),
    };
    if is_reserved_variant(&ident) { format!("{ident}Value") } else { ident }
}

/// Punctuation in words, so that `a-b` and `a_b` differ.
fn spelled_words(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        let word = match c {
            '-' => " dash ",
            '.' => " dot ",
            '/' => " slash ",
            '+' => " plus ",
            ' ' => " space ",
            '$' => " dollar ",
            '@' => " at ",
            '_' => " underscore ",
            '*' => " star ",
            '#' => " hash ",
            ':' => " colon ",
            '<' => " less ",
            '>' => " greater ",
            '=' => " equal ",
            '!' => " not ",
            '%' => " percent ",
            '&' => " and ",
            c if c.is_alphanumeric() => {
                out.push(c);
                continue;
            }
            c => {
                out.push_str(&format!(" u{:x} ", u32::from(c)));
                continue;
            }
        };
        out.push_str(word);
    }
    out
}

/// A type's name with its punctuation in words.
pub(super) fn spelled_out(text: &str) -> String {
    upper_camel(&spelled_words(text))
}

/// A type's name with its case in a word.
pub(super) fn case_marked(text: &str, camel: &str) -> String {
    format!("{camel}{}", upper_camel(case_word(text)))
}

fn case_word(text: &str) -> &'static str {
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    if letters().all(char::is_uppercase) {
        "uppercase"
    } else if letters().all(char::is_lowercase) {
        "lowercase"
    } else {
        "mixed_case"
    }
}

/// The words of an `UpperCamelCase` name.
fn camel_words(name: &str) -> Vec<String> {
    name.to_snake_case().split('_').map(str::to_owned).collect()
}

/// The last word of a type's name.
pub(super) fn last_word(name: &str) -> String {
    camel_words(name).last().map_or_else(String::new, |w| upper_camel(w))
}

/// The name without the words with which both begin; whole if nothing, or something odd, would be left.
pub(super) fn without_prefix(name: &str, of: &str) -> String {
    let (words, prefix) = (camel_words(name), camel_words(of));
    let same = words.iter().zip(&prefix).take_while(|(a, b)| a == b).count();
    let rest: String = words[same..].iter().map(|w| w.to_upper_camel_case()).collect();
    if rest.is_empty() || !rest.starts_with(char::is_alphabetic) || rest.len() < 3 { name.to_owned() } else { rest }
}

/// The singular of an English plural, as far as resource names go.
pub(crate) fn singular(word: &str) -> String {
    let (head, last) = word.rsplit_once('_').map_or(("", word), |(h, l)| (h, l));
    let one = if let Some(stem) = last.strip_suffix("ies").filter(|s| s.len() > 1) {
        format!("{stem}y")
    } else if ["ches", "shes", "sses", "xes"].iter().any(|s| last.ends_with(s)) {
        last[..last.len() - 2].to_owned()
    } else if last.ends_with('s') && !["ss", "us", "is"].iter().any(|s| last.ends_with(s)) && last.len() > 3 {
        last[..last.len() - 1].to_owned()
    } else {
        last.to_owned()
    };
    if head.is_empty() { one } else { format!("{head}_{one}") }
}
