//! Checkpoints: signed statements of a log's size and root, and the file the newest is kept in.
//!
//! Knows C2SP signed-note and tlog-checkpoint. Must not know when a checkpoint is due, nor what the
//! log holds. It is the ledger that sees to it that a checkpoint may trail the log but never leads
//! it; one that writes without its key leaves the file as it is.

pub mod key;

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use signed_note::{Note, NoteError};
use thiserror::Error;
use tlog_tiles::{Checkpoint, Hash};

use super::{Head, MAX_SIZE, RootHash};
use key::{Signer, VerifierKey, open_folder};

/// The largest note that is read, in bytes: a checkpoint with a hundred cosignatures is far below.
const MAX_NOTE_BYTES: u64 = 64 * 1024;

/// Why a note is not a checkpoint of the log it should be of.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// Not the form of C2SP signed-note.
    #[error("this is not a signed note: take the checkpoint again from where it was published")]
    NotNote,
    /// Its first line names another log.
    #[error("this is a checkpoint of `{found}`, not of `{expected}`: give the one of this log")]
    OtherLog {
        /// The log whose checkpoint it should be.
        expected: String,
        /// What its first line says.
        found: String,
    },
    /// None of its signatures is by the key.
    #[error("no signature here is by {expected}: check the key, and whether it was rotated since")]
    OtherKey {
        /// The key, as a verifier key.
        expected: VerifierKey,
    },
    /// The key's signature is not over this text.
    #[error(
        "the signature by {expected} is wrong: text or signature was altered, so trust neither"
    )]
    WrongSignature {
        /// The key, as a verifier key.
        expected: VerifierKey,
    },
    /// Signed, and yet not the form of C2SP tlog-checkpoint, or beyond 2^53 entries.
    #[error(
        "the signed text states no size and root: it was signed by something else with this key"
    )]
    Malformed,
}

/// Signs a head, in the name of the log that the key is for: the text of a C2SP tlog-checkpoint
/// note, which ends in a newline. The same head and key give the same note.
///
/// # Errors
///
/// The head is beyond 2^53 entries, and so of no log.
pub fn sign(signer: &Signer, head: Head) -> Result<String, CheckpointError> {
    if head.size > MAX_SIZE {
        return Err(CheckpointError::Malformed);
    }
    let log = signer.verifier_key().log_name();
    let checkpoint = Checkpoint::new(log, head.size, Hash(head.root.0), "")
        .map_err(|_| CheckpointError::Malformed)?;
    let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(|_| CheckpointError::NotNote)?;
    note.add_sigs(&[signer]).map_err(|_| CheckpointError::NotNote)?;
    String::from_utf8(note.to_bytes()).map_err(|_| CheckpointError::NotNote)
}

/// The head that `note` states, if it is a checkpoint of the log that `key` names, signed by `key`.
/// Signatures by other keys, such as witnesses', are let stand and say nothing here.
///
/// # Errors
///
/// Each way in which it is not has its own variant; nothing of an unsigned text is given back but
/// the name it goes by.
pub fn parse_and_verify(note: &[u8], key: &VerifierKey) -> Result<Head, CheckpointError> {
    let note = Note::from_bytes(note).map_err(|_| CheckpointError::NotNote)?;
    let origin = note.text().split(|&byte| byte == b'\n').next().unwrap_or_default();
    // Another log's checkpoint is signed by another key too. The name tells more than the key.
    if origin != key.log_name().as_bytes() {
        return Err(CheckpointError::OtherLog {
            expected: key.log_name().to_owned(),
            found: String::from_utf8_lossy(origin).chars().take(120).collect(),
        });
    }
    note.verify(&key.verifiers()).map_err(|refusal| match refusal {
        NoteError::InvalidSignature { .. } => {
            CheckpointError::WrongSignature { expected: key.clone() }
        }
        _ => CheckpointError::OtherKey { expected: key.clone() },
    })?;
    let checkpoint = Checkpoint::from_bytes(note.text()).map_err(|_| CheckpointError::Malformed)?;
    if checkpoint.size() > MAX_SIZE {
        return Err(CheckpointError::Malformed);
    }
    Ok(Head { size: checkpoint.size(), root: RootHash(checkpoint.hash().0) })
}

/// Why the checkpoint's file cannot be read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// The system refused.
    #[error(
        "cannot {step} {path}: {cause}; see to the folder's rights and room, then run it again"
    )]
    Io {
        /// What was being done, as it follows "cannot".
        step: &'static str,
        /// The checkpoint's file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Larger than any checkpoint.
    #[error("{path} is over 64 KiB and so no checkpoint: put it aside, and write a new one")]
    TooLong {
        /// The checkpoint's file.
        path: PathBuf,
    },
}

/// Puts `note` in the place of the file at `path`, so that whenever the power fails the file is the
/// one from before or this one, whole:
///
/// 1. Open the folder, and keep it open: closed, the system may forget that writing to it failed.
/// 2. Write the note to a new file of another name in the same folder, which all may read.
/// 3. Sync that file. Renamed before, it could turn up empty under its final name.
/// 4. Rename it over `path`. Readers have the old file or the new one.
/// 5. Sync the folder. Before, the rename may be undone by a power cut.
///
/// On return the note is durable. A cut between 2 and 4 leaves a file `.checkpoint-…`, which means
/// nothing and may be deleted.
///
/// # Errors
///
/// A step failed, and is named. What was in the file before is then still there, unless it is the
/// last step: then it may be either. A failed sync is not to be tried again on the same file, since
/// the system has dropped what it could not write; writing anew is a new file, and sound.
pub fn write(path: &Path, note: &str) -> Result<(), FileError> {
    let failed = |step| move |cause| FileError::Io { step, path: path.to_owned(), cause };
    let (parent, folder) = open_folder(path).map_err(failed("open the folder of"))?;
    let mut fresh = new_file_in(parent).map_err(failed("make a file beside"))?;
    fresh.write_all(note.as_bytes()).map_err(failed("write"))?;
    fresh.as_file().sync_all().map_err(failed("sync"))?;
    fresh.persist(path).map_err(|refusal| failed("replace")(refusal.error))?;
    folder.sync_all().map_err(failed("sync the folder of"))
}

/// A file that is gone again unless it is renamed. A checkpoint is for everyone to read.
fn new_file_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".checkpoint-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    builder.tempfile_in(folder)
}

/// What the file at `path` holds, unverified, or `None` where there is no such file.
///
/// # Errors
///
/// The system refused, or the file is over 64 KiB.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    let failed = |cause| FileError::Io { step: "read", path: path.to_owned(), cause };
    let file = match File::open(path) {
        Err(refusal) if refusal.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(failed)?,
    };
    let mut note = Vec::new();
    file.take(MAX_NOTE_BYTES + 1).read_to_end(&mut note).map_err(failed)?;
    if note.len() as u64 > MAX_NOTE_BYTES {
        return Err(FileError::TooLong { path: path.to_owned() });
    }
    Ok(Some(note))
}
