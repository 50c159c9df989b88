//! The log on disk: blocks of records in a sled store, synced before an append returns.
//!
//! Knows when bytes are durable, who may write, and how to rewrite a store without what was erased.
//! Must not know what an entry says. Its children each know one thing: `block` the bytes of a
//! block, `scan` their order, `store` the sled crate, `files` the directories around it, `closed` and
//! `acknowledged` what was known of a store, `admission` whether it may be opened.

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

/// How many records a rewritten store is given at a time.
const REWRITE_BATCH: usize = 1000;

/// The least time an opening is given before it counts as stuck; large stores are given more.
const OPENING_LIMIT: Duration = Duration::from_secs(60);
/// The slowest opening expected, in bytes of store a second.
const SLOWEST_OPENING: u64 = 20_000_000;

/// A log in a sled store.
#[derive(Debug)]
pub struct SledLog {
    // The order is that of dropping: the store before its copy is removed and its lock released.
    store: Store,
    data: File,
    length: Sequence,
    access: Access,
    /// What the store was when it was opened, where that was known.
    closed: Option<Closed>,
    acknowledged: Option<Acknowledged>,
    dir: PathBuf,
    wait: Duration,
    _lock: Option<Lock>,
}

/// What may be done with an open log.
#[derive(Debug)]
enum Access {
    /// Everything.
    Write,
    /// Reading only: the store is a copy in a directory that goes when the log is dropped.
    Copy(#[allow(dead_code, reason = "held so that it is removed with the log")] ScratchFolder),
    /// Reading only, since a write failed.
    Poisoned(String),
}

/// Why a log did not open.
#[derive(Debug, Error)]
pub enum OpenLogError {
    /// There is none.
    #[error("there is no log at {}: make one with `testimony init`", .0.display())]
    Absent(PathBuf),
    /// There is one already.
    #[error("there is a log at {} already: choose another directory", .0.display())]
    Exists(PathBuf),
    /// Another process had it open all the time.
    #[error(
        "another process has the log at {} open, and still had after {} seconds: try again later",
        dir.display(), waited.as_secs()
    )]
    Busy {
        /// The log.
        dir: PathBuf,
        /// How long was waited.
        waited: Duration,
    },
    /// A file or directory may not be written, and opening a log writes.
    #[error(
        "{} may not be written ({source}), and opening a log writes: change its permissions; \
         `testimony audit` can still read a log there",
        path.display()
    )]
    NotWritable {
        /// What may not be written.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// No space is left.
    #[error("the disk that holds {} is full ({source}): free some space", path.display())]
    Full {
        /// What could not be written.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Something else than a file or folder stands where one belongs.
    #[error(transparent)]
    NotRegular(NotRegular),
    /// A file or directory could not be worked with.
    #[error("{} cannot be worked with ({source}): check the path and the disk", path.display())]
    Files {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The store refuses its files, panics on them or never answers.
    #[error(
        "the store at {} does not open, {fault}: run `testimony audit` on it, keep a copy of the \
         folder, and restore a backup",
        dir.display()
    )]
    Damaged {
        /// The store.
        dir: PathBuf,
        /// What it said.
        fault: String,
    },
    /// It is not known to be whole, and what opens a store mends it: what could be saved would be lost.
    #[error(
        "the store at {} is damaged: {fault}; it was not opened, so that nothing more is lost: keep a \
         copy of the folder, run `testimony audit`, and restore a backup",
        dir.display()
    )]
    Suspect {
        /// The store.
        dir: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// It was written by a program older than the format.
    #[error(
        "the ledger's log at {} has format 0, the first draft: this version reads format 1; keep \
         the old program for it, and record its claims anew in a new ledger",
        .0.display()
    )]
    FirstDraft(PathBuf),
    /// The last block does not say where the log ends, and appending might overwrite.
    #[error("{place} is the last and damaged, {fault}: run `testimony audit` to see what is left")]
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
    /// Creates an empty log in the directory `dir`, and makes that durable. `wait` is how long
    /// another process is waited for.
    ///
    /// # Errors
    ///
    /// [`OpenLogError::Exists`] where there is one already; otherwise as [`open`](Self::open).
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

    /// Opens the log in the directory `dir` for reading and writing, keeping all others out until
    /// it is dropped. `wait` is how long another process is waited for. An erasure that was cut
    /// short is finished first. A store that is not known to be whole is not opened.
    ///
    /// # Errors
    ///
    /// [`OpenLogError`]; nothing is created where there is no log.
    pub fn open(dir: &Path, wait: Duration) -> Result<Self, OpenLogError> {
        Self::open_with(dir, wait, Sequence::ZERO)
    }

    /// Whether there is a log at `dir`, or one that was about to take its place.
    pub fn stands(dir: &Path) -> bool {
        files::data(&files::standing(dir)).symlink_metadata().is_ok()
    }

    /// Whether something beside `dir` was left by a log that was there.
    pub fn left_traces(dir: &Path) -> bool {
        let traces = [dir.to_owned(), files::acknowledged(dir), files::closed(dir)];
        traces.iter().any(|path| path.symlink_metadata().is_ok())
    }

    /// As [`open`](Self::open) a log that has at least `least` records, as something beside it says.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open). One that was closed with fewer is opened all the same.
    pub fn open_with(dir: &Path, wait: Duration, least: Sequence) -> Result<Self, OpenLogError> {
        files::look_at(dir)?;
        if !files::data(&files::standing(dir)).exists() {
            return Err(OpenLogError::Absent(dir.to_owned()));
        }
        let lock = Lock::take(dir, wait).map_err(OpenLogError::locking(dir, wait))?;
        // Whoever held it may have replaced the store.
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
    /// copy for reading. The log's files are not written, so it may stand on a read-only medium or
    /// be damaged; it is locked while it is copied. The copy is removed when the log is dropped.
    ///
    /// Why a copy, and not blocks read out of the store's file as it stands: which of them sled will
    /// serve is decided by its page table, made anew at every opening from a snapshot's offsets and
    /// from messages that replace, free and link pages. Whoever edits the file can make all the sums,
    /// sled's and the blocks', and leave every block in it while hiding some from sled, or point the
    /// snapshot at bytes within another message. A reader of its own would then find a whole log, and
    /// the next writer another. Only sled tells what sled serves; so it is asked, and writes where
    /// that harms nobody.
    ///
    /// A copy opens also when its last block is damaged. Its length is then what can be told, and
    /// reading it tells of the rest.
    ///
    /// # Errors
    ///
    /// [`OpenLogError`], except [`OpenLogError::LastBlock`].
    pub fn open_copy(dir: &Path, scratch: &Path, wait: Duration) -> Result<Self, OpenLogError> {
        Self::open_copy_with(dir, scratch, wait, || {})
    }

    /// As [`open_copy`](Self::open_copy), and does `meanwhile` while the lock is held, before the
    /// log is copied: what a writer of this log keeps beside it is then of the same moment.
    ///
    /// # Errors
    ///
    /// As [`open_copy`](Self::open_copy). Where another process has the log open, or there is none,
    /// `meanwhile` is not done.
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

    /// What an erasure in the directory `dir` that was cut short has left behind, where one was:
    /// it may hold what was to be erased. The next opening finishes it.
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

    /// The store took the blocks, but only a sync of its file makes them outlive a power cut.
    fn persist(&self, first: Sequence, records: &[Record]) -> Result<(), StoreFault> {
        let blocks = packing::pack(first, records).into_iter();
        self.store.write(blocks.map(|(key, value)| (key.encode(), value)))?;
        self.data.sync_data().map_err(StoreFault::Io)
    }

    /// Writes every record into a new store beside this one, without what is to be erased, and
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

    /// Compares the rewritten store, opened again, with this one, record by record.
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

    /// Puts the rewritten store in this one's place. Fails only with the log closed: what stands
    /// where is then for the next opening to find out.
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
        // The end of a copy may be hidden by damage, and then reading tells of that.
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
            // The log itself is untouched. What is left of the attempt goes now, or at the next
            // opening.
            let _ = files::remove(&files::incoming(&self.dir));
            return Err(error);
        }
        self.replace().inspect_err(|error| self.access = Access::Poisoned(error.to_string()))
    }
}

