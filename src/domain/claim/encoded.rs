//! Splits an encoded assertion into the parts that identify it and the rest.
//!
//! Knows the order in which an assertion's fields are written. Must not know what they mean. Bytes
//! that were just encoded, or read from a log, are hashed as they are: encoding them again costs
//! more than the hash.

use memchr::memmem;

use crate::domain::digest::{ClaimHash, Identity};

/// A key never matches inside a string: there, every quotation mark follows a backslash.
const CLAIM: &[u8] = b",\"claim\":";
const FOUND_BY: &[u8] = b",\"found_by\":";
const REPLACES: &[u8] = b",\"replaces\":";

/// The bytes of an assertion in its canonical encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded<'a> {
    /// Everything except the closing brace and what follows the claim: who or what found the
    /// assertion, and what it replaces.
    identifying: &'a [u8],
    claim: &'a [u8],
}

impl<'a> Encoded<'a> {
    /// Splits the JSON object of an assertion; `None` if it is visibly not such an object in
    /// canonical encoding.
    pub fn of(assertion: &'a [u8]) -> Option<Self> {
        let fields = assertion.strip_suffix(b"}").filter(|fields| fields.starts_with(b"{"))?;
        let begins = memmem::find(fields, CLAIM)? + CLAIM.len();
        let behind = &fields[begins..];
        let ends = memmem::find(behind, FOUND_BY).or_else(|| memmem::find(behind, REPLACES));
        let claim = &behind[..ends.unwrap_or(behind.len())];
        Some(Self { identifying: &fields[..begins + claim.len()], claim })
    }

    /// The identity of the assertion.
    pub fn identity(&self) -> Identity {
        identity(&[self.identifying, b"}"])
    }

    /// The identity of its claim.
    pub fn claim_hash(&self) -> ClaimHash {
        claim_hash(self.claim)
    }
}

/// The identity of an assertion, from its bytes without the parts that do not identify it.
pub(super) fn identity(pieces: &[&[u8]]) -> Identity {
    let mut hasher = blake3::Hasher::new_derive_key("testimony 2026-11 v1 assertion identity");
    for piece in pieces {
        hasher.update(piece);
    }
    Identity::from_bytes(*hasher.finalize().as_bytes())
}

/// The hash of a claim, from its bytes.
pub(super) fn claim_hash(encoded: &[u8]) -> ClaimHash {
    ClaimHash::from_bytes(blake3::derive_key("testimony 2026-11 v1 claim", encoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS_AS_WORDS: &str = r#"{"document":2,"content":[{"text":{"exact":",\"claim\":{\"found_by\":"}}],"claim":{"words":",\"replaces\":5"}"#;

    #[test]
    fn words_that_look_like_keys_are_words() {
        let bare = format!("{KEYS_AS_WORDS}}}");
        let claim = br#"{"words":",\"replaces\":5"}"#;
        for behind in [
            "",
            r#","found_by":{"person":",\"replaces\":1"}"#,
            r#","replaces":7"#,
            r#","found_by":{"person":"Ana"},"replaces":7"#,
        ] {
            let assertion = format!("{KEYS_AS_WORDS}{behind}}}");
            let encoded = Encoded::of(assertion.as_bytes()).unwrap();
            assert_eq!(encoded.claim, claim, "{behind}");
            assert_eq!(encoded.identifying, KEYS_AS_WORDS.as_bytes(), "{behind}");
            assert_eq!(encoded.identity(), Encoded::of(bare.as_bytes()).unwrap().identity());
        }
        let other = bare.replace("\"document\":2", "\"document\":3");
        let other = Encoded::of(other.as_bytes()).unwrap();
        assert_ne!(other.identity(), Encoded::of(bare.as_bytes()).unwrap().identity());
    }

    #[test]
    fn what_is_no_assertion_is_not_cut() {
        for other in ["", "{}", "[]", r#"{"document":2}"#, r#""claim""#, r#","claim":{}"#] {
            assert_eq!(Encoded::of(other.as_bytes()), None, "{other}");
        }
    }
}
