//! Encodes blocks: several records in one value of the store, byte by byte.
//!
//! Knows the framing and checks it. Must not know the store, or the position of a block among
//! others.
//!
//! A key is 10 bytes: the sequence of the block's first record (u64, big-endian), then a part
//! number (u16, big-endian). The byte order of keys is the order of the blocks in the log.
//!
//! A value is at most 8192 bytes. All numbers are big-endian.
//!
//! ```text
//! offset  bytes  field
//!      0      1  version, 1
//!      1      1  kind: 0, whole records; 1, a part of one record; 2, whole records, compressed
//!      2     16  check: BLAKE3 derive_key, context "testimony 2026-11 v1 log block", over the
//!                key ‖ bytes 0 and 1 ‖ bytes 18 to the end; its first 16 bytes
//!     18      2  count: records in the block, at least 1; for a part, parts of the record, 2 to 16
//!     20         kind 0: the records, one after another and nothing else; kind 1: the part's
//!                bytes; kind 2: how many bytes the records have (u16), and these bytes as one
//!                block of LZ4
//! ```
//!
//! A record:
//!
//! ```text
//!  bytes  field
//!      2  length of the entry, at most 1024
//!         the entry
//!      1  flag: 0, erased, and the record ends here; 1, the payload follows
//!     32  salt
//!      4  length of the event, at most 65536
//!         the event
//! ```
//!
//! A record that does not fit in one block is cut into parts: values under the same first sequence
//! with part numbers 0, 1, 2 and so on, all of them full except the last. Whole blocks have part
//! number 0. Parts are not compressed.
//!
//! Why compression: the store writes a value three times before it reaches its final place, so each
//! byte saved is saved three times. A block states its unpacked size, at most 65,535 bytes, and is
//! damaged if it does not unpack to exactly that; no more memory is ever allocated for it. The
//! check covers the stored bytes, so nothing is unpacked before its check matches.
//!
//! Why a check, although the store has checksums and the chain has hashes: the store's are CRC-32
//! over its own pages, and it has been seen to read on past a page it dropped; the chain's cover
//! entries and events but not lengths, flags or counts. With the check, every flipped bit is traced
//! to one block before anything is parsed, and a block under a wrong key is refused. It is cut to
//! 16 bytes because it protects against accidents; the signed checkpoint protects against forgery.

use std::fmt;
use std::sync::OnceLock;

use thiserror::Error;

use crate::domain::id::Sequence;
use crate::record::seal::{MAX_ENTRY_BYTES, MAX_EVENT_BYTES, Payload, Record, Salt};

/// The largest value, in bytes.
pub(super) const MAX_BLOCK_BYTES: usize = 8192;

pub(super) const VERSION: u8 = 1;
pub(super) const WHOLE: u8 = 0;
pub(super) const PART: u8 = 1;
pub(super) const COMPRESSED: u8 = 2;
const ERASED: u8 = 0;
const PRESENT: u8 = 1;

pub(super) const CHECK_AT: usize = 2;
const CHECK_BYTES: usize = 16;
pub(super) const COUNT_AT: usize = CHECK_AT + CHECK_BYTES;
pub(super) const HEADER_BYTES: usize = COUNT_AT + 2;
pub(super) const ROOM: usize = MAX_BLOCK_BYTES - HEADER_BYTES;

/// The bytes that state the unpacked size of a compressed block, and the largest size they may
/// state.
pub(super) const UNPACKED_BYTES: usize = 2;
pub(super) const MOST_UNPACKED: usize = u16::MAX as usize;

const SALT_BYTES: usize = 32;
const SMALLEST_RECORD: usize = 3;
const LARGEST_RECORD: usize = 2 + MAX_ENTRY_BYTES + 1 + SALT_BYTES + 4 + MAX_EVENT_BYTES;
pub(super) const MOST_PARTS: u16 = 16;
const _: () = assert!(LARGEST_RECORD <= ROOM * MOST_PARTS as usize);

const CHECK_CONTEXT: &str = "testimony 2026-11 v1 log block";

