//! What an error body says: its message, code, param and type, whatever its shape (contract 2.6). Pure.

use http::StatusCode;
use serde_json::Value;

/// An error body, read as far as it can be.
#[derive(Clone, Default)]
pub(crate) struct ErrorBody {
    text: Option<String>,
    value: Option<Value>,
    code: Option<String>,
    param: Option<String>,
    kind: Option<String>,
}

impl ErrorBody {
    /// Reads the body of a response. Nothing is required of it.
    pub(crate) fn parse(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let trimmed = text.trim();
        let value = match serde_json::from_str(trimmed) {
            Ok(Value::Object(mut object)) => match object.swap_remove("error") {
                Some(error) => error,
                None => Value::Object(object),
            },
            Ok(other) => other,
            Err(_) => Value::String(trimmed.to_owned()),
        };
        let mut this = Self::from_error_value(value);
        this.text = Some(text.into_owned());
        this
    }

    /// Reads the value of an `error` key.
    pub(crate) fn from_error_value(value: Value) -> Self {
        let field = |name| value.get(name).and_then(plain_text);
        let (code, param, kind) = (field("code"), field("param"), field("type"));
        Self { text: None, value: Some(value), code, param, kind }
    }

    /// A body that is not in the API's own shape, and stays as it is.
    pub(crate) fn verbatim(value: Option<Value>) -> Self {
        Self { value, ..Self::default() }
    }

    /// The text meant for people.
    pub(crate) fn message(&self) -> Option<&str> {
        let value = self.value.as_ref()?;
        value.get("message").and_then(Value::as_str).filter(|message| !message.is_empty())
    }

    /// Whether the server says in the API's manner what is wrong, so that nobody has to guess.
    pub(crate) fn explains(&self) -> bool {
        let is_json = || self.text.as_deref().is_some_and(|text| text.trim_start().starts_with('{'));
        self.message().is_some() || matches!(&self.value, Some(Value::String(text)) if !text.is_empty() && is_json())
    }

    /// The title of a page of HTML, empty if it has none; None when it is something else.
    pub(crate) fn page_title(&self) -> Option<&str> {
        let Some(Value::String(page)) = &self.value else { return None };
        let begins = |start: &str| page.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start));
        if !begins("<!doctype html") && !begins("<html") {
            return None;
        }
        let lower = page.to_ascii_lowercase();
        let title = lower.find("<title>").map(|at| at + "<title>".len()).and_then(|from| Some((from, from + lower[from..].find('<')?)));
        Some(title.map_or("", |(from, to)| page[from..to].trim()))
    }

    /// The message of the error that this body makes.
    pub(crate) fn describe(&self, status: StatusCode) -> String {
        let status = status.as_u16();
        match (self.message(), &self.value) {
            (Some(message), _) => message.to_owned(),
            (None, None) => format!("Error code: {status}"),
            (None, Some(Value::String(text))) if text.is_empty() => format!("Error code: {status}"),
            (None, Some(Value::String(text))) => text.clone(),
            (None, Some(value)) => format!("Error code: {status} - {value}"),
        }
    }

    pub(crate) fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    pub(crate) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    pub(crate) fn param(&self) -> Option<&str> {
        self.param.as_deref()
    }

    pub(crate) fn error_type(&self) -> Option<&str> {
        self.kind.as_deref()
    }
}

fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, message: &str, code: Option<&str>, value: Value) {
        let body = ErrorBody::parse(body.as_bytes());
        assert_eq!(body.describe(StatusCode::BAD_REQUEST), message);
        assert_eq!(body.code(), code);
        assert_eq!(body.value(), Some(&value));
    }

    #[test]
    fn a_page_of_html_has_a_title() {
        for (body, title) in [
            ("<html><head><TITLE> 502 Bad\nGateway </TITLE></head></html>", Some("502 Bad\nGateway")),
            ("<!DOCTYPE html><title>İ</title>", Some("İ")),
            ("<html><title>cut", Some("")),
            ("<html></html>", Some("")),
            ("<xml/>", None),
            ("{\"error\":\"<b>\"}", None),
        ] {
            assert_eq!(ErrorBody::parse(body.as_bytes()).page_title(), title, "{body}");
        }
    }

    #[test]
    fn bodies_of_every_shape_are_read() {
        use serde_json::json;
        check(r#"{"error":{"message":"m","code":"c"}}"#, "m", Some("c"), json!({"message": "m", "code": "c"}));
        check(r#"{"error":{"message":"m","code":7}}"#, "m", Some("7"), json!({"message": "m", "code": 7}));
        check(r#"{"message":"m","code":"c"}"#, "m", Some("c"), json!({"message": "m", "code": "c"}));
        check(r#"{"error":"bad"}"#, "bad", None, json!("bad"));
        check(r#"{"error":null}"#, "Error code: 400 - null", None, Value::Null);
        check("[1]", "Error code: 400 - [1]", None, json!([1]));
        check("  <html>no</html> ", "<html>no</html>", None, json!("<html>no</html>"));
        check(" ", "Error code: 400", None, json!(""));
    }
}
