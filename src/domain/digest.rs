//! Defines the hash types, one for each purpose, so that an entry's hash cannot be used where a
//! text's hash is expected.
//!
//! Knows BLAKE3, SHA-256 and hexadecimal. Must not know what is hashed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Why a string is not a hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{found}` is not a hash: give 64 lower-case hexadecimal digits")]
pub struct DigestError {
    found: String,
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Writes the 64 lower-case hexadecimal digits of `bytes` in one call rather than with a formatter
/// for each byte: this runs twice per entry.
fn write_hex(bytes: &[u8; 32], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [0; 64];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 15)];
    }
    f.write_str(std::str::from_utf8(&digits).unwrap_or_default())
}

/// Reads exactly 64 lower-case hexadecimal digits; upper case is refused, because each value has
/// exactly one spelling.
pub fn parse_hex(digits: &[u8]) -> Option<[u8; 32]> {
    let pairs = digits.len() == 64;
    let mut bytes = [0; 32];
    if !pairs {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 32]);

        impl $name {
            /// The hash with these 32 bytes.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }

            /// The first `digits` hexadecimal digits, for display.
            pub fn short(&self, digits: usize) -> String {
                let mut whole = self.to_string();
                whole.truncate(digits);
                whole
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = DigestError;

            fn from_str(text: &str) -> Result<Self, DigestError> {
                parse_hex(text.as_bytes()).map(Self).ok_or_else(|| DigestError {
                    found: text.chars().take(80).collect(),
                })
            }
        }

        impl TryFrom<String> for $name {
            type Error = DigestError;

            fn try_from(text: String) -> Result<Self, DigestError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(hash: $name) -> String {
                hash.to_string()
            }
        }
    };
}

digest! {
    /// The hash of an entry's bytes: what the next entry names as `prev`.
    EntryHash
}

digest! {
    /// A salted commitment to one event's bytes: the SHA-256 of its addendum, salt ‖ event.
    Commitment
}

digest! {
    /// A commitment to a key that is not in use yet: the SHA-256 of its verifier key's text.
    KeyDigest
}

digest! {
    /// The address of archived bytes: the plain BLAKE3 hash of an original, or of a text.
    ContentHash
}

digest! {
    /// The identity of an assertion or a capture: a hash over its identifying fields, equal if the
    /// two are the same.
    Identity
}

digest! {
    /// The identity of a claim: a hash over its words, figures, subject, place and time.
    ClaimHash
}

impl EntryHash {
    /// The predecessor of entry 0: 64 zeros.
    pub const ZERO: Self = Self([0; 32]);
}

impl KeyDigest {
    /// The digest of a verifier key's text.
    pub fn of(verifier_key: &str) -> Self {
        Self(Sha256::digest(verifier_key).into())
    }
}

impl ContentHash {
    /// The plain BLAKE3 hash of `bytes`, as `b3sum` prints it.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_has_one_spelling() {
        let hash = ContentHash::of(b"abc");
        let text = hash.to_string();
        assert_eq!(text, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85");
        assert_eq!(text.parse::<ContentHash>(), Ok(hash));
        assert!(text.to_uppercase().parse::<ContentHash>().is_err());
        assert!(text[1..].parse::<ContentHash>().is_err());
        assert_eq!(hash.short(6), "6437b3");
    }
}
