//! [`Upload`] inside JSON: recorded when written, and read from the form that tests and drivers use. Knows nothing of requests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::reader::{Fault, Reader};
use super::writer::Writer;
use super::{Decode, Encode};
use crate::Upload;

impl Encode for Upload {
    fn encode(&self, w: &mut Writer) {
        w.upload(self);
    }
}

/// `{"$file":{"name":null|"a.png","bytes":"<base64>","content_type"?:"image/png"}}`
impl Decode for Upload {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.peek()?;
        let at = r.at();
        let value = Value::decode(r)?;
        value.get("$file").and_then(from_value).ok_or_else(|| r.mismatch_at(at, "a file"))
    }
}

fn from_value(file: &Value) -> Option<Upload> {
    let bytes = STANDARD.decode(file.get("bytes")?.as_str()?).ok()?;
    let upload = match file.get("name") {
        None | Some(Value::Null) => Upload::unnamed(bytes),
        Some(name) => Upload::bytes(name.as_str()?, bytes),
    };
    match file.get("content_type") {
        None | Some(Value::Null) => Some(upload),
        Some(content_type) => Some(upload.content_type(content_type.as_str()?)),
    }
}
