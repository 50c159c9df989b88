//! The views: held against a fold of the log made anew, and asked what they remember of a log that
//! was changed.
//!
//! Knows folds. Must not know how entries are checked. Damaged views make their store panic: what
//! reads them is contained.

use std::sync::mpsc::Receiver;
use std::time::Duration;

use crate::contain::contain;
use crate::finding::{Findings, Place, Problem, Witness};
use crate::id::Sequence;
use crate::view::difference::between;
use crate::view::fold::{Checked, Fold, FoldError, Preparer};
use crate::view::{Cursor, ViewError, Views};

/// Copies are nobody else's, so there is nobody to wait for.
const NO_WAIT: Duration = Duration::ZERO;

/// How far the views had come, if they can be read at all. Those marked as stale may have been left
/// in the middle of a commit, which is taken back first, or before their first one.
pub(super) fn cursor(views: &Result<Views, ViewError>, stale: bool) -> Result<Cursor, Problem> {
    let begun = |error: &ViewError| stale && matches!(error, ViewError::Missing);
    let views = match views {
        Ok(views) => views,
        Err(error) if begun(error) => return Ok(Cursor::START),
        Err(error) => return Err(unusable(error)),
    };
    let read = contain(|| {
        if stale {
            views.mend()?;
        }
        let snapshot = views.read(NO_WAIT)?;
        let cursor = snapshot.cursor().clone();
        let last = cursor.next.get().checked_sub(1).map(Sequence::new).and_then(Result::ok);
        let last = last.map(|last| snapshot.row(last)).transpose()?.flatten();
        // A cursor that was changed could say that entries are gone which never were.
        let fits = cursor.next == Sequence::ZERO || last.is_some_and(|row| row.hash == cursor.head);
        if fits { Ok(cursor) } else { Err(ViewError::Damaged("their last row is another".into())) }
    });
    let read = read.unwrap_or_else(|words| Err(ViewError::Damaged(words)));
    match read {
        Err(error) if begun(&error) => Ok(Cursor::START),
        read => read.map_err(|error| unusable(&error)),
    }
}

fn unusable(error: &ViewError) -> Problem {
    match error {
        ViewError::Missing => Problem::ViewsMissing {},
        ViewError::OtherFormat(format) => Problem::ViewsOfOtherFormat { format: *format },
        ViewError::Damaged(fault) => Problem::ViewsDamaged { fault: fault.clone() },
        error => Problem::ViewsDamaged { fault: error.to_string() },
    }
}

/// Folds what comes into `views`, which must be new.
pub(super) fn rebuild(views: &Views, entries: Receiver<Vec<Checked>>) -> Result<(), FoldError> {
    let mut fold = Fold::resume(views, NO_WAIT)?;
    let mut preparer = Preparer::default();
    for handful in entries {
        fold.push(preparer.prepare_checked(handful))?;
    }
    fold.finish()
}

/// Holds the views against those folded anew from as many entries.
pub(super) fn compare(views: &Views, rebuilt: &Views, findings: &mut Findings) {
    let compared = contain(|| between(&views.read(NO_WAIT)?, &rebuilt.read(NO_WAIT)?));
    match compared.unwrap_or_else(|words| Err(ViewError::Damaged(words))) {
        Ok(differences) => {
            for difference in differences {
                let (table, key) = (difference.table, difference.key);
                findings.add(Place::Views, Problem::ViewsDiffer { table, key });
            }
        }
        Err(error) => findings.add(Place::Views, unusable(&error)),
    }
}

/// Holds how far the views have come against how long the log is.
pub(super) fn measure(folded: Sequence, length: Sequence, stale: bool, findings: &mut Findings) {
    let last = folded.get().checked_sub(1).and_then(|last| Sequence::new(last).ok());
    if folded > length {
        let problem = Problem::EntriesLost { witness: Witness::Views };
        findings.add(Place::Entries { first: length, last }, problem);
    } else if folded < length && !stale {
        findings.add(Place::Views, Problem::ViewsBehind { folded: folded.get() });
    }
}

/// Asks the views which entries are no longer those they were made from: a broken chain tells that
/// something was changed, and they tell what. `hashes` has the beginning of each entry's hash, and
/// zeros where there is none.
pub(super) fn recollect(views: &Views, hashes: &[[u8; 8]], findings: &mut Findings) {
    let mut changed: Vec<(Sequence, Sequence)> = Vec::new();
    // Views that fail here are told of where they are compared.
    let _ = contain(|| -> Result<(), ViewError> {
        let snapshot = views.read(NO_WAIT)?;
        for (seq, hash) in (0..snapshot.cursor().next.get()).zip(hashes) {
            let Ok(seq) = Sequence::new(seq) else { break };
            let Some(row) = snapshot.row(seq)? else { continue };
            if *hash == [0; 8] || row.hash.as_bytes().starts_with(hash) {
                continue;
            }
            match changed.last_mut() {
                Some((_, last)) if last.next() == seq => *last = seq,
                _ => changed.push((seq, seq)),
            }
        }
        Ok(())
    });
    for (first, last) in changed {
        findings.add(Place::Entries { first, last: Some(last) }, Problem::EntryChanged {});
    }
}
