//! Packs records into blocks so that each block is nearly full once it is compressed.
//!
//! Knows sizes, and that neighbouring records compress well together. Must not know what an entry
//! means.
//!
//! How many records fill a block is known only once they are compressed. So the packer takes as
//! many as the compression ratio of the previous block suggests, and repeats the few guesses that
//! miss with what it learned. The result depends only on the records, not on the machine or the
//! time it took, and the work is proportional to their bytes: a guess that was too large shrinks in
//! proportion, and one that was too small is retried at most twice and grows at most fourfold.

use std::convert::Infallible;

use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};

use super::block::{
    BlockKey, CHECK_AT, COMPRESSED, COUNT_AT, HEADER_BYTES, MAX_BLOCK_BYTES, MOST_PARTS,
    MOST_UNPACKED, PART, ROOM, UNPACKED_BYTES, VERSION, WHOLE, check, encode, encoded_length,
};
use crate::domain::id::Sequence;
use crate::platform::parallel;
use crate::record::seal::Record;

/// The number of records packed as a unit, so that several threads can share a batch.
const STRETCH: usize = 500;

/// The most threads that pack.
const MOST_THREADS: usize = 4;

/// Records of fewer bytes are not compressed: there is little to be saved.
const WORTHWHILE: usize = 512;

/// The size that a guess aims at. Records are not split, so the guess may miss by one record.
const AIM: usize = ROOM - ROOM / 64;
/// A block that is less full than this is retried with more records.
const FULL: usize = ROOM - ROOM / 8;
/// How many times a block is retried with more records.
const MOST_GROWTHS: usize = 2;

/// Blocks with their keys.
type Blocks = Vec<(BlockKey, Vec<u8>)>;

/// Packs `records`, the first of which has the sequence `first`, into few blocks that keep their
/// order.
pub(super) fn pack(first: Sequence, records: &[Record]) -> Blocks {
    let stretches = || {
        let stretches = (0..).step_by(STRETCH).zip(records.chunks(STRETCH));
        stretches.map(|(offset, stretch)| (first.plus(offset), stretch))
    };
    let threads = parallel::threads(MOST_THREADS).min(records.len() / STRETCH);
    let mut packed = Blocks::new();
    let pack = || |(first, stretch)| BlockPacker::over(first, stretch);
    let Ok(()) = parallel::in_order(threads, stretches, pack, |blocks: Blocks| {
        packed.extend(blocks);
        Ok::<_, Infallible>(())
    });
    packed
}

/// Packs one unit of records into blocks.
struct BlockPacker {
    blocks: Blocks,
    table: CompressTable,
    /// The records of one guess, uncompressed and compressed.
    plain: Vec<u8>,
    packed: Vec<u8>,
    /// How many bytes of records are expected to fill a block.
    guess: usize,
}

/// The result of a guess.
struct Tried {
    /// The number of records in it.
    count: usize,
    /// Whether they are smaller when compressed.
    smaller: bool,
    /// The bytes they occupy in a block.
    stored: usize,
}

impl BlockPacker {
    fn over(first: Sequence, records: &[Record]) -> Blocks {
        let mut packer = Self {
            blocks: Vec::new(),
            table: CompressTable::small(),
            plain: Vec::with_capacity(MOST_UNPACKED),
            packed: vec![0; get_maximum_output_size(MOST_UNPACKED)],
            guess: 2 * ROOM,
        };
        let mut done = 0;
        while let Some(rest) = records.get(done..).filter(|rest| !rest.is_empty()) {
            done += packer.block(first.plus(done as u64), rest);
        }
        packer.blocks
    }

