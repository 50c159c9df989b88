//! Opening: what must hold before a ledger is written to.
//!
//! Knows checkpoints, keys and the tree: that a log is as long as its checkpoint says and extends
//! it, and that the key is its own. Must not know what is recorded.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::archive;
use crate::event::{Body, EncodeError, Event, FORMAT, LedgerOpened, Program, Recorder};
use crate::id::{LogName, Sequence};
use crate::layout::Layout;
use crate::log::sled::{self, SledLog};
use crate::log::{AppendError, Log, ReadError};
use crate::moment::Timestamp;
use crate::projection::ProjectError;
use crate::seal::{Chain, Entry, Salt, SaltError, Sealed, entry_hash};
use crate::text::TextError;
use crate::tree::checkpoint::key::{KeyError, Signer, VerifierKey, VerifierKeyError};
use crate::tree::checkpoint::{self, CheckpointError, FileError};
use crate::tree::{Frontier, Head, RootHash, TileError};
use crate::view::{Snapshot, ViewError};

/// Why a ledger did not open.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is none.
    #[error("there is no ledger at {}: make one with `testimony init`, or name another with --ledger", .0.display())]
    Absent(PathBuf),
    /// There is something already.
    #[error("{} is not empty: choose another folder for the new ledger", .0.display())]
    Exists(PathBuf),
    /// The log.
    #[error(transparent)]
    Log(#[from] sled::OpenError),
    /// The log holds no opening.
    #[error("the log at {} has no first entry that this version reads: run `testimony audit`", .0.display())]
    NotOpened(PathBuf),
    /// A record cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] archive::OpenError),
    /// The checkpoint's file.
    #[error(transparent)]
    CheckpointFile(#[from] FileError),
    /// The checkpoint does not verify.
    #[error("the checkpoint does not verify: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The log is shorter than its checkpoint.
    #[error(
        "the log has {length} entries and its checkpoint vouches for {signed}: entries are gone; \
         run `testimony audit`, or restore a backup"
    )]
    Shortened {
        /// Entries in the log.
        length: u64,
        /// Entries that the checkpoint vouches for.
        signed: u64,
    },
    /// The log is another than its checkpoint's.
    #[error(
        "the log's first {signed} entries are not those its checkpoint vouches for: run \
         `testimony audit`, or restore a backup"
    )]
    Forked {
        /// Entries that the checkpoint vouches for.
        signed: u64,
    },
    /// The signing key.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The ledger's signing key cannot be used.
    #[error("{0}, or write with --unsigned")]
    NoKey(KeyError),
    /// The key is another log's.
    #[error("the key at {} is not this ledger's: name the right one with --key", .0.display())]
    OtherKey(PathBuf),
    /// The ledger's recorded key is none.
    #[error("the ledger's public key is no key: run `testimony audit`")]
    BadKey(#[from] VerifierKeyError),
    /// The views could not be brought up to the log.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The views.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The tree kept in the views.
    #[error("the tree kept in the views is damaged: run `testimony rebuild`")]
    Tree(#[from] TileError<ViewError>),
    /// No randomness.
    #[error(transparent)]
    Salt(#[from] SaltError),
    /// The opening event.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The log's name cannot stand in an event.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The opening could not be appended.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The folder.
    #[error("{} cannot be made ({source}): check the path and the disk", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The sealed opening event of a new log.
pub(super) fn opening(
    log: LogName,
    signer: &Signer,
    salt: Salt,
    now: Timestamp,
) -> Result<Sealed, OpenError> {
    let key = signer.verifier_key().as_str().parse()?;
    let program = Program {
        name: env!("CARGO_PKG_NAME").parse()?,
        version: env!("CARGO_PKG_VERSION").parse()?,
        model: None,
    };
    let by = Recorder::program(program);
    let body = Body::LedgerOpened(LedgerOpened { log, key, next_key: None, format: FORMAT });
    let event = Event { by, request: None, confidential: false, imported_from: None, body };
    let mut chain = Chain::EMPTY;
    Ok(chain.seal(event.encode()?, salt, now))
}

/// The size on the second line of a note, before anything of it is verified.
pub(super) fn claimed_size(note: &[u8]) -> Option<u64> {
    let second = note.split(|byte| *byte == b'\n').nth(1)?;
    std::str::from_utf8(second).ok()?.parse().ok()
}

/// Verifies a checkpoint and that the tree extends it.
fn extends(
    note: &[u8],
    key: &VerifierKey,
    tree: &Frontier,
    snapshot: &Snapshot,
) -> Result<Head, OpenError> {
    let head = checkpoint::verify(note, key)?;
    if head.size > tree.size() {
        return Err(OpenError::Shortened { length: tree.size(), signed: head.size });
    }
    let root: RootHash = tree.root_at(snapshot, head.size)?;
    if root == head.root { Ok(head) } else { Err(OpenError::Forked { signed: head.size }) }
}

/// Opens the log of a ledger, unless it is shorter than its checkpoint says: it holds less then than
/// was recorded, and nothing is to be made of it.
pub(super) fn open_log(
    layout: &Layout,
    note: Option<&[u8]>,
    wait: Duration,
) -> Result<SledLog, OpenError> {
    let signed = note.and_then(claimed_size).unwrap_or(0);
    let least = Sequence::new(signed).unwrap_or(Sequence::ZERO);
    let log = SledLog::open_with(&layout.log(), wait, least)?;
    let length = log.length().get();
    if signed > length {
        return Err(OpenError::Shortened { length, signed });
    }
    Ok(log)
}

/// The end of the log's chain, as its last entry has it.
pub(super) fn end_of(log: &dyn Log, folder: &Path) -> Result<Chain, OpenError> {
    let next = log.length();
    let last = next.get().checked_sub(1).and_then(|last| Sequence::new(last).ok());
    let last = last.map(|last| log.get(last)).transpose()?.flatten();
    let entry = last.map(|record| (entry_hash(&record.entry), Entry::decode(&record.entry)));
    match entry {
        Some((head, Ok(entry))) => Ok(Chain { next, head, latest: entry.at }),
        _ => Err(OpenError::NotOpened(folder.to_owned())),
    }
}

/// Whether a checkpoint, where there is one, is of what was folded into the views.
pub(super) fn vouched(
    note: Option<&[u8]>,
    snapshot: &Snapshot,
    folder: &Path,
) -> Result<Option<Head>, OpenError> {
    let Some(note) = note else { return Ok(None) };
    let key = recorded_key(snapshot, folder)?;
    extends(note, &key, &snapshot.tree()?, snapshot).map(Some)
}

/// The public key in force, as the views have it.
pub(super) fn recorded_key(snapshot: &Snapshot, folder: &Path) -> Result<VerifierKey, OpenError> {
    let key = snapshot.cursor().key.as_deref();
    let key = key.ok_or_else(|| OpenError::NotOpened(folder.to_owned()))?;
    Ok(VerifierKey::new(key)?)
}

/// The signing key at `path`, if it is the ledger's.
pub(super) fn signing_key(path: PathBuf, key: &VerifierKey) -> Result<Signer, OpenError> {
    let signer = Signer::open(&path).map_err(OpenError::NoKey)?;
    if signer.verifier_key() == key { Ok(signer) } else { Err(OpenError::OtherKey(path)) }
}
