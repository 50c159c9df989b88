//! Decides when the views' file is synced: not at every commit, since the log has all its content.
//!
//! Knows how a store reaches its file. Must not know what is stored in it.
//!
//! A redb store records in its header whether it was closed, and syncs that before it writes
//! anything else. What is written in between may reach the disk in any order, or not at all;
//! therefore the store is synced completely when it is closed, and only then marked as closed. A
//! store that is found not closed has every page verified against its checksum before any of it is
//! used.
//!
//! That verification reads what the operating system has cached of the file. A failed sync may have
//! lost data that the system goes on to show, and later syncs then succeed without an error.
//! Therefore a file is not kept after a failed sync: it is marked as behind, and removed at once.
//! If even that is lost, as in a power failure directly afterwards, nothing is cached either, and
//! the verification reads what is on the disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{Database, DatabaseError, StorageBackend};

use crate::answers::checksummed::{ChecksummedFile, forward_locks};
use crate::platform::regular_file;

/// The file beside the views which says that the log may be ahead of them.
pub(super) const MARK: &str = "stale";

/// Creates that file, unless it exists; it is not synced yet.
pub(super) fn mark(path: &Path) -> io::Result<File> {
    regular_file::open(path, regular_file::private().write(true).create(true))
}

/// How a file is synced.
type Syncs = fn(&ChecksummedFile) -> io::Result<()>;

/// A file whose syncs can be turned off.
#[derive(Debug)]
pub(super) struct Unsynced {
    file: ChecksummedFile,
    path: PathBuf,
    sync: Syncs,
    synced: Arc<AtomicBool>,
    /// Whether a sync has failed, after which the content of the disk is unknown.
    failed: AtomicBool,
}

impl Unsynced {
    /// Opens the file at `path`, and creates it if there is none. It is synced until the switch is
    /// turned off.
    pub(super) fn open(path: &Path, synced: &Arc<AtomicBool>) -> Result<Self, DatabaseError> {
        Self::open_with(path, synced, ChecksummedFile::sync_data)
    }

    fn open_with(
        path: &Path,
        synced: &Arc<AtomicBool>,
        sync: Syncs,
    ) -> Result<Self, DatabaseError> {
        let mut options = regular_file::private();
        options.read(true).write(true).create(true).truncate(false);
        let file = regular_file::open(path, &mut options)?;
        let (file, path) = (ChecksummedFile::over(file)?, path.to_owned());
        let synced = Arc::clone(synced);
        Ok(Self { file, path, sync, synced, failed: AtomicBool::new(false) })
    }
}

impl StorageBackend for Unsynced {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.failed.load(Ordering::SeqCst) {
            return Err(io::Error::other("the views could not be synced before"));
        }
        if !self.synced.load(Ordering::SeqCst) {
            return Ok(());
        }
        (self.sync)(&self.file).inspect_err(|_| {
            self.failed.store(true, Ordering::SeqCst);
            // Written before the file is removed: missing views without this mark are a finding.
            let _ = mark(&self.path.with_file_name(MARK));
            // Without its name, or without its bytes, the file is not taken for views.
            if fs::remove_file(&self.path).is_err() {
                let _ = self.file.set_len(0);
            }
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    forward_locks!(file);
}

/// A store open for writing: its commits are not synced, but its closing is.
#[derive(Debug)]
pub(super) struct Writing {
    /// Declared before the store, because a store that is dropped closes itself.
    syncing: Syncing,
    database: Database,
}

/// Turns syncing on again when it is dropped.
#[derive(Debug)]
struct Syncing {
    synced: Arc<AtomicBool>,
    passing: bool,
}

impl Drop for Syncing {
    fn drop(&mut self) {
        self.synced.store(!self.passing, Ordering::SeqCst);
    }
}

impl Writing {
    /// Wraps an open store, whose commits are not synced from here on. A `passing` store is
    /// temporary, and is not synced when it is closed either.
    pub(super) fn new(database: Database, synced: Arc<AtomicBool>, passing: bool) -> Self {
        synced.store(false, Ordering::SeqCst);
        Self { syncing: Syncing { synced, passing }, database }
    }

    /// The store.
    pub(super) const fn database(&self) -> &Database {
        &self.database
    }

    /// Syncs what was written, and marks the file as complete.
    pub(super) fn close(self) -> Result<(), DatabaseError> {
        let Self { syncing, database } = self;
        drop(syncing);
        database.close()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use redb::{Builder, ReadableDatabase, TableDefinition};

    use super::*;

    const NUMBERS: TableDefinition<'_, u64, u64> = TableDefinition::new("numbers");

    /// The number of syncs that succeed before one fails; only that one fails.
    static BEFORE_IT_FAILS: AtomicUsize = AtomicUsize::new(usize::MAX);

    fn failing_once(file: &ChecksummedFile) -> io::Result<()> {
        match BEFORE_IT_FAILS.fetch_sub(1, Ordering::SeqCst) {
            0 => Err(io::Error::other("the disk is on fire")),
            _ => file.sync_data(),
        }
    }

    fn open(path: &Path) -> Result<Writing, DatabaseError> {
        let synced = Arc::new(AtomicBool::new(true));
        let file = Unsynced::open_with(path, &synced, failing_once)?;
        let mut builder = Builder::new();
        let database = builder.set_check_integrity_on_open(true).create_with_backend(file)?;
        Ok(Writing::new(database, synced, false))
    }

    fn write(writing: &Writing, number: u64) {
        let transaction = writing.database().begin_write().unwrap();
        transaction.open_table(NUMBERS).unwrap().insert(number, number).unwrap();
        transaction.commit().unwrap();
    }

    /// What the next process to open the file reads from it.
    fn believed(path: &Path) -> Vec<u64> {
        let writing = open(path).unwrap();
        let transaction = writing.database().begin_read().unwrap();
        let numbers = transaction.open_table(NUMBERS).map(|numbers| numbers.range(0..).unwrap());
        let numbers = numbers.into_iter().flatten().map(|kept| kept.unwrap().0.value());
        numbers.collect()
    }

    #[test]
    fn whatever_sync_fails_nothing_of_the_file_is_believed_thereafter() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("views.redb");
        let mut failures = 0;
        for syncs in 0.. {
            for is_closed in [true, false] {
                let _ = fs::remove_file(&path);
                let _ = fs::remove_file(path.with_file_name(MARK));
                BEFORE_IT_FAILS.store(usize::MAX, Ordering::SeqCst);
                let writing = open(&path).unwrap();
                write(&writing, 1);
                writing.close().unwrap();
                assert_eq!(believed(&path), [1]);

                BEFORE_IT_FAILS.store(syncs, Ordering::SeqCst);
                let ended = open(&path).and_then(|writing| {
                    write(&writing, 2);
                    if is_closed {
                        return writing.close();
                    }
                    drop(writing);
                    Ok(())
                });
                let failed = BEFORE_IT_FAILS.load(Ordering::SeqCst) == usize::MAX;
                BEFORE_IT_FAILS.store(usize::MAX, Ordering::SeqCst);
                if !failed {
                    assert!(ended.is_ok() && believed(&path) == [1, 2]);
                    assert!(failures >= 4, "{failures}: opening, and twice at closing, it syncs");
                    return;
                }
                failures += 1;
                assert!(ended.is_err() || !is_closed, "closing it returns the error");
                assert!(path.with_file_name(MARK).exists(), "missing views are marked as behind");
                assert_eq!(believed(&path), [0; 0], "after {syncs} syncs, closed: {is_closed}");
            }
        }
    }
}