/// The first draft of the format: it can still be recognised, but no longer read.
const DRAFT_VERSION: u8 = 0;
const DRAFT_CONTEXT: &str = "testimony 2026-11 v0 log block";

/// The key of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BlockKey {
    /// The sequence of its first record.
    pub(super) first: Sequence,
    /// Which part of that record it is; 0 for whole records.
    pub(super) part: u16,
}

impl BlockKey {
    /// The key of the block, or of the first part, that begins at `first`.
    pub(super) const fn starting(first: Sequence) -> Self {
        Self { first, part: 0 }
    }

    /// The 10 bytes of the key.
    pub(super) fn encode(self) -> [u8; 10] {
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&self.first.get().to_be_bytes());
        bytes[8..].copy_from_slice(&self.part.to_be_bytes());
        bytes
    }

    /// Reads a key; `None` if it has another length or its sequence is too large.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (first, part) = bytes.split_first_chunk::<8>()?;
        let first = Sequence::new(u64::from_be_bytes(*first)).ok()?;
        let part = u16::from_be_bytes(part.try_into().ok()?);
        Some(Self { first, part })
    }
}

impl fmt::Display for BlockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part {
            0 => write!(f, "block {}", self.first),
            part => write!(f, "part {part} of block {}", self.first),
        }
    }
}

/// What is wrong with a block.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum BlockFault {
    /// Shorter than a header, or longer than the largest block.
    #[error("it is {0} bytes long, but blocks have 20 to 8192")]
    Size(usize),
    /// Another version of the format.
    #[error("it has version {0}, but this program reads version 1")]
    Version(u8),
    /// The check does not match.
    #[error("its checksum does not match its bytes")]
    Check,
    /// An unknown kind of block.
    #[error("it is of kind {0}, but only 0, 1 and 2 exist")]
    Kind(u8),
    /// An impossible count.
    #[error("its count of {0} is impossible")]
    Count(u16),
    /// A record that ends too early, or is too large.
    #[error("the lengths of record {0} in it are wrong")]
    Lengths(u16),
    /// A flag that means neither erased nor present.
    #[error("record {0} in it is neither erased nor present")]
    Flag(u16),
    /// Bytes after the last record.
    #[error("{0} bytes follow its last record")]
    Trailing(usize),
    /// Compressed bytes that do not unpack to the stated size.
    #[error("its records do not unpack to the {0} bytes it states")]
    Unpacked(usize),
    /// A part on its own, or followed by something other than the next part.
    #[error("some of its parts are missing")]
    Parts,
}

/// The content of a block.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BlockBody<'a> {
    /// Whole records.
    Whole(Vec<Record>),
    /// A part of one record.
    Part {
        /// The number of parts.
        total: u16,
        /// The bytes of the record in this part.
        bytes: &'a [u8],
    },
}

pub(super) fn check(key: BlockKey, block: &[u8]) -> [u8; CHECK_BYTES] {
    static KEYED: OnceLock<blake3::Hasher> = OnceLock::new();
    let keyed = KEYED.get_or_init(|| blake3::Hasher::new_derive_key(CHECK_CONTEXT));
    check_with(keyed.clone(), key, block)
}

fn check_with(mut hasher: blake3::Hasher, key: BlockKey, block: &[u8]) -> [u8; CHECK_BYTES] {
    hasher.update(&key.encode()).update(&block[..CHECK_AT]).update(&block[COUNT_AT..]);
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&hasher.finalize().as_bytes()[..CHECK_BYTES]);
    check
}

/// Whether this is a complete block of the format's first draft; a version byte alone could be
/// damage.
pub(super) fn is_first_draft(key: BlockKey, block: &[u8]) -> bool {
    let of_size = (HEADER_BYTES..=MAX_BLOCK_BYTES).contains(&block.len());
    of_size && block[0] == DRAFT_VERSION && {
        let hasher = blake3::Hasher::new_derive_key(DRAFT_CONTEXT);
        block[CHECK_AT..COUNT_AT] == check_with(hasher, key, block)
    }
}

