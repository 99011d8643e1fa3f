//! Samples: the model of contract section 12.9, unions without a tag, recursion, constants that are no strings. Written as the generator emits types.

use openai_runtime::json::{self, Decode, Encode, Extra, Fault, Field, Json, Kind, Map, Object, Reader, StringEnum, Writer};

/// A closed enum.
#[derive(Clone, Debug, PartialEq)]
pub enum Letter {
    X,
    Y,
    Other(String),
}

impl StringEnum for Letter {
    const VALUES: &'static [&'static str] = &["x", "y"];

    #[inline]
    fn as_str(&self) -> &str {
        match self {
            Self::X => "x",
            Self::Y => "y",
            Self::Other(text) => text,
        }
    }

    #[inline]
    fn from_text(text: &str) -> Self {
        match text {
            "x" => Self::X,
            "y" => Self::Y,
            _ => Self::Other(text.to_owned()),
        }
    }
}

openai_runtime::string_enum!(Letter);

/// An open enum.
#[derive(Clone, Debug, PartialEq)]
pub enum Model {
    Gpt5,
    O3,
    Other(String),
}

impl StringEnum for Model {
    const VALUES: &'static [&'static str] = &["gpt-5", "o3"];
    const OPEN: bool = true;

    #[inline]
    fn as_str(&self) -> &str {
        match self {
            Self::Gpt5 => "gpt-5",
            Self::O3 => "o3",
            Self::Other(text) => text,
        }
    }

    #[inline]
    fn from_text(text: &str) -> Self {
        match text {
            "gpt-5" => Self::Gpt5,
            "o3" => Self::O3,
            _ => Self::Other(text.to_owned()),
        }
    }
}

openai_runtime::string_enum!(Model);

/// The outer model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Out {
    pub i: i64,
    pub f: f64,
    pub s: String,
    pub e: Letter,
    pub l: Vec<In>,
    pub m: In,
    pub d: Map<In>,
    pub u: IntOrText,
    pub o: Option<In>,
    pub df: Option<String>,
    pub extra: Extra,
}

impl Object for Out {
    const FIELDS: &'static [Field] = &[
        Field { name: "i", flags: 1, values: &[] },
        Field { name: "f", flags: 1, values: &[] },
        Field { name: "s", flags: 1, values: &[] },
        Field { name: "e", flags: 1, values: &[] },
        Field { name: "l", flags: 1, values: &[] },
        Field { name: "m", flags: 1, values: &[] },
        Field { name: "d", flags: 1, values: &[] },
        Field { name: "u", flags: 1, values: &[] },
        Field { name: "o", flags: 2, values: &[] },
        Field { name: "df", flags: 0, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.i),
            1 => r.set(&mut self.f),
            2 => r.set(&mut self.s),
            3 => r.set(&mut self.e),
            4 => r.set(&mut self.l),
            5 => r.set(&mut self.m),
            6 => r.set(&mut self.d),
            7 => r.set(&mut self.u),
            8 => r.set_optional(&mut self.o),
            9 => r.set_optional(&mut self.df),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Out {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Out {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.i);
        o.required(1, &self.f);
        o.required(2, &self.s);
        o.required(3, &self.e);
        o.required(4, &self.l);
        o.required(5, &self.m);
        o.required(6, &self.d);
        o.required(7, &self.u);
        o.optional(8, &self.o);
        o.optional(9, &self.df);
        o.finish();
    }
}

/// The inner model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct In {
    pub a: i64,
    pub b: Option<String>,
    pub extra: Extra,
}

impl Object for In {
    const FIELDS: &'static [Field] = &[Field { name: "a", flags: 1, values: &[] }, Field { name: "b", flags: 2, values: &[] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.a),
            1 => r.set_optional(&mut self.b),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for In {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for In {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.a);
        o.optional(1, &self.b);
        o.finish();
    }
}

/// Constants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constants {
    pub n: Option<i64>,
    pub extra: Extra,
}

impl Object for Constants {
    const FIELDS: &'static [Field] = &[
        Field { name: "text", flags: 5, values: &["list"] },
        Field { name: "rate", flags: 5, values: &["24000"] },
        Field { name: "flag", flags: 4, values: &["true"] },
        Field { name: "n", flags: 0, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("list"),
            1 => r.constant_json("24000"),
            2 => r.constant_json("true"),
            3 => r.set_optional(&mut self.n),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Constants {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Constants {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.constant_json(1);
        o.constant_json(2);
        o.optional(3, &self.n);
        o.finish();
    }
}

/// A filter, which may hold filters.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    Compare(Compare),
    Compound(Compound),
    Unknown(Json),
}

impl Decode for Filter {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.tag("type")?.as_deref() {
            Some("eq") => Ok(Self::Compare(r.decode()?)),
            Some("and") => Ok(Self::Compound(r.decode()?)),
            _ => Ok(Self::Unknown(r.unknown()?)),
        }
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(Self::Unknown(raw))
    }
}

