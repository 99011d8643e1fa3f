//! [`Decode`] and [`Encode`], and their implementations for plain values and containers. Must not know object types.

use super::raw::Json;
use super::reader::{Fault, Reader};
use super::writer::Writer;

/// A type that reads itself from JSON.
pub trait Decode: Sized {
    /// Reads the value at the cursor.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] when it is not of this type; the cursor may then be anywhere.
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault>;

    /// A value of the wrong JSON type, for types that can hold one as it is.
    fn from_mismatch(_raw: Json) -> Option<Self> {
        None
    }
}

/// A type that writes itself as JSON.
pub trait Encode {
    /// Writes the value.
    fn encode(&self, w: &mut Writer);
}

impl Decode for String {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.string()
    }
}

impl Encode for String {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        w.string(self);
    }
}

impl Decode for Box<str> {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.text().map(Into::into)
    }
}

impl Decode for bool {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.bool()
    }
}

impl Encode for bool {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        w.bool(*self);
    }
}

impl Decode for i64 {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.i64()
    }
}

impl Encode for i64 {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        w.i64(*self);
    }
}

impl Decode for u64 {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.u64()
    }
}

impl Encode for u64 {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        w.u64(*self);
    }
}

impl Decode for f64 {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.f64()
    }
}

impl Encode for f64 {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        w.f64(*self);
    }
}

/// Null.
impl Decode for () {
    #[inline]
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        r.null()
    }
}

impl Encode for () {
    #[inline]
    fn encode(&self, w: &mut Writer) {
        w.null();
    }
}

impl Encode for str {
    fn encode(&self, w: &mut Writer) {
        w.string(self);
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode(&self, w: &mut Writer) {
        (**self).encode(w);
    }
}

/// None is null.
impl<T: Decode> Decode for Option<T> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        if r.peek()? == b'n' { r.null().map(|()| None) } else { T::decode(r).map(Some) }
    }

    fn from_mismatch(raw: Json) -> Option<Self> {
        T::from_mismatch(raw).map(Some)
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, w: &mut Writer) {
        match self {
            Some(value) => value.encode(w),
            None => w.null(),
        }
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        T::decode(r).map(Self::new)
    }

    fn from_mismatch(raw: Json) -> Option<Self> {
        T::from_mismatch(raw).map(Self::new)
    }
}

impl<T: Encode + ?Sized> Encode for Box<T> {
    fn encode(&self, w: &mut Writer) {
        (**self).encode(w);
    }
}

/// From this size on, in bytes, an element is not made room for before it is there.
const LARGE: usize = 128;

impl<T: Decode> Decode for Vec<T> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut values = Self::new();
        let mut more = r.enter_array()?;
        if more && size_of::<T>() >= LARGE {
            // Lists of large elements often have one; a `Vec` would begin with room for four.
            values.reserve_exact(1);
        }
        while more {
            values.push(r.element()?);
            more = r.next_element()?;
        }
        Ok(values)
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, w: &mut Writer) {
        w.list(self);
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, w: &mut Writer) {
        w.list(self);
    }
}
