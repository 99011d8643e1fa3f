//! `multipart/form-data`: which parts there are, in which order, and what stands between them (contract 3.4). Sans-IO: files stay
//! where they are, as segments of the body.

use std::borrow::Cow;
use std::fmt::Write as _;

use bytes::Bytes;

use super::body::Segment;
use super::mime;
use crate::upload::Upload;

/// One part of a form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) content: Content,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Text { text: String, content_type: Option<&'static str> },
    File(Upload),
}

impl Part {
    pub(crate) fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), content: Content::Text { text: text.into(), content_type: None } }
    }
}

/// Orders the parts: fields before files, and fields of one name together at the place of the first.
pub(crate) fn arrange(parts: Vec<Part>) -> Vec<Part> {
    let (files, fields): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| matches!(part.content, Content::File(_)));
    let mut arranged: Vec<Part> = Vec::with_capacity(fields.len() + files.len());
    for field in fields {
        match arranged.iter().rposition(|part| part.name == field.name) {
            Some(last) => arranged.insert(last + 1, field),
            None => arranged.push(field),
        }
    }
    arranged.extend(files);
    arranged
}

/// The body's segments for the given boundary.
pub(crate) fn segments(parts: &[Part], boundary: &str) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(parts.len() * 2 + 1);
    let mut text = String::new();
    for part in parts {
        // Writing to a string cannot fail.
        let _ = write!(text, "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", escape(&part.name));
        match &part.content {
            Content::Text { text: value, content_type } => {
                if let Some(content_type) = content_type {
                    let _ = write!(text, "\r\nContent-Type: {content_type}");
                }
                let _ = write!(text, "\r\n\r\n{value}\r\n");
            }
            Content::File(upload) => {
                let mut content_type = upload.declared_content_type();
                if let Some(name) = upload.part_name() {
                    let _ = write!(text, "; filename=\"{}\"", escape(name));
                    content_type = content_type.or(Some(mime::guess(name)));
                }
                for (name, value) in upload.part_headers() {
                    let _ = write!(text, "\r\n{name}: {value}");
                }
                if let Some(content_type) = content_type {
                    let _ = write!(text, "\r\nContent-Type: {}", one_line(content_type));
                }
                text.push_str("\r\n\r\n");
                segments.push(Segment::Bytes(Bytes::from(std::mem::take(&mut text))));
                segments.push(Segment::File(upload.clone()));
                text.push_str("\r\n");
            }
        }
    }
    let _ = write!(text, "--{boundary}--\r\n");
    segments.push(Segment::Bytes(text.into()));
    segments
}

/// A boundary that is no part of any sensible content: 32 hexadecimal digits of the given number.
pub(crate) fn boundary(random: u128) -> String {
    format!("{random:032x}")
}

/// Names and file names as HTML 5 escapes them, with the backslash doubled.
fn escape(name: &str) -> Cow<'_, str> {
    if !name.contains(|c: char| c == '"' || c == '\\' || c < ' ') {
        return Cow::Borrowed(name);
    }
    let mut escaped = String::with_capacity(name.len() + 8);
    for c in name.chars() {
        match c {
            '"' => escaped.push_str("%22"),
            '\\' => escaped.push_str("\\\\"),
            '\u{0}'..='\u{1f}' if c != '\u{1b}' => {
                let _ = write!(escaped, "%{:02X}", u32::from(c));
            }
            _ => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// A declared content type cannot add headers of its own.
fn one_line(content_type: &str) -> Cow<'_, str> {
    if content_type.contains(['\r', '\n']) { Cow::Owned(content_type.replace(['\r', '\n'], " ")) } else { Cow::Borrowed(content_type) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_before_files_and_keep_together() {
        let file = Part { name: "file".into(), content: Content::File(Upload::bytes("a.txt", "x")) };
        let parts = vec![file, Part::text("a", "1"), Part::text("b", "2"), Part::text("a", "3")];
        let names: Vec<_> = arrange(parts).into_iter().map(|part| part.name).collect();
        assert_eq!(names, ["a", "a", "b", "file"]);
    }

    #[test]
    fn a_form_is_written_with_its_files_as_segments() {
        let parts = [
            Part::text("purpose", "batch"),
            Part { name: "session".into(), content: Content::Text { text: "{}".into(), content_type: Some("application/json") } },
            Part { name: "file".into(), content: Content::File(Upload::bytes("a b\"é\n.jsonl", "DATA")) },
        ];
        let text: String = segments(&parts, "XX")
            .iter()
            .map(|segment| match segment {
                Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                Segment::File(upload) => String::from_utf8(upload.as_bytes().unwrap().to_vec()).unwrap(),
            })
            .collect();
        let expect = "--XX\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
            --XX\r\nContent-Disposition: form-data; name=\"session\"\r\nContent-Type: application/json\r\n\r\n{}\r\n\
            --XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a b%22é%0A.jsonl\"\r\nContent-Type: application/octet-stream\r\n\r\nDATA\r\n--XX--\r\n";
        assert_eq!(text, expect);
    }

    #[test]
    fn no_parts_make_an_empty_form() {
        assert!(matches!(&segments(&[], "XX")[..], [Segment::Bytes(bytes)] if bytes == "--XX--\r\n"));
    }
}
