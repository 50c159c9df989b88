//! Bringing the views up to the log.
//!
//! Knows how entries reach the fold: read and decoded on one thread, folded on another. Must not
//! know who asked, nor what the entries say.

use std::sync::mpsc::sync_channel;
use std::time::Duration;

use thiserror::Error;

use crate::id::Sequence;
use crate::log::{Log, ReadError};
use crate::seal::entry_hash;
use crate::view::fold::{Fold, FoldError, Prepared};
use crate::view::{ViewError, Views};

/// Entries handed from one thread to the other at a time.
const HANDFUL: usize = 256;

/// Handfuls under way between the two threads.
const UNDER_WAY: usize = 8;

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
    let (from, length) = (fold.next(), log.length());
    if from > length {
        return Err(ProjectError::Ahead { length, folded: from });
    }
    let (sender, receiver) = sync_channel::<Result<Vec<Prepared>, ProjectError>>(UNDER_WAY);
    std::thread::scope(|threads| {
        threads.spawn(move || {
            let mut handful = Vec::with_capacity(HANDFUL);
            for read in log.read(from) {
                let prepared = read
                    .map_err(ProjectError::from)
                    .and_then(|(at, record)| Ok(Prepared::of(at, record)?));
                match prepared {
                    Ok(prepared) => handful.push(prepared),
                    // The receiver hangs up once it has an error, and so ends this thread.
                    Err(error) => {
                        let _ = sender.send(Err(error));
                        return;
                    }
                }
                if handful.len() == HANDFUL
                    && sender.send(Ok(std::mem::take(&mut handful))).is_err()
                {
                    return;
                }
            }
            let _ = sender.send(Ok(handful));
        });
        for handful in receiver {
            for prepared in handful? {
                fold.push(prepared)?;
            }
        }
        Ok::<(), ProjectError>(())
    })?;
    fold.finish()?;
    Ok(length.get() - from.get())
}

/// Folds what the log has beyond the views. Views that are damaged, of another format, or of other
/// entries than the log's are folded anew.
pub fn bring_up(log: &dyn Log, views: &Views, wait: Duration) -> Result<(), ProjectError> {
    let usable = match views.read(wait) {
        Ok(snapshot) => {
            let cursor = snapshot.cursor();
            let last = cursor.next.get().checked_sub(1).and_then(|last| Sequence::new(last).ok());
            match last.map(|last| log.get(last)).transpose()?.flatten() {
                Some(record) => entry_hash(&record.entry) == cursor.head,
                // An empty fold, or one that went further than the log, is told apart next door.
                None => true,
            }
        }
        Err(ViewError::Missing | ViewError::Damaged(_) | ViewError::OtherFormat(_)) => false,
        Err(error) => return Err(error.into()),
    };
    if !usable {
        views.remove()?;
    }
    catch_up(log, views, wait)?;
    Ok(())
}
