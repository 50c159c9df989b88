//! Signs and verifies checkpoints, signed statements of a log's size and root, and manages the file
//! of the newest one.
//!
//! Knows C2SP signed-note and tlog-checkpoint. Must not know when a checkpoint is due, or what the
//! log holds. The ledger ensures that a checkpoint may lag behind the log but never leads it; a
//! ledger that writes without its key leaves the file as it is.

pub mod key;

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use signed_note::{Note, NoteError};
use thiserror::Error;
use tlog_tiles::{Checkpoint, Hash};

use super::{MAX_SIZE, RootHash, TreeHead};
use crate::platform::regular_file::{self, NotRegular};
use key::{Signer, VerifierKey, open_folder};

/// The largest note that is read, in bytes: a checkpoint with a hundred cosignatures is far
/// smaller.
const MAX_NOTE_BYTES: u64 = 64 * 1024;

/// Why a note is not a checkpoint of the expected log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// Not in the form of a C2SP signed-note.
    #[error("this is not a signed note: fetch the checkpoint again from where it was published")]
    NotNote,
    /// Its first line names another log.
    #[error("this is a checkpoint of `{found}`, not of `{expected}`: give the one of this log")]
    OtherLog {
        /// The expected log.
        expected: String,
        /// The log on its first line.
        found: String,
    },
    /// It has no signature by the key.
    #[error("no signature here is by {expected}: check the key, and whether it was rotated since")]
    OtherKey {
        /// The key, as a verifier key.
        expected: VerifierKey,
    },
    /// The key's signature does not match the text.
    #[error(
        "the signature by {expected} is wrong: the text or the signature was altered, so trust neither"
    )]
    WrongSignature {
        /// The key, as a verifier key.
        expected: VerifierKey,
    },
    /// Signed, but not in the form of a C2SP tlog-checkpoint, or beyond 2^53 entries.
    #[error("the signed text states no size and root: rotate the key if you did not sign that")]
    Malformed,
}

/// Signs a head in the name of the key's log: the text of a checkpoint (c2sp.org/tlog-checkpoint),
/// which ends in a newline. The same head and key give the same text.
///
/// # Errors
///
/// The head is beyond 2^53 entries, so no log can have it.
pub fn sign(signer: &Signer, head: TreeHead) -> Result<String, CheckpointError> {
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

/// The head that `note` states, if it is a checkpoint (c2sp.org/tlog-checkpoint) of the log that
/// `key` names, signed by `key`. Signatures by other keys, such as those of witnesses, are allowed
/// and ignored; so are lines after the root, by which C2SP lets a checkpoint be extended.
///
/// # Errors
///
/// Each failure has its own variant; of an unsigned text nothing is returned except the log's name.
pub fn verify(note: &[u8], key: &VerifierKey) -> Result<TreeHead, CheckpointError> {
    let note = Note::from_bytes(note).map_err(|_| CheckpointError::NotNote)?;
    let origin = note.text().split(|&byte| byte == b'\n').next().unwrap_or_default();
    // Another log's checkpoint is also signed by another key. Its name is the clearer error.
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
    Ok(TreeHead { size: checkpoint.size(), root: RootHash(checkpoint.hash().0) })
}

/// The prefix of a file that is to replace the checkpoint.
const UNFINISHED: &str = ".checkpoint-unfinished-";

/// Why the checkpoint's file cannot be read or written.
#[derive(Debug, Error)]
pub enum FileError {
    /// The operating system reported an error.
    #[error(
        "cannot {step} {path}: {cause}; check the folder's permissions and free space, then retry"
    )]
    Io {
        /// The step that failed, as it follows "cannot".
        step: &'static str,
        /// The checkpoint's file.
        path: PathBuf,
        /// The operating system's error.
        cause: io::Error,
    },
    /// There is something other than a regular file.
    #[error(transparent)]
    NotRegular(NotRegular),
    /// Larger than any checkpoint.
    #[error(
        "{path} is larger than 64 KiB, so it is not a checkpoint: move it away and write a new one"
    )]
    TooLong {
        /// The checkpoint's file.
        path: PathBuf,
    },
}

/// The size on the second line of a note, before any of it is verified.
pub fn claimed_size(note: &[u8]) -> Option<u64> {
    let second = note.split(|byte| *byte == b'\n').nth(1)?;
    std::str::from_utf8(second).ok()?.parse().ok()
}

