//! [`Map`]: a string map that keeps the order of arrival. Hides the crate that it is built on.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use indexmap::IndexMap;

use super::reader::{Fault, Reader};
use super::writer::Writer;
use super::{Decode, Encode};

/// A map from strings to values that keeps the order in which keys were inserted. Order does not count in comparisons.
#[derive(Clone)]
pub struct Map<T>(IndexMap<String, T>);

impl<T> Map<T> {
    /// An empty map.
    pub fn new() -> Self {
        Self(IndexMap::new())
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.0.get(key)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.0.get_mut(key)
    }

    /// Whether there is such a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Sets the value of a key and returns its former value; a known key keeps its place.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<T>) -> Option<T> {
        self.0.insert(key.into(), value.into())
    }

    /// Removes a key and returns its value; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<T> {
        self.0.shift_remove(key)
    }

    /// Keys and values in order.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self.0.iter())
    }

    /// Keys and values in order, the values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut T)> {
        self.0.iter_mut().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The values in order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The keys and values of a [`Map`], in order.
#[derive(Clone, Debug)]
pub struct Iter<'m, T>(indexmap::map::Iter<'m, String, T>);

impl<'m, T> Iterator for Iter<'m, T> {
    type Item = (&'m str, &'m T);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key.as_str(), value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// The keys and values of a [`Map`] that was given up, in order.
#[derive(Debug)]
pub struct IntoIter<T>(indexmap::map::IntoIter<String, T>);

impl<T> Iterator for IntoIter<T> {
    type Item = (String, T);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<'m, T> IntoIterator for &'m Map<T> {
    type Item = (&'m str, &'m T);
    type IntoIter = Iter<'m, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> IntoIterator for Map<T> {
    type Item = (String, T);
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        IntoIter(self.0.into_iter())
    }
}

impl<T> std::ops::Index<&str> for Map<T> {
    type Output = T;

    /// # Panics
    /// When there is no such key.
    fn index(&self, key: &str) -> &T {
        &self.0[key]
    }
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: PartialEq> PartialEq for Map<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Map<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<K: Into<String>, V: Into<T>, T> FromIterator<(K, V)> for Map<T> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let mut map = Self::new();
        map.extend(members);
        map
    }
}

impl<K: Into<String>, V: Into<T>, T> Extend<(K, V)> for Map<T> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, members: I) {
        self.0.extend(members.into_iter().map(|(key, value)| (key.into(), value.into())));
    }
}

impl<K: Into<String>, V: Into<T>, T, const N: usize> From<[(K, V); N]> for Map<T> {
    fn from(members: [(K, V); N]) -> Self {
        members.into_iter().collect()
    }
}

impl<K: Into<String>, V: Into<T>, T> From<Vec<(K, V)>> for Map<T> {
    fn from(members: Vec<(K, V)>) -> Self {
        members.into_iter().collect()
    }
}

impl<T> From<HashMap<String, T>> for Map<T> {
    fn from(members: HashMap<String, T>) -> Self {
        members.into_iter().collect()
    }
}

impl<T> From<BTreeMap<String, T>> for Map<T> {
    fn from(members: BTreeMap<String, T>) -> Self {
        members.into_iter().collect()
    }
}

impl<T: Decode> Decode for Map<T> {
    fn decode(r: &mut Reader<'_>) -> Result<Self, Fault> {
        let mut map = Self::new();
        let start = r.enter_object()?;
        while let Some(key) = r.key(start)? {
            map.0.insert(key.into_owned(), r.element()?);
        }
        Ok(map)
    }
}

impl<T: Encode> Encode for Map<T> {
    fn encode(&self, w: &mut Writer) {
        w.map(self);
    }
}
