//! Keeps the log on disk: blocks of records in a sled store, synced before an append returns.
//!
//! Knows when bytes are durable, who may write, and how to rewrite a store without erased payloads.
//! Must not know what an entry means. Each of its child modules has one task: `block` the bytes of
//! a block, `packing` filling blocks, `scan` their order, `store` the sled crate, `files` the
//! directories around it, `closed` and `acknowledged` the last known state of a store, `admission`
//! whether it may be opened.

mod block;
mod files;

mod acknowledged;
mod packing;
mod store;

mod closed;
mod scan;

mod admission;

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use thiserror::Error;

use self::acknowledged::Acknowledged;
use self::admission::AdmissionFault;
use self::block::{BlockBody, BlockKey};
use self::closed::Closed;
use self::files::{FileFault, Lock, LockFault};
use self::scan::Scan;
use self::store::{Store, StoreFault};
use super::{AppendError, EraseError, Log, Records, StorePlace, admit, within};
use crate::domain::id::Sequence;
use crate::platform::regular_file::{self, NotRegular};
use crate::platform::scratch::ScratchFolder;
use crate::record::seal::Record;

pub use self::store::panic_is_guarded;

/// How many records are written at a time to a rewritten store.
const REWRITE_BATCH: usize = 1000;

/// The least time that an opening may take before it counts as stuck; large stores get more.
const OPENING_LIMIT: Duration = Duration::from_secs(60);
/// The slowest expected opening, in bytes of store per second.
const SLOWEST_OPENING: u64 = 20_000_000;

/// A log in a sled store.
#[derive(Debug)]
pub struct SledLog {
    // Fields are dropped in this order: the store before its copy is removed and its lock released.
    store: Store,
    data: File,
    length: Sequence,
    access: Access,
    /// The state of the store when it was opened, if that was known.
    closed: Option<Closed>,
    acknowledged: Option<Acknowledged>,
    dir: PathBuf,
    wait: Duration,
    _lock: Option<Lock>,
}

/// What is allowed on an open log.
#[derive(Debug)]
enum Access {
    /// Everything.
    Write,
    /// Reading only: the store is a copy in a directory that is removed when the log is dropped.
    Copy(#[allow(dead_code, reason = "held so that it is removed with the log")] ScratchFolder),
    /// Reading only, because a write failed.
    Poisoned(String),
}

/// Why a log did not open.
#[derive(Debug, Error)]
pub enum OpenLogError {
    /// There is no log.
    #[error("there is no log at {}: make one with `testimony init`", .0.display())]
    Absent(PathBuf),
    /// There is already a log.
    #[error("there is already a log at {}: choose another directory", .0.display())]
    Exists(PathBuf),
    /// Another process had it open the whole time.
    #[error(
        "another process still had the log at {} open after {} seconds: try again later",
        dir.display(), waited.as_secs()
    )]
    Busy {
        /// The directory of the log.
        dir: PathBuf,
        /// How long this process waited.
        waited: Duration,
    },
    /// A file or directory is not writable, and opening a log writes.
    #[error(
        "{} may not be written ({source}), and opening a log writes: change its permissions; \
         `testimony audit` can still read a log there",
        path.display()
    )]
    NotWritable {
        /// The file or directory that is not writable.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The disk is full.
    #[error("the disk that holds {} is full ({source}): free some space", path.display())]
    Full {
        /// The file that could not be written.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// Something other than a file or folder is in the place of one.
    #[error(transparent)]
    NotRegular(NotRegular),
    /// A file or directory could not be used.
    #[error("{} cannot be used ({source}): check the path and the disk", path.display())]
    Files {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The store refuses its files, panics on them or never answers.
    #[error(
        "the store at {} cannot be opened ({fault}): run `testimony audit` on it, keep a copy of the \
         folder, and restore a backup",
        dir.display()
    )]
    Damaged {
        /// The directory of the store.
        dir: PathBuf,
        /// The store's message.
        fault: String,
    },
    /// The store is not known to be whole, and opening it would repair it and lose what can still
    /// be saved.
    #[error(
        "the store at {} is damaged ({fault}) and was not opened, so that nothing more is lost: keep a \
         copy of the folder, run `testimony audit`, and restore a backup",
        dir.display()
    )]
    Suspect {
        /// The directory of the store.
        dir: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// The log was written by a program older than the format.
    #[error(
        "the ledger's log at {} has format 0, the first draft, but this version reads format 1: keep \
         the old program for it, and record its claims again in a new ledger",
        .0.display()
    )]
    FirstDraft(PathBuf),
    /// The last block is damaged, so the end of the log is unknown, and appending might overwrite
    /// records.
    #[error(
        "{place}, the last one, is damaged ({fault}): run `testimony audit` to see what is left"
    )]
    LastBlock {
        /// The last block.
        place: StorePlace,
        /// What is wrong with it.
        fault: String,
    },
}

