//! Brings the views up to date with the log.
//!
//! Knows how entries reach the fold: read and prepared in runs on several threads, folded on one.
//! Must not know who asked, or what the entries mean.

use std::time::Duration;

use thiserror::Error;

use crate::answers::view::fold::{Fold, FoldError, Prepared, Preparer};
use crate::answers::view::{Snapshot, ViewError, Views};
use crate::domain::id::Sequence;
use crate::platform::parallel;
use crate::record::log::{Log, ReadError};
use crate::record::seal::{Entry, entry_hash};

/// The number of entries prepared at a time.
const RUN: u64 = 1024;

/// The most threads that prepare: folding runs on one, which cannot keep more busy.
const MOST_THREADS: usize = 6;

/// Why the views could not be brought up to date with the log.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// The views have entries that the log does not.
    #[error(
        "the log ends before {length}, but the views were made from entries up to {folded}: entries \
         are missing; run `testimony audit`, restore a backup, or run `testimony rebuild` to continue \
         without them"
    )]
    Ahead {
        /// The number of entries in the log.
        length: Sequence,
        /// The number of entries that the views were made from.
        folded: Sequence,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The fold failed.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// The views cannot be used.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// Folds the entries that the views do not have yet, and returns how many.
pub fn catch_up(log: &dyn Log, views: &Views, wait: Duration) -> Result<u64, ProjectError> {
    let mut fold = Fold::resume(views, wait)?;
    let count = fold_on(log, &mut fold)?;
    fold.finish()?;
    Ok(count)
}

/// Continues a fold to the end of the log and commits it, and returns how many entries were folded.
pub fn fold_on(log: &dyn Log, fold: &mut Fold) -> Result<u64, ProjectError> {
    let (from, length) = (fold.next(), log.length());
    if from > length {
        return Err(ProjectError::Ahead { length, folded: from });
    }
    let count = length.get() - from.get();
    if count <= RUN {
        let mut preparer = Preparer::default();
        fold.push(prepare(log, from, length, &mut preparer)?)?;
    } else {
        fold_in_parallel(log, fold, length)?;
    }
    fold.commit()?;
    tracing::info!("folded {count} entries into the views, from {from}");
    Ok(count)
}

/// Reads and prepares runs on several threads, and folds them here, in order.
fn fold_in_parallel(log: &dyn Log, fold: &mut Fold, end: Sequence) -> Result<(), ProjectError> {
    let from = fold.next();
    let runs = (end.get() - from.get()).div_ceil(RUN);
    let starts = || (0..runs).map(|run| from.plus(run * RUN));
    let worker = || {
        let mut preparer = Preparer::default();
        move |at| prepare(log, at, end, &mut preparer)
    };
    let threads = parallel::threads(MOST_THREADS);
    parallel::in_order(threads, starts, worker, |prepared| Ok(fold.push(prepared?)?))
}

/// Prepares the run that begins at `from`.
fn prepare(
    log: &dyn Log,
    from: Sequence,
    end: Sequence,
    preparer: &mut Preparer,
) -> Result<Prepared, ProjectError> {
    let length = RUN.min(end.get() - from.get());
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let records: Vec<_> = log.read(from).take(length).collect::<Result<_, _>>()?;
    preparer.prepare(records).map_err(|error| FoldError::from(error).into())
}

/// Whether the views can be folded further from where they are. Anything that a writer left
/// unfinished in them is first undone. Views that are damaged, in another format, or made from
/// entries other than the log's must be rebuilt.
pub fn is_usable(log: &dyn Log, views: &Views, wait: Duration) -> Result<bool, ProjectError> {
    let read = match views.read(wait) {
        Err(ViewError::Unfinished) => views.mend().and_then(|()| views.read(wait)),
        read => read,
    };
    let snapshot = match read {
        Ok(snapshot) => snapshot,
        Err(
            ViewError::Missing
            | ViewError::Unfinished
            | ViewError::Damaged(_)
            | ViewError::OtherFormat(_),
        ) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    let cursor = snapshot.cursor();
    if !snapshot.tree().is_ok_and(|tree| tree.size() == cursor.next.get()) {
        return Ok(false);
    }
    let last = cursor.next.get().checked_sub(1).and_then(|last| Sequence::new(last).ok());
    Ok(match last.map(|last| log.get(last)).transpose()?.flatten() {
        Some(record) => {
            let at = Entry::decode(&record.entry).map(|entry| entry.at);
            entry_hash(&record.entry) == cursor.head && at.is_ok_and(|at| at == cursor.latest)
        }
        // Whether a fold is empty or beyond the end of the log shows when it is continued.
        None => true,
    })
}

/// Folds the entries that the views do not have yet, or rebuilds the views if they cannot be used,
/// and returns how many entries were folded. Rebuilt views replace the old ones only once `vouched`
/// accepts them.
///
/// # Errors
///
/// Errors of folding, and of `vouched`.
pub fn bring_up<E: From<ProjectError>>(
    log: &dyn Log,
    views: &Views,
    wait: Duration,
    mut vouched: impl FnMut(&Snapshot) -> Result<(), E>,
) -> Result<u64, E> {
    if is_usable(log, views, wait)? {
        // Left by an interrupted rebuild; the open log keeps other processes from starting one.
        views.remove_beside().map_err(ProjectError::from)?;
        let folded = match catch_up(log, views, wait) {
            Err(
                ProjectError::View(ViewError::Damaged(_))
                | ProjectError::Fold(FoldError::View(ViewError::Damaged(_))),
            ) => None,
            folded => Some(folded?),
        };
        if let Some(folded) = folded
            && let Ok(snapshot) = views.read(wait)
            && vouched(&snapshot).is_ok()
        {
            return Ok(folded);
        }
    }
    make_anew(log, views, wait, vouched)
}

/// Folds the whole log into views next to the existing ones, which they replace once `vouched`
/// accepts them. Returns how many entries were folded.
///
/// # Errors
///
/// As for [`bring_up`].
pub fn make_anew<E: From<ProjectError>>(
    log: &dyn Log,
    views: &Views,
    wait: Duration,
    vouched: impl FnOnce(&Snapshot) -> Result<(), E>,
) -> Result<u64, E> {
    views.remove_beside().map_err(ProjectError::from)?;
    let beside = views.beside();
    let folded = catch_up(log, &beside, wait)?;
    vouched(&beside.read(wait).map_err(ProjectError::from)?)?;
    views.replace_by(&beside).map_err(ProjectError::from)?;
    Ok(folded)
}
