//! Object types: their fields as data, and the one loop that decodes any of them. Owns what becomes of fields that are missing,
//! null, repeated, unknown or of the wrong type; must not know any concrete type.

use super::extra::Extra;
use super::notes::Expected;
use super::number;
use super::raw::Json;
use super::reader::{Fault, Kind, Mode, Reader};
use super::scan;
use super::{Decode, Encode};

/// One field of an object type, as data.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The wire name. It needs no escaping in JSON.
    pub name: &'static str,
    /// [`Field::REQUIRED`], [`Field::NULLABLE`] and [`Field::CONSTANT`], and where kinds tell variants apart those that the field does not take, added up.
    pub flags: u8,
    /// The one value of a constant (of a number or boolean: its JSON text), or those of an enum that tells union variants apart.
    pub values: &'static [&'static str],
}

impl Field {
    /// The specification requires the field.
    pub const REQUIRED: u8 = 1;
    /// The value may be null. The default of a field that is also required encodes as null.
    pub const NULLABLE: u8 = 2;
    /// The field has one value only, which is not stored.
    pub const CONSTANT: u8 = 4;
    /// A string is not what the field holds.
    pub const NO_STRING: u8 = 8;
    /// Nor is a number.
    pub const NO_NUMBER: u8 = 16;
    /// Nor is a boolean.
    pub const NO_BOOL: u8 = 32;
    /// Nor is an array.
    pub const NO_ARRAY: u8 = 64;
    /// Nor is an object.
    pub const NO_OBJECT: u8 = 128;
    /// What [`Reader::fit`] looks at besides listed values.
    const KINDS: u8 = Self::NO_STRING | Self::NO_NUMBER | Self::NO_BOOL | Self::NO_ARRAY | Self::NO_OBJECT;

    const fn is(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    /// Whether its values tell something about the shape that has it.
    pub(crate) const fn is_telling(&self) -> bool {
        !self.values.is_empty() || self.is(Self::KINDS)
    }

    /// Whether a value of that kind cannot be the field's.
    pub(crate) const fn refuses(&self, kind: Kind) -> bool {
        self.is(match kind {
            Kind::Null => 0,
            Kind::Bool => Self::NO_BOOL,
            Kind::Integer | Kind::Number => Self::NO_NUMBER,
            Kind::String => Self::NO_STRING,
            Kind::Array => Self::NO_ARRAY,
            Kind::Object => Self::NO_OBJECT,
        })
    }
}

/// What the decoding and encoding of an object type rest on.
pub trait Object: Default + Encode {
    /// The fields, in the order of the specification.
    const FIELDS: &'static [Field];

    /// The fields that leave a gap when they do not come: a bit for each of the first 64. Not to be overridden.
    #[doc(hidden)]
    const EXPECTED: u64 = expected(Self::FIELDS);

    /// Decodes the value at the cursor into the field of that index.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] when the value is not of the field's type.
    fn decode_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault>;

    /// What the fields do not hold.
    fn extra_mut(&mut self) -> &mut Extra;
}

const fn expected(fields: &[Field]) -> u64 {
    let mut bits = 0;
    let mut index = 0;
    while index < fields.len() && index < 64 {
        if fields[index].is(Field::REQUIRED | Field::CONSTANT) {
            bits |= 1 << index;
        }
        index += 1;
    }
    bits
}

/// Keeps a JSON value that is not an object in an object type, so that it encodes back.
pub fn object_from_mismatch<T: Object>(raw: Json) -> T {
    let mut object = T::default();
    object.extra_mut().set_whole(raw);
    object
}

/// Sets a field by its wire name: a declared one is decoded (and kept raw if it does not fit), another one goes to [`Extra`].
pub fn set_extra<T: Object>(target: &mut T, name: String, value: Json) {
    set_any(T::FIELDS, target, name, value);
}

fn set_any(fields: &'static [Field], target: &mut dyn AnyObject, name: String, value: Json) {
    let Some(index) = find(fields, &name, 0) else {
        target.extra_of().insert(name, value);
        return;
    };
    let mut reader = Reader::new(value.as_str(), Mode::Lenient);
    let set = reader.repeated_field(fields, index, target);
    debug_assert!(set.is_ok(), "a Json value holds valid JSON");
}

/// [`Object`] without its type, so that the decoding loop exists once.
trait AnyObject {
    fn decode_any_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault>;
    fn extra_of(&mut self) -> &mut Extra;
}

impl<T: Object> AnyObject for T {
    fn decode_any_field(&mut self, index: usize, r: &mut Reader<'_>) -> Result<(), Fault> {
        self.decode_field(index, r)
    }

    fn extra_of(&mut self) -> &mut Extra {
        self.extra_mut()
    }
}

/// The index of the field of that name, looked for from `next` on: servers send fields in a stable order.
pub(crate) fn find(fields: &[Field], name: &str, next: usize) -> Option<usize> {
    let (before, after) = fields.split_at(next.min(fields.len()));
    let position = |fields: &[Field]| fields.iter().position(|field| scan::same(field.name.as_bytes(), name.as_bytes()));
    position(after).map(|index| before.len() + index).or_else(|| position(before))
}

/// Which fields have come, by index.
#[derive(Default)]
struct Seen {
    low: u64,
    high: Vec<usize>,
}

impl Seen {
    /// False when the field has come before.
    #[inline]
    fn insert(&mut self, index: usize) -> bool {
        if index >= 64 {
            let is_new = !self.high.contains(&index);
            if is_new {
                self.high.push(index);
            }
            return is_new;
        }
        let bit = 1 << index;
        let is_new = self.low & bit == 0;
        self.low |= bit;
        is_new
    }
}

impl Reader<'_> {
    /// Reads an object into a new value.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] for another JSON type.
    #[inline]
    pub fn object<T: Object>(&mut self) -> Result<T, Fault> {
        let mut object = T::default();
        self.object_into(&mut object)?;
        Ok(object)
    }