impl From<FileFault> for OpenLogError {
    fn from(FileFault { path, source }: FileFault) -> Self {
        use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let source = match NotRegular::told_by(source) {
            Ok(told) => return Self::NotRegular(told),
            Err(source) => source,
        };
        match source.kind() {
            PermissionDenied | ReadOnlyFilesystem => Self::NotWritable { path, source },
            StorageFull | QuotaExceeded => Self::Full { path, source },
            _ => Self::Files { path, source },
        }
    }
}

impl OpenLogError {
    fn locking(dir: &Path, waited: Duration) -> impl FnOnce(LockFault) -> Self {
        let dir = dir.to_owned();
        move |fault| match fault {
            LockFault::Busy => Self::Busy { dir, waited },
            LockFault::File(fault) => fault.into(),
        }
    }

    fn store(dir: &Path, waited: Duration, fault: StoreFault) -> Self {
        match fault {
            StoreFault::Locked => Self::Busy { dir: dir.to_owned(), waited },
            StoreFault::Io(source) => FileFault { path: dir.to_owned(), source }.into(),
            fault => Self::Damaged { dir: dir.to_owned(), fault: fault.to_string() },
        }
    }
}

impl SledLog {
    /// Creates an empty log in the directory `dir` and makes it durable. Waits at most `wait` for
    /// another process.
    ///
    /// # Errors
    ///
    /// [`OpenLogError::Exists`] if there already is a log; otherwise as [`open`](Self::open).
    pub fn create(dir: &Path, wait: Duration) -> Result<Self, OpenLogError> {
        files::make_parent(dir)?;
        files::look_at(dir)?;
        let lock = Lock::take(dir, wait).map_err(OpenLogError::locking(dir, wait))?;
        files::recover(dir)?;
        if files::data(dir).exists() {
            return Err(OpenLogError::Exists(dir.to_owned()));
        }
        files::make_private(dir)?;
        let mut log = Self::start(dir, wait, Some(lock), Access::Write)?;
        files::sync_store(dir)?;
        let mut acknowledged = Acknowledged::open(dir)?;
        acknowledged.note(log.length);
        log.acknowledged = Some(acknowledged);
        Ok(log)
    }

    /// Opens the log in the directory `dir` for reading and writing, and locks out all other
    /// processes until it is dropped. Waits at most `wait` for another process. First completes an
    /// interrupted erasure. Does not open a store that is not known to be whole.
    ///
    /// # Errors
    ///
    /// [`OpenLogError`]; nothing is created if there is no log.
    pub fn open(dir: &Path, wait: Duration) -> Result<Self, OpenLogError> {
        Self::open_with(dir, wait, Sequence::ZERO)
    }

    /// Whether there is a log at `dir`, or one that was about to be swapped in.
    pub fn stands(dir: &Path) -> bool {
        files::data(&files::standing(dir)).symlink_metadata().is_ok()
    }

    /// Whether there are files next to `dir` that belonged to a log.
    pub fn left_traces(dir: &Path) -> bool {
        let traces = [dir.to_owned(), files::acknowledged(dir), files::closed(dir)];
        traces.iter().any(|path| path.symlink_metadata().is_ok())
    }

    /// As [`open`](Self::open), for a log that should have at least `least` records according to
    /// another file.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open). A log that was properly closed with fewer records is opened
    /// nevertheless.
    pub fn open_with(dir: &Path, wait: Duration, least: Sequence) -> Result<Self, OpenLogError> {
        files::look_at(dir)?;
        if !files::data(&files::standing(dir)).exists() {
            return Err(OpenLogError::Absent(dir.to_owned()));
        }
        let lock = Lock::take(dir, wait).map_err(OpenLogError::locking(dir, wait))?;
        // The process that held the lock may have replaced the store.
        files::look_at(dir)?;
        files::recover(dir)?;
        let admitted = admission::admit(dir, least, |copy, least| readable(copy, least, wait));
        let closed = admitted.map_err(|fault| match fault {
            AdmissionFault::File(fault) => fault.into(),
            AdmissionFault::Suspect(fault) => OpenLogError::Suspect { dir: dir.to_owned(), fault },
        })?;
        let mut log = Self::start(dir, wait, Some(lock), Access::Write)?;
        let mut acknowledged = Acknowledged::open(dir)?;
        acknowledged.note(log.length);
        (log.closed, log.acknowledged) = (closed, Some(acknowledged));
        Ok(log)
    }

