//! Serializes values that are written as one string and parsed by their own rules, including the
//! tags of closed lists.
//!
//! Knows how such a value passes through serde without a copy: every event passes through here once
//! when it is recorded and once when it is folded. Must not know any of the values.

/// Makes types with `as_str` and `FromStr` pass through serde as that string.
macro_rules! spelt {
    ($($kind:ty),+) => {$(
        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::domain::spelling::Spelt(std::marker::PhantomData))
            }
        }
    )+};
}

pub(crate) use spelt;

/// Reads a value from a string without owning the string.
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

/// Makes enums with inherent derived impls (`serde(remote = "Self")`) pass through serde as an
/// object with one field, and as nothing else. Serde alone would also accept a bare string as a
/// tag, and mistake an unknown one for a tag of a newer version: but a tag never changes its shape.
macro_rules! tagged {
    ($($kind:ty),+) => {$(
        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$kind>::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct OneField;
                impl<'de> serde::de::Visitor<'de> for OneField {
                    type Value = $kind;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object with one field")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        field: A,
                    ) -> Result<$kind, A::Error> {
                        <$kind>::deserialize(serde::de::value::MapAccessDeserializer::new(field))
                    }
                }
                deserializer.deserialize_map(OneField)
            }
        }
    )+};
}

pub(crate) use tagged;

/// Whether `text` can be shown on one line: 1 to `most` characters, no control characters, and no
/// white space at either end.
pub(crate) fn is_line(text: &str, most: usize) -> bool {
    let shown = !text.is_empty() && text.trim() == text && !text.chars().any(char::is_control);
    // A character has at least one byte, so the common case needs no counting.
    shown && (text.len() <= most || text.chars().count() <= most)
}

/// A closed list of values: each has exactly one wire tag, and no other tag is valid.
pub trait ClosedList: Copy + 'static {
    /// What the list contains, for an error message: `role`.
    const NAME: &'static str;

    /// Every value, in the order of the format specification.
    const ALL: &'static [Self];

    /// The wire tag.
    fn tag(self) -> &'static str;

    /// Its meaning, as a phrase for help texts.
    fn meaning(self) -> &'static str;
}

/// A tag that is not in a closed list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a {list}: give one of {expected}")]
pub struct UnknownTag {
    /// What the list contains.
    pub list: &'static str,
    /// The tag that was given.
    pub found: String,
    /// The valid tags.
    pub expected: String,
}

/// The value of a closed list with this tag.
pub(crate) fn of_tag<T: ClosedList>(tag: &str) -> Result<T, UnknownTag> {
    let found = T::ALL.iter().copied().find(|value| value.tag() == tag);
    found.ok_or_else(|| UnknownTag {
        list: T::NAME,
        found: tag.chars().take(40).collect(),
        expected: T::ALL.iter().map(|value| value.tag()).collect::<Vec<_>>().join(", "),
    })
}

/// Defines a closed list from its variants, their tags and the meaning of each. This is the only
/// place where a tag is written: the list, parsing, help and serde follow from it.
macro_rules! closed_list {
    ($(#[$meta:meta])* pub enum $kind:ident = $name:literal $(, default $default:ident)? {
        $($(#[doc = $meaning:literal])+ $variant:ident = $tag:literal,)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl $kind {
            /// Every value, in the order of the format specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The wire tag.
            pub const fn tag(self) -> &'static str {
                match self { $(Self::$variant => $tag),+ }
            }
        }

        impl $crate::domain::spelling::ClosedList for $kind {
            const NAME: &'static str = $name;
            const ALL: &'static [Self] = Self::ALL;

            fn tag(self) -> &'static str {
                self.tag()
            }

            fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+)),+ }
            }
        }

        $(
            impl Default for $kind {
                fn default() -> Self {
                    Self::$default
                }
            }
        )?

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.tag())
            }
        }

        impl std::str::FromStr for $kind {
            type Err = $crate::domain::spelling::UnknownTag;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::domain::spelling::of_tag(text)
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.tag())
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct TagVisitor;
                impl serde::de::Visitor<'_> for TagVisitor {
                    type Value = $kind;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("the tag of a ", $name))
                    }

                    fn visit_str<E: serde::de::Error>(self, tag: &str) -> Result<$kind, E> {
                        const TAGS: &[&str] = &[$($tag),+];
                        match tag {
                            $($tag => Ok($kind::$variant),)+
                            other => Err(E::unknown_variant(other, TAGS)),
                        }
                    }
                }
                deserializer.deserialize_str(TagVisitor)
            }
        }
    };
}

pub(crate) use closed_list;
