//! The file of the views, and when it is synced: not at every commit, since the log has it all.
//!
//! Knows how a store reaches its file. Must not know what is kept in it.
//!
//! A store of redb says in its header whether it was closed, and syncs that before it writes anything
//! else. What is written in between may reach the disk in any order, or not at all; so only one who
//! closes it syncs all of it, and only then says so. Whoever finds it not closed holds every page
//! against its checksum before anything in it is believed.

use std::fs::File;
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::backends::FileBackend;
use redb::{BackendError, Database, DatabaseError, StorageBackend};

/// A file that is synced, or is not.
#[derive(Debug)]
pub(super) struct Unsynced {
    file: FileBackend,
    synced: Arc<AtomicBool>,
}

impl Unsynced {
    /// Opens the file at `path`, made where there is none. It is synced until the switch says not.
    pub(super) fn open(path: &Path, synced: &Arc<AtomicBool>) -> Result<Self, DatabaseError> {
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).truncate(false).open(path)?;
        Ok(Self { file: FileBackend::new(file)?, synced: Arc::clone(synced) })
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
        if self.synced.load(Ordering::SeqCst) { self.file.sync_data() } else { Ok(()) }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

/// A store open for writing: its commits are not synced, and its closing is.
#[derive(Debug)]
pub(super) struct Writing {
    /// Before the store: one that is dropped closes itself.
    syncing: Syncing,
    database: Database,
}

/// Has the file synced again once it is dropped.
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
    /// Takes over a store that is open: from here on its commits are not synced. One that is
    /// `passing` is to be thrown away, and is not synced at its end either.
    pub(super) fn new(database: Database, synced: Arc<AtomicBool>, passing: bool) -> Self {
        synced.store(false, Ordering::SeqCst);
        Self { syncing: Syncing { synced, passing }, database }
    }

    /// The store.
    pub(super) const fn database(&self) -> &Database {
        &self.database
    }

    /// Syncs what was written, and says in the file that all of it is there.
    pub(super) fn close(self) -> Result<(), DatabaseError> {
        let Self { syncing, database } = self;
        drop(syncing);
        database.close()
    }
}
