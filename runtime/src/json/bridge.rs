//! serde over `Encode` and `Decode`. Owns the translation between JSON text and any data format; must not know any type.

use std::cell::RefCell;
use std::fmt;

use serde_core::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_core::ser::{self, SerializeMap, SerializeSeq, Serializer};
use serde_core::{Deserialize, Serialize};

use super::map::Map;
use super::raw::Json;
use super::reader::{Fault, Mode, Reader};
use super::value::{nearest, replace_lone_surrogates};
use super::writer::Writer;
use super::{Decode, Encode};

/// The name by which `serde_json` knows a request for the text of a value. Where it is unknown, the value is taken apart instead.
const RAW_TEXT: &str = "$serde_json::private::RawValue";

/// Implements `serde::Serialize` and `serde::Deserialize` over `Encode` and `Decode`.
#[macro_export]
macro_rules! serde_bridge {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::json::__private::Serialize for $name {
            #[inline]
            fn serialize<S: $crate::json::__private::Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::json::serialize(self, serializer)
            }
        }

        impl<'de> $crate::json::__private::Deserialize<'de> for $name {
            #[inline]
            fn deserialize<D: $crate::json::__private::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                $crate::json::deserialize(deserializer)
            }
        }
    )+};
}

/// Serializes a value by way of its JSON.
///
/// # Errors
/// Those of the serializer, and one for a number that is not finite.
pub fn serialize<S: Serializer>(value: &dyn Encode, serializer: S) -> Result<S::Ok, S::Error> {
    let mut w = Writer::new();
    value.encode(&mut w);
    let encoded = w.finish().map_err(ser::Error::custom)?;
    serialize_text(&encoded.json, serializer)
}

fn serialize_text<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let json = replace_lone_surrogates(json);
    Cursor(&RefCell::new(Reader::new(&json, Mode::Lenient))).serialize(serializer)
}

/// The value at the cursor of a reader, serialized by reading it.
struct Cursor<'c, 'j>(&'c RefCell<Reader<'j>>);

impl<'j> Cursor<'_, 'j> {
    fn read<T, E: ser::Error>(&self, read: impl FnOnce(&mut Reader<'j>) -> Result<T, Fault>) -> Result<T, E> {
        read(&mut self.0.borrow_mut()).map_err(|_| E::custom("text that was encoded is valid JSON"))
    }
}

impl Serialize for Cursor<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.read(Reader::peek)? {
            b'n' => {
                self.read(Reader::null)?;
                serializer.serialize_unit()
            }
            b't' | b'f' => serializer.serialize_bool(self.read(Reader::bool)?),
            b'"' => serializer.serialize_str(&self.read(Reader::text)?),
            b'[' => {
                let mut list = serializer.serialize_seq(None)?;
                let mut more = self.read(Reader::enter_array)?;
                while more {
                    list.serialize_element(self)?;
                    more = self.read(Reader::next_element)?;
                }
                list.end()
            }
            b'{' => {
                let mut map = serializer.serialize_map(None)?;
                let start = self.read(Reader::enter_object)?;
                while let Some(key) = self.read(|r| r.key(start))? {
                    map.serialize_entry(&key, self)?;
                }
                map.end()
            }
            _ => nearest(self.read(Reader::span)?).serialize(serializer),
        }
    }
}

/// Deserializes a value by way of JSON text.
///
/// # Errors
/// Those of the deserializer, and one for a value that the type cannot hold.
pub fn deserialize<'de, T: Decode, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let mut w = Writer::new();
    deserializer.deserialize_newtype_struct(RAW_TEXT, Parts { w: &mut w, place: Place::Top })?;
    let encoded = w.finish().map_err(de::Error::custom)?;
    super::from_str(&encoded.json).map_err(de::Error::custom)
}

/// Writes whatever a deserializer yields as JSON.
struct Parts<'w> {
    w: &'w mut Writer,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The whole value, which `serde_json` may hand over as text.
    Top,
    Inside,
}

impl Parts<'_> {
    fn inside(&mut self) -> Parts<'_> {
        Parts { w: self.w, place: Place::Inside }
    }
}

impl<'de> DeserializeSeed<'de> for Parts<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Parts<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can hold")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.w.null();
        Ok(())
    }

    fn visit_none<E>(self) -> Result<(), E> {
        self.w.null();
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(Parts { place: Place::Inside, ..self })
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.w.bool(value);
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.w.i64(value);
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.w.u64(value);
        Ok(())
    }

    fn visit_i128<E>(self, value: i128) -> Result<(), E> {
        self.w.raw(itoa::Buffer::new().format(value));
        Ok(())
    }

    fn visit_u128<E>(self, value: u128) -> Result<(), E> {
        self.w.raw(itoa::Buffer::new().format(value));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.w.f64(value);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.w.string(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        self.w.raw("[");
        let mut is_first = true;
        loop {
            // The comma has to be there before the element writes itself, and to go when there is none.
            let before = self.w.len();
            self.w.raw(if is_first { "" } else { "," });
            if list.next_element_seed(self.inside())?.is_none() {
                self.w.truncate(before);
                break;
            }
            is_first = false;
        }
        self.w.raw("]");
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let start = self.w.len();
        self.w.raw("{");
        while let Some(key) = map.next_key::<String>()? {
            if self.place == Place::Top && key == RAW_TEXT {
                self.w.truncate(start);
                self.w.raw(&map.next_value::<String>()?);
                return Ok(());
            }
            self.w.key(start, &key);
            map.next_value_seed(self.inside())?;
        }
        self.w.raw("}");
        Ok(())
    }
}

serde_bridge!(Json);

impl<T: Serialize> Serialize for Map<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Map<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Map<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Map<T>, A::Error> {
                let mut map = Map::new();
                while let Some((key, value)) = members.next_entry::<String, T>()? {
                    map.insert(key, value);
                }
                Ok(map)
            }
        }

        deserializer.deserialize_map(Members(std::marker::PhantomData))
    }
}
