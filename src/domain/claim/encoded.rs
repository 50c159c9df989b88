//! An assertion as it is encoded, cut into what makes it the same as another and what does not.
//!
//! Knows in which order an assertion's fields are written. Must not know what they mean. What was just
//! encoded, or read from a log, is hashed as it stands: to encode it again cost more than the hash.

use memchr::memmem;

use crate::domain::digest::{ClaimHash, Identity};

/// A key is never found within a string: there, every quotation mark has a backslash before it.
const CLAIM: &[u8] = b",\"claim\":";
const FOUND_BY: &[u8] = b",\"found_by\":";
const REPLACES: &[u8] = b",\"replaces\":";

/// The bytes of an assertion in its one encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded<'a> {
    /// All but its closing brace and what stands behind the claim: who or what found it, and what it
    /// replaces.
    identifying: &'a [u8],
    claim: &'a [u8],
}

impl<'a> Encoded<'a> {
    /// Cuts the JSON object of an assertion; none where it is no such object in its one encoding, as
    /// far as that shows here.
    pub fn of(assertion: &'a [u8]) -> Option<Self> {
        let fields = assertion.strip_suffix(b"}").filter(|fields| fields.starts_with(b"{"))?;
        let begins = memmem::find(fields, CLAIM)? + CLAIM.len();
        let behind = &fields[begins..];
        let ends = memmem::find(behind, FOUND_BY).or_else(|| memmem::find(behind, REPLACES));
        let claim = &behind[..ends.unwrap_or(behind.len())];
        Some(Self { identifying: &fields[..begins + claim.len()], claim })
    }

    /// What makes the assertion the same as another.
    pub fn identity(&self) -> Identity {
        identity(&[self.identifying, b"}"])
    }

    /// What makes its claim the same as another.
    pub fn claim_hash(&self) -> ClaimHash {
        claim_hash(self.claim)
    }
}

/// The identity of an assertion, of which these are the bytes without what does not identify it.
pub(super) fn identity(pieces: &[&[u8]]) -> Identity {
    let mut hasher = blake3::Hasher::new_derive_key("testimony 2026-11 v1 assertion identity");
    for piece in pieces {
        hasher.update(piece);
    }
    Identity::from_bytes(*hasher.finalize().as_bytes())
}

/// The hash of a claim, of which these are the bytes.
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