pub(super) fn encoded_length(record: &Record) -> usize {
    let payload = record.payload.as_ref().map_or(0, |payload| SALT_BYTES + 4 + payload.event.len());
    2 + record.entry.len() + 1 + payload
}

/// Lengths fit in their fields because the log admits no larger record.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn encode(record: &Record, out: &mut Vec<u8>) {
    out.extend_from_slice(&(record.entry.len() as u16).to_be_bytes());
    out.extend_from_slice(&record.entry);
    let Some(payload) = &record.payload else {
        return out.push(ERASED);
    };
    out.push(PRESENT);
    out.extend_from_slice(payload.salt.as_bytes());
    out.extend_from_slice(&(payload.event.len() as u32).to_be_bytes());
    out.extend_from_slice(&payload.event);
}

/// Reads the block under `key`, and refuses anything that [`pack`] would not have written.
pub(super) fn decode(key: BlockKey, block: &[u8]) -> Result<BlockBody<'_>, BlockFault> {
    if block.len() < HEADER_BYTES || block.len() > MAX_BLOCK_BYTES {
        return Err(BlockFault::Size(block.len()));
    }
    if block[0] != VERSION {
        return Err(BlockFault::Version(block[0]));
    }
    if block[CHECK_AT..COUNT_AT] != check(key, block) {
        return Err(BlockFault::Check);
    }
    let count = u16::from_be_bytes([block[COUNT_AT], block[COUNT_AT + 1]]);
    let body = &block[HEADER_BYTES..];
    match block[1] {
        WHOLE if key.part == 0 => Ok(BlockBody::Whole(whole(count, body)?)),
        COMPRESSED if key.part == 0 => Ok(BlockBody::Whole(whole(count, &unpack(body)?)?)),
        PART if !(2..=MOST_PARTS).contains(&count) => Err(BlockFault::Count(count)),
        PART if key.part >= count => Err(BlockFault::Parts),
        PART if key.part + 1 < count && body.len() != ROOM => Err(BlockFault::Parts),
        PART => Ok(BlockBody::Part { total: count, bytes: body }),
        WHOLE | COMPRESSED => Err(BlockFault::Parts),
        kind => Err(BlockFault::Kind(kind)),
    }
}

/// Reads a record from `bytes`, its joined parts.
pub(super) fn join(bytes: &[u8]) -> Result<Record, BlockFault> {
    let mut reader = ByteReader { rest: bytes };
    let record = reader.record(0)?;
    reader.end()?;
    Ok(record)
}

/// The unpacked bytes of a compressed block; an error if their number is not the stated one.
fn unpack(body: &[u8]) -> Result<Vec<u8>, BlockFault> {
    let Some((stated, packed)) = body.split_first_chunk::<UNPACKED_BYTES>() else {
        return Err(BlockFault::Unpacked(0));
    };
    let stated = usize::from(u16::from_be_bytes(*stated));
    let mut bytes = vec![0; stated];
    match lz4_flex::block::decompress_into(packed, &mut bytes) {
        Ok(unpacked) if unpacked == stated => Ok(bytes),
        _ => Err(BlockFault::Unpacked(stated)),
    }
}

fn whole(count: u16, bytes: &[u8]) -> Result<Vec<Record>, BlockFault> {
    let possible = count > 0 && usize::from(count) * SMALLEST_RECORD <= bytes.len();
    if !possible {
        return Err(BlockFault::Count(count));
    }
    let mut reader = ByteReader { rest: bytes };
    let mut records = Vec::with_capacity(usize::from(count));
    for index in 0..count {
        records.push(reader.record(index)?);
    }
    reader.end()?;
    Ok(records)
}

struct ByteReader<'a> {
    rest: &'a [u8],
}

impl<'a> ByteReader<'a> {
    fn record(&mut self, index: u16) -> Result<Record, BlockFault> {
        let lengths = BlockFault::Lengths(index);
        let entry = self.number::<2>().and_then(|length| self.bytes(length, MAX_ENTRY_BYTES));
        let Some(entry) = entry else { return Err(lengths) };
        let payload = match self.number::<1>() {
            Some(flag) if flag == usize::from(ERASED) => None,
            Some(flag) if flag == usize::from(PRESENT) => Some(self.payload().ok_or(lengths)?),
            Some(_) => return Err(BlockFault::Flag(index)),
            None => return Err(lengths),
        };
        Ok(Record { entry: entry.to_vec(), payload })
    }

