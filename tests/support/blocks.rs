//! The views' file as a store without checks, so that a test can change what is kept in it.
//!
//! Knows how blocks and their checks stand in the file. Must not know what is kept there.

use std::fs;
use std::path::Path;

use redb::Database;

const BLOCK: usize = 4096;
const CHECK: usize = 4;

/// The store without its checks.
pub(crate) fn plain(kept: &[u8]) -> Vec<u8> {
    kept.chunks(BLOCK + CHECK).flat_map(|part| &part[..part.len().min(BLOCK)]).copied().collect()
}

/// A store with the check of each block, as if its bytes had been written so.
pub(crate) fn checked(plain: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    for (number, block) in (0u64..).zip(plain.chunks_exact(BLOCK)) {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&number.to_be_bytes());
        hasher.update(block);
        kept.extend_from_slice(block);
        kept.extend_from_slice(&hasher.finalize().to_be_bytes());
    }
    kept
}

/// Has `change` change the views at `path`, whose checks are right again afterwards.
pub(crate) fn change(path: &Path, change: impl FnOnce(&Database)) {
    let beside = path.with_extension("plain");
    fs::write(&beside, plain(&fs::read(path).unwrap())).unwrap();
    let database = Database::create(&beside).unwrap();
    change(&database);
    drop(database);
    fs::write(path, checked(&fs::read(&beside).unwrap())).unwrap();
    fs::remove_file(&beside).unwrap();
}
