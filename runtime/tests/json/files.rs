//! Samples: a list page, and an element that is deep in itself. Written as the generator emits types.

use openai_runtime::json::{self, Decode, Encode, Extra, Fault, Field, Json, Object, Reader, StringEnum, Writer};

/// What a file is for.
#[derive(Clone, Debug, PartialEq)]
pub enum Purpose {
    Assistants,
    Batch,
    FineTune,
    Vision,
    Other(String),
}

impl StringEnum for Purpose {
    const VALUES: &'static [&'static str] = &["assistants", "batch", "fine-tune", "vision"];

    #[inline]
    fn as_str(&self) -> &str {
        match self {
            Self::Assistants => "assistants",
            Self::Batch => "batch",
            Self::FineTune => "fine-tune",
            Self::Vision => "vision",
            Self::Other(text) => text,
        }
    }

    #[inline]
    fn from_text(text: &str) -> Self {
        match text {
            "assistants" => Self::Assistants,
            "batch" => Self::Batch,
            "fine-tune" => Self::FineTune,
            "vision" => Self::Vision,
            _ => Self::Other(text.to_owned()),
        }
    }
}

openai_runtime::string_enum!(Purpose);

/// A page of files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileList {
    pub object: String,
    pub data: Vec<FileObject>,
    pub first_id: String,
    pub last_id: String,
    pub has_more: bool,
    pub extra: Extra,
}

impl Object for FileList {
    const FIELDS: &'static [Field] = &[
        Field { name: "object", flags: 1, values: &[] },
        Field { name: "data", flags: 1, values: &[] },
        Field { name: "first_id", flags: 1, values: &[] },
        Field { name: "last_id", flags: 1, values: &[] },
        Field { name: "has_more", flags: 1, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.object),
            1 => r.set(&mut self.data),
            2 => r.set(&mut self.first_id),
            3 => r.set(&mut self.last_id),
            4 => r.set(&mut self.has_more),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for FileList {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for FileList {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.object);
        o.required(1, &self.data);
        o.required(2, &self.first_id);
        o.required(3, &self.last_id);
        o.required(4, &self.has_more);
        o.finish();
    }
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileObject {
    pub id: String,
    pub bytes: i64,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub filename: String,
    pub purpose: Purpose,
    pub status: String,
    pub status_details: Option<String>,
    pub extra: Extra,
}

impl Object for FileObject {
    const FIELDS: &'static [Field] = &[
        Field { name: "id", flags: 1, values: &[] },
        Field { name: "bytes", flags: 1, values: &[] },
        Field { name: "created_at", flags: 1, values: &[] },
        Field { name: "expires_at", flags: 0, values: &[] },
        Field { name: "filename", flags: 1, values: &[] },
        Field { name: "object", flags: 5, values: &["file"] },
        Field { name: "purpose", flags: 1, values: &[] },
        Field { name: "status", flags: 1, values: &[] },
        Field { name: "status_details", flags: 0, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.id),
            1 => r.set(&mut self.bytes),
            2 => r.set(&mut self.created_at),
            3 => r.set_optional(&mut self.expires_at),
            4 => r.set(&mut self.filename),
            5 => r.constant("file"),
            6 => r.set(&mut self.purpose),
            7 => r.set(&mut self.status),
            8 => r.set_optional(&mut self.status_details),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for FileObject {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for FileObject {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.id);
        o.required(1, &self.bytes);
        o.required(2, &self.created_at);
        o.optional(3, &self.expires_at);
        o.required(4, &self.filename);
        o.constant(5);
        o.required(6, &self.purpose);
        o.required(7, &self.status);
        o.optional(8, &self.status_details);
        o.finish();
    }
}
