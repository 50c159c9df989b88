//! Checks the checkpoint: that it is signed for this log, and that the log still begins with the
//! entries it covers.
//!
//! Knows notes, sizes and roots. Must not know entries.

use crate::answers::finding::{FindingPlace, Findings, KnownFrom, Problem};
use crate::domain::id::Sequence;
use crate::record::tree::TreeHead;
use crate::record::tree::checkpoint::key::VerifierKey;
use crate::record::tree::checkpoint::{self, CheckpointError, FileError};

/// The content of the checkpoint's file, before any verification.
pub(super) type Note = Result<Option<Vec<u8>>, FileError>;

/// The size that the note claims, before any verification.
pub(super) fn claimed_size(note: &Note) -> Option<u64> {
    checkpoint::claimed_size(note.as_ref().ok()?.as_deref()?)
}

/// Verifies the note with the key in force at its size; none if the log does not give one. Returns
/// the tree head that the note signs. If some entries could not be read, the key may not be the
/// latest, so the lack of its signature is not a finding.
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

/// Compares the signed tree head with the log: its length, and the head of the tree over as many
/// entries, if that could be computed.
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
        CheckpointError::NotNote => "it is not a signed note".into(),
        CheckpointError::OtherLog { found, .. } => {
            format!("it is for the log `{}`", found.escape_debug())
        }
        CheckpointError::OtherKey { .. } => "it is not signed by the log's key".into(),
        CheckpointError::WrongSignature { .. } => "its text or signature was altered".into(),
        CheckpointError::Malformed => "it gives no size and root".into(),
    }
}
