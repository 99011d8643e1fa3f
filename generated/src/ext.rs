//! Conveniences on generated types, written by hand: what a user would otherwise write again and again. Knows the emitted types; the generator does not know it.

#[cfg(feature = "realtime")]
mod realtime;
#[cfg(feature = "responses")]
mod responses;