impl Encode for Filter {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::Compare(value) => value.encode(w),
            Self::Compound(value) => value.encode(w),
            Self::Unknown(value) => value.encode(w),
        }
    }
}

impl Default for Filter {
    #[inline]
    fn default() -> Self {
        Self::Unknown(Json::null())
    }
}

/// A comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compare {
    pub key: String,
    pub value: Json,
    pub extra: Extra,
}

impl Object for Compare {
    const FIELDS: &'static [Field] = &[
        Field { name: "type", flags: 5, values: &["eq"] },
        Field { name: "key", flags: 1, values: &[] },
        Field { name: "value", flags: 3, values: &[] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("eq"),
            1 => r.set(&mut self.key),
            2 => r.set(&mut self.value),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Compare {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Compare {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.key);
        o.required(2, &self.value);
        o.finish();
    }
}

/// A conjunction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compound {
    pub filters: Vec<Filter>,
    pub extra: Extra,
}

impl Object for Compound {
    const FIELDS: &'static [Field] =
        &[Field { name: "type", flags: 5, values: &["and"] }, Field { name: "filters", flags: 1, values: &[] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.constant("and"),
            1 => r.set(&mut self.filters),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Compound {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Compound {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.constant(0);
        o.required(1, &self.filters);
        o.finish();
    }
}

/// A shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Square {
    pub side: f64,
    pub unit: Option<String>,
    pub extra: Extra,
}

impl Object for Square {
    const FIELDS: &'static [Field] =
        &[Field { name: "side", flags: 1, values: &[] }, Field { name: "unit", flags: 0, values: &["cm", "m"] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.side),
            1 => r.set_optional(&mut self.unit),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Square {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Square {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.side);
        o.optional(1, &self.unit);
        o.finish();
    }
}

/// Another shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Box3 {
    pub side: f64,
    pub height: f64,
    pub unit: Option<String>,
    pub extra: Extra,
}

impl Object for Box3 {
    const FIELDS: &'static [Field] = &[
        Field { name: "side", flags: 1, values: &[] },
        Field { name: "height", flags: 1, values: &[] },
        Field { name: "unit", flags: 0, values: &["inch"] },
    ];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.side),
            1 => r.set(&mut self.height),
            2 => r.set_optional(&mut self.unit),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Box3 {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Box3 {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.side);
        o.required(1, &self.height);
        o.optional(2, &self.unit);
        o.finish();
    }
}

/// A list of nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub value: i64,
    pub next: Option<Box<Node>>,
    pub extra: Extra,
}

impl Object for Node {
    const FIELDS: &'static [Field] = &[Field { name: "value", flags: 1, values: &[] }, Field { name: "next", flags: 2, values: &[] }];

    #[inline]
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        match index {
            0 => r.set(&mut self.value),
            1 => r.set_optional(&mut self.next),
            _ => r.skip(),
        }
    }

    #[inline]
    fn extra_mut(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Decode for Node {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.object()
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(json::object_from_mismatch(raw))
    }
}

impl Encode for Node {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        let mut o = w.object(<Self as Object>::FIELDS, &self.extra);
        o.required(0, &self.value);
        o.optional(1, &self.next);
        o.finish();
    }
}

/// A number or text.
#[derive(Clone, Debug, PartialEq)]
pub enum IntOrText {
    Int(i64),
    Text(String),
    Unknown(Json),
}

impl Decode for IntOrText {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.kind()? {
            Kind::Integer => Ok(Self::Int(r.decode()?)),
            Kind::String => Ok(Self::Text(r.decode()?)),
            _ => Ok(Self::Unknown(r.unknown()?)),
        }
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(Self::Unknown(raw))
    }
}

impl Encode for IntOrText {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::Int(value) => value.encode(w),
            Self::Text(value) => value.encode(w),
            Self::Unknown(value) => value.encode(w),
        }
    }
}

impl Default for IntOrText {
    #[inline]
    fn default() -> Self {
        Self::Unknown(Json::null())
    }
}

/// A union without a tag, by best fit.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Square(Square),
    Box3(Box3),
    Unknown(Json),
}

impl Decode for Shape {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        match r.kind()? {
            Kind::Object => match r.fit(&[Square::FIELDS, Box3::FIELDS])? {
                0 => Ok(Self::Square(r.decode()?)),
                _ => Ok(Self::Box3(r.decode()?)),
            },
            _ => Ok(Self::Unknown(r.unknown()?)),
        }
    }

    #[inline]
    fn from_mismatch(raw: Json) -> Option<Self> {
        Some(Self::Unknown(raw))
    }
}

impl Encode for Shape {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        match self {
            Self::Square(value) => value.encode(w),
            Self::Box3(value) => value.encode(w),
            Self::Unknown(value) => value.encode(w),
        }
    }
}

impl Default for Shape {
    #[inline]
    fn default() -> Self {
        Self::Unknown(Json::null())
    }
}

openai_runtime::serde_bridge!(Out, In, Filter, Shape);
