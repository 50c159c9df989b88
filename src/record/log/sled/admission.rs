//! Decides whether a store may be opened in place: only one that is known to be whole may.
//!
//! Knows how to recognise a whole store, and how to examine another one on a copy. Must not write
//! to the store itself.
//!
//! 1. `log.closed` records the state of the store when it was last closed. If its files have the
//!    same metadata, or the same bytes, it is whole.
//! 2. If a part differs that is never written again, the store is damaged, and is not opened.
//! 3. Otherwise a writer may have been killed. A copy is opened instead: sled does to it what it
//!    would do to the store. If every record of the copy can be read, and no acknowledged one is
//!    missing, opening the store loses only records that were never acknowledged.

use std::path::Path;

use thiserror::Error;

use super::acknowledged::Acknowledged;
use super::closed::{Closed, StoreDifference};
use super::files::{self, FileFault};
use crate::domain::id::Sequence;

/// Why a store is not opened.
#[derive(Debug, Error)]
pub(super) enum AdmissionFault {
    /// A file or directory could not be used.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The store is not known to be whole.
    #[error("{0}")]
    Suspect(String),
}

/// Admits the store at `dir`, or returns why not. It should have at least `least` records, as is
/// known from elsewhere; `readable` returns what prevents a copy's records from being read, or that
/// there are fewer. Returns the state of the store when it was closed, if that is still its state.
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
                let fault = format!("`db` has changed since it was closed, near byte {at}");
                return Err(AdmissionFault::Suspect(fault));
            }
        }
    }
    examine(dir, |copy| readable(copy, least))?;
    Ok(None)
}

/// Keeps a copy of the store for as long as `readable` needs it.
fn examine(
    dir: &Path,
    readable: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<(), AdmissionFault> {
    tracing::warn!("the log was not closed properly: examining a copy of it before opening it");
    let copy = files::copy_aside(dir)?;
    let fault = readable(copy.path());
    let removed = copy.remove();
    fault.map_err(AdmissionFault::Suspect)?;
    Ok(removed.map_err(FileFault::at(&files::examined(dir)))?)
}
