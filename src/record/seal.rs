//! Seals an event into an entry, one link of the hash chain.
//!
//! Knows bytes, hashes and the order of times: an entry is one line of JSON with its fields in a
//! fixed order, followed by the index of C2SP tlog-addenda with one digest, that of the event's
//! *addendum*, salt ‖ event. Must not know what an event means.

use std::io::Write as _;
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::domain::digest::{Commitment, EntryHash, parse_hex};
use crate::domain::id::Sequence;
use crate::domain::moment::Timestamp;

/// The largest entry, in bytes.
pub const MAX_ENTRY_BYTES: usize = 1024;

/// The largest event, in bytes.
pub const MAX_EVENT_BYTES: usize = crate::record::event::MAX_BYTES;

const CHAIN_CONTEXT: &str = "testimony 2026-11 v1 entry chain";

/// The number of digests in the index of an entry.
const DIGESTS: u8 = 1;

/// The bytes after an entry's JSON: a digest, its offset in four bytes, and the number of digests.
const INDEX_BYTES: usize = 32 + 4 + 1;

/// Why no random bytes are available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the operating system provides no random bytes, which every entry needs: check its random number generator"
)]
pub struct SaltError;

/// 32 random bytes that keep a commitment from revealing anything about its event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt([u8; 32]);

impl Salt {
    /// The salt with these bytes. A writer takes them from the system's generator.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Salt {
    /// Prints nothing of the salt: a printed salt would let the event be guessed from its
    /// commitment.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// The part of a record that can be erased: the event's bytes, and the salt in their commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The salt.
    pub salt: Salt,
    /// The event's bytes, exactly as committed to; at most 64 KiB.
    pub event: Vec<u8>,
}

impl Payload {
    /// The commitment to this payload: the SHA-256 of its addendum.
    pub fn commitment(&self) -> Commitment {
        commitment_to(&self.salt, &self.event)
    }
}

/// One record of the log: the entry's bytes, and the payload unless it was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The entry: one line of JSON and its index of addenda, at most 1 KiB.
    pub entry: Vec<u8>,
    /// Salt and event, or `None` once erased.
    pub payload: Option<Payload>,
}

/// The fields of an entry, which the chain links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its sequence.
    pub seq: Sequence,
    /// The hash of the previous entry; zeros for entry 0.
    pub prev: EntryHash,
    /// When it was recorded, by the local clock.
    pub at: Timestamp,
    /// The commitment to its event.
    pub commit: Commitment,
}

/// Why bytes are not an entry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EntryError {
    /// Over 1 KiB.
    #[error("the entry is {0} bytes long, and the limit is 1024")]
    TooLong(usize),
    /// A field is missing, out of order, or not in its one spelling.
    #[error("the entry's field `{0}` is missing, misplaced or not valid")]
    Field(&'static str),
}

impl Entry {
    /// The entry's bytes: `{"seq":…,"prev":"…","at":"…"}`, the 32 bytes of the digest, their offset
    /// in four bytes, big-endian, and the number of digests, 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(224);
        // Writing to a Vec cannot fail.
        let _ = write!(
            bytes,
            r#"{{"seq":{},"prev":"{}","at":"{}"}}"#,
            self.seq.get(),
            self.prev,
            self.at
        );
        // The JSON has at most 145 bytes.
        let offset = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(self.commit.as_bytes());
        bytes.extend_from_slice(&offset.to_be_bytes());
        bytes.push(DIGESTS);
        bytes
    }

    /// Reads an entry, and refuses any other spelling of the same fields.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLong(bytes.len()));
        }
        let index = bytes.len().checked_sub(INDEX_BYTES).ok_or(EntryError::Field("index"))?;
        let (line, index) = bytes.split_at(index);
        let commit = digest(index, line.len()).ok_or(EntryError::Field("index"))?;
        let (seq, rest) =
            field(line, b"{\"seq\":", b",\"prev\":\"").ok_or(EntryError::Field("seq"))?;
        let (prev, rest) = wide::<64>(rest, b"\",\"at\":\"").ok_or(EntryError::Field("prev"))?;
        let at = rest.strip_suffix(b"\"}").ok_or(EntryError::Field("at"))?;
        let entry = Self {
            seq: sequence(seq).ok_or(EntryError::Field("seq"))?,
            prev: parse_hex(prev).map(EntryHash::from_bytes).ok_or(EntryError::Field("prev"))?,
            at: std::str::from_utf8(at)
                .ok()
                .and_then(|text| text.parse().ok())
                .ok_or(EntryError::Field("at"))?,
            commit,
        };
        Ok(entry)
    }
}

