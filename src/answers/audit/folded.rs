//! Checks the views: compares them with a fold of the log made from scratch, and uses them to find
//! which entries of a changed log were changed.
//!
//! Knows folds. Must not know how entries are checked. Damaged views make their store panic, so
//! reads are behind a panic guard.

use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use crate::answers::finding::{FindingPlace, Findings, KnownFrom, Problem};
use crate::answers::view::difference::between;
use crate::answers::view::fold::{Fold, FoldError, Prepared};
use crate::answers::view::{Cursor, Snapshot, ViewError, Views};
use crate::domain::id::Sequence;
use crate::platform::panic_guard::catch_panic;

/// Anyone who holds the views also holds the log, which has been waited for already.
const NO_WAIT: Duration = Duration::ZERO;

/// The views as they are on disk.
pub(super) struct KeptViews {
    /// None if they were just being created.
    snapshot: Option<Snapshot>,
    /// How far they have been folded.
    pub(super) cursor: Cursor,
}

impl KeptViews {
    pub(super) const fn snapshot(&self) -> Option<&Snapshot> {
        self.snapshot.as_ref()
    }
}

/// Opens the views in place. They are copied to `scratch` only if an interrupted writer's changes
/// must first be undone, because that writes to them. Views that are `stale` may also have been
/// interrupted while they were being created.
///
/// # Errors
///
/// Any error other than [`ViewError::Io`] and [`ViewError::Busy`] is a finding.
pub(super) fn open(views: &Views, stale: bool, scratch: &Path) -> Result<KeptViews, ViewError> {
    let opened = catch_panic(|| match views.read(NO_WAIT) {
        Err(ViewError::Unfinished) => mended(views, scratch),
        Err(ViewError::Damaged(_)) if stale => mended(views, scratch),
        read => read,
    });
    let opened = opened.unwrap_or_else(|words| Err(ViewError::Damaged(words)));
    match opened {
        Ok(snapshot) => checked(snapshot),
        Err(ViewError::Missing) if stale => Ok(KeptViews { snapshot: None, cursor: Cursor::START }),
        Err(error) => Err(error),
    }
}

fn mended(views: &Views, scratch: &Path) -> Result<Snapshot, ViewError> {
    let copy = views.copy_to(&scratch.join("views"))?;
    copy.mend()?;
    copy.read(NO_WAIT)
}

/// A damaged cursor could claim that entries are missing which never existed.
fn checked(snapshot: Snapshot) -> Result<KeptViews, ViewError> {
    let cursor = snapshot.cursor().clone();
    let last = cursor.next.get().checked_sub(1).map(Sequence::new).and_then(Result::ok);
    let row = catch_panic(|| last.map(|last| snapshot.row(last)).transpose());
    let row = row.unwrap_or_else(|words| Err(ViewError::Damaged(words)))?.flatten();
    if cursor.next == Sequence::ZERO || row.is_some_and(|row| row.hash == cursor.head) {
        Ok(KeptViews { snapshot: Some(snapshot), cursor })
    } else {
        Err(ViewError::Damaged("their last row does not match their cursor".into()))
    }
}

/// What is wrong with views that cannot be used.
pub(super) fn unusable(error: &ViewError) -> Problem {
    match error {
        ViewError::Missing => Problem::ViewsMissing {},
        ViewError::OtherFormat(format) => Problem::ViewsOfOtherFormat { format: *format },
        ViewError::NotRegular(told) => Problem::ViewsDamaged { fault: told.in_short() },
        ViewError::Damaged(fault) => Problem::ViewsDamaged { fault: fault.clone() },
        error => Problem::ViewsDamaged { fault: error.to_string() },
    }
}

/// Folds the records it receives into `views`, which must be new.
pub(super) fn rebuild(views: &Views, runs: Receiver<Prepared>) -> Result<(), FoldError> {
    let mut fold = Fold::resume(views, NO_WAIT)?;
    runs.into_iter().try_for_each(|run| fold.push(run))?;
    fold.finish()
}

/// The rebuilt views, if rebuilding succeeded.
pub(super) fn rebuilt(views: &Views) -> Option<Snapshot> {
    views.read(NO_WAIT).ok()
}

/// Compares the views with views rebuilt from as many entries, and returns whether that was done.
pub(super) fn compare(kept: &KeptViews, rebuilt: &Views, findings: &mut Findings) -> bool {
    let Some(snapshot) = &kept.snapshot else { return false };
    let compared = catch_panic(|| between(snapshot, &rebuilt.read(NO_WAIT)?));
    match compared.unwrap_or_else(|words| Err(ViewError::Damaged(words))) {
        Ok(differences) => {
            for difference in differences {
                let (table, key) = (difference.table, difference.key);
                findings.add(FindingPlace::Views, Problem::ViewsDiffer { table, key });
            }
        }
        Err(error) => findings.add(FindingPlace::Views, unusable(&error)),
    }
    true
}

/// Compares the number of folded entries with the length of the log.
pub(super) fn measure(folded: Sequence, length: Sequence, stale: bool, findings: &mut Findings) {
    let last = folded.get().checked_sub(1).and_then(|last| Sequence::new(last).ok());
    if folded > length {
        let problem = Problem::EntriesLost { known_from: KnownFrom::Views };
        findings.add(FindingPlace::Entries { first: length, last }, problem);
    } else if folded < length && !stale {
        findings.add(FindingPlace::Views, Problem::ViewsBehind { folded: folded.get() });
    }
}

/// Finds the entries that differ from those from which the views were made: a broken chain shows
/// only that something was changed, but the views show what. `hashes` has the first bytes of each
/// entry's hash, or zeros if there is none.
pub(super) fn recollect(kept: &KeptViews, hashes: &[[u8; 8]], findings: &mut Findings) {
    let Some(snapshot) = &kept.snapshot else { return };
    let mut changed: Vec<(Sequence, Sequence)> = Vec::new();
    // Views that fail here are reported when they are compared.
    let _ = catch_panic(|| -> Result<(), ViewError> {
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
        findings.add(FindingPlace::Entries { first, last: Some(last) }, Problem::EntryChanged {});
    }
}