    /// Fills one block with the first of `records`, or cuts the first record into parts. Returns
    /// how many records were taken.
    fn block(&mut self, first: Sequence, records: &[Record]) -> usize {
        let (mut growths, mut limit, mut too_large) = (0, self.guess, MOST_UNPACKED + 1);
        if encoded_length(&records[0]) > MOST_UNPACKED {
            return self.cut(first, &records[0]);
        }
        loop {
            let tried = self.try_bytes(limit, records);
            let taken = self.plain.len();
            let in_proportion = taken * AIM / tried.stored.max(1);
            if tried.stored > ROOM && tried.count == 1 {
                return self.cut(first, &records[0]);
            }
            if tried.stored > ROOM {
                too_large = taken;
                limit = in_proportion.min(taken - 1);
                continue;
            }
            let next = records.get(tried.count).map(|next| taken + encoded_length(next));
            let room_for_more = next.is_some_and(|next| next < too_large);
            if tried.stored >= FULL || !room_for_more || growths == MOST_GROWTHS {
                if tried.count < records.len() {
                    self.guess = in_proportion.clamp(ROOM, MOST_UNPACKED);
                }
                self.keep(first, &tried);
                return tried.count;
            }
            growths += 1;
            let wanted = in_proportion.min(4 * taken).min(too_large - 1);
            limit = wanted.max(next.unwrap_or(wanted));
        }
    }

    /// Takes records of up to `limit` bytes in total, at least one, and compresses them.
    fn try_bytes(&mut self, limit: usize, records: &[Record]) -> Tried {
        self.plain.clear();
        let mut count = 0;
        for record in records {
            if count > 0 && self.plain.len() + encoded_length(record) > limit.min(MOST_UNPACKED) {
                break;
            }
            encode(record, &mut self.plain);
            count += 1;
        }
        let whole = self.plain.len();
        let packed = if whole < WORTHWHILE {
            None
        } else {
            compress_into_with_table(&self.plain, &mut self.packed, &mut self.table).ok()
        };
        let packed = packed.map(|packed| packed + UNPACKED_BYTES).filter(|packed| *packed < whole);
        Tried { count, smaller: packed.is_some(), stored: packed.unwrap_or(whole) }
    }

    /// Makes a block of the last attempt. Lengths and counts fit in their fields, because a block
    /// never unpacks to more than they can express.
    #[allow(clippy::cast_possible_truncation)]
    fn keep(&mut self, first: Sequence, tried: &Tried) {
        let mut bytes = fresh(HEADER_BYTES + tried.stored);
        let kind = if tried.smaller {
            bytes.extend_from_slice(&(self.plain.len() as u16).to_be_bytes());
            bytes.extend_from_slice(&self.packed[..tried.stored - UNPACKED_BYTES]);
            COMPRESSED
        } else {
            bytes.extend_from_slice(&self.plain);
            WHOLE
        };
        self.finish(BlockKey::starting(first), kind, tried.count as u16, bytes);
    }

    /// Cuts a record that does not fit in a block into parts, and returns that one record was
    /// taken.
    fn cut(&mut self, first: Sequence, record: &Record) -> usize {
        let mut whole = Vec::with_capacity(encoded_length(record));
        encode(record, &mut whole);
        let parts = whole.chunks(ROOM);
        // The largest record has nine parts.
        let total = u16::try_from(parts.len()).unwrap_or(MOST_PARTS);
        for (part, share) in (0..).zip(parts) {
            let mut bytes = fresh(MAX_BLOCK_BYTES);
            bytes.extend_from_slice(share);
            self.finish(BlockKey { first, part }, PART, total, bytes);
        }
        1
    }

    fn finish(&mut self, key: BlockKey, kind: u8, count: u16, mut bytes: Vec<u8>) {
        bytes[0] = VERSION;
        bytes[1] = kind;
        bytes[COUNT_AT..HEADER_BYTES].copy_from_slice(&count.to_be_bytes());
        let check = check(key, &bytes);
        bytes[CHECK_AT..COUNT_AT].copy_from_slice(&check);
        self.blocks.push((key, bytes));
    }
}