/// The one digest of an index that follows `offset` bytes, if it is valid.
fn digest(index: &[u8], offset: usize) -> Option<Commitment> {
    let (digest, rest) = index.split_first_chunk::<32>()?;
    let (place, count) = rest.split_first_chunk::<4>()?;
    let is_there = u32::from_be_bytes(*place) == u32::try_from(offset).ok()?;
    (is_there && count == [DIGESTS]).then(|| Commitment::from_bytes(*digest))
}

fn field<'a>(line: &'a [u8], opening: &[u8], closing: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    split(line.strip_prefix(opening)?, closing)
}

/// A field of known width, and what follows the text that closes it.
fn wide<'a, const WIDTH: usize>(bytes: &'a [u8], closing: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (field, rest) = bytes.split_at_checked(WIDTH)?;
    Some((field, rest.strip_prefix(closing)?))
}

fn split<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..place], &bytes[place + at.len()..]))
}

fn sequence(digits: &[u8]) -> Option<Sequence> {
    let plain =
        digits.iter().all(u8::is_ascii_digit) && (digits == b"0" || digits.first() != Some(&b'0'));
    let value = std::str::from_utf8(digits).ok()?.parse().ok()?;
    if plain { Sequence::new(value).ok() } else { None }
}

fn keyed(cell: &'static OnceLock<blake3::Hasher>, context: &'static str) -> blake3::Hasher {
    cell.get_or_init(|| blake3::Hasher::new_derive_key(context)).clone()
}

/// The commitment to an event: the SHA-256 of its addendum, salt ‖ event bytes.
pub fn commitment_to(salt: &Salt, event: &[u8]) -> Commitment {
    let digest = Sha256::new().chain_update(salt.0).chain_update(event).finalize();
    Commitment::from_bytes(digest.into())
}

/// The hash by which the next entry refers to this one: BLAKE3 derive_key over the entry's bytes.
pub fn entry_hash(entry: &[u8]) -> EntryHash {
    static KEYED: OnceLock<blake3::Hasher> = OnceLock::new();
    let mut hasher = keyed(&KEYED, CHAIN_CONTEXT);
    hasher.update(entry);
    EntryHash::from_bytes(*hasher.finalize().as_bytes())
}

/// An event sealed into its entry, ready to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The entry, decoded.
    pub entry: Entry,
    /// The hash of its bytes.
    pub hash: EntryHash,
    /// What the log stores.
    pub record: Record,
}

/// Why an entry does not follow the previous one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainError {
    /// A gap, or a swap.
    #[error("its number is {found}, where {expected} is expected")]
    OutOfSequence {
        /// The sequence that belongs here.
        expected: Sequence,
        /// The sequence in the entry.
        found: Sequence,
    },
    /// `prev` is not the hash of the previous entry.
    #[error(
        "it does not link to the previous entry: that has the hash {expected}, but `prev` is {found}"
    )]
    Broken {
        /// The hash of the previous entry.
        expected: EntryHash,
        /// The value of `prev`.
        found: EntryHash,
    },
    /// Its time is before that of the previous entry.
    #[error("its time is {found}, which is before the previous entry's ({expected})")]
    Earlier {
        /// The time of the previous entry.
        expected: Timestamp,
        /// The time in the entry.
        found: Timestamp,
    },
}

/// The growing end of a hash chain: what the next entry must link to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashChain {
    /// The sequence of the next entry.
    pub next: Sequence,
    /// The hash that the next entry has as `prev`.
    pub head: EntryHash,
    /// The earliest time that the next entry may have.
    pub latest: Timestamp,
}

impl HashChain {
    /// The end of an empty chain.
    pub const EMPTY: Self =
        Self { next: Sequence::ZERO, head: EntryHash::ZERO, latest: Timestamp::EPOCH };

    /// Seals `event` as the next entry and moves the end past it. If the clock is behind the last
    /// entry, that entry's time is used: `at` never decreases.
    #[must_use]
    pub fn seal(&mut self, event: Vec<u8>, salt: Salt, now: Timestamp) -> Sealed {
        let payload = Payload { salt, event };
        let commitment = payload.commitment();
        self.link(payload, commitment, now)
    }

    /// Seals a payload whose commitment was computed before: that does not need the chain, and
    /// takes longer than the rest.
    #[must_use]
    pub fn link(&mut self, payload: Payload, commitment: Commitment, now: Timestamp) -> Sealed {
        let at = now.max(self.latest);
        let entry = Entry { seq: self.next, prev: self.head, at, commit: commitment };
        let bytes = entry.encode();
        let hash = entry_hash(&bytes);
        self.advance(&entry, hash);
        Sealed { entry, hash, record: Record { entry: bytes, payload: Some(payload) } }
    }