    /// Copies the log in the directory `dir` into a new directory under `scratch`, and opens the
    /// copy for reading. The log's files are not written, so it may be on a read-only medium or be
    /// damaged; it is locked while it is copied. The copy is removed when the log is dropped.
    ///
    /// Why a copy, and not blocks read directly from the store's file: sled's page table decides
    /// which of them sled returns, and it is rebuilt at every opening from a snapshot's offsets and
    /// from messages that replace, free and link pages. Someone who edits the file can make all
    /// checksums right, sled's and the blocks', and leave every block in it while hiding some from
    /// sled, or point the snapshot at bytes within another message. A separate reader would then
    /// find a whole log, and the next writer a different one. Only sled can tell what sled returns;
    /// so it is asked, on a copy where its writes do no harm.
    ///
    /// A copy opens even if its last block is damaged. Its length is then the longest that is
    /// known, and reading it reports the rest.
    ///
    /// # Errors
    ///
    /// [`OpenLogError`], except [`OpenLogError::LastBlock`].
    pub fn open_copy(dir: &Path, scratch: &Path, wait: Duration) -> Result<Self, OpenLogError> {
        Self::open_copy_with(dir, scratch, wait, || {})
    }

    /// As [`open_copy`](Self::open_copy), and calls `meanwhile` while the lock is held, before the
    /// log is copied: files that a writer keeps next to the log are then from the same moment.
    ///
    /// # Errors
    ///
    /// As [`open_copy`](Self::open_copy). If another process has the log open, or there is none,
    /// `meanwhile` is not called.
    pub fn open_copy_with(
        dir: &Path,
        scratch: &Path,
        wait: Duration,
        meanwhile: impl FnOnce(),
    ) -> Result<Self, OpenLogError> {
        files::look_at(dir)?;
        let copy = ScratchFolder::private_in(scratch, "testimony-");
        let copy = copy.map_err(|source| FileFault { path: scratch.to_owned(), source })?;
        let busy = || OpenLogError::locking(dir, wait);
        let lock = Lock::take_unwritten(&files::lock(dir), wait).map_err(busy())?;
        let standing = files::standing(dir);
        // Another program that uses sled knows only the lock on sled's own file.
        let inner = Lock::take_unwritten(&files::data(&standing), wait).map_err(busy())?;
        if inner.is_none() {
            return Err(OpenLogError::Absent(dir.to_owned()));
        }
        meanwhile();
        files::copy(&standing, copy.path())?;
        drop((lock, inner));
        let path = copy.path().to_owned();
        Self::start(&path, wait, None, Access::Copy(copy)).map_err(|error| match error {
            OpenLogError::Damaged { fault, .. } => {
                OpenLogError::Damaged { dir: dir.to_owned(), fault }
            }
            OpenLogError::FirstDraft(_) => OpenLogError::FirstDraft(dir.to_owned()),
            other => other,
        })
    }

    /// The files left in the directory `dir` by an interrupted erasure, if there was one: they may
    /// hold what was to be erased. The next opening completes it.
    pub fn leftovers(dir: &Path) -> Vec<PathBuf> {
        files::leftovers(dir)
    }

    fn start(
        dir: &Path,
        wait: Duration,
        lock: Option<Lock>,
        access: Access,
    ) -> Result<Self, OpenLogError> {
        let store = open_store(dir, wait)?;
        if is_first_draft(&store) {
            return Err(OpenLogError::FirstDraft(dir.to_owned()));
        }
        let path = files::data(dir);
        let data = regular_file::read(&path).map_err(|source| FileFault { path, source })?;
        let length = match (measure(dir, &store), &access) {
            (Err(_), Access::Copy(_)) => readable_length(&store),
            (length, _) => length?,
        };
        let dir = dir.to_owned();
        let (closed, acknowledged) = (None, None);
        Ok(Self { store, data, length, access, closed, acknowledged, dir, wait, _lock: lock })
    }

    /// The store has the blocks, but they survive a power cut only once its file is synced.
    fn persist(&self, first: Sequence, records: &[Record]) -> Result<(), StoreFault> {
        let blocks = packing::pack(first, records).into_iter();
        self.store.write(blocks.map(|(key, value)| (key.encode(), value)))?;
        self.data.sync_data().map_err(StoreFault::Io)
    }

