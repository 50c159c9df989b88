//! The checkpoint: that it is signed for this log, and that the log still begins with what it
//! vouches for.
//!
//! Knows notes, sizes and roots. Must not know entries.

use crate::answers::finding::{FindingPlace, Findings, KnownFrom, Problem};
use crate::domain::id::Sequence;
use crate::record::tree::TreeHead;
use crate::record::tree::checkpoint::key::VerifierKey;
use crate::record::tree::checkpoint::{self, CheckpointError, FileError};

/// What the checkpoint's file holds, before anything of it is verified.
pub(super) type Note = Result<Option<Vec<u8>>, FileError>;

/// The size that the note claims, before anything of it is verified.
pub(super) fn claimed_size(note: &Note) -> Option<u64> {
    checkpoint::claimed_size(note.as_ref().ok()?.as_deref()?)
}

/// Verifies the note by the key in force at its size, none where the log does not tell it. Gives
/// the head it vouches for. Where entries could not be read, the key may not be the last, and that
/// it has not signed is held against nobody.
pub(super) fn verify(
    note: &Note,
    key: Option<&VerifierKey>,
    every_entry_read: bool,
    findings: &mut Findings,
) -> Option<TreeHead> {
    let mut add = |problem| findings.add(FindingPlace::Checkpoint, problem);
    let note = match note {
        Ok(Some(note)) => note,
        Ok(None) => {
            add(Problem::CheckpointMissing {});
            return None;
        }
        Err(FileError::TooLong { .. }) => {
            add(Problem::CheckpointUnfit { fault: "it is over 64 KiB".into() });
            return None;
        }
        Err(FileError::NotRegular(told)) => {
            add(Problem::CheckpointUnreadable { fault: told.in_short() });
            return None;
        }
        Err(FileError::Io { cause, .. }) => {
            add(Problem::CheckpointUnreadable { fault: cause.to_string() });
            return None;
        }
    };
    match checkpoint::verify(note, key?) {
        Ok(head) => Some(head),
        Err(CheckpointError::OtherKey { .. }) if !every_entry_read => None,
        Err(error) => {
            add(Problem::CheckpointUnfit { fault: fault(&error) });
            None
        }
    }
}

/// Holds what is vouched for against the log: how long it is, and the head of the tree over as many
/// entries, where that could be made.
pub(super) fn compare(
    vouched: TreeHead,
    length: Sequence,
    found: Option<TreeHead>,
    findings: &mut Findings,
) {
    let last = vouched.size.checked_sub(1).and_then(|last| Sequence::new(last).ok());
    if vouched.size > length.get() {
        let problem = Problem::EntriesLost { known_from: KnownFrom::Checkpoint };
        findings.add(FindingPlace::Entries { first: length, last }, problem);
    } else if found.is_some_and(|found| found != vouched) {
        findings.add(FindingPlace::Checkpoint, Problem::RootDiffers { size: vouched.size });
    }
}

fn fault(error: &CheckpointError) -> String {
    match error {
        CheckpointError::NotNote => "it is no signed note".into(),
        CheckpointError::OtherLog { found, .. } => {
            format!("it is of the log `{}`", found.escape_debug())
        }
        CheckpointError::OtherKey { .. } => "the log's key has not signed it".into(),
        CheckpointError::WrongSignature { .. } => "text or signature was altered".into(),
        CheckpointError::Malformed => "it states no size and root".into(),
    }
}
