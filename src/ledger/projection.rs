//! Bringing the views up to the log.
//!
//! Knows how entries reach the fold: read and prepared in runs on several threads, folded on one. Must
//! not know who asked, nor what the entries say.

use std::time::Duration;

use thiserror::Error;

use crate::answers::view::fold::{Fold, FoldError, Prepared, Preparer};
use crate::answers::view::{Snapshot, ViewError, Views};
use crate::domain::id::Sequence;
use crate::platform::parallel;
use crate::record::log::{Log, ReadError};
use crate::record::seal::{Entry, entry_hash};

/// Entries prepared at a time.
const RUN: u64 = 1024;

/// Threads that prepare at most: folding is on one, and keeps no more busy.
const MOST_THREADS: usize = 6;

/// Why the views could not be brought up to the log.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// The views are of more than the log holds.
    #[error(
        "the log ends before {length}, and the views were made of entries up to {folded}: entries \
         are gone; run `testimony audit`, restore a backup, or `testimony rebuild` to go on \
         without them"
    )]
    Ahead {
        /// How many entries the log has.
        length: Sequence,
        /// How many the views were made of.
        folded: Sequence,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The fold.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// The views.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// Folds what the log has beyond the views, and says how many entries that were.
pub fn catch_up(log: &dyn Log, views: &Views, wait: Duration) -> Result<u64, ProjectError> {
    let mut fold = Fold::resume(views, wait)?;
    let count = fold_on(log, &mut fold)?;
    fold.finish()?;
    Ok(count)
}

/// Takes a fold on to the end of the log and commits it, and says how many entries that were.
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

/// Runs are read and prepared on several threads, and folded here, in order.
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

/// Whether the views can be folded on from where they are. What a writer left unfinished in them is
/// taken back first. Views that are damaged, of another format, or of other entries than the log's are
/// to be made anew.
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
        // An empty fold, or one that went further than the log, is told apart by folding on.
        None => true,
    })
}

/// Folds what the log has beyond the views, or all of it anew where they cannot be used, and says how
/// many entries that were. Views that are made anew take the place of the others only once `vouched`
/// has nothing against them.
///
/// # Errors
///
/// Those of folding, and of `vouched`.
pub fn bring_up<E: From<ProjectError>>(
    log: &dyn Log,
    views: &Views,
    wait: Duration,
    mut vouched: impl FnMut(&Snapshot) -> Result<(), E>,
) -> Result<u64, E> {
    if is_usable(log, views, wait)? {
        // What a rebuild that was cut short has left; whoever has the log keeps others from making one.
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

/// Folds all of the log into views beside those there are, which they replace once `vouched` has
/// nothing against them. Says how many entries that were.
///
/// # Errors
///
/// As [`bring_up`].
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