/// Replaces the file at `path` with `note`, so that after a power cut at any time the file is
/// either the old one or the new one, whole:
///
/// 1. Open the folder, and keep it open: once it is closed, the system may forget that writing to
///    it failed.
/// 2. Write the note to a new file with another name in the same folder, readable by everyone.
/// 3. Sync that file. Without this, the renamed file could be empty after a power cut.
/// 4. Rename it over `path`. Readers see the old file or the new one.
/// 5. Sync the folder. Until then, a power cut may undo the rename.
///
/// On return the note is durable. An interruption between 2 and 4 leaves a file
/// `.checkpoint-unfinished-…`, which has no meaning; [`clear`] removes it.
///
/// # Errors
///
/// A step failed; the error names it. The file is then unchanged, unless it was the last step: then
/// it may be either. A failed sync must not be retried on the same file, because the system has
/// dropped what it could not write; writing again uses a new file and is sound.
pub fn write(path: &Path, note: &str) -> Result<(), FileError> {
    let failed = |step| move |cause| FileError::Io { step, path: path.to_owned(), cause };
    let (parent, folder) = open_folder(path).map_err(failed("open the folder of"))?;
    let mut fresh = new_file_in(parent).map_err(failed("create a file next to"))?;
    fresh.write_all(note.as_bytes()).map_err(failed("write"))?;
    fresh.as_file().sync_all().map_err(failed("sync"))?;
    fresh.persist(path).map_err(|refusal| failed("replace")(refusal.error))?;
    folder.sync_all().map_err(failed("sync the folder of"))
}

/// A file that is removed again unless it is renamed. Everyone may read a checkpoint.
fn new_file_in(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    builder.tempfile_in(folder)
}

/// Removes unfinished checkpoints from `folder`, and returns how many. The caller must ensure that
/// no other process is writing one.
///
/// # Errors
///
/// The operating system reports an error.
pub fn clear(folder: &Path) -> Result<usize, FileError> {
    let failed = |cause| FileError::Io { step: "list", path: folder.to_owned(), cause };
    let mut cleared = 0;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let is_unfinished = name.to_str().is_some_and(|name| name.starts_with(UNFINISHED));
        if is_unfinished && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            let path = entry.path();
            fs::remove_file(&path).map_err(|cause| FileError::Io {
                step: "remove",
                path,
                cause,
            })?;
            cleared += 1;
        }
    }
    Ok(cleared)
}