    /// Writes every record into a new store next to this one, without the erased payloads, and
    /// reads it back.
    fn rewrite(&self, erased: &BTreeSet<Sequence>) -> Result<(), EraseError> {
        let incoming = files::incoming(&self.dir);
        files::remove(&incoming)?;
        files::make_private(&incoming)?;
        let mut store = Store::open(&incoming, OPENING_LIMIT)?;
        let mut batch = Vec::with_capacity(REWRITE_BATCH);
        let mut first = Sequence::ZERO;
        for read in self.read(Sequence::ZERO) {
            let (sequence, record) = read?;
            batch.push(without(record, erased.contains(&sequence)));
            if batch.len() == REWRITE_BATCH {
                write(&store, first, &batch)?;
                first = sequence.next();
                batch.clear();
            }
        }
        write(&store, first, &batch)?;
        store.close();
        files::sync_store(&incoming)?;
        self.verify(&incoming, erased)?;
        Ok(files::sync_store(&incoming)?)
    }

    /// Compares the rewritten store, reopened, with this one, record by record.
    fn verify(&self, incoming: &Path, erased: &BTreeSet<Sequence>) -> Result<(), EraseError> {
        let mut store = reopen(incoming, self.wait)?;
        let mut rewritten = Scan::new(&store, Sequence::ZERO, Some(self.length));
        for read in self.read(Sequence::ZERO) {
            let (sequence, record) = read?;
            let expected = (sequence, without(record, erased.contains(&sequence)));
            match rewritten.next() {
                Some(Ok(found)) if found == expected => {}
                _ => return Err(EraseError::Unfaithful { sequence }),
            }
        }
        drop(rewritten);
        store.close();
        Ok(())
    }

    /// Replaces this store with the rewritten one. If it fails, the log is closed, and the next
    /// opening finds out how far it came.
    fn replace(&mut self) -> Result<(), EraseError> {
        self.store.close();
        self.closed = None;
        files::swap(&self.dir)?;
        self.store = reopen(&self.dir, self.wait)?;
        let path = files::data(&self.dir);
        self.data = regular_file::read(&path).map_err(|source| FileFault { path, source })?;
        Ok(())
    }
}

impl Log for SledLog {
    fn append(&mut self, expected: Sequence, records: &[Record]) -> Result<(), AppendError> {
        match &self.access {
            _ if records.is_empty() => return Ok(()),
            Access::Write => {}
            Access::Copy(_) => return Err(AppendError::ReadOnly),
            Access::Poisoned(since) => return Err(AppendError::Poisoned { since: since.clone() }),
        }
        admit(self.length, expected, records)?;
        if let Err(fault) = self.persist(expected, records) {
            self.access = Access::Poisoned(fault.to_string());
            return Err(fault.into());
        }
        self.length = expected.plus(records.len() as u64);
        if let Some(acknowledged) = &mut self.acknowledged {
            acknowledged.note(self.length);
        }
        Ok(())
    }

    fn length(&self) -> Sequence {
        self.length
    }

    fn read(&self, from: Sequence) -> Records<'_> {
        // Damage may hide the end of a copy; reading then reports that.
        let end = if matches!(self.access, Access::Copy(_)) { None } else { Some(self.length) };
        Box::new(Scan::new(&self.store, from, end))
    }

    fn erase(&mut self, sequences: &BTreeSet<Sequence>) -> Result<(), EraseError> {
        within(self.length, sequences)?;
        match &self.access {
            _ if sequences.is_empty() => return Ok(()),
            Access::Write => {}
            Access::Copy(_) => return Err(EraseError::ReadOnly),
            Access::Poisoned(since) => return Err(EraseError::Poisoned { since: since.clone() }),
        }
        if let Err(error) = self.rewrite(sequences) {
            // The log itself is unchanged. What is left of the attempt is removed now, or at the
            // next opening.
            let _ = files::remove(&files::incoming(&self.dir));
            return Err(error);
        }
        self.replace().inspect_err(|error| self.access = Access::Poisoned(error.to_string()))
    }
}

impl Drop for SledLog {
    /// Records the current state of the store, so that the next opening recognises it.
    fn drop(&mut self) {
        let written = matches!(self.access, Access::Write) && self.store.close();
        if !written {
            return;
        }
        let closed = Closed::of(&self.dir, self.length, self.closed.as_ref());
        if let Err(fault) = closed.and_then(|closed| closed.write(&self.dir)) {
            tracing::warn!("cannot record the state of the closed log: {fault}");
        }
    }
}

