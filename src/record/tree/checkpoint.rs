//! Checkpoints: signed statements of a log's size and root, and the file the newest is kept in.
//!
//! Knows C2SP signed-note and tlog-checkpoint. Must not know when a checkpoint is due, nor what the
//! log holds. It is the ledger that sees to it that a checkpoint may trail the log but never leads
//! it; one that writes without its key leaves the file as it is.

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
    #[error("the signed text states no size and root: rotate the key if you did not sign that")]
    Malformed,
}

/// Signs a head, in the name of the log that the key is for: the text of a checkpoint
/// (c2sp.org/tlog-checkpoint), which ends in a newline. The same head and key give the same text.
///
/// # Errors
///
/// The head is beyond 2^53 entries, and so of no log.
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
/// `key` names, signed by `key`. Signatures by other keys, such as witnesses', are let stand and say
/// nothing here; so are lines after the root, by which C2SP lets a checkpoint be extended.
///
/// # Errors
///
/// Each way in which it is not has its own variant; nothing of an unsigned text is given back but
/// the name it goes by.
pub fn verify(note: &[u8], key: &VerifierKey) -> Result<TreeHead, CheckpointError> {
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
    Ok(TreeHead { size: checkpoint.size(), root: RootHash(checkpoint.hash().0) })
}

/// How a file begins that is to take the checkpoint's place.
const UNFINISHED: &str = ".checkpoint-unfinished-";

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
    /// No plain file stands there.
    #[error(transparent)]
    NotRegular(NotRegular),
    /// Larger than any checkpoint.
    #[error("{path} is over 64 KiB and so no checkpoint: put it aside, and write a new one")]
    TooLong {
        /// The checkpoint's file.
        path: PathBuf,
    },
}

/// The size on the second line of a note, before anything of it is verified.
pub fn claimed_size(note: &[u8]) -> Option<u64> {
    let second = note.split(|byte| *byte == b'\n').nth(1)?;
    std::str::from_utf8(second).ok()?.parse().ok()
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
/// On return the note is durable. A cut between 2 and 4 leaves a file
/// `.checkpoint-unfinished-…`, which means nothing; [`clear`] removes it.
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
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    builder.tempfile_in(folder)
}

/// Removes from `folder` the checkpoints whose writing was cut short, and says how many. Only whoever
/// keeps all others from writing one may call it.
///
/// # Errors
///
/// The system refused.
pub fn clear(folder: &Path) -> Result<usize, FileError> {
    let failed = |cause| FileError::Io { step: "look through", path: folder.to_owned(), cause };
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

/// What the file at `path` holds, unverified, or `None` where there is no such file.
///
/// # Errors
///
/// The system refused, or the file is over 64 KiB.
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
        // Lines after the root are C2SP's way to extend checkpoints, and say nothing to us.
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
        // What the process forbids to all its new files stays forbidden.
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