    /// Checks that `entry`, whose bytes hash to `hash`, is the next link, and moves past it.
    pub fn follow(&mut self, entry: &Entry, hash: EntryHash) -> Result<(), ChainError> {
        if entry.seq != self.next {
            return Err(ChainError::OutOfSequence { expected: self.next, found: entry.seq });
        }
        if entry.prev != self.head {
            return Err(ChainError::Broken { expected: self.head, found: entry.prev });
        }
        if entry.at < self.latest {
            return Err(ChainError::Earlier { expected: self.latest, found: entry.at });
        }
        self.advance(entry, hash);
        Ok(())
    }

    /// Moves past `entry` whether or not it fits, so that one break is reported once.
    pub fn advance(&mut self, entry: &Entry, hash: EntryHash) {
        self.next = entry.seq.next();
        self.head = hash;
        self.latest = entry.at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn sealed() -> Sealed {
        HashChain::EMPTY.clone().seal(
            b"{}".to_vec(),
            Salt::from_bytes([7; 32]),
            time("2026-11-24T21:14:56.123456Z"),
        )
    }

    #[test]
    fn the_bytes_of_an_entry_are_frozen() {
        let sealed = sealed();
        let zeros = "0".repeat(64);
        let mut bytes =
            format!(r#"{{"seq":0,"prev":"{zeros}","at":"2026-11-24T21:14:56.123456Z"}}"#)
                .into_bytes();
        assert_eq!(bytes.len(), 0x76);
        bytes.extend(sealed.entry.commit.as_bytes());
        bytes.extend([0, 0, 0, 0x76, 1]);
        assert_eq!(sealed.record.entry, bytes);
        assert_eq!(Entry::decode(&sealed.record.entry), Ok(sealed.entry));
    }

    #[test]
    fn the_digest_is_sha_256_and_the_chain_blake3_in_its_own_context() {
        let sealed = sealed();
        let mut committed = vec![7; 32];
        committed.extend(b"{}");
        assert_eq!(sealed.entry.commit.as_bytes(), Sha256::digest(&committed).as_slice());
        assert_eq!(
            sealed.hash.as_bytes(),
            &blake3::derive_key("testimony 2026-11 v1 entry chain", &sealed.record.entry)
        );
    }

    #[test]
    fn a_clock_that_goes_back_is_held() {
        let mut chain = HashChain::EMPTY;
        let salt = Salt::from_bytes([0; 32]);
        let first = chain.seal(vec![], salt, time("2026-11-24T21:14:56.000000Z"));
        let second = chain.seal(vec![], salt, time("2026-11-24T20:00:00.000000Z"));
        assert_eq!(second.entry.at, first.entry.at);
        assert_eq!(second.entry.prev, first.hash);
    }

    #[test]
    fn each_break_of_the_chain_is_told_apart() {
        let sealed = sealed();
        let mut chain = HashChain::EMPTY;
        chain.follow(&sealed.entry, sealed.hash).unwrap();
        let next = Entry { seq: chain.next, prev: chain.head, ..sealed.entry };
        let out = Entry { seq: Sequence::ZERO, ..next };
        let broken = Entry { prev: EntryHash::ZERO, ..next };
        let earlier = Entry { at: Timestamp::EPOCH, ..next };
        let refusal = |entry| chain.clone().follow(&entry, sealed.hash).unwrap_err();
        assert!(matches!(refusal(out), ChainError::OutOfSequence { .. }));
        assert!(matches!(refusal(broken), ChainError::Broken { .. }));
        assert!(matches!(refusal(earlier), ChainError::Earlier { .. }));
        assert_eq!(chain.clone().follow(&next, sealed.hash), Ok(()));
    }

    #[test]
    fn entries_over_a_kibibyte_are_refused() {
        assert_eq!(Entry::decode(&[b' '; 1025]), Err(EntryError::TooLong(1025)));
    }

    proptest! {
        /// Changing any one byte gives a different entry or none: no value has two spellings.
        #[test]
        fn one_value_has_one_spelling(place in 0usize..200, byte: u8) {
            let line = sealed().record.entry;
            let mut changed = line.clone();
            let place = place % line.len();
            changed[place] = byte;
            match Entry::decode(&changed) {
                Ok(entry) => prop_assert_eq!(entry.encode(), changed),
                Err(EntryError::Field(_) | EntryError::TooLong(_)) => prop_assert_ne!(changed, line),
            }
        }
    }
}
