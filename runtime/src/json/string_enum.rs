//! String enums: what the emitted ones rest on. Owns the shared behaviour; must not know any enum's values.

use super::notes::Expected;
use super::reader::{Fault, Reader};

/// An enum of strings with a variant for any other string.
pub trait StringEnum: Sized {
    /// The strings that have a variant of their own.
    const VALUES: &'static [&'static str];
    /// Whether the specification allows any string.
    const OPEN: bool = false;

    /// The string on the wire.
    fn as_str(&self) -> &str;

    /// The variant of a string.
    fn from_text(text: &str) -> Self;
}

impl Reader<'_> {
    /// Reads a string enum. Strict mode notes a string that a closed enum does not list.
    ///
    /// # Errors
    /// [`Fault::Mismatch`] for another JSON type.
    #[inline]
    pub fn string_enum<E: StringEnum>(&mut self) -> Result<E, Fault> {
        if self.notes.is_strict() && !E::OPEN {
            self.check_listed(E::VALUES)?;
        }
        self.text().map(|text| E::from_text(&text))
    }

    #[cold]
    fn check_listed(&mut self, values: &'static [&'static str]) -> Result<(), Fault> {
        if let Some(text) = self.peek_text()?
            && !values.contains(&&*text)
        {
            self.depart(Expected::OneOf(values));
        }
        Ok(())
    }
}

/// Implements what every string enum has over its [`StringEnum`]: `Decode`, `Encode`, `Default` (the empty string), `From<&str>`,
/// `From<String>`, `From<&String>`, `Display` and, with the feature `serde`, serde's traits.
#[macro_export]
macro_rules! string_enum {
    ($($name:ident),+ $(,)?) => {$(
        impl $crate::json::Decode for $name {
            #[inline]
            fn decode(r: &mut $crate::json::Reader<'_>) -> ::core::result::Result<Self, $crate::json::Fault> {
                r.string_enum()
            }
        }

        impl $crate::json::Encode for $name {
            #[inline]
            fn encode(&self, w: &mut $crate::json::Writer) {
                w.string($crate::json::StringEnum::as_str(self));
            }
        }

        impl ::core::default::Default for $name {
            #[inline]
            fn default() -> Self {
                $crate::json::StringEnum::from_text("")
            }
        }

        impl ::core::convert::From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                $crate::json::StringEnum::from_text(text)
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            #[inline]
            fn from(text: ::std::string::String) -> Self {
                $crate::json::StringEnum::from_text(&text)
            }
        }

        impl ::core::convert::From<&::std::string::String> for $name {
            #[inline]
            fn from(text: &::std::string::String) -> Self {
                $crate::json::StringEnum::from_text(text)
            }
        }

        impl ::core::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad($crate::json::StringEnum::as_str(self))
            }
        }
    )+
        $crate::__serde_bridge_if_enabled!($($name),+);
    };
}

#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __serde_bridge_if_enabled {
    ($($name:ident),+) => { $crate::serde_bridge!($($name),+); };
}

#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __serde_bridge_if_enabled {
    ($($name:ident),+) => {};
}