impl From<StoreFault> for AppendError {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Io(source) if is_full(&source) => Self::Full { source },
            fault => Self::Failed { fault: fault.to_string() },
        }
    }
}

impl From<StoreFault> for EraseError {
    fn from(fault: StoreFault) -> Self {
        match fault {
            StoreFault::Io(source) if is_full(&source) => Self::Full { source },
            fault => Self::Failed { fault: fault.to_string() },
        }
    }
}

impl From<FileFault> for EraseError {
    fn from(fault: FileFault) -> Self {
        match fault {
            FileFault { source, .. } if is_full(&source) => Self::Full { source },
            fault => Self::Failed { fault: fault.to_string() },
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn without(record: Record, erased: bool) -> Record {
    if erased { Record { payload: None, ..record } } else { record }
}

fn write(store: &Store, first: Sequence, records: &[Record]) -> Result<(), StoreFault> {
    store.write(packing::pack(first, records).into_iter().map(|(key, value)| (key.encode(), value)))
}

fn open_store(dir: &Path, wait: Duration) -> Result<Store, OpenLogError> {
    reopen(dir, wait).map_err(|fault| OpenLogError::store(dir, wait, fault))
}

/// Opens a store whose lock may still be held for a moment: sled's threads release it only some
/// time after the store is dropped.
fn reopen(dir: &Path, wait: Duration) -> Result<Store, StoreFault> {
    let limit = OPENING_LIMIT + Duration::from_secs(files::size(dir) / SLOWEST_OPENING);
    let deadline = Instant::now() + wait;
    loop {
        match Store::open(dir, limit) {
            Err(StoreFault::Locked) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(10));
            }
            opened => return opened,
        }
    }
}

/// Whether the store's first block is in the format's first draft. If the store fails here, it
/// fails again when it is read, and is reported then.
fn is_first_draft(store: &Store) -> bool {
    let Ok(Some((bytes, value))) = store.after(&Bound::Unbounded) else { return false };
    BlockKey::decode(&bytes).is_some_and(|key| block::is_first_draft(key, &value))
}

/// The length of the log, according to the last block.
fn measure(dir: &Path, store: &Store) -> Result<Sequence, OpenLogError> {
    let last = store.last().map_err(|fault| OpenLogError::store(dir, Duration::ZERO, fault))?;
    let Some((bytes, value)) = last else { return Ok(Sequence::ZERO) };
    let Some(key) = BlockKey::decode(&bytes) else {
        let place = StorePlace::named("a key that is not that of a block");
        return Err(OpenLogError::LastBlock { place, fault: "another program wrote it".into() });
    };
    let count = match block::decode(key, &value) {
        Ok(BlockBody::Whole(records)) => Ok(records.len() as u64),
        Ok(BlockBody::Part { total, .. }) if key.part + 1 == total => Ok(1),
        Ok(BlockBody::Part { .. }) => Err("some of its parts are missing".to_owned()),
        Err(fault) => Err(fault.to_string()),
    };
    let place = StorePlace::named(key);
    count
        .map(|count| key.first.plus(count))
        .map_err(|fault| OpenLogError::LastBlock { place, fault })
}

/// Whether every record of a copy can be read, and there are at least `least`; otherwise the
/// reason.
fn readable(copy: &Path, least: Sequence, wait: Duration) -> Result<(), String> {
    let mut store = open_store(copy, wait).map_err(|error| match error {
        OpenLogError::Damaged { fault, .. } => fault,
        error => error.to_string(),
    })?;
    if is_first_draft(&store) {
        // The opening reports this failure.
        return Ok(());
    }
    let length = measure(copy, &store).map_err(|error| match error {
        OpenLogError::LastBlock { place, fault } => format!("{place} is damaged ({fault})"),
        OpenLogError::Damaged { fault, .. } => fault,
        error => error.to_string(),
    })?;
    if length < least {
        let (length, least) = (length.get(), least.get());
        return Err(format!("only {length} entries in it can be read, but {least} were recorded"));
    }
    let unreadable = Scan::new(&store, Sequence::ZERO, Some(length)).find_map(Result::err);
    store.close();
    unreadable.map_or(Ok(()), |error| Err(error.to_string()))
}

/// The length of a log whose end is damaged: up to the last readable record.
fn readable_length(store: &Store) -> Sequence {
    let readable = Scan::new(store, Sequence::ZERO, None).filter_map(Result::ok);
    readable.last().map_or(Sequence::ZERO, |(sequence, _)| sequence.next())
}
