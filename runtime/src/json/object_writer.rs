//! Writing an object value: typed fields, what [`Extra`] remembers of them, then the unknown fields. Owns who wins when both have
//! something to say: a typed value that is not the default.

use super::Encode;
use super::extra::{Extra, Gap};
use super::object::{Field, find};
use super::raw::Json;
use super::writer::Writer;

/// An object being written, field by field in the order of its type.
#[derive(Debug)]
pub struct ObjectWriter<'w> {
    w: &'w mut Writer,
    fields: &'static [Field],
    extra: &'w Extra,
    start: usize,
    /// A bit for each field (modulo 32) that `extra` may remember something of.
    odd: u32,
}

/// What stands in for a field that has its default.
enum Memory<'w> {
    Raw(&'w Json),
    Null,
    Nothing,
}

impl Writer {
    /// Starts an object with these fields.
    #[inline]
    pub fn object<'w>(&'w mut self, fields: &'static [Field], extra: &'w Extra) -> ObjectWriter<'w> {
        let start = self.out.len();
        self.out.push('{');
        ObjectWriter { w: self, fields, extra, start, odd: extra.odd() }
    }
}

impl<'w> ObjectWriter<'w> {
    /// Writes a field that is always there.
    #[inline]
    pub fn required<T: Encode + Default>(&mut self, index: usize, value: &T) {
        if !self.is_odd(index) || !self.recall(index, value, |w| T::default().encode(w)) {
            self.key(index);
            value.encode(self.w);
        }
    }

    /// Writes a field that may be absent.
    #[inline]
    pub fn optional<T: Encode>(&mut self, index: usize, value: &Option<T>) {
        match value {
            Some(value) => {
                self.key(index);
                value.encode(self.w);
            }
            None if self.is_odd(index) => self.stand_in(index),
            None => {}
        }
    }

    /// Writes a string constant.
    pub fn constant(&mut self, index: usize) {
        if self.recalls(index) {
            return;
        }
        self.key(index);
        if let Some(value) = self.fields[index].values.first() {
            self.w.string(value);
        }
    }

    /// Writes a constant whose JSON text is given by its field.
    pub fn constant_json(&mut self, index: usize) {
        if self.recalls(index) {
            return;
        }
        self.key(index);
        if let Some(value) = self.fields[index].values.first() {
            self.w.raw(value);
        }
    }

    /// Writes the unknown fields and ends the object.
    #[inline]
    pub fn finish(self) {
        if self.extra.has_rest() {
            self.finish_with_extra();
        } else {
            self.w.out.push('}');
        }
    }

    #[cold]
    fn finish_with_extra(self) {
        for (name, value) in self.extra.iter() {
            if find(self.fields, name, 0).is_none() {
                self.w.key(self.start, name);
                value.encode(self.w);
            }
        }
        match self.extra.whole() {
            Some(whole) if self.w.out.len() == self.start + 1 => {
                self.w.out.truncate(self.start);
                whole.encode(self.w);
            }
            _ => self.w.out.push('}'),
        }
    }

    #[inline]
    fn is_odd(&self, index: usize) -> bool {
        self.odd >> (index % 32) & 1 != 0
    }

    fn key(&mut self, index: usize) {
        let name = self.fields[index].name;
        debug_assert!(!name.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\'), "{name:?} needs escaping");
        let out = &mut self.w.out;
        out.reserve(name.len() + 4);
        // Two calls with texts of known length, each of which is one store, instead of one call with either.
        if out.len() > self.start + 1 {
            out.push_str(",\"");
        } else {
            out.push('"');
        }
        out.push_str(name);
        out.push_str("\":");
    }

    /// Writes what stands in for a field, if something does and the value is the default.
    #[cold]
    fn recall(&mut self, index: usize, value: &dyn Encode, encode_default: fn(&mut Writer)) -> bool {
        let recalls = self.memory(index).is_some() && {
            let mut both = [Writer::default(), Writer::default()];
            value.encode(&mut both[0]);
            encode_default(&mut both[1]);
            both[0].out == both[1].out
        };
        if recalls {
            self.stand_in(index);
        }
        recalls
    }

    fn recalls(&mut self, index: usize) -> bool {
        let recalls = self.is_odd(index) && self.memory(index).is_some();
        if recalls {
            self.stand_in(index);
        }
        recalls
    }

    #[cold]
    fn stand_in(&mut self, index: usize) {
        match self.memory(index) {
            Some(Memory::Raw(value)) => {
                self.key(index);
                value.encode(self.w);
            }
            Some(Memory::Null) => {
                self.key(index);
                self.w.null();
            }
            Some(Memory::Nothing) | None => {}
        }
    }

    fn memory(&self, index: usize) -> Option<Memory<'w>> {
        if self.extra.whole().is_some() {
            return Some(Memory::Nothing);
        }
        match self.extra.gap(index) {
            Some(Gap::Null) => Some(Memory::Null),
            Some(Gap::Absent) => Some(Memory::Nothing),
            None => self.extra.get(self.fields[index].name).map(Memory::Raw),
        }
    }
}
