//! Packs rows into compressed chunks, and chunks into blocks.
//!
//! Knows how bytes are packed and unpacked. Must not know what a row says. Reading one row unpacks
//! one chunk. A block nearly fills a page of the store, because the size of a page is always a
//! power of two.

/// The bytes of rows in a chunk before compression, after which the next row begins a new chunk.
const CHUNK_BYTES: usize = 12 << 10;

/// The bytes of chunks in a block: as many as fit in a page of 32 KiB with its overhead.
const BLOCK_BYTES: usize = (32 << 10) - 128;

/// The most bytes of rows in a valid chunk; the rows of one chunk and the largest possible row are
/// far smaller.
const MOST_BYTES: usize = 1 << 20;

/// The number of rows, their bytes before compression, and their bytes after.
const HEADER_BYTES: usize = 2 + 4 + 4;

/// A block with the number of its first row.
pub(super) type Block = (u64, Vec<u8>);

/// Packs a stream of rows.
#[derive(Debug, Default)]
pub(super) struct RowPacker {
    rows: u16,
    first: u64,
    chunk: Vec<u8>,
    block_first: u64,
    block: Vec<u8>,
}

impl RowPacker {
    /// Adds the row at `at`, which `write` appends; full blocks are added to `done`.
    pub(super) fn push(
        &mut self,
        at: u64,
        write: impl FnOnce(&mut Vec<u8>),
        done: &mut Vec<Block>,
    ) {
        if self.rows == 0 {
            self.first = at;
        }
        write(&mut self.chunk);
        self.rows += 1;
        if self.chunk.len() >= CHUNK_BYTES {
            self.pack(done);
        }
    }

    /// Adds what is left to `done`.
    pub(super) fn close(&mut self, done: &mut Vec<Block>) {
        if self.rows > 0 {
            self.pack(done);
        }
        self.hand_over(done);
    }

    fn pack(&mut self, done: &mut Vec<Block>) {
        let chunk = std::mem::take(&mut self.chunk);
        let packed = lz4_flex::block::compress(&chunk);
        let bytes = if packed.len() < chunk.len() { &packed } else { &chunk };
        if self.block.len() + HEADER_BYTES + bytes.len() > BLOCK_BYTES {
            self.hand_over(done);
        }
        if self.block.is_empty() {
            self.block_first = self.first;
        }
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.block.extend_from_slice(&self.rows.to_be_bytes());
        self.block.extend_from_slice(&length(&chunk));
        self.block.extend_from_slice(&length(bytes));
        self.block.extend_from_slice(bytes);
        self.rows = 0;
        self.chunk = chunk;
        self.chunk.clear();
    }

    fn hand_over(&mut self, done: &mut Vec<Block>) {
        if !self.block.is_empty() {
            done.push((self.block_first, std::mem::take(&mut self.block)));
        }
    }
}

/// Rows that were compressed together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk<'a> {
    /// The number of rows.
    pub(super) rows: u64,
    length: usize,
    bytes: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// Splits the first chunk off a block; none if it is truncated.
    pub(super) fn split(block: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (rows, rest) = block.split_first_chunk::<2>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let (packed, rest) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let packed = usize::try_from(u32::from_be_bytes(*packed)).ok()?;
        let (bytes, rest) = rest.split_at_checked(packed)?;
        let rows = u64::from(u16::from_be_bytes(*rows));
        (rows > 0 && length <= MOST_BYTES).then_some((Self { rows, length, bytes }, rest))
    }

    /// The rows' bytes as they were added; none if the packed bytes are damaged.
    pub(super) fn unpack(&self) -> Option<Vec<u8>> {
        if self.bytes.len() == self.length {
            return Some(self.bytes.to_vec());
        }
        let mut rows = vec![0; self.length];
        let written = lz4_flex::block::decompress_into(self.bytes, &mut rows).ok()?;
        (written == self.length).then_some(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn packed(rows: &[Vec<u8>], first: u64) -> Vec<Block> {
        let (mut packer, mut blocks) = (RowPacker::default(), Vec::new());
        for (at, row) in (first..).zip(rows) {
            packer.push(at, |chunk| chunk.extend_from_slice(row), &mut blocks);
        }
        packer.close(&mut blocks);
        blocks
    }

    /// Rows like those of events: much alike except for digests. Some are as long as possible.
    fn row() -> impl Strategy<Value = Vec<u8>> {
        let length = prop_oneof![20 => 1usize..2000, 1 => 1usize..70_000];
        (any::<[u8; 32]>(), length, any::<bool>()).prop_map(|(digest, length, noise)| {
            let mut row = digest.to_vec();
            let filler = br#"{"claim_asserted":{"document":12,"content":[{"exact":"#;
            row.extend(filler.iter().cycle().zip(0..length).map(|(byte, at)| {
                if noise { byte.wrapping_mul(at.to_le_bytes()[0] ^ digest[at % 32]) } else { *byte }
            }));
            row
        })
    }

    proptest! {
        #[test]
        fn rows_come_back_in_order_and_blocks_say_where_they_begin(
            rows in vec(row(), 0..80),
            first in (0..3u64).prop_map(|high| (high << 33) + 5),
        ) {
            let mut next = first;
            let mut all = Vec::new();
            for (begins, block) in packed(&rows, first) {
                prop_assert_eq!(begins, next);
                let mut rest = block.as_slice();
                let mut chunks = 0;
                while !rest.is_empty() {
                    let (chunk, behind) = Chunk::split(rest).unwrap();
                    all.extend(chunk.unpack().unwrap());
                    next += chunk.rows;
                    chunks += 1;
                    rest = behind;
                }
                prop_assert!(block.len() <= BLOCK_BYTES || chunks == 1);
            }
            prop_assert_eq!(next - first, rows.len() as u64);
            prop_assert_eq!(all, rows.concat());
        }

        #[test]
        fn damaged_blocks_are_told_or_read_and_never_panic(
            rows in vec(row(), 1..20),
            place: prop::sample::Index,
            byte: u8,
        ) {
            for (_, mut block) in packed(&rows, 0) {
                let place = place.index(block.len());
                block[place] = byte;
                let mut rest = block.as_slice();
                while let Some((chunk, behind)) = Chunk::split(rest) {
                    prop_assert!(chunk.unpack().is_none_or(|rows| rows.len() <= MOST_BYTES));
                    rest = behind;
                }
            }
        }
    }
}
