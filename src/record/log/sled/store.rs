//! Calls the sled crate, and is the only module that does, so that its panics and hangs end here.
//!
//! Knows how sled behaves and how it fails on damaged files. Must not know what a value means.
//!
//! Findings about sled 0.34.7, and what this module does about them:
//!
//! - It panics on some damage, at opening, reading and dropping: every call runs under the panic
//!   guard, and a panic becomes a [`StoreFault`] with the panic's message. Panics of its own
//!   threads, named `sled-io-…`, end there, and a later call then fails with one of sled's errors.
//! - Opening can wait forever on such a thread: it runs on a separate thread, and is abandoned
//!   after a limit. The thread is left running; the process is about to report the error and end.
//! - Its page cache counts in 256 shards, and a shard checks its size once in 64 accesses. An
//!   iterator touches each page once, so a scan of 1,000,000 records took 717 MB with a cache of 64
//!   MB. Seeking anew for every block touches a page about nine times: 130 MB, and no slower.
//! - It writes any page larger than a quarter of a segment to a file under `blobs/`, without a
//!   sync. A leaf holds up to 17 values; with the default segments of 512 KiB and values of 8 KiB
//!   that produced 162 such files in 300,000 records. Segments of 1 MiB leave a factor of almost
//!   two.

use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use ::sled::{Batch, Db, IVec};
use thiserror::Error;

use super::block::MAX_BLOCK_BYTES;
use crate::platform::panic_guard::{self, is_guarded, one_line};

const CACHE_BYTES: u64 = 32 * 1024 * 1024;
pub(super) const SEGMENT_BYTES: usize = 1024 * 1024;

/// The most values in one of sled's leaves before it is split.
const LEAF_VALUES: usize = 17;
/// A generous allowance for a value's key and lengths in a page.
const VALUE_OVERHEAD: usize = 64;
const _: () = assert!(LEAF_VALUES * (MAX_BLOCK_BYTES + VALUE_OVERHEAD) < SEGMENT_BYTES / 4);

/// How many more times the page of a single read is touched, so that the cache counts it in time.
const EXTRA_TOUCHES: usize = 6;

/// How long dropping a store may take before its thread is abandoned.
const CLOSING_LIMIT: Duration = Duration::from_secs(30);

/// Whether a panic on this thread is caught and reported as an error, so that the program's panic
/// hook need not print it: true within a guarded call, and on sled's threads.
pub fn panic_is_guarded() -> bool {
    is_guarded() || thread::current().name().is_some_and(|name| name.starts_with("sled-io-"))
}

/// How the store failed.
#[derive(Debug, Error)]
pub(super) enum StoreFault {
    /// The operating system reported an error.
    #[error("{0}")]
    Io(io::Error),
    /// Another process has it open.
    #[error("another process has it open")]
    Locked,
    /// The store reports damage, or refuses its own files.
    #[error("it reported: {0}")]
    Refused(String),
    /// The store panicked.
    #[error("it panicked: {0}")]
    Panicked(String),
    /// The store did not answer.
    #[error("it did not answer within {} seconds", .0.as_secs())]
    Stuck(Duration),
    /// The store was already closed.
    #[error("it is closed")]
    Closed,
}

impl From<::sled::Error> for StoreFault {
    fn from(error: ::sled::Error) -> Self {
        match error {
            // sled has no error kind for a lock that is held.
            ::sled::Error::Io(error) if error.to_string().contains("could not acquire lock") => {
                Self::Locked
            }
            // An error of sled's own threads arrives as its debug text; its kind is clearer.
            ::sled::Error::Io(error)
                if error.raw_os_error().is_none() && error.kind() != io::ErrorKind::Other =>
            {
                Self::Io(error.kind().into())
            }
            ::sled::Error::Io(error) => Self::Io(error),
            other => Self::Refused(one_line(&other.to_string())),
        }
    }
}

/// A block as returned by the store: key and value.
pub(super) type Stored = (IVec, IVec);

/// An open store, or one that was closed.
#[derive(Debug, Default)]
pub(super) struct Store {
    db: Option<Db>,
}