    fn payload(&mut self) -> Option<Payload> {
        let (salt, rest) = self.rest.split_first_chunk::<SALT_BYTES>()?;
        self.rest = rest;
        let length = self.number::<4>()?;
        let event = self.bytes(length, MAX_EVENT_BYTES)?.to_vec();
        Some(Payload { salt: Salt::from_bytes(*salt), event })
    }

    fn number<const WIDTH: usize>(&mut self) -> Option<usize> {
        let (digits, rest) = self.rest.split_first_chunk::<WIDTH>()?;
        self.rest = rest;
        Some(digits.iter().fold(0, |number, digit| number << 8 | usize::from(*digit)))
    }

    fn bytes(&mut self, length: usize, most: usize) -> Option<&'a [u8]> {
        if length > most || length > self.rest.len() {
            return None;
        }
        let (bytes, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(bytes)
    }

    fn end(&self) -> Result<(), BlockFault> {
        if self.rest.is_empty() { Ok(()) } else { Err(BlockFault::Trailing(self.rest.len())) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::packing::pack;
    use super::*;
    use proptest::prelude::*;

    fn record(entry: usize, event: Option<usize>) -> Record {
        let payload = event.map(|length| Payload {
            salt: Salt::from_bytes([9; 32]),
            event: (0..length).map(|place| (place % 251) as u8).collect(),
        });
        Record { entry: vec![b'e'; entry], payload }
    }

    fn at(value: u64) -> Sequence {
        Sequence::new(value).unwrap()
    }

    /// Puts a valid check on a block, so that the code after the check is reached.
    fn resealed(key: BlockKey, mut block: Vec<u8>) -> Vec<u8> {
        let check = check(key, &block);
        block[CHECK_AT..COUNT_AT].copy_from_slice(&check);
        block
    }

    #[test]
    fn the_bytes_of_a_block_are_frozen() {
        let records = [
            Record { entry: b"ab".to_vec(), payload: None },
            Record {
                entry: b"c".to_vec(),
                payload: Some(Payload { salt: Salt::from_bytes([7; 32]), event: b"{}".to_vec() }),
            },
        ];
        let [(key, block)] = pack(at(258), &records).try_into().unwrap();
        assert_eq!(key.encode(), [0, 0, 0, 0, 0, 0, 1, 2, 0, 0]);
        let mut hashed = key.encode().to_vec();
        hashed.extend([1, 0, 0, 2, 0, 2]);
        hashed.extend(b"ab\0\0\x01c\x01");
        hashed.extend([7; 32]);
        hashed.extend(b"\0\0\0\x02{}");
        let check = blake3::derive_key("testimony 2026-11 v1 log block", &hashed);
        let mut expected = vec![1, 0];
        expected.extend(&check[..16]);
        expected.extend(&hashed[12..]);
        assert_eq!(block, expected);
    }

    #[test]
    fn a_compressed_block_is_read_from_its_bytes() {
        let salt = Salt::from_bytes([7; 32]);
        let event = [b"{".as_slice(), &[b'x'; 20], b"}"].concat();
        let record = Record { entry: b"c".to_vec(), payload: Some(Payload { salt, event }) };
        let key = BlockKey::starting(at(258));
        // Two runs written by hand: a token, literals, and a distance back to the rest; then the
        // last bytes.
        let mut packed = vec![0x5f];
        packed.extend(b"\0\x01c\x01\x07");
        packed.extend([1, 0, 31 - 4 - 15, 0x6b]);
        packed.extend(b"\0\0\0\x16{x");
        packed.extend([1, 0, 0x50]);
        packed.extend(b"xxxx}");
        let mut hashed = key.encode().to_vec();
        hashed.extend([1, 2, 0, 1, 0, 62]);
        hashed.extend(&packed);
        let check = blake3::derive_key("testimony 2026-11 v1 log block", &hashed);
        let mut block = vec![1, 2];
        block.extend(&check[..16]);
        block.extend(&hashed[12..]);
        assert_eq!(decode(key, &block), Ok(BlockBody::Whole(vec![record])));
    }

    #[test]
    fn a_block_that_does_not_unpack_to_what_it_states_is_refused() {
        let [(key, block)] = pack(at(3), &[record(9, Some(9_000))]).try_into().unwrap();
        assert_eq!(block[1], COMPRESSED);
        let stated = encoded_length(&record(9, Some(9_000)));
        let with = |stated: u16, packed: &[u8]| {
            let mut block = block[..HEADER_BYTES].to_vec();
            block.extend(stated.to_be_bytes());
            block.extend(packed);
            decode(key, &resealed(key, block)).unwrap_err()
        };
        let packed = &block[HEADER_BYTES + UNPACKED_BYTES..];
        for other in [0, 1, stated - 1, stated + 1, MOST_UNPACKED] {
            assert_eq!(with(other as u16, packed), BlockFault::Unpacked(other));
        }
        for cut in [0, 1, packed.len() - 1] {
            assert_eq!(with(stated as u16, &packed[..cut]), BlockFault::Unpacked(stated));
        }
        // One endless run: 255 times its own size, and no more space than is stated.
        let mut bomb = vec![0x1f, b'x', 1, 0];
        bomb.resize(ROOM - UNPACKED_BYTES, 255);
        assert_eq!(with(u16::MAX, &bomb), BlockFault::Unpacked(MOST_UNPACKED));
        let short = resealed(key, block[..HEADER_BYTES + 1].to_vec());
        assert_eq!(decode(key, &short), Err(BlockFault::Unpacked(0)));
        let part = BlockKey { part: 1, ..key };
        assert_eq!(decode(part, &resealed(part, block)), Err(BlockFault::Parts));
    }

    #[test]
    fn a_block_of_the_first_draft_is_told_from_a_damaged_one() {
        let [(key, mut block)] = pack(at(0), &[record(4, Some(6))]).try_into().unwrap();
        block[0] = DRAFT_VERSION;
        assert!(!is_first_draft(key, &block), "one byte makes no draft");
        let draft = blake3::Hasher::new_derive_key(DRAFT_CONTEXT);
        let check = check_with(draft, key, &block);
        block[CHECK_AT..COUNT_AT].copy_from_slice(&check);
        assert!(is_first_draft(key, &block));
        assert_eq!(decode(key, &block), Err(BlockFault::Version(0)));
        assert!(!is_first_draft(key, &block[..9]));
    }

    #[test]
    fn a_record_too_large_for_a_block_is_cut_into_parts() {
        let large = record(MAX_ENTRY_BYTES, Some(MAX_EVENT_BYTES));
        let blocks = pack(at(5), &[record(200, Some(9)), large.clone(), record(200, None)]);
        let keys: Vec<_> = blocks.iter().map(|(key, _)| (key.first.get(), key.part)).collect();
        let parts = (0..9).map(|part| (6, part));
        let expected: Vec<_> = [(5, 0)].into_iter().chain(parts).chain([(7, 0)]).collect();
        assert_eq!(keys, expected);
        let mut whole = Vec::new();
        for (key, block) in &blocks[1..10] {
            let Ok(BlockBody::Part { total: 9, bytes }) = decode(*key, block) else {
                panic!("{key}")
            };
            whole.extend_from_slice(bytes);
        }
        assert_eq!(join(&whole), Ok(large));
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let [(key, block)] = pack(at(3), &[record(40, Some(60))]).try_into().unwrap();
        for bit in 0..block.len() * 8 {
            let mut changed = block.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(key, &changed).is_err(), "bit {bit}");
        }
        assert_eq!(decode(BlockKey::starting(at(4)), &block), Err(BlockFault::Check));
    }

    #[test]
    fn a_flip_behind_the_check_of_a_compressed_block_gives_no_more_than_it_states() {
        let records: Vec<_> = (0..9).map(|number| record(40 + number, Some(700))).collect();
        let [(key, block)] = pack(at(3), &records).try_into().unwrap();
        assert_eq!(block[1], COMPRESSED);
        let stated: usize = records.iter().map(encoded_length).sum();
        let mut refused = 0;
        for bit in 0..block.len() * 8 {
            let mut changed = block.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(key, &changed).is_err(), "bit {bit}");
            // With the check recomputed, the content may differ, but neither its size nor its
            // shape.
            match decode(key, &resealed(key, changed)) {
                Ok(BlockBody::Whole(read)) => {
                    assert_eq!(read.iter().map(encoded_length).sum::<usize>(), stated, "bit {bit}");
                }
                Ok(BlockBody::Part { .. }) => panic!("bit {bit} makes a part"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 0, "lengths, distances and tokens are among the bits");
    }

    #[test]
    fn what_pack_does_not_write_is_refused_behind_the_check_too() {
        let [(key, block)] = pack(at(3), &[record(4, Some(6))]).try_into().unwrap();
        let changed = |place: usize, byte: u8| {
            let mut block = block.clone();
            block[place] = byte;
            resealed(key, block)
        };
        let refusal = |block: &[u8]| decode(key, block).unwrap_err();
        assert_eq!(refusal(&changed(1, 7)), BlockFault::Kind(7));
        assert_eq!(refusal(&changed(COUNT_AT + 1, 0)), BlockFault::Count(0));
        assert_eq!(refusal(&changed(COUNT_AT, 255)), BlockFault::Count(0xff01));
        assert_eq!(refusal(&changed(COUNT_AT + 1, 2)), BlockFault::Lengths(1));
        assert_eq!(refusal(&changed(HEADER_BYTES, 255)), BlockFault::Lengths(0));
        assert_eq!(refusal(&changed(HEADER_BYTES + 6, 2)), BlockFault::Flag(0));
        assert_eq!(refusal(&changed(HEADER_BYTES + 6, 0)), BlockFault::Trailing(42));
        assert_eq!(refusal(&block[..9]), BlockFault::Size(9));
        let mut longer = block.clone();
        longer.push(0);
        assert_eq!(refusal(&resealed(key, longer)), BlockFault::Trailing(1));
    }

    proptest! {
        #[test]
        fn packing_and_reading_give_the_same_back(
            sizes in prop::collection::vec(
                (0usize..1025, prop::option::of(0usize..20_000), any::<bool>()), 1..40),
            first in 0u64..1 << 40,
        ) {
            let one = |(entry, event, noisy): &(usize, Option<usize>, bool)| {
                let mut record = record(*entry, *event);
                if let Some(payload) = record.payload.as_mut().filter(|_| *noisy) {
                    let seed = [entry.to_le_bytes(), event.unwrap_or(0).to_le_bytes()].concat();
                    blake3::Hasher::new().update(&seed).finalize_xof().fill(&mut payload.event);
                }
                record
            };
            let records: Vec<_> = sizes.iter().map(one).collect();
            let mut read = Vec::new();
            let mut parts = Vec::new();
            for (key, block) in pack(at(first), &records) {
                prop_assert!(block.len() <= MAX_BLOCK_BYTES);
                prop_assert_eq!(key.first, at(first + read.len() as u64));
                match decode(key, &block).unwrap() {
                    BlockBody::Whole(records) => read.extend(records),
                    BlockBody::Part { total, bytes } => {
                        parts.extend_from_slice(bytes);
                        if key.part + 1 == total {
                            read.push(join(&std::mem::take(&mut parts)).unwrap());
                        }
                    }
                }
            }
            prop_assert_eq!(read, records);
        }

        #[test]
        fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let key = BlockKey::starting(Sequence::ZERO);
            let _ = decode(key, &bytes);
            let _ = join(&bytes);
            if bytes.len() >= HEADER_BYTES {
                let mut block = bytes;
                block[0] = VERSION;
                block[1] %= 3;
                let _ = decode(key, &resealed(key, block));
            }
        }
    }
}
