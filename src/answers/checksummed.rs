//! Stores the views' file as blocks with a checksum each, so that damaged data is reported and
//! never used in an answer.
//!
//! Knows how a store's bytes are laid out in its file. Must not know what is kept in them.
//!
//! A redb store has a checksum for each page, but verifies them only during a repair. It trusts a
//! page with a flipped bit when reading: in a row the flip changes words, in a branch it makes
//! existing rows impossible to find. Therefore each block of 4 KiB, the smallest size of a page, is
//! followed by the CRC-32 of its number and its bytes, and every read of a block verifies it.
//!
//! The header is in the first block, which is written while others read: readers and the writer
//! exclude each other from it with the lock that redb requests, so that a block and its checksum
//! are always read together.

use std::cell::RefCell;
use std::fs::File;
use std::io;

use redb::backends::FileBackend;
use redb::{DatabaseError, StorageBackend};

/// The bytes of the store in one block.
const BLOCK: usize = 4096;

/// The bytes of a block's checksum.
const CHECK: usize = 4;

/// The bytes of a block in the file, including its checksum.
const KEPT: usize = BLOCK + CHECK;

/// The most bytes of buffer that a thread keeps for its next read.
const MOST_KEPT: usize = 256 * KEPT;

thread_local! {
    /// A buffer for reading: a reader reads many blocks, and newly allocated memory must be cleared
    /// first.
    static KEPT_BYTES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Forwards the store's lock requests to the underlying file.
macro_rules! forward_locks {
    ($file:ident) => {
        fn try_lock_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<bool, redb::BackendError> {
            self.$file.try_lock_range(start, end)
        }

        fn try_lock_shared_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<bool, redb::BackendError> {
            self.$file.try_lock_shared_range(start, end)
        }

        fn lock_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<(), redb::BackendError> {
            self.$file.lock_range(start, end)
        }

        fn lock_shared_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<(), redb::BackendError> {
            self.$file.lock_shared_range(start, end)
        }

        fn unlock_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<(), redb::BackendError> {
            self.$file.unlock_range(start, end)
        }

        fn query_lock_range(
            &self,
            start: std::ops::Bound<u64>,
            end: std::ops::Bound<u64>,
        ) -> Result<bool, redb::BackendError> {
            self.$file.query_lock_range(start, end)
        }
    };
}

pub(crate) use forward_locks;

/// A file of checksummed blocks.
#[derive(Debug)]
pub(crate) struct ChecksummedFile {
    file: FileBackend,
}

impl ChecksummedFile {
    /// Wraps a file.
    pub(crate) fn over(file: File) -> Result<Self, DatabaseError> {
        Ok(Self { file: FileBackend::new(file)? })
    }

    /// Passes the bytes of `count` blocks from `first` on to `take`, one block after the other.
    fn each_block(
        &self,
        first: u64,
        count: usize,
        mut take: impl FnMut(usize, &[u8]),
    ) -> io::Result<()> {
        KEPT_BYTES.with_borrow_mut(|kept| {
            let length = count * KEPT;
            if kept.len() < length {
                kept.resize(length, 0);
            }
            let read = self.file.read(place(first), &mut kept[..length]);
            let checked = read.map_err(|error| cut_off(error, first)).and_then(|()| {
                for ((number, at), kept) in
                    (first..).zip(0..).zip(kept[..length].chunks_exact(KEPT))
                {
                    let (block, check) = kept.split_at(BLOCK);
                    if check_of(number, block) != *check {
                        return Err(damaged(format!("block {number} has a wrong checksum")));
                    }
                    take(at, block);
                }
                Ok(())
            });
            kept.truncate(MOST_KEPT);
            kept.shrink_to(MOST_KEPT);
            checked
        })
    }

    /// A block before a partial write. One that was never written is empty.
    fn begun(&self, number: u64) -> io::Result<Vec<u8>> {
        let mut kept = vec![0; KEPT];
        if self.file.len()? < place(number) + KEPT as u64 {
            return Ok(vec![0; BLOCK]);
        }
        self.file.read(place(number), &mut kept)?;
        if kept.iter().all(|byte| *byte == 0) {
            return Ok(vec![0; BLOCK]);
        }
        let mut begun = vec![0; BLOCK];
        self.each_block(number, 1, |_, block| begun.copy_from_slice(block))?;
        Ok(begun)
    }

    /// Writes whole blocks from `first` on, each with its checksum.
    fn put(&self, first: u64, data: &[u8]) -> io::Result<()> {
        let mut kept = Vec::with_capacity(data.len() / BLOCK * KEPT);
        for (number, block) in (first..).zip(data.chunks_exact(BLOCK)) {
            kept.extend_from_slice(block);
            kept.extend_from_slice(&check_of(number, block));
        }
        self.file.write(place(first), &kept)
    }
}

/// The position of a block in the file.
const fn place(number: u64) -> u64 {
    number * KEPT as u64
}

fn check_of(number: u64, block: &[u8]) -> [u8; CHECK] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&number.to_be_bytes());
    hasher.update(block);
    hasher.finalize().to_be_bytes()
}

