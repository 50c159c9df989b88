//! Opens a ledger: checks what must hold before anything is written to it.
//!
//! Knows checkpoints, keys and the tree: that a log is at least as long as its checkpoint states
//! and extends it, and that the key is the ledger's own. Must not know what is recorded.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::answers::view::{Snapshot, ViewError};
use crate::domain::id::{LogName, Sequence};
use crate::domain::moment::Timestamp;
use crate::domain::text::TextError;
use crate::ledger::projection::ProjectError;
use crate::platform::lock;
use crate::platform::regular_file::{self, NotRegular};
use crate::platform::scratch::ScratchFolder;
use crate::record::archive::{self, Archive};
use crate::record::event::{Body, EncodeError, Event, FORMAT, LedgerOpened, Program, Recorder};
use crate::record::layout::Layout;
use crate::record::log::sled::{self, SledLog};
use crate::record::log::{AppendError, Log, ReadError};
use crate::record::seal::{Entry, HashChain, Salt, SaltError, Sealed, entry_hash};
use crate::record::tree::checkpoint::key::{KeyError, Signer, VerifierKey, VerifierKeyError};
use crate::record::tree::checkpoint::{self, CheckpointError, FileError};
use crate::record::tree::{Frontier, RootHash, TileError, TreeHead};

use super::environment::ClockDoubt;