impl Store {
    /// Opens the store in `dir`, creating it if it does not exist, or gives up after `limit`.
    pub(super) fn open(dir: &Path, limit: Duration) -> Result<Self, StoreFault> {
        let config = ::sled::Config::new()
            .path(dir)
            .cache_capacity(CACHE_BYTES)
            .segment_size(SEGMENT_BYTES)
            .flush_every_ms(None);
        aside(limit, move || catch_panic(|| config.open()))?.map(|db| Self { db: Some(db) })
    }

    /// The first block after `cursor`.
    pub(super) fn after(&self, cursor: &Bound<IVec>) -> Result<Option<Stored>, StoreFault> {
        let db = self.db()?;
        catch_panic(|| db.range::<IVec, _>((cursor.clone(), Bound::Unbounded)).next().transpose())
    }

    /// The last block whose key is below `key`.
    pub(super) fn before(&self, key: &[u8]) -> Result<Option<Stored>, StoreFault> {
        let db = self.db()?;
        catch_panic(|| {
            let found = db.get_lt(key)?;
            // Scattered single reads also touch each page only once.
            for _ in 0..EXTRA_TOUCHES {
                db.contains_key(key)?;
            }
            Ok(found)
        })
    }

    /// The last block in the store.
    pub(super) fn last(&self) -> Result<Option<Stored>, StoreFault> {
        let db = self.db()?;
        catch_panic(|| db.last())
    }

    /// Writes blocks, all or none, and passes them to the operating system. They are not durable
    /// yet: sled's flush does not sync.
    pub(super) fn write(
        &self,
        blocks: impl Iterator<Item = ([u8; 10], Vec<u8>)>,
    ) -> Result<(), StoreFault> {
        let db = self.db()?;
        let mut batch = Batch::default();
        for (key, value) in blocks {
            batch.insert(&key, value);
        }
        catch_panic(|| {
            db.apply_batch(batch)?;
            db.flush().map(drop)
        })
    }

    /// Closes the store and releases its lock, as far as sled's threads do. Returns whether it was
    /// open and closed properly.
    pub(super) fn close(&mut self) -> bool {
        let Some(db) = self.db.take() else { return false };
        // Dropping flushes, which on damaged files can panic or wait forever. Nothing is lost by
        // that: everything an append promised is durable by now.
        let close = move || {
            drop(db);
            Ok(())
        };
        match aside(CLOSING_LIMIT, move || catch_panic(close)) {
            Ok(Ok(())) => true,
            Ok(Err(fault)) | Err(fault) => {
                tracing::warn!("the store did not close cleanly: {fault}");
                false
            }
        }
    }

    fn db(&self) -> Result<&Db, StoreFault> {
        self.db.as_ref().ok_or(StoreFault::Closed)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.close();
    }
}

/// Runs `work` on a separate thread, and abandons it if it takes longer than `limit`.
fn aside<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StoreFault> {
    let (done, result) = sync_channel(1);
    thread::Builder::new()
        .name("testimony-store".into())
        .spawn(move || done.send(work()))
        .map_err(StoreFault::Io)?;
    result.recv_timeout(limit).map_err(|error| match error {
        RecvTimeoutError::Timeout => StoreFault::Stuck(limit),
        RecvTimeoutError::Disconnected => StoreFault::Panicked("outside of sled".into()),
    })
}

/// Calls into sled. Its structures are lock-free or guarded without poisoning, and after a panic
/// they are only read, or not used again, so nothing relies on half-finished state.
fn catch_panic<T>(call: impl FnOnce() -> ::sled::Result<T>) -> Result<T, StoreFault> {
    panic_guard::catch_panic(call).map_err(StoreFault::Panicked)?.map_err(StoreFault::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        let fault = catch_panic::<()>(|| {
            assert!(panic_is_guarded());
            panic!("page {} is\n   gone", 7)
        });
        assert_eq!(fault.unwrap_err().to_string(), "it panicked: page 7 is gone");
        assert!(!panic_is_guarded());
    }

    #[test]
    fn work_that_never_ends_is_abandoned() {
        let limit = Duration::from_millis(20);
        let stuck = aside(limit, || thread::sleep(Duration::from_secs(5)));
        assert!(matches!(stuck, Err(StoreFault::Stuck(_))));
    }
}
