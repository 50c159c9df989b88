//! Values that are written as one string, and read back from it by their own rules.
//!
//! Knows how such a value passes through serde without a copy: every event passes through here once
//! when it is recorded and once when it is folded. Must not know any of the values.

/// Makes types that have `as_str` and `FromStr` pass through serde as that string.
macro_rules! spelt {
    ($($kind:ty),+) => {$(
        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::spelling::Spelt(std::marker::PhantomData))
            }
        }
    )+};
}

pub(crate) use spelt;

/// Reads a value from a string that need not be owned.
pub(crate) struct Spelt<T>(pub(crate) std::marker::PhantomData<T>);

impl<T: std::str::FromStr<Err: std::fmt::Display>> serde::de::Visitor<'_> for Spelt<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}