impl Drop for SledLog {
    /// Says what the store is now, so that the next opening recognises it.
    fn drop(&mut self) {
        let written = matches!(self.access, Access::Write) && self.store.close();
        if !written {
            return;
        }
        let closed = Closed::of(&self.dir, self.length, self.closed.as_ref());
        if let Err(fault) = closed.and_then(|closed| closed.write(&self.dir)) {
            tracing::warn!("what the log was when it was closed could not be noted: {fault}");
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

/// Opens a store whose lock may still be held for a moment: sled's threads let go of it only after
/// the store was dropped.
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

/// Whether the store's first block is of the format's first draft. A store that fails here fails
/// again, and is reported, when it is read.
fn is_first_draft(store: &Store) -> bool {
    let Ok(Some((bytes, value))) = store.after(&Bound::Unbounded) else { return false };
    BlockKey::decode(&bytes).is_some_and(|key| block::is_first_draft(key, &value))
}

/// The length of the log: what the last block says.
fn measure(dir: &Path, store: &Store) -> Result<Sequence, OpenLogError> {
    let last = store.last().map_err(|fault| OpenLogError::store(dir, Duration::ZERO, fault))?;
    let Some((bytes, value)) = last else { return Ok(Sequence::ZERO) };
    let Some(key) = BlockKey::decode(&bytes) else {
        let place = StorePlace::named("a key that is no block's");
        return Err(OpenLogError::LastBlock { place, fault: "something else wrote it".into() });
    };
    let count = match block::decode(key, &value) {
        Ok(BlockBody::Whole(records)) => Ok(records.len() as u64),
        Ok(BlockBody::Part { total, .. }) if key.part + 1 == total => Ok(1),
        Ok(BlockBody::Part { .. }) => Err("its parts are not all there".to_owned()),
        Err(fault) => Err(fault.to_string()),
    };
    let place = StorePlace::named(key);
    count
        .map(|count| key.first.plus(count))
        .map_err(|fault| OpenLogError::LastBlock { place, fault })
}

/// Whether every record of a copy can be read, and there are at least so many; else why not.
fn readable(copy: &Path, least: Sequence, wait: Duration) -> Result<(), String> {
    let mut store = open_store(copy, wait).map_err(|error| match error {
        OpenLogError::Damaged { fault, .. } => fault,
        error => error.to_string(),
    })?;
    if is_first_draft(&store) {
        // Whoever opens the store says so.
        return Ok(());
    }
    let length = measure(copy, &store).map_err(|error| match error {
        OpenLogError::LastBlock { place, fault } => format!("{place} is damaged, {fault}"),
        OpenLogError::Damaged { fault, .. } => fault,
        error => error.to_string(),
    })?;
    if length < least {
        let (length, least) = (length.get(), least.get());
        return Err(format!("{length} entries can be read in it, and {least} were recorded"));
    }
    let unreadable = Scan::new(&store, Sequence::ZERO, Some(length)).find_map(Result::err);
    store.close();
    unreadable.map_or(Ok(()), |error| Err(error.to_string()))
}

/// The length of a log whose end is damaged: behind the last record that can be read.
fn readable_length(store: &Store) -> Sequence {
    let readable = Scan::new(store, Sequence::ZERO, None).filter_map(Result::ok);
    readable.last().map_or(Sequence::ZERO, |(sequence, _)| sequence.next())
}
