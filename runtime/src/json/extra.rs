//! What an object value holds besides its typed fields: unknown fields, values that did not fit, and which fields were null or
//! missing. Owns that memory; must not know when it is written (see `object_writer`).

use std::fmt;

use indexmap::IndexMap;

use super::object::{Field, find};
use super::raw::Json;

/// The fields of an object that its type does not name, in arrival order, and the values that its typed fields could not hold.
///
/// It also remembers which fields were null or missing, so that a decoded value encodes back to the same JSON; that memory does
/// not count in comparisons.
#[derive(Clone, Default)]
pub struct Extra {
    /// By index, for the first 32 fields: was null where the typed field cannot say so.
    null: u32,
    /// By index, for the first 32 fields: was missing although required or constant.
    absent: u32,
    rest: Option<Box<Rest>>,
}

#[derive(Clone, Default)]
struct Rest {
    fields: IndexMap<String, Json>,
    /// The value itself, when it is not an object.
    whole: Option<Json>,
    /// What `null` and `absent` say, for fields from the 33rd on.
    gaps: IndexMap<usize, Gap>,
}

/// What is remembered of a field that has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    Null,
    Absent,
}

impl Extra {
    /// The value of a field that the type does not name, or that did not fit its type.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.rest.as_ref()?.fields.get(name)
    }

    /// Sets a field and returns its former value.
    ///
    /// A name that the type declares is written only while the typed field has its default.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Json>) -> Option<Json> {
        self.rest_mut().fields.insert(name.into(), value.into())
    }

    /// Removes a field and returns its value; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        self.rest.as_mut()?.fields.shift_remove(name)
    }

    /// The fields in arrival order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.rest.iter().flat_map(|rest| &rest.fields).map(|(name, value)| (name.as_str(), value))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.rest.as_ref().map_or(0, |rest| rest.fields.len())
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value itself, when the object type was given something that is not an object.
    pub fn whole(&self) -> Option<&Json> {
        self.rest.as_ref()?.whole.as_ref()
    }

    /// Makes a declared field an explicit null, which is sent while the typed field has its default. `fields` are those of the
    /// object type.
    pub fn set_null(&mut self, fields: &'static [Field], name: &str) {
        match find(fields, name, 0) {
            Some(index) => {
                self.forget(index, name);
                self.mark_null(index);
            }
            None => _ = self.insert(name, Json::null()),
        }
    }

    /// Whether a declared field was an explicit null.
    pub fn is_null(&self, fields: &'static [Field], name: &str) -> bool {
        find(fields, name, 0).is_some_and(|index| self.gap(index) == Some(Gap::Null))
    }

    /// Whether a declared field was missing or null although the specification requires it: its typed field has its default then.
    pub fn is_missing(&self, fields: &'static [Field], name: &str) -> bool {
        find(fields, name, 0).is_some_and(|index| self.gap(index).is_some()) || self.get(name).is_some()
    }

    /// A bit for each field (modulo 32) that something may be remembered of.
    #[inline]
    pub(crate) fn odd(&self) -> u32 {
        if self.has_rest() { u32::MAX } else { self.null | self.absent }
    }

    /// Whether there may be more than gaps in the first 32 fields.
    #[inline]
    pub(crate) fn has_rest(&self) -> bool {
        self.rest.is_some()
    }

    pub(crate) fn set_whole(&mut self, value: Json) {
        self.rest_mut().whole = Some(value);
    }

    #[inline]
    pub(crate) fn mark_null(&mut self, index: usize) {
        match bit(index) {
            Some(bit) => self.null |= bit,
            None => _ = self.rest_mut().gaps.insert(index, Gap::Null),
        }
    }

    pub(crate) fn mark_absent(&mut self, index: usize) {
        match bit(index) {
            Some(bit) => self.absent |= bit,
            None => _ = self.rest_mut().gaps.insert(index, Gap::Absent),
        }
    }

    pub(crate) fn gap(&self, index: usize) -> Option<Gap> {
        match bit(index) {
            Some(bit) if self.null & bit != 0 => Some(Gap::Null),
            Some(bit) if self.absent & bit != 0 => Some(Gap::Absent),
            Some(_) => None,
            None => self.rest.as_ref()?.gaps.get(&index).copied(),
        }
    }

    /// Forgets all that is remembered of a declared field.
    pub(crate) fn forget(&mut self, index: usize, name: &str) {
        let bit = bit(index).unwrap_or(0);
        self.null &= !bit;
        self.absent &= !bit;
        if let Some(rest) = &mut self.rest {
            rest.gaps.swap_remove(&index);
            rest.fields.shift_remove(name);
        }
    }

    fn rest_mut(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }
}

#[inline]
fn bit(index: usize) -> Option<u32> {
    (index < 32).then(|| 1 << index)
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.whole() == other.whole() && self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.whole() {
            Some(whole) => whole.fmt(f),
            None => f.debug_map().entries(self.iter()).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[Field { name: "a", flags: 0, values: &[] }; 70];

    #[test]
    fn is_small_and_allocates_nothing_when_empty() {
        assert!(size_of::<Extra>() <= 16);
        assert_eq!(Extra::default().odd(), 0);
    }

    #[test]
    fn gaps_are_remembered_beyond_the_32nd_field_and_forgotten() {
        let mut extra = Extra::default();
        for index in [0, 31, 32, 69] {
            extra.mark_null(index);
            assert_eq!(extra.gap(index), Some(Gap::Null));
            extra.forget(index, "a");
            extra.mark_absent(index);
            assert_eq!(extra.gap(index), Some(Gap::Absent));
            extra.forget(index, "a");
            assert_eq!(extra.gap(index), None);
        }
    }

    #[test]
    fn memory_of_gaps_does_not_count_in_comparisons() {
        let mut extra = Extra::default();
        extra.set_null(FIELDS, "a");
        assert!(extra.is_null(FIELDS, "a"));
        assert_eq!(extra, Extra::default());
        extra.insert("b", 1);
        assert_ne!(extra, Extra::default());
        assert_eq!(extra.remove("b"), Some(Json::from(1)));
        assert_eq!(extra, Extra::default());
    }
}
