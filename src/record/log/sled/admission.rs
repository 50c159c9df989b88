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

use thiserror::Error;

use super::acknowledged::Acknowledged;
use super::closed::{Closed, StoreDifference};
use super::files::{self, FileFault};
use crate::domain::id::Sequence;

/// Why a store is not opened.
#[derive(Debug, Error)]
pub(super) enum AdmissionFault {
    /// A file or directory could not be worked with.
    #[error(transparent)]
    File(#[from] FileFault),
    /// It is not known to be whole.
    #[error("{0}")]
    Suspect(String),
}

/// Lets the store at `dir` be opened, or says why not. It has at least `least` records, as far as is
/// known elsewhere; `readable` says of a copy what keeps its records from being read, or that there are
/// fewer. Answers with what the store was when it was closed, where it is that still.
pub(super) fn admit(
    dir: &Path,
    least: Sequence,
    readable: impl FnOnce(&Path, Sequence) -> Result<(), String>,
) -> Result<Option<Closed>, AdmissionFault> {
    let mut least = least.max(Acknowledged::of(dir));
    if let Some(closed) = Closed::read(dir) {
        if closed.is_untouched(dir) {
            return Ok(Some(closed));
        }
        match closed.difference(dir)? {
            StoreDifference::None => return Ok(Some(closed)),
            StoreDifference::Later => least = least.max(closed.length),
            StoreDifference::Damaged(at) => {
                let fault = format!("`db` is not what it was when it was closed, near byte {at}");
                return Err(AdmissionFault::Suspect(fault));
            }
        }
    }
    examine(dir, |copy| readable(copy, least))?;
    Ok(None)
}

/// Makes a copy of the store for as long as `readable` needs it.
fn examine(
    dir: &Path,
    readable: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<(), AdmissionFault> {
    tracing::warn!("the log was not closed in order: a copy of it is examined before it is opened");
    let copy = files::copy_aside(dir)?;
    let fault = readable(copy.path());
    let removed = copy.remove();
    fault.map_err(AdmissionFault::Suspect)?;
    Ok(removed.map_err(FileFault::at(&files::examined(dir)))?)
}
