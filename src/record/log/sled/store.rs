//! The one room that calls the sled crate, so that its panics and its hangs end here.
//!
//! Knows sled's ways and how it fails on damaged files. Must not know what a value means.
//!
//! What was found in sled 0.34.7, and what is done about it:
//!
//! - It panics on some damage, at opening, reading and dropping: every call is contained, and a
//!   panic becomes a [`StoreFault`] with the panic's words. Panics of its own threads, named
//!   `sled-io-…`, end there, and a later call then fails with an error of sled's.
//! - Opening can wait for ever on such a thread: it is done on a thread of its own, and given up
//!   after a limit. The thread is left behind; the process is about to report and end.
//! - Its page cache counts in 256 shards, and a shard looks at its size once in 64 accesses. An
//!   iterator touches each page once, so that a scan of 1,000,000 records took 717 MB with a cache
//!   of 64 MB. Seeking anew for every block touches a page about nine times: 130 MB, and no slower.
//! - It writes any page over a quarter of a segment to a file under `blobs/`, without a sync. A leaf
//!   holds up to 17 values; with the default segments of 512 KiB and values of 8 KiB that came to
//!   162 such files in 300,000 records. Segments of 1 MiB leave a factor of almost two.

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

/// The most values a leaf of sled's holds before it is split.
const LEAF_VALUES: usize = 17;
/// Room for a value's key and lengths in a page, generously.
const VALUE_OVERHEAD: usize = 64;
const _: () = assert!(LEAF_VALUES * (MAX_BLOCK_BYTES + VALUE_OVERHEAD) < SEGMENT_BYTES / 4);

/// How often the page of a single read is touched again, for the cache to count it in time.
const EXTRA_TOUCHES: usize = 6;

/// How long dropping a store may take before its thread is left behind.
const CLOSING_LIMIT: Duration = Duration::from_secs(30);

/// Whether a panic on this thread is contained and will be reported as an error, so that the
/// program's panic hook need not print it: true within a contained call, and on sled's threads.
pub fn panic_is_guarded() -> bool {
    is_guarded() || thread::current().name().is_some_and(|name| name.starts_with("sled-io-"))
}

/// How the store failed.
#[derive(Debug, Error)]
pub(super) enum StoreFault {
    /// The operating system refused.
    #[error("{0}")]
    Io(io::Error),
    /// Another process has it open.
    #[error("another process has it open")]
    Locked,
    /// The store says it is damaged, or refuses its own files.
    #[error("it says: {0}")]
    Refused(String),
    /// The store panicked.
    #[error("it panicked: {0}")]
    Panicked(String),
    /// The store did not answer.
    #[error("it did not answer within {} seconds", .0.as_secs())]
    Stuck(Duration),
    /// It was closed before.
    #[error("it is closed")]
    Closed,
}

impl From<::sled::Error> for StoreFault {
    fn from(error: ::sled::Error) -> Self {
        match error {
            // sled gives a held lock no kind of its own.
            ::sled::Error::Io(error) if error.to_string().contains("could not acquire lock") => {
                Self::Locked
            }
            // An error of sled's own threads arrives as its debug text, and its kind says it better.
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

/// A block as the store gives it: key and value.
pub(super) type Stored = (IVec, IVec);

/// An open store, or one that has been closed.
#[derive(Debug, Default)]
pub(super) struct Store {
    db: Option<Db>,
}

impl Store {
    /// Opens the store in `dir`, creating it where there is none, or gives up after `limit`.
    pub(super) fn open(dir: &Path, limit: Duration) -> Result<Self, StoreFault> {
        let config = ::sled::Config::new()
            .path(dir)
            .cache_capacity(CACHE_BYTES)
            .segment_size(SEGMENT_BYTES)
            .flush_every_ms(None);
        aside(limit, move || catch_panic(|| config.open()))?.map(|db| Self { db: Some(db) })
    }

    /// The first block behind `cursor`.
    pub(super) fn after(&self, cursor: &Bound<IVec>) -> Result<Option<Stored>, StoreFault> {
        let db = self.db()?;
        catch_panic(|| db.range::<IVec, _>((cursor.clone(), Bound::Unbounded)).next().transpose())
    }

    /// The last block whose key is below `key`.
    pub(super) fn before(&self, key: &[u8]) -> Result<Option<Stored>, StoreFault> {
        let db = self.db()?;
        catch_panic(|| {
            let found = db.get_lt(key)?;
            // Single reads all over a log touch each page once, too.
            for _ in 0..EXTRA_TOUCHES {
                db.contains_key(key)?;
            }
            Ok(found)
        })
    }

    /// The last block of all.
    pub(super) fn last(&self) -> Result<Option<Stored>, StoreFault> {
        let db = self.db()?;
        catch_panic(|| db.last())
    }

    /// Writes blocks, all or none, and hands them to the operating system. They are not durable
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

    /// Closes the store and lets go of its lock, as far as sled's threads do. Says whether it was open
    /// and closed in order.
    pub(super) fn close(&mut self) -> bool {
        let Some(db) = self.db.take() else { return false };
        // Dropping flushes, which on damaged files can panic or wait for ever. Nothing is lost
        // with it: what an append promised is durable by now.
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

/// Does `work` on a thread of its own, and leaves it behind if it takes longer than `limit`.
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
/// they are only read, or not used again, so nothing half-done is built upon.
fn catch_panic<T>(call: impl FnOnce() -> ::sled::Result<T>) -> Result<T, StoreFault> {
    panic_guard::catch_panic(call).map_err(StoreFault::Panicked)?.map_err(StoreFault::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_words() {
        let fault = catch_panic::<()>(|| {
            assert!(panic_is_guarded());
            panic!("page {} is\n   gone", 7)
        });
        assert_eq!(fault.unwrap_err().to_string(), "it panicked: page 7 is gone");
        assert!(!panic_is_guarded());
    }

    #[test]
    fn work_that_never_ends_is_left_behind() {
        let limit = Duration::from_millis(20);
        let stuck = aside(limit, || thread::sleep(Duration::from_secs(5)));
        assert!(matches!(stuck, Err(StoreFault::Stuck(_))));
    }
}
