//! Whether a store may be opened where it stands: only one that is known to be whole may.
//!
//! Knows how a store is recognised, and how one is examined that is not: on a copy. Must not write to
//! the store itself.
//!
//! 1. `log.closed` says what the store was when it was last closed. Where its files have the same
//!    stamps, or else the same bytes, it is whole.
//! 2. Where a part differs to which nothing is ever written again, it is damaged, and stays closed.
//! 3. Else a writer may have been killed. A copy is opened in its place: sled does to that what it
//!    would do to the store. Where every record of the copy can be read, and none is missing that was
//!    acknowledged, all that is lost by opening is what nobody was told is recorded.

use std::path::Path;
use std::time::Duration;

use super::acknowledged::Acknowledged;
use super::closed::{Closed, Difference};
use super::files::{self, FileFault};
use super::scan::Scan;
use super::{OpenError, measure, open_store};
use crate::id::Sequence;

/// Lets the store at `dir` be opened, or says why not. It has at least `least` records, as far as is
/// known elsewhere. Answers with what it was when it was closed, where it is that still.
pub(super) fn admit(
    dir: &Path,
    least: Sequence,
    wait: Duration,
) -> Result<Option<Closed>, OpenError> {
    let Some(closed) = Closed::read(dir) else {
        examine(dir, least.max(Acknowledged::of(dir)), wait)?;
        return Ok(None);
    };
    if closed.is_untouched(dir) {
        return Ok(Some(closed));
    }
    match closed.difference(dir)? {
        Difference::None => Ok(Some(closed)),
        Difference::Damaged(at) => {
            let fault = format!("`db` is not what it was when it was closed, near byte {at}");
            Err(OpenError::Suspect { dir: dir.to_owned(), fault })
        }
        Difference::Later => {
            let least = least.max(Acknowledged::of(dir)).max(closed.length);
            examine(dir, least, wait)?;
            Ok(None)
        }
    }
}

/// Opens a copy of the store, and reads all of it.
fn examine(dir: &Path, least: Sequence, wait: Duration) -> Result<(), OpenError> {
    tracing::warn!("the log was not closed in order: a copy of it is examined before it is opened");
    let copy = files::copy_aside(dir)?;
    let fault = readable(copy.path(), least, wait);
    let removed = copy.remove();
    fault.map_err(|fault| OpenError::Suspect { dir: dir.to_owned(), fault })?;
    removed.map_err(FileFault::at(&files::examined(dir)))?;
    Ok(())
}

/// Whether every record of the copy can be read, and there are at least so many; else why not.
fn readable(copy: &Path, least: Sequence, wait: Duration) -> Result<(), String> {
    let mut store = open_store(copy, wait).map_err(|error| match error {
        OpenError::Damaged { fault, .. } => fault,
        error => error.to_string(),
    })?;
    let length = measure(copy, &store).map_err(|error| match error {
        OpenError::LastBlock { place, fault } => format!("{place} is damaged, {fault}"),
        OpenError::Damaged { fault, .. } => fault,
        error => error.to_string(),
    })?;
    if length < least {
        let (length, least) = (length.get(), least.get());
        return Err(format!("{length} entries can be read in it, and {least} were recorded"));
    }
    let unreadable = Scan::new(&store, Sequence::ZERO, Some(length)).find_map(Result::err);
    store.close();
    unreadable.map_or(Ok(()), |error| Err(error.to_string()))
}
