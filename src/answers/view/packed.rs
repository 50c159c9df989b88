//! Rows packed: several in a chunk, which is compressed, and several chunks in a block.
//!
//! Knows how bytes are put together and taken apart. Must not know what a row says. Who looks for one
//! row takes one chunk apart; a block nearly fills a page of the store, for a page's room is a power
//! of two whatever stands in it.

/// Bytes of rows that are compressed together, before they are: another row begins a new chunk.
const CHUNK_BYTES: usize = 12 << 10;

/// Bytes of chunks that are kept together: as many as fit a page of 32 KiB with its own overhead.
const BLOCK_BYTES: usize = (32 << 10) - 128;

/// Bytes of rows in a chunk at most: the rows of one chunk and the largest row there is are far less.
const MOST_BYTES: usize = 1 << 20;

/// How many rows, how many bytes they are, how many they are packed in.
const HEADER_BYTES: usize = 2 + 4 + 4;

/// A block under the number of its first row.
pub(super) type Block = (u64, Vec<u8>);

/// Packs rows as they come.
#[derive(Debug, Default)]
pub(super) struct RowPacker {
    rows: u16,
    first: u64,
    chunk: Vec<u8>,
    block_first: u64,
    block: Vec<u8>,
}

impl RowPacker {
    /// Adds the row at `at`, which `write` appends; blocks that are full go to `done`.
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

    /// Hands over what is left.
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
    /// How many there are.
    pub(super) rows: u64,
    length: usize,
    bytes: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// Takes the first chunk off a block; none where it is cut short.
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

    /// The rows' bytes as they were pushed; none where the packed ones are damaged.
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

    /// Rows like events: much the same, but for digests. Some are as long as rows get.
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