/// Why a ledger did not open.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is no ledger.
    #[error("there is no ledger at {}: make one with `testimony init`, or name another with --ledger", .0.display())]
    Absent(PathBuf),
    /// The log is missing, although other parts of the ledger are there.
    #[error(
        "the log of the ledger at {} is missing: restore it from a backup; until then its views, if it \
         has them, still answer (`testimony who`)",
        .0.display()
    )]
    Gone(PathBuf),
    /// The clock gives a time that cannot be recorded.
    #[error(transparent)]
    Clock(#[from] ClockDoubt),
    /// The folder is not empty.
    #[error("{} is not empty: choose another folder for the new ledger", .0.display())]
    Exists(PathBuf),
    /// The log cannot be opened.
    #[error(transparent)]
    Log(#[from] sled::OpenLogError),
    /// The log has no opening event.
    #[error("the log at {} has no first entry that this version can read: run `testimony audit`", .0.display())]
    NotOpened(PathBuf),
    /// A record cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The archive cannot be opened.
    #[error(transparent)]
    Archive(#[from] archive::OpenArchiveError),
    /// The checkpoint's file cannot be read or written.
    #[error(transparent)]
    CheckpointFile(#[from] FileError),
    /// The checkpoint is not valid.
    #[error("the checkpoint is not valid: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The log is shorter than its checkpoint.
    #[error(
        "the log has {length} entries, but its checkpoint covers {signed}: entries are missing; \
         run `testimony audit`, or restore a backup"
    )]
    Shortened {
        /// The number of entries in the log.
        length: u64,
        /// The number of entries that the checkpoint covers.
        signed: u64,
    },
    /// The log is not the one that its checkpoint covers.
    #[error(
        "the log's first {signed} entries are not those that its checkpoint covers: run \
         `testimony audit`, or restore a backup"
    )]
    Forked {
        /// The number of entries that the checkpoint covers.
        signed: u64,
    },
    /// The signing key cannot be created or read.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// The ledger's signing key cannot be used.
    #[error("{0}, or write with --unsigned")]
    NoKey(KeyError),
    /// The key belongs to another log.
    #[error("the key at {} is not this ledger's: give the right one with --key", .0.display())]
    OtherKey(PathBuf),
    /// The public key recorded in the ledger is not valid.
    #[error("the public key recorded in the ledger is not valid: run `testimony audit`")]
    BadKey(#[from] VerifierKeyError),
    /// The views could not be brought up to date with the log.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The views cannot be used.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The tree kept in the views is damaged.
    #[error("the tree kept in the views is damaged: run `testimony rebuild`")]
    Tree(#[from] TileError<ViewError>),
    /// The system gave no random bytes.
    #[error(transparent)]
    Salt(#[from] SaltError),
    /// The opening event cannot be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The log's name cannot be recorded in an event.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The opening event could not be appended.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// There is something other than a file or folder in the place of one.
    #[error(transparent)]
    NotRegular(#[from] NotRegular),
    /// The folder cannot be created.
    #[error("{} cannot be created ({source}): check the path and the disk", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
}

/// The prefix of a ledger under construction, next to its final place.
const IN_THE_MAKING: &str = ".testimony-unfinished-";

/// Refuses anything other than a folder, since a link may lead anywhere. Files are checked when
/// they are opened.
pub(super) fn look_at(layout: &Layout) -> Result<(), OpenError> {
    for folder in [layout.log(), layout.views(), layout.archive()] {
        // Other errors are reported when the folder is opened.
        if let Err(Ok(told)) = regular_file::is_folder(&folder).map_err(NotRegular::told_by) {
            return Err(told.into());
        }
    }
    Ok(())
}

/// Removes what a killed writer has left in the ledger: unfinished files of the archive and
/// unfinished checkpoints. The caller has the log open, so no other process is creating any. Files
/// that cannot be removed do no harm, and are left for the next time.
pub(super) fn clear(layout: &Layout, archive: &Archive) {
    let cleared = archive.clear().map_err(|error| error.to_string());
    let checkpoints = checkpoint::clear(layout.folder()).map_err(|error| error.to_string());
    for cleared in [cleared, checkpoints] {
        match cleared {
            Ok(0) => {}
            Ok(count) => {
                tracing::warn!("removed {count} files that an interrupted writer left unfinished")
            }
            Err(error) => tracing::warn!(
                "files that an interrupted writer left unfinished could not be removed: {error}"
            ),
        }
    }
}

/// A folder in which to build a ledger, next to its final place, and the lock that shows that a
/// process is at work in `parent`: all such processes share it. A process that first finds it free
/// removes what a killed one has left, which may include a key.
pub(super) fn workplace(parent: &Path, wait: Duration) -> io::Result<(ScratchFolder, File)> {
    let lock = File::open(parent)?;
    if lock.try_lock().is_ok() {
        remove_unfinished(parent)?;
    }
    if let Err(TryLockError::WouldBlock) = lock::within(wait, || lock.try_lock_shared()) {
        return Err(io::ErrorKind::ResourceBusy.into());
    }
    // If a folder cannot be locked at all, no process finds it free, and nothing is removed.
    Ok((ScratchFolder::open_in(parent, IN_THE_MAKING)?, lock))
}

fn remove_unfinished(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        let is_ours =
            entry.file_name().to_str().is_some_and(|name| name.starts_with(IN_THE_MAKING));
        if is_ours && entry.file_type()?.is_dir() {
            let (path, removed) = (entry.path(), fs::remove_dir_all(entry.path()));
            tracing::warn!("{}, an unfinished ledger: removed {removed:?}", path.display());
        }
    }
    Ok(())
}

/// Checks that there is a ledger with its log in a folder.
pub(super) fn stands(layout: &Layout) -> Result<(), OpenError> {
    if SledLog::stands(&layout.log()) {
        return Ok(());
    }
    let folder = layout.folder().to_owned();
    let remains = SledLog::left_traces(&layout.log())
        || [layout.checkpoint(), layout.views()].iter().any(|path| path.symlink_metadata().is_ok());
    Err(if remains { OpenError::Gone(folder) } else { OpenError::Absent(folder) })
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
    let mut chain = HashChain::EMPTY;
    Ok(chain.seal(event.encode()?, salt, now))
}

/// Verifies a checkpoint, and that the tree extends it.
fn extends(
    note: &[u8],
    key: &VerifierKey,
    tree: &Frontier,
    snapshot: &Snapshot,
) -> Result<TreeHead, OpenError> {
    let head = checkpoint::verify(note, key)?;
    if head.size > tree.size() {
        return Err(OpenError::Shortened { length: tree.size(), signed: head.size });
    }
    let root: RootHash = tree.root_at(snapshot, head.size)?;
    if root == head.root { Ok(head) } else { Err(OpenError::Forked { signed: head.size }) }
}

/// Opens the log of a ledger, unless it is shorter than its checkpoint states: it then holds less
/// than was recorded, and must not be used.
pub(super) fn open_log(
    layout: &Layout,
    note: Option<&[u8]>,
    wait: Duration,
) -> Result<SledLog, OpenError> {
    let signed = note.and_then(checkpoint::claimed_size).unwrap_or(0);
    let least = Sequence::new(signed).unwrap_or(Sequence::ZERO);
    let log = SledLog::open_with(&layout.log(), wait, least)?;
    let length = log.length().get();
    if signed > length {
        return Err(OpenError::Shortened { length, signed });
    }
    Ok(log)
}

/// The end of the log's hash chain, according to its last entry.
pub(super) fn end_of(log: &dyn Log, folder: &Path) -> Result<HashChain, OpenError> {
    let next = log.length();
    let last = next.get().checked_sub(1).and_then(|last| Sequence::new(last).ok());
    let last = last.map(|last| log.get(last)).transpose()?.flatten();
    let entry = last.map(|record| (entry_hash(&record.entry), Entry::decode(&record.entry)));
    match entry {
        Some((head, Ok(entry))) => Ok(HashChain { next, head, latest: entry.at }),
        _ => Err(OpenError::NotOpened(folder.to_owned())),
    }
}

/// Whether a checkpoint, if there is one, covers entries that were folded into the views.
pub(super) fn vouched(
    note: Option<&[u8]>,
    snapshot: &Snapshot,
    folder: &Path,
) -> Result<Option<TreeHead>, OpenError> {
    let Some(note) = note else { return Ok(None) };
    let key = recorded_key(snapshot, folder)?;
    extends(note, &key, &snapshot.tree()?, snapshot).map(Some)
}

/// The public key in force, according to the views.
pub(super) fn recorded_key(snapshot: &Snapshot, folder: &Path) -> Result<VerifierKey, OpenError> {
    let key = snapshot.cursor().key.as_deref();
    let key = key.ok_or_else(|| OpenError::NotOpened(folder.to_owned()))?;
    Ok(VerifierKey::new(key)?)
}

/// The signing key, if it is the ledger's: the one in the file that the user gave, or else the one
/// in the ledger's folder.
pub(super) fn signing_key(
    named: Option<&Path>,
    layout: &Layout,
    key: &VerifierKey,
) -> Result<Signer, OpenError> {
    let path = named.map_or_else(|| layout.key(), Path::to_owned);
    let signer = if named.is_some() { Signer::open(&path) } else { Signer::open_kept(&path) };
    let signer = signer.map_err(OpenError::NoKey)?;
    if signer.verifier_key() == key { Ok(signer) } else { Err(OpenError::OtherKey(path)) }
}