    /// Reads an object into a value that is still the default.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] for another JSON type.
    #[inline]
    pub fn object_into<T: Object>(&mut self, target: &mut T) -> Result<(), Fault> {
        self.fields(T::FIELDS, T::EXPECTED, target)
    }

    /// Decodes the value at the cursor into a field, which is reset to its default when the value does not fit.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] when the value does not fit.
    #[inline]
    pub fn set<T: Decode + Default>(&mut self, slot: &mut T) -> Result<(), Fault> {
        match T::decode(self) {
            Ok(value) => {
                *slot = value;
                Ok(())
            }
            Err(fault) => {
                *slot = T::default();
                Err(fault)
            }
        }
    }

    /// The same for a field that may be absent. (Null is dealt with before a field is decoded.)
    ///
    /// # Errors
    /// [`Fault::Mismatch`] when the value does not fit.
    #[inline]
    pub fn set_optional<T: Decode>(&mut self, slot: &mut Option<T>) -> Result<(), Fault> {
        match T::decode(self) {
            Ok(value) => {
                *slot = Some(value);
                Ok(())
            }
            Err(fault) => {
                *slot = None;
                Err(fault)
            }
        }
    }

    /// Reads a string constant.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] for any other value.
    pub fn constant(&mut self, value: &'static str) -> Result<(), Fault> {
        self.peek()?;
        let at = self.at();
        if self.text()? == value {
            return Ok(());
        }
        self.notes.note(at, Expected::Constant(value));
        Err(Fault::Mismatch)
    }

    /// Reads a constant that is not a string, given as JSON text.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] for any other value.
    pub fn constant_json(&mut self, value: &'static str) -> Result<(), Fault> {
        self.peek()?;
        let at = self.at();
        let found = self.span()?;
        if found == value || number::same(found, value) {
            return Ok(());
        }
        self.notes.note(at, Expected::ConstantJson(value));
        Err(Fault::Mismatch)
    }

    /// The loop over an object's members.
    fn fields(&mut self, fields: &'static [Field], expected: u64, target: &mut dyn AnyObject) -> Result<(), Fault> {
        let start = self.enter_object()?;
        let mut seen = Seen::default();
        let mut next = 0;
        while self.next_member(start)? {
            let index = if fields.get(next).is_some_and(|field| self.pass_name(field.name)) {
                next
            } else {
                let name = self.name()?;
                match find(fields, &name, next) {
                    Some(index) => index,
                    None => {
                        #[cfg(feature = "dynamic")]
                        self.note_unknown()?;
                        let value = self.json()?;
                        target.extra_of().insert(name, value);
                        continue;
                    }
                }
            };
            next = index + 1;
            if !seen.insert(index) {
                self.repeated_field(fields, index, target)?;
            } else if self.peek()? == b'n' {
                self.null_field(&fields[index], index, target.extra_of())?;
            } else {
                self.field(&fields[index], index, target)?;
            }
        }
        if seen.low & expected != expected || fields.len() > 64 {
            self.missing_fields(fields, &seen, start, target.extra_of());
        }
        Ok(())
    }

    /// Notes the value at the cursor as one of a field that the specification does not name.
    #[cfg(feature = "dynamic")]
    fn note_unknown(&mut self) -> Result<(), Fault> {
        if self.notes.is_exact() {
            self.peek()?;
            self.depart(Expected::NoField);
        }
        Ok(())
    }

    #[inline]
    fn field(&mut self, field: &Field, index: usize, target: &mut dyn AnyObject) -> Result<(), Fault> {
        let mark = self.mark();
        match target.decode_any_field(index, self) {
            Err(Fault::Mismatch) => {
                let raw = self.reject(mark)?;
                target.extra_of().insert(field.name, raw);
                Ok(())
            }
            decoded => decoded,
        }
    }

    fn null_field(&mut self, field: &Field, index: usize, extra: &mut Extra) -> Result<(), Fault> {
        if !field.is(Field::NULLABLE) && self.notes.is_strict() {
            self.depart(Expected::NotNull);
        }
        self.null()?;
        if field.flags & (Field::REQUIRED | Field::NULLABLE | Field::CONSTANT) != Field::REQUIRED | Field::NULLABLE {
            extra.mark_null(index);
        }
        Ok(())
    }

    /// A field that came before (or was set before): what is known of it is forgotten, so that the last one wins.
    #[cold]
    fn repeated_field(&mut self, fields: &'static [Field], index: usize, target: &mut dyn AnyObject) -> Result<(), Fault> {
        let field = &fields[index];
        target.extra_of().forget(index, field.name);
        if self.peek()? != b'n' {
            return self.field(field, index, target);
        }
        // Decoding null resets the typed field, whether or not it takes null.
        let mark = self.mark();
        let notes = self.notes.checkpoint();
        _ = target.decode_any_field(index, self);
        self.notes.restore(notes);
        self.back_to(mark);
        self.null_field(field, index, target.extra_of())
    }

    #[cold]
    fn missing_fields(&mut self, fields: &'static [Field], seen: &Seen, start: usize, extra: &mut Extra) {
        for (index, field) in fields.iter().enumerate() {
            let has_come = if index < 64 { seen.low & (1 << index) != 0 } else { seen.high.contains(&index) };
            if has_come || !field.is(Field::REQUIRED | Field::CONSTANT) {
                continue;
            }
            extra.mark_absent(index);
            if field.is(Field::REQUIRED) && self.notes.is_strict() {
                self.notes.note(start, Expected::Field(field.name));
            }
        }
    }
}
