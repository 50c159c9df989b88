//! Keeps the number of acknowledged records next to a store, in case its writer is killed.
//!
//! Knows one number in one file. Must not know what a record is.
//!
//! `log.acknowledged` is written after every append and is not synced: what a killed process wrote
//! is still there, and after a power cut it may state fewer than were acknowledged, never more.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::files::{self, FileFault};
use crate::domain::id::Sequence;
use crate::platform::regular_file;

/// The digits of the number, padded with zeros, so that a shorter number overwrites a longer one
/// completely.
const DIGITS: usize = 20;

/// The file, open for writing.
#[derive(Debug)]
pub(super) struct Acknowledged(File);

impl Acknowledged {
    /// Opens the file of the store at `dir`, creating it if it does not exist.
    pub(super) fn open(dir: &Path) -> Result<Self, FileFault> {
        let path = files::acknowledged(dir);
        let mut options = regular_file::private();
        let opened = regular_file::open(&path, options.create(true).truncate(false).write(true));
        opened.map(Self).map_err(FileFault::at(&path))
    }

    /// Writes the number of acknowledged records. If writing fails, the file states a smaller
    /// number, which is still correct as a lower bound.
    pub(super) fn note(&mut self, length: Sequence) {
        let line = format!("{:0DIGITS$}\n", length.get());
        let written =
            self.0.seek(SeekFrom::Start(0)).and_then(|_| self.0.write_all(line.as_bytes()));
        if let Err(error) = written {
            tracing::warn!("cannot write the number of acknowledged entries: {error}");
        }
    }

    /// The least number of records that the store at `dir` had; zero if there is no such file.
    pub(super) fn of(dir: &Path) -> Sequence {
        let mut line = [0; DIGITS];
        let read = regular_file::read(&files::acknowledged(dir))
            .and_then(|mut file| file.read_exact(&mut line));
        let number = read.ok().and_then(|()| std::str::from_utf8(&line).ok()?.parse().ok());
        number.and_then(|number: u64| Sequence::new(number).ok()).unwrap_or(Sequence::ZERO)
    }
}