/// The content of the file at `path`, unverified, or `None` if there is no such file.
///
/// # Errors
///
/// The operating system reports an error, or the file is larger than 64 KiB.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    let failed = |cause| match NotRegular::told_by(cause) {
        Ok(told) => FileError::NotRegular(told),
        Err(cause) => FileError::Io { step: "read", path: path.to_owned(), cause },
    };
    let file = match regular_file::read(path) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::LogName;
    use crate::record::tree::{Frontier, leaf_hash};

    const GOLDEN: &str = "example.org/ledger\n\
        3\n\
        w2UeVBcUxT1kjsx7rsp/4sNu9PplvM4ksdcShkN95WY=\n\
        \n\
        — example.org/ledger eaOCOtkqrOGUL7/rJyUwIdCUK6XHnmN/gZAdCPRW/hUelzcVJTwxBZGoeqDmZJhIVgwL5\
        ifmBHStS4flCK99TpDtDwI=\n";

    fn signer(log: &str, seed: u8) -> Signer {
        Signer::from_seed(&LogName::new(log).unwrap(), &[seed; 32])
    }

    fn ours() -> Signer {
        signer("example.org/ledger", 7)
    }

    fn head() -> TreeHead {
        let mut frontier = Frontier::default();
        for entry in ["first", "second", "third"] {
            assert!(frontier.push(leaf_hash(entry.as_bytes())).is_empty());
        }
        frontier.head()
    }

    /// Signs any text as the ledger's key would.
    fn signed(text: &str, signers: &[&dyn signed_note::Signer]) -> Vec<u8> {
        let mut note = Note::new(text.as_bytes(), &[]).unwrap();
        note.add_sigs(signers).unwrap();
        note.to_bytes()
    }

    fn refusal(note: &[u8]) -> CheckpointError {
        verify(note, ours().verifier_key()).unwrap_err()
    }

    #[test]
    fn the_bytes_of_a_checkpoint_are_frozen() {
        let note = sign(&ours(), head()).unwrap();
        assert_eq!(note, GOLDEN);
        assert_eq!(verify(note.as_bytes(), ours().verifier_key()), Ok(head()));
    }

    #[test]
    fn no_byte_of_a_checkpoint_can_be_changed() {
        let key = ours().verifier_key().clone();
        let note = GOLDEN.as_bytes();
        for place in 0..note.len() {
            for bit in 0..8 {
                let mut changed = note.to_vec();
                changed[place] ^= 1 << bit;
                assert!(verify(&changed, &key).is_err(), "byte {place}, bit {bit}");
            }
            let mut without = note.to_vec();
            without.remove(place);
            assert!(verify(&without, &key).is_err(), "without byte {place}");
            assert!(verify(&note[..place], &key).is_err(), "cut at {place}");
        }
    }

    #[test]
    fn a_witness_may_sign_too() {
        let (ours, witness) = (ours(), signer("witness.example/w", 9));
        let text = GOLDEN.split("\n\n").next().unwrap().to_owned() + "\n";
        for signers in [[&ours, &witness], [&witness, &ours]] {
            let note = signed(&text, &signers.map(|signer| signer as &dyn signed_note::Signer));
            assert_eq!(verify(&note, ours.verifier_key()), Ok(head()));
            // The witness's key verifies a checkpoint of the witness's own log, not of this one.
            let other = verify(&note, witness.verifier_key());
            assert!(matches!(other, Err(CheckpointError::OtherLog { .. })));
        }
    }

    #[test]
    fn what_is_no_checkpoint_of_this_log_is_told_apart() {
        for text in [&b""[..], b"example.org/ledger\n3\n", b"\xff", &[b'a'; 2_000_000]] {
            assert_eq!(refusal(text), CheckpointError::NotNote);
        }

        let other = sign(&signer("example.org/other", 7), head()).unwrap();
        assert_eq!(
            refusal(other.as_bytes()),
            CheckpointError::OtherLog {
                expected: "example.org/ledger".into(),
                found: "example.org/other".into()
            }
        );

        let expected = ours().verifier_key().clone();
        let rotated = sign(&signer("example.org/ledger", 8), head()).unwrap();
        assert_eq!(
            refusal(rotated.as_bytes()),
            CheckpointError::OtherKey { expected: expected.clone() }
        );

        let grown = GOLDEN.replace("\n3\n", "\n4\n");
        assert_eq!(refusal(grown.as_bytes()), CheckpointError::WrongSignature { expected });
    }

    #[test]
    fn a_signed_text_that_states_no_head_is_refused() {
        let root = RootHash::EMPTY;
        for body in [
            String::new(),
            "3\n".to_owned(),
            format!("03\n{root}\n"),
            format!("-3\n{root}\n"),
            format!("{}\n{root}\n", MAX_SIZE + 1),
            format!("3\n{}\n", &root.to_string()[..40]),
        ] {
            let note = signed(&format!("example.org/ledger\n{body}"), &[&ours()]);
            assert_eq!(refusal(&note), CheckpointError::Malformed, "{body}");
        }
        let beyond = TreeHead { size: MAX_SIZE + 1, root };
        assert_eq!(sign(&ours(), beyond), Err(CheckpointError::Malformed));
        // C2SP allows further lines after the root to extend checkpoints; they are ignored here.
        let more = signed(&format!("example.org/ledger\n0\n{root}\nmore\n"), &[&ours()]);
        assert_eq!(verify(&more, ours().verifier_key()), Ok(TreeHead::EMPTY));
    }

    #[test]
    fn the_file_holds_the_newest_checkpoint_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        assert_eq!(read(&path).unwrap(), None);
        for note in ["the first\n", GOLDEN] {
            write(&path, note).unwrap();
            assert_eq!(read(&path).unwrap().unwrap(), note.as_bytes());
        }
        let names: Vec<_> =
            fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["checkpoint"]);
    }

    #[cfg(unix)]
    #[test]
    fn everyone_may_read_the_checkpoint() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        write(&path, GOLDEN).unwrap();
        // A file-creation mask of the process stays in force.
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7755;
        assert_eq!(mode(&path), mode(&plain) & 0o7644);
    }

    #[test]
    fn a_step_that_fails_is_named_and_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let nowhere = write(&folder.path().join("no/checkpoint"), GOLDEN).unwrap_err();
        assert!(matches!(nowhere, FileError::Io { step: "open the folder of", .. }), "{nowhere}");

        let taken = folder.path().join("taken");
        fs::create_dir(&taken).unwrap();
        let replaced = write(&taken, GOLDEN).unwrap_err();
        assert!(matches!(replaced, FileError::Io { step: "replace", .. }), "{replaced}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        let unread = read(&taken).unwrap_err();
        assert!(matches!(unread, FileError::NotRegular(_)), "{unread}");

        let long = folder.path().join("long");
        fs::write(&long, vec![b'a'; 65_537]).unwrap();
        assert!(matches!(read(&long).unwrap_err(), FileError::TooLong { .. }));
    }
}