fn cut_off(error: io::Error, first: u64) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => damaged(format!("they end before block {first}")),
        _ => error,
    }
}

fn damaged(words: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words)
}

/// The block that contains a byte of the store, and the byte's position in it.
fn within(offset: u64) -> (u64, usize) {
    let size = BLOCK as u64;
    (offset / size, usize::try_from(offset % size).unwrap_or_default())
}

impl StorageBackend for ChecksummedFile {
    fn len(&self) -> io::Result<u64> {
        let kept = self.file.len()?;
        let (whole, rest) = (kept / KEPT as u64, kept % KEPT as u64);
        Ok(whole * BLOCK as u64 + rest.min(BLOCK as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (first, from) = within(offset);
        let count = (from + out.len()).div_ceil(BLOCK);
        let end = from + out.len();
        self.each_block(first, count, |at, block| {
            let begins = at * BLOCK;
            let (low, high) = (from.max(begins), end.min(begins + BLOCK));
            out[low - from..high - from].copy_from_slice(&block[low - begins..high - begins]);
        })
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(place(length.div_ceil(BLOCK as u64)))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let (first, from) = within(offset);
        if from == 0 && data.len().is_multiple_of(BLOCK) {
            return self.put(first, data);
        }
        // Only the header is written partially.
        let (mut number, mut from, mut rest) = (first, from, data);
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BLOCK - from));
            let mut block = self.begun(number)?;
            block[from..from + now.len()].copy_from_slice(now);
            self.put(number, &block)?;
            (number, from, rest) = (number + 1, 0, later);
        }
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    forward_locks!(file);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn file() -> (File, ChecksummedFile) {
        let file = tempfile::tempfile().unwrap();
        (file.try_clone().unwrap(), ChecksummedFile::over(file).unwrap())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// However it is written, it reads back as from a file without checksums.
        #[test]
        fn what_is_written_is_read(
            writes in vec((0usize..5 * BLOCK, 1usize..2 * BLOCK, any::<u8>(), any::<bool>()), 1..12),
        ) {
            let (_, checked) = file();
            let mut plain = vec![0u8; 8 * BLOCK];
            checked.set_len(8 * BLOCK as u64).unwrap();
            checked.write(0, &plain).unwrap();
            for (offset, length, byte, aligned) in writes {
                let round = |number: usize| if aligned { number / BLOCK * BLOCK } else { number };
                let (offset, length) = (round(offset), round(length).max(1));
                plain[offset..offset + length].fill(byte);
                checked.write(offset as u64, &plain[offset..offset + length]).unwrap();
                let mut read = vec![0; length];
                checked.read(offset as u64, &mut read).unwrap();
                prop_assert_eq!(&read, &plain[offset..offset + length]);
            }
            let mut read = vec![0; plain.len()];
            checked.read(0, &mut read).unwrap();
            prop_assert!(read == plain);
            prop_assert_eq!(checked.len().unwrap(), plain.len() as u64);
        }

        /// A flipped bit, a truncation, or swapped blocks: every reader gets an error.
        #[test]
        fn what_is_damaged_is_told(
            seed in vec(any::<u8>(), 16),
            flip in 0u64..4 * KEPT as u64,
            bit in 0u32..8,
            swapped in any::<bool>(),
        ) {
            let (mut raw, checked) = file();
            let data: Vec<u8> = (0..4 * BLOCK).map(|at| seed[at % 16] ^ at.to_le_bytes()[1]).collect();
            checked.write(0, &data).unwrap();
            let mut bytes = Vec::new();
            io::Seek::rewind(&mut raw).unwrap();
            io::Read::read_to_end(&mut raw, &mut bytes).unwrap();
            if swapped {
                let (left, right) = bytes.split_at_mut(KEPT);
                left.swap_with_slice(&mut right[..KEPT]);
            } else {
                bytes[usize::try_from(flip).unwrap()] ^= 1 << bit;
            }
            io::Seek::rewind(&mut raw).unwrap();
            io::Write::write_all(&mut raw, &bytes).unwrap();
            let mut read = vec![0; data.len()];
            let told = checked.read(0, &mut read).unwrap_err();
            prop_assert_eq!(told.kind(), io::ErrorKind::InvalidData);
            raw.set_len(flip).unwrap();
            prop_assert!(checked.read(0, &mut read).is_err());
        }
    }
}