/// A buffer for one block, whose header is filled in later.
fn fresh(capacity: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(capacity);
    bytes.resize(HEADER_BYTES, 0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::block::{BlockBody, decode};
    use super::*;
    use crate::record::seal::{Payload, Salt};

    /// A typical record: most of it repeats, some of it is unique.
    fn alike(number: u64) -> Record {
        let salt = blake3::hash(&number.to_le_bytes());
        let entry = format!("{{\"seq\":{number},\"prev\":\"{salt}\",\"at\":\"2026\"}}");
        let own: String =
            (1..4).map(|part| blake3::hash(&[number as u8, part]).to_string()).collect();
        let event = format!("{{\"event\":\"{own}{}\"}}", "said of it again ".repeat(30));
        let salt = Salt::from_bytes(*salt.as_bytes());
        Record {
            entry: entry.into_bytes(),
            payload: Some(Payload { salt, event: event.into_bytes() }),
        }
    }

    /// An incompressible record.
    fn noise(number: u64, length: usize) -> Record {
        let mut event = vec![0; length];
        blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut event);
        let salt = Salt::from_bytes(*blake3::hash(&number.to_be_bytes()).as_bytes());
        Record { entry: vec![b'e'], payload: Some(Payload { salt, event }) }
    }

    fn read(blocks: &Blocks) -> Vec<Record> {
        let mut records = Vec::new();
        for (key, block) in blocks {
            assert_eq!(key.first.get(), records.len() as u64);
            let Ok(BlockBody::Whole(held)) = decode(*key, block) else { panic!("{key}") };
            records.extend(held);
        }
        records
    }

    #[test]
    fn records_that_are_alike_fill_blocks_that_are_compressed() {
        let records: Vec<_> = (0..2_000).map(alike).collect();
        let blocks = pack(Sequence::ZERO, &records);
        assert!(read(&blocks) == records);
        let bytes: usize = blocks.iter().map(|(_, block)| block.len()).sum();
        let before: usize = records.iter().map(encoded_length).sum();
        assert!(bytes * 2 < before, "{bytes} of {before}");
        // The last block of each unit is only as full as the remaining records make it.
        let full = blocks.iter().filter(|(_, block)| block.len() >= FULL).count();
        assert!(blocks.len() - full <= 2_000 / STRETCH, "{full} of {} are full", blocks.len());
        assert!(blocks.iter().all(|(_, block)| block[1] == COMPRESSED));
    }

    #[test]
    fn records_that_nothing_compresses_are_stored_as_they_are() {
        let records: Vec<_> = (0..200).map(|number| noise(number, 2_000)).collect();
        let blocks = pack(Sequence::ZERO, &records);
        assert!(read(&blocks) == records);
        assert!(blocks.iter().all(|(_, block)| block[1] == WHOLE));
        assert_eq!(blocks.len(), 200 / 4, "four to a block");
    }

    #[test]
    fn no_block_unpacks_to_more_than_it_can_say() {
        let long = |number: u64| Record {
            entry: number.to_string().into_bytes(),
            payload: Some(Payload { salt: Salt::from_bytes([7; 32]), event: vec![b' '; 60_000] }),
        };
        let records: Vec<_> = (0..40).map(long).collect();
        let blocks = pack(Sequence::ZERO, &records);
        assert!(read(&blocks) == records);
        assert_eq!(blocks.len(), 40, "two would be over 65,535 bytes");
    }

    #[test]
    fn what_changes_along_the_way_is_followed() {
        let mixed = |number: u64| match number / 40 % 3 {
            0 => alike(number),
            1 => noise(number, 3_000),
            _ => noise(number, 40),
        };
        let records: Vec<_> = (0..1_500).map(mixed).collect();
        let blocks = pack(Sequence::ZERO, &records);
        assert!(read(&blocks) == records);
        assert!(blocks.iter().all(|(_, block)| block.len() <= MAX_BLOCK_BYTES));
    }

    #[test]
    fn the_blocks_depend_on_the_records_alone() {
        let records: Vec<_> = (0..1_200).map(alike).collect();
        let together = pack(Sequence::ZERO, &records);
        let apart = (0..).step_by(STRETCH).zip(records.chunks(STRETCH));
        let apart = apart.flat_map(|(first, stretch)| pack(Sequence::ZERO.plus(first), stretch));
        assert!(together == apart.collect::<Blocks>());
    }
}
